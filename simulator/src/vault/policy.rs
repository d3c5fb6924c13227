//! What a policy allows: the part of Vault's policy language that the platform uses.
//!
//! `path "acme/data/shop/*" { capabilities = ["read", "list"] }`: a `+` stands for one segment, a `*` at the end for any rest. Of
//! several paths that match, the most specific one decides (Vault documentation, "Policies").

/// Whether `policy` allows to read the latest version of the KV version 2 entry at `path` (the mount first).
pub fn may_read(policy: &str, path: &str) -> bool {
    let (mount, rest) = path.split_once('/').unwrap_or((path, ""));
    allows(policy, &format!("{mount}/data/{rest}"), &["read"])
}

/// Whether `policy` allows any of these capabilities on the path of a request (without `/v1/`).
pub fn allows(policy: &str, request: &str, capabilities: &[&str]) -> bool {
    let rules = rules(policy);
    let best = rules.iter().filter(|rule| matches(rule.path, request)).max_by_key(|rule| specificity(rule.path));
    best.is_some_and(|rule| capabilities.iter().any(|capability| rule.has(capability)) && !rule.has("deny"))
}

struct Rule<'a> {
    path: &'a str,
    capabilities: Vec<&'a str>,
}

impl Rule<'_> {
    fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// The rules of a policy; what is no rule is passed over, as a comment is.
fn rules(policy: &str) -> Vec<Rule<'_>> {
    policy.split("path ").skip(1).filter_map(rule).collect()
}

fn rule(text: &str) -> Option<Rule<'_>> {
    let (_, text) = text.split_once('"')?;
    let (path, text) = text.split_once('"')?;
    let (body, _) = text.split_once('{')?.1.split_once('}')?;
    let (list, _) = body.split_once("capabilities")?.1.split_once('[')?.1.split_once(']')?;
    Some(Rule { path, capabilities: list.split(',').map(|word| word.trim().trim_matches('"')).collect() })
}

fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, open) = pattern.strip_suffix('*').map_or((pattern, false), |prefix| (prefix, true));
    let mut segments = path.split('/');
    let mut patterns = pattern.split('/').peekable();
    while let Some(wanted) = patterns.next() {
        let Some(segment) = segments.next() else { return false };
        let last = patterns.peek().is_none();
        let fits = wanted == "+" || wanted == segment || (last && open && segment.starts_with(wanted));
        if !fits {
            return false;
        }
    }
    open || segments.next().is_none()
}

/// The longer before its first wildcard, the more specific.
fn specificity(pattern: &str) -> (usize, bool, usize) {
    let literal = pattern.find(['+', '*']).unwrap_or(pattern.len());
    (literal, !pattern.ends_with('*'), pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        # The gateway agents of one cell.
        path "acme/data/shop/production/gateways/eu-1" { capabilities = ["read"] }
        path "acme/data/shop/+/workflows/*" { capabilities = ["list", "read"] }
        path "acme/data/shop/secret/*" {
          capabilities = ["read"]
        }
        path "acme/data/shop/secret/forbidden" { capabilities = ["deny"] }
        path "acme/metadata/*" { capabilities = ["list"] }"#;

    #[test]
    fn a_path_is_read_only_if_a_rule_allows_it() {
        for path in ["acme/shop/production/gateways/eu-1", "acme/shop/test/workflows/a/b", "acme/shop/secret/x"] {
            assert!(may_read(POLICY, path), "{path}");
        }
        for path in ["acme/shop/production/gateways/eu-2", "acme/shop/test/more/workflows/a", "acme/shop", "globex/shop/x"] {
            assert!(!may_read(POLICY, path), "{path}");
        }
    }

    #[test]
    fn the_most_specific_rule_decides() {
        assert!(!may_read(POLICY, "acme/shop/secret/forbidden"));
    }

    #[test]
    fn what_is_no_policy_allows_nothing() {
        for text in ["", "path", "path \"acme/*\"", "path \"acme/data/*\" { capabilities = }", "{}"] {
            assert!(!may_read(text, "acme/x"), "{text}");
        }
    }
}
