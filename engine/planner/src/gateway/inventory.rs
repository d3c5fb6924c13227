//! What a configuration serves, by the names of its sections: the guard against empty and shrinking configurations (VGA-8) compares what
//! is published with what is wanted.

use super::haproxy::text;
use std::collections::{BTreeMap, BTreeSet};

/// Gateways of a configuration, each with its routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Routes by gateway.
    pub gateways: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Whether nothing is served.
    pub fn is_empty(&self) -> bool {
        self.gateways.is_empty()
    }

    /// Gateways that this one serves and `next` does not.
    pub fn gateways_missing_in<'a>(&'a self, next: &'a Inventory) -> impl Iterator<Item = &'a str> {
        self.gateways.keys().filter(|gateway| !next.gateways.contains_key(*gateway)).map(String::as_str)
    }
}

/// The gateways and routes that `configuration` serves. Sections that [`super::haproxy::render`] did not write are not counted.
pub fn inventory(configuration: &str) -> Inventory {
    let mut inventory = Inventory::default();
    for line in configuration.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("frontend"), Some(section)) => {
                if let Some(gateway) = section.strip_prefix(text::GATEWAY) {
                    inventory.gateways.entry(text::name(gateway)).or_default();
                }
            }
            (Some("backend"), Some(section)) => {
                if let Some((gateway, route)) = section.strip_prefix(text::ROUTE).and_then(|rest| rest.split_once(':')) {
                    inventory.gateways.entry(text::name(gateway)).or_default().insert(text::name(route));
                }
            }
            _ => {}
        }
    }
    inventory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_tell_gateways_and_routes_and_everything_else_is_ignored() {
        let text = "# frontend gateway:comment\nfrontend health from base\nfrontend gateway:a_2fb from http\n    bind :1\n\
                    backend route:a_2fb:web from http\nbackend route:a_2fb:api from http\nbackend virtual-hosts:x from base\n";
        let found = inventory(text);
        let routes = BTreeSet::from(["web".to_owned(), "api".to_owned()]);
        assert_eq!(found.gateways, BTreeMap::from([("a/b".to_owned(), routes)]));
        assert_eq!(found.gateways_missing_in(&Inventory::default()).collect::<Vec<_>>(), ["a/b"]);
        assert!(inventory("").is_empty());
    }
}
