//! How a gateway decides on a route: conditions in order, their strength, cookies, and the split by weight.
//!
//! `txn.claim` is the route whose condition matched first, `txn.route` the decision. Each line only acts while there is no decision yet.

use super::acl;
use super::checks::{Checked, CheckedRoute};
use super::text::{fingerprint, identifier, remark, route_backend};
use crate::spec::types::Sticky;

/// The lines that decide. A gateway with one route has nothing to decide.
pub(super) fn lines(gateway: &Checked<'_>) -> Vec<String> {
    if gateway.routes.len() < 2 {
        return Vec::new();
    }
    let decision = Decision { gateway };
    let mut lines = Vec::new();
    for route in &gateway.routes {
        lines.extend(decision.claim(route));
    }
    if !lines.is_empty() {
        lines.insert(0, "acl claimed var(txn.claim) -m found".to_owned());
    }
    lines.insert(0, "acl routed var(txn.route) -m found".to_owned());
    lines.extend(gateway.routes.iter().flat_map(|route| decision.strength(route)));
    lines.extend(decision.weights());
    lines
}

/// The lines that carry the decision out.
pub(super) fn backends(gateway: &Checked<'_>) -> Vec<String> {
    let last = gateway.routes.iter().rfind(|route| *route.route.weight > 0).or(gateway.routes.last());
    let mut lines = Vec::new();
    for route in gateway.routes.iter().filter(|route| last.is_some_and(|last| last.name != route.name)) {
        let word = identifier(route.name);
        lines.push(format!(
            "use_backend {} if {{ var(txn.route) -m str {} }}",
            route_backend(gateway.name, route.name),
            pattern(&word)
        ));
    }
    match last {
        Some(last) => lines.push(format!("default_backend {}", route_backend(gateway.name, last.name))),
        None => lines.push("# no routes: every request is answered with 503".to_owned()),
    }
    lines
}

struct Decision<'a> {
    gateway: &'a Checked<'a>,
}

