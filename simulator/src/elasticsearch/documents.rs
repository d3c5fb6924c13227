//! The documents of an Elasticsearch's indices, as far as somebody reads them again: audit chains, and what clients of its HTTP API write.
//!
//! Every write has a number within its index (`_seq_no`), and every document counts its own (`_version`), also past its deletion. Documents
//! of a chain are only ever created, in the order of their names: their numbers are their ranks, and are not kept.

use crate::kernel::{Damaged, Record, Store};
use model::audit::{Chain, Stored, id_of};
use model::operation::OperationError;
use model::{System, Value};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

const TABLE: &str = "elasticsearch.document";
const PLACES: &str = "elasticsearch.place";
const INDICES: &str = "elasticsearch.index";

/// The last write of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// Its number among all writes of the index, from 0.
    pub(super) number: u64,
    /// Its number among all writes of the document, from 1.
    pub(super) version: u64,
}

/// What is in the indices.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents {
    /// By `INDEX/ID`, as text: there are many, and hardly anybody looks at them.
    all: Store<String, Box<RawValue>>,
    /// The last write of what clients of the HTTP API wrote, by `INDEX/ID`.
    places: Store<String, Place>,
    /// How often they wrote into an index.
    writes: Store<String, u64>,
}

fn key(index: &str, id: &str) -> String {
    format!("{index}/{id}")
}

fn read(document: &RawValue) -> Option<Value> {
    serde_json::from_str(document.get()).ok()
}

impl Documents {
    /// Create documents, each under its position (`op_type=create`). One that is there already stays, and has to be the same.
    pub(super) fn create(&mut self, system: &System, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        for document in documents {
            let id = id_of(document);
            let key = key(&chain.index, &id);
            match self.all.get(&key) {
                Some(there) if read(there).as_ref() == Some(document) => {}
                Some(_) => {
                    let expected = format!("nothing at {system} {}/{id}", chain.index);
                    return Err(OperationError::Stale { expected, found: "another document".to_owned() });
                }
                None => self.insert(key, document),
            }
        }
        Ok(())
    }

    fn insert(&mut self, key: String, document: &Value) {
        // A value of the world is made of texts, numbers, lists and maps: all of it is JSON.
        if let Ok(document) = to_raw_value(document) {
            self.all.insert(key, document);
        }
    }

    fn keys<'a, T>(store: &'a Store<String, T>, index: &'a str) -> impl Iterator<Item = &'a String> {
        store.range(key(index, "")..).map(|(key, _)| key).take_while(move |key| key.split('/').next() == Some(index))
    }

    /// One, with its last write.
    pub(super) fn get(&self, index: &str, id: &str) -> Option<(Value, Place)> {
        let key = key(index, id);
        let document = read(self.all.get(&key)?)?;
        let rank = || Self::keys(&self.all, index).take_while(|there| **there < key).count() as u64;
        Some((document, self.places.get(&key).copied().unwrap_or_else(|| Place { number: rank(), version: 1 })))
    }

    /// Write a document, or take it away, as a client does.
    pub(super) fn write(&mut self, index: &str, id: &str, document: Option<Value>) -> Place {
        let key = key(index, id);
        let before = self.get(index, id).map(|(_, place)| place).or_else(|| self.places.get(&key).copied());
        let number = self.writes.get(index).copied().unwrap_or_else(|| Self::keys(&self.all, index).count() as u64);
        let place = Place { number, version: before.map_or(1, |before| before.version + 1) };
        self.writes.insert(index.to_owned(), number + 1);
        self.places.insert(key, place);
        self.put(index, id, document);
        place
    }

    /// Whether there is an index.
    pub(super) fn has(&self, index: &str) -> bool {
        self.writes.contains(index) || Self::keys(&self.all, index).next().is_some()
    }

    /// An index goes, with all that is in it.
    pub(super) fn drop_index(&mut self, index: &str) {
        self.writes.remove(index);
        let (documents, places): (Vec<String>, Vec<String>) =
            (Self::keys(&self.all, index).cloned().collect(), Self::keys(&self.places, index).cloned().collect());
        for key in documents {
            self.all.remove(&key);
        }
        for key in places {
            self.places.remove(&key);
        }
    }

    /// All of one index.
    pub(super) fn of(&self, index: &str) -> Vec<Stored> {
        let all = self.all.range(key(index, "")..).take_while(|(key, _)| key.split('/').next() == Some(index));
        all.filter_map(|(key, document)| Some(Stored { id: key[index.len() + 1..].into(), document: read(document)? })).collect()
    }

    /// Put a document there by hand, or take it away.
    pub(super) fn put(&mut self, index: &str, id: &str, document: Option<Value>) {
        match document {
            Some(document) => self.insert(key(index, id), &document),
            None => drop(self.all.remove(&key(index, id))),
        }
    }

    /// Everything is gone.
    pub(super) fn wipe(&mut self) {
        while self.all.pop_first().is_some() {}
        while self.places.pop_first().is_some() {}
        while self.writes.pop_first().is_some() {}
    }

    pub(super) fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.all.drain_changes(TABLE, prefix, records);
        self.places.drain_changes(PLACES, prefix, records);
        self.writes.drain_changes(INDICES, prefix, records);
    }

    /// Put one kept record back. Whether it was one of these.
    pub(super) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            TABLE => self.all.restore(table, key, value)?,
            PLACES => self.places.restore(table, key, value)?,
            INDICES => self.writes.restore(table, key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}
