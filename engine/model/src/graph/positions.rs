//! From an address to its position, without reading the texts of addresses: at a hundred thousand resources they lie far apart,
//! and reading them is what a look-up would spend its time on.

use crate::address::Address;
use crate::index::IndexSet;
use indexmap::Equivalent;
use std::hash::{Hash, Hasher};

/// Addresses, each with its position in the order of insertion.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions(IndexSet<Key>);

impl Positions {
    /// Put an address in, if it is not there; its position, and whether it is new.
    pub(super) fn insert(&mut self, address: &Address) -> (usize, bool) {
        self.0.insert_full(Key(address.clone()))
    }

    /// The position of an address.
    pub(super) fn of(&self, address: &Address) -> Option<usize> {
        self.0.get_index_of(&Asked(address))
    }
}

/// An address that is found by its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(Address);

struct Asked<'a>(&'a Address);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.0.fingerprint());
    }
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.0.fingerprint());
    }
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_by_its_text_whoever_wrote_it() {
        let mut positions = Positions::default();
        let texts: Vec<String> = (0..1000).map(|index| format!("vault/kv/acme/shop{index}/configuration")).collect();
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(positions.insert(&text.parse().unwrap()), (index, true));
        }
        assert_eq!(positions.insert(&texts[7].parse().unwrap()), (7, false));
        assert_eq!(positions.of(&texts[999].parse().unwrap()), Some(999));
        assert_eq!(positions.of(&"vault/kv/acme/bank/configuration".parse().unwrap()), None);
    }
}
