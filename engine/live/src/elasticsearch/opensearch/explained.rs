//! Whether indices live by their lifecycle policy, read off what OpenSearch explains of each (`_plugins/_ism/explain`).
//!
//! Somebody may take a policy off an index, or give it another one. And of an action that fails, OpenSearch gives up the whole policy after the
//! action's retries: the index stays as it is from then on, whatever policy it is given in place of that one, until it is taken off.

use model::Value;
use model::value::Text;
use std::collections::BTreeMap;

/// Where it says by which policy an index lives.
const POLICY: &str = "index.plugins.index_state_management.policy_id";

/// What is said of one index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explained {
    /// The policy by which it lives.
    policy: Option<Text>,
    /// Why that was given up, if it was.
    given_up: Option<String>,
}

/// What an answer says, by the name of the index.
pub(crate) fn read(answer: &Value) -> BTreeMap<Text, Explained> {
    let indices = answer.as_map().into_iter().flat_map(|map| map.iter()).filter(|(_, one)| one.as_map().is_some());
    let explained = |one: &Value| Explained { policy: one.str_at(&[POLICY]).map(Text::from), given_up: given_up(one) };
    indices.map(|(index, one)| (index.clone(), explained(one))).collect()
}

/// What it says went wrong for good.
fn given_up(one: &Value) -> Option<String> {
    let failed = |part: &str| one.at(&[part, "failed"]).and_then(Value::as_bool) == Some(true);
    let told: Vec<&str> = ["message", "cause"].iter().filter_map(|key| one.str_at(&["info", key])).collect();
    (failed("action") || failed("retry_info")).then(|| told.join(": "))
}

/// The indices whose policy was given up, whichever that is.
pub(crate) fn all_given_up(explained: &BTreeMap<Text, Explained>) -> Vec<&str> {
    explained.iter().filter(|(_, one)| one.given_up.is_some()).map(|(index, _)| index.as_str()).collect()
}

/// The indices that do not live by a policy, of all that are to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strays {
    /// How many are to live by it.
    of: usize,
    /// Each that does not, and why, in the order of their names.
    found: Vec<(Text, String)>,
    /// The first of which nothing is said.
    pub(crate) untold: Option<Text>,
}

impl Strays {
    /// Among `indices`, which are to live by `policy`.
    pub(crate) fn among<'a>(
        policy: &str,
        indices: impl Iterator<Item = &'a Text>,
        explained: &BTreeMap<Text, Explained>,
    ) -> Strays {
        let mut strays = Strays::default();
        for index in indices {
            strays.of += 1;
            match explained.get(index) {
                Some(one) => strays.found.extend(one.does_not_live_by(policy).map(|why| (index.clone(), why))),
                None => strays.untold = strays.untold.or_else(|| Some(index.clone())),
            }
        }
        strays.found.sort_unstable();
        strays
    }

    /// Those of `of` that are `found`, each with why it does not.
    pub(crate) fn new(of: usize, mut found: Vec<(Text, String)>) -> Strays {
        found.sort_unstable();
        Strays { of, found, untold: None }
    }

    /// The indices that do not live by the policy.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Text> {
        self.found.iter().map(|(index, _)| index)
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.found.is_empty() && self.untold.is_none()
    }

    /// How many there are, and which is the first.
    pub(crate) fn sentence(&self) -> Option<String> {
        let ((index, why), count) = (self.found.first()?, self.found.len());
        let (verb, first) = if count == 1 { ("does", "") } else { ("do", " first") };
        Some(format!("{count} of {} {verb} not live by it, {index}{first}: {why}", self.of))
    }
}

impl Explained {
    fn does_not_live_by(&self, policy: &str) -> Option<String> {
        match (&self.policy, &self.given_up) {
            (None, _) => Some("it has no policy".to_owned()),
            (Some(other), _) if other != policy => Some(format!("it lives by the policy {other}")),
            (Some(_), Some(why)) => Some(format!("OpenSearch gave that up: {why}")),
            (Some(_), None) => None,
        }
    }
}

/// Whether a pattern of index names takes in `name`.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(left) = name.strip_prefix(begin) else { return false };
    (0..=left.len()).filter(|at| left.is_char_boundary(*at)).any(|at| fits(rest, &left[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_in_what_the_server_says_it_does() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a-*", "a-", true),
            ("a-*", "a-b-c", true),
            ("a-*", "a", false),
            ("*-b*d", "a-b-c-d", true),
            ("*-b", "a-b-c", false),
            ("ü*", "üä", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_was_given_up_is_told_with_the_servers_own_reason() {
        let answer = r#"{
            ".ds-a-000001": {"index.plugins.index_state_management.policy_id": "a", "action": {"name": "delete", "failed": true},
                "retry_info": {"failed": false}, "info": {"message": "Failed to delete index", "cause": "it is being snapshotted"}},
            ".ds-a-000002": {"index.plugins.index_state_management.policy_id": "a", "retry_info": {"failed": true}, "info": {}},
            ".ds-a-000003": {"index.plugins.index_state_management.policy_id": "a", "action": {"failed": false}, "enabled": false},
            "total_managed_indices": 3}"#;
        let explained = read(&serde_json::from_str(answer).unwrap());
        assert_eq!(all_given_up(&explained), [".ds-a-000001", ".ds-a-000002"]);
        let names: Vec<Text> = explained.keys().cloned().collect();
        let strays = |policy, names: &[Text]| Strays::among(policy, names.iter(), &explained);
        assert_eq!(
            strays("a", &names).sentence().as_deref(),
            Some(
                "2 of 3 do not live by it, .ds-a-000001 first: OpenSearch gave that up: Failed to delete index: it is being snapshotted"
            )
        );
        assert!(strays("a", &names[2..]).is_nothing() && strays("a", &names[2..]).sentence().is_none());
        let other = strays("b", &names[2..]).sentence();
        assert_eq!(other.as_deref(), Some("1 of 1 does not live by it, .ds-a-000003: it lives by the policy a"));
        let gone = strays("a", &["gone".into()]);
        assert_eq!((gone.is_nothing(), gone.untold.as_deref(), gone.sentence()), (false, Some("gone"), None));
    }
}