impl Decision<'_> {
    /// `set-var` at the layer that the gateway speaks.
    fn set(&self, variable: &str, value: &str, condition: &str) -> String {
        let layer = if self.gateway.is_http() { "http-request" } else { "tcp-request content" };
        format!("{layer} set-var(txn.{variable}) {value} if {condition}")
    }

    fn is_sticky(&self) -> bool {
        *self.gateway.gateway.sticky != Sticky::None
    }

    /// The first condition that matches claims the request.
    fn claim(&self, route: &CheckedRoute<'_>) -> Vec<String> {
        let Some(condition) = &route.condition else { return Vec::new() };
        let name = identifier(route.name);
        let lists = acl::lists(&name, condition);
        let strength = *route.route.condition_strength;
        let mut lines = vec![format!("# {} claims {strength} % of: {}", remark(route.name), remark(&condition.to_string()))];
        lines.extend(lists.definitions);
        let claims =
            lists.alternatives.iter().map(|words| self.set("claim", &format!("str({name})"), &format!("!claimed {words}")));
        lines.extend(claims);
        lines
    }

    /// Of what it claims, a route gets its strength.
    fn strength(&self, route: &CheckedRoute<'_>) -> Vec<String> {
        if route.condition.is_none() {
            return Vec::new();
        }
        let name = identifier(route.name);
        let claims = format!("{{ var(txn.claim) -m str {} }}", pattern(&name));
        let take = |condition: String| self.set("route", &format!("str({name})"), &condition);
        match *route.route.condition_strength {
            // The claim alone keeps the request from later conditions.
            0 => Vec::new(),
            strength if strength >= 100 => vec![take(claims)],
            strength if !self.is_sticky() => vec![take(format!("{claims} {{ rand(100) lt {strength} }}"))],
            strength => self.sticky_strength(route, strength, &claims),
        }
    }

    /// The draw of a condition's strength, kept in a cookie of its own that says `in` or `out`.
    fn sticky_strength(&self, route: &CheckedRoute<'_>, strength: u8, claims: &str) -> Vec<String> {
        let name = identifier(route.name);
        let cookie = cookie(&["vamp", self.gateway.name, route.name]);
        let usable = usable(self.gateway, route);
        let kept = "{ var(txn.luck) -m found }";
        let drawn = "{ var(txn.drawn) -m found }";
        vec![
            format!("# {} keeps the outcome for each client", remark(route.name)),
            self.set("luck", "str(in)", &format!("{claims} {{ req.cook({cookie}) -m str in }} {usable}")),
            self.set("luck", "str(out)", &format!("{claims} {{ req.cook({cookie}) -m str out }}")),
            self.set("drawn", "str(in)", &format!("{claims} !{kept} {{ rand(100) lt {strength} }}")),
            self.set("drawn", "str(out)", &format!("{claims} !{kept} !{drawn}")),
            self.set("luck", "var(txn.drawn)", &format!("{claims} {drawn}")),
            self.set("route", &format!("str({name})"), &format!("{claims} {{ var(txn.luck) -m str in }}")),
            set_cookie(&cookie, "%[var(txn.drawn)]", &format!("{claims} {drawn}")),
        ]
    }

    /// What is still undecided is split by weight over all routes.
    fn weights(&self) -> Vec<String> {
        let mut lines = vec![format!("# the rest by weight: {}", self.shares())];
        if self.is_sticky() {
            lines.extend(self.gateway.routes.iter().map(|route| self.keep(route)));
            lines.push(self.set("fresh", "bool(true)", "!routed"));
        }
        lines.push(self.set("draw", "rand(100)", "!routed"));
        let mut below = 0_u32;
        for route in self.gateway.routes.iter().filter(|route| *route.route.weight > 0) {
            below += u32::from(*route.route.weight);
            let condition = format!("!routed {{ var(txn.draw) -m int lt {below} }}");
            lines.push(self.set("route", &format!("str({})", identifier(route.name)), &condition));
        }
        if self.is_sticky() {
            lines.extend(self.remember());
        }
        lines
    }

    fn shares(&self) -> String {
        let shares = self.gateway.routes.iter().map(|route| format!("{} {} %", remark(route.name), route.route.weight.value));
        shares.collect::<Vec<_>>().join(", ")
    }

    /// A client that met a route before stays with it, as long as the route has a usable target.
    fn keep(&self, route: &CheckedRoute<'_>) -> String {
        let (name, token) = (identifier(route.name), self.token(route));
        let cookie = cookie(&["vamp", self.gateway.name]);
        let condition = format!("!routed {{ req.cook({cookie}) -m str {} }} {}", pattern(&token), usable(self.gateway, route));
        self.set("route", &format!("str({name})"), &condition)
    }

    /// Tell a client that met its route now which one it was.
    fn remember(&self) -> Vec<String> {
        let cookie = cookie(&["vamp", self.gateway.name]);
        let weighted = self.gateway.routes.iter().filter(|route| *route.route.weight > 0);
        let one = |route: &CheckedRoute<'_>| {
            let condition =
                format!("{{ var(txn.fresh) -m bool }} {{ var(txn.route) -m str {} }}", pattern(&identifier(route.name)));
            set_cookie(&cookie, &self.token(route), &condition)
        };
        weighted.map(one).collect()
    }

    fn token(&self, route: &CheckedRoute<'_>) -> String {
        fingerprint(&[self.gateway.name, route.name])
    }
}

/// The name of a cookie. `~` may stand in one (RFC 6265) and in no identifier of ours.
pub(super) fn cookie(parts: &[&str]) -> String {
    parts.iter().map(|part| identifier(part)).collect::<Vec<_>>().join("~")
}

fn set_cookie(name: &str, value: &str, condition: &str) -> String {
    format!("http-response add-header Set-Cookie '{name}={value}; Path=/; HttpOnly' if {condition}")
}

fn usable(gateway: &Checked<'_>, route: &CheckedRoute<'_>) -> String {
    format!("{{ nbsrv({}) gt 0 }}", route_backend(gateway.name, route.name))
}

/// A pattern of an ACL: one that begins with a dash would be taken for an option (HAProxy configuration manual, 7.1).
fn pattern(word: &str) -> std::borrow::Cow<'_, str> {
    if word.starts_with('-') { format!("-- {word}").into() } else { word.into() }
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_name_that_begins_with_a_dash_is_no_option() {
        assert_eq!((pattern("-"), pattern("-i"), pattern("web-v1")), ("-- -".into(), "-- -i".into(), "web-v1".into()));
    }
}
