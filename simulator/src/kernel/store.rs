//! An ordered map that remembers which of its entries changed, so that keeping a large world costs what changed and no more.

use super::record::{Damaged, Record};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeBounds;
use std::str::FromStr;

/// A map sorted by key, with the keys that changed since [`Store::drain_changes`].
#[derive(Clone, Debug)]
pub struct Store<K, V> {
    entries: BTreeMap<K, V>,
    changed: BTreeSet<K>,
}

impl<K, V> Default for Store<K, V> {
    fn default() -> Self {
        Store { entries: BTreeMap::new(), changed: BTreeSet::new() }
    }
}

impl<K: Ord + Clone, V> Store<K, V> {
    /// An empty store.
    pub fn new() -> Self {
        Store::default()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What stands under `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    /// Whether anything stands under `key`.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.entries.contains_key(key)
    }

    /// What stands under `key`, to change it; it counts as changed from now on.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (own_key, _) = self.entries.get_key_value(key)?;
        if !self.changed.contains(key) {
            self.changed.insert(own_key.clone());
        }
        self.entries.get_mut(key)
    }

    /// Put `value` under `key`; gives back what stood there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.changed.insert(key.clone());
        self.entries.insert(key, value)
    }

    /// Take away what stands under `key`.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (key, value) = self.entries.remove_entry(key)?;
        self.changed.insert(key);
        Some(value)
    }

    /// The first entry, by key.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.entries.first_key_value()
    }

    /// Take away the first entry, by key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, value) = self.entries.pop_first()?;
        self.changed.insert(key.clone());
        Some((key, value))
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.entries.keys()
    }

    /// All values, by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.values()
    }

    /// The entries whose keys lie in `range`.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> impl DoubleEndedIterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.entries.range(range)
    }

    /// Whether anything changed since [`Store::drain_changes`].
    pub fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }
}

impl<K: Ord + Clone + Display, V: Serialize> Store<K, V> {
    /// Append what changed since the last call to `records`, as values of `table` whose keys begin with `prefix`.
    pub fn drain_changes(&mut self, table: &'static str, prefix: &str, records: &mut Vec<Record>) {
        for key in std::mem::take(&mut self.changed) {
            // Values of the world are structs of strings, numbers and documents: nothing in them can fail to be written.
            let value = self.entries.get(&key).and_then(|value| serde_json::to_string(value).ok());
            records.push(Record { table, key: format!("{prefix}{key}"), value });
        }
    }
}

impl<K: Ord + Clone + FromStr, V: DeserializeOwned> Store<K, V> {
    /// Put back one entry that was kept, without counting it as changed. `key` is without its prefix.
    ///
    /// # Errors
    /// [`Damaged`] if the key or the value cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<(), Damaged> {
        let parsed = key.parse().map_err(|_| Damaged::unknown(table, key))?;
        let value = serde_json::from_str(value).map_err(|source| Damaged {
            table: table.to_owned(),
            key: key.to_owned(),
            source: Some(source),
        })?;
        self.entries.insert(parsed, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(store: &mut Store<String, u32>) -> Vec<(String, Option<String>)> {
        let mut records = Vec::new();
        store.drain_changes("t", "eu-1/", &mut records);
        records.into_iter().map(|record| (record.key, record.value)).collect()
    }

    #[test]
    fn only_what_changed_since_the_last_drain_is_drained() {
        let mut store = Store::new();
        store.insert("a".to_owned(), 1);
        store.insert("b".to_owned(), 2);
        store.remove("b");
        assert_eq!(drain(&mut store), [("eu-1/a".to_owned(), Some("1".to_owned())), ("eu-1/b".to_owned(), None)]);
        assert_eq!(drain(&mut store), []);
        *store.get_mut("a").unwrap() = 3;
        assert!(store.get_mut("missing").is_none());
        assert_eq!(drain(&mut store), [("eu-1/a".to_owned(), Some("3".to_owned()))]);
    }

    #[test]
    fn what_was_restored_is_there_and_not_changed() {
        let mut store: Store<String, u32> = Store::new();
        store.restore("t", "a", "7").unwrap();
        assert_eq!(store.get("a"), Some(&7));
        assert!(!store.is_changed());
        assert!(store.restore("t", "a", "\"seven\"").unwrap_err().to_string().contains("\"a\" of \"t\""));
    }
}
