//! What a gateway configuration serves, by the names of its sections: whoever publishes one and whoever takes it compares what is
//! served with what would be (VGA-8). The names are the contract between the two.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a gateway's frontend.
pub fn gateway_frontend(gateway: &str) -> String {
    format!("{GATEWAY}{}", identifier(gateway))
}

/// The name of a route's backend.
pub fn route_backend(gateway: &str, route: &str) -> String {
    format!("{ROUTE}{}:{}", identifier(gateway), identifier(route))
}

/// What the name of a gateway's frontend begins with.
pub const GATEWAY: &str = "gateway:";
/// What the name of a route's backend begins with.
pub const ROUTE: &str = "route:";

/// Gateways of a configuration, each with its routes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inventory {
    /// Routes by gateway.
    pub gateways: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Whether nothing is served.
    pub fn is_empty(&self) -> bool {
        self.gateways.is_empty()
    }

    /// Gateways that this one serves and that would be gone in `next`, or without a route.
    pub fn lost_in<'a>(&'a self, next: &'a Inventory) -> impl Iterator<Item = &'a str> {
        let kept = |name: &str, routes: &BTreeSet<String>| {
            next.gateways.get(name).is_some_and(|kept| !kept.is_empty() || routes.is_empty())
        };
        self.gateways.iter().filter(move |(name, routes)| !kept(name, routes)).map(|(name, _)| name.as_str())
    }
}

/// The gateways and routes that `configuration` serves. Sections that are not called as ours are do not count.
pub fn inventory(configuration: &str) -> Inventory {
    let mut inventory = Inventory::default();
    for line in configuration.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("frontend"), Some(section)) => {
                if let Some(gateway) = section.strip_prefix(GATEWAY) {
                    inventory.gateways.entry(name(gateway)).or_default();
                }
            }
            (Some("backend"), Some(section)) => {
                if let Some((gateway, route)) = section.strip_prefix(ROUTE).and_then(|rest| rest.split_once(':')) {
                    inventory.gateways.entry(name(gateway)).or_default().insert(name(route));
                }
            }
            _ => {}
        }
    }
    inventory
}

/// A name as an identifier of HAProxy: letters, digits, `-` and `.` stay, every other byte becomes `_` and its two hexadecimal digits.
/// Different names stay different, and [`name`] reads it back.
pub fn identifier(name: &str) -> String {
    let mut identifier = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' {
            identifier.push(char::from(byte));
        } else {
            identifier.push_str(&format!("_{byte:02x}"));
        }
    }
    identifier
}

/// The name that [`identifier`] encoded; what it cannot have written is left as it is.
pub fn name(identifier: &str) -> String {
    let mut bytes = Vec::with_capacity(identifier.len());
    let mut rest = identifier;
    while let Some((before, after)) = rest.split_once('_') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => return identifier.to_owned(),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| identifier.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers_and_come_back() {
        for (name_, identifier_) in [("web-v1.2", "web-v1.2"), ("a_b", "a_5fb"), ("a/b:c", "a_2fb_3ac"), ("ü\n", "_c3_bc_0a")] {
            assert_eq!((identifier(name_).as_str(), name(identifier_).as_str()), (identifier_, name_));
        }
        assert_eq!(name("not_ours"), "not_ours");
    }

    #[test]
    fn sections_tell_gateways_and_routes_and_everything_else_is_ignored() {
        let text = "# frontend gateway:comment\nfrontend health from base\nfrontend gateway:a_2fb from http\n    bind :1\n\
                    backend route:a_2fb:web from http\nbackend route:a_2fb:api from http\nbackend virtual-hosts:x from base\n";
        let found = inventory(text);
        let routes = BTreeSet::from(["web".to_owned(), "api".to_owned()]);
        assert_eq!(found.gateways, BTreeMap::from([("a/b".to_owned(), routes)]));
        let emptied = inventory("frontend gateway:a_2fb from http\n");
        assert_eq!(found.lost_in(&Inventory::default()).collect::<Vec<_>>(), ["a/b"]);
        assert_eq!(found.lost_in(&emptied).collect::<Vec<_>>(), ["a/b"]);
        assert_eq!(emptied.lost_in(&emptied).count() + emptied.lost_in(&found).count() + found.lost_in(&found).count(), 0);
        assert!(inventory("").is_empty());
    }
}
