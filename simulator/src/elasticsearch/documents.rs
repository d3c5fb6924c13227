//! The documents of an Elasticsearch's indices, as far as somebody reads them again: audit chains.

use crate::kernel::{Damaged, Record, Store};
use model::audit::{Chain, Stored, id_of};
use model::operation::OperationError;
use model::{System, Value};
use serde_json::value::{RawValue, to_raw_value};

const TABLE: &str = "elasticsearch.document";

/// Documents by `INDEX/ID`, as text: there are many, and hardly anybody looks at them.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents(Store<String, Box<RawValue>>);

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
            match self.0.get(&key) {
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
            self.0.insert(key, document);
        }
    }

    /// All of one index.
    pub(super) fn of(&self, index: &str) -> Vec<Stored> {
        let all = self.0.range(key(index, "")..).take_while(|(key, _)| key.split('/').next() == Some(index));
        all.filter_map(|(key, document)| Some(Stored { id: key[index.len() + 1..].into(), document: read(document)? })).collect()
    }

    /// Put a document there by hand, or take it away.
    pub(super) fn put(&mut self, index: &str, id: &str, document: Option<Value>) {
        match document {
            Some(document) => self.insert(key(index, id), &document),
            None => drop(self.0.remove(&key(index, id))),
        }
    }

    /// Everything is gone.
    pub(super) fn wipe(&mut self) {
        while self.0.pop_first().is_some() {}
    }

    pub(super) fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.0.drain_changes(TABLE, prefix, records);
    }

    /// Put one kept record back. Whether it was one of these.
    pub(super) fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        if table == TABLE {
            self.0.restore(table, key, value)?;
        }
        Ok(table == TABLE)
    }
}
