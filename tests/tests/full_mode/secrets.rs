//! Secrets in the open, between real clients, which send them, and the world, which only ever sees digests of them. On the way to the world
//! each text that is a secret becomes its digest, and on the way back the digest becomes the text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::value::Text;
use model::{Map, SecretDigest, Value};
use simulator::operator::secrets::{CANARY, KEY};
use std::collections::BTreeMap;

/// What stands behind digests.
#[derive(Default)]
pub(crate) struct Plain(BTreeMap<SecretDigest, String>);

impl Plain {
    /// A secret that may be met before anybody has sent it: whoever wrote it did so another way.
    pub(crate) fn know(&mut self, text: &str) {
        self.0.insert(SecretDigest::of(&KEY, text.as_bytes()), text.to_owned());
    }

    /// A value on its way to the world.
    pub(crate) fn hidden(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with(CANARY) => {
                let digest = SecretDigest::of(&KEY, text.as_bytes());
                self.0.insert(digest, text.to_string());
                Value::Digest(Box::new(digest))
            }
            Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), self.hidden(value))).collect()),
            Value::List(items) => Value::List(items.iter().map(|item| self.hidden(item)).collect()),
            other => other.clone(),
        }
    }

    /// A value on its way from the world.
    pub(crate) fn shown(&self, value: &Value) -> Value {
        match value {
            Value::Digest(digest) => {
                self.0.get(digest).map_or_else(|| format!("unknown {digest:?}").into(), |text| text.as_str().into())
            }
            Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), self.shown(value))).collect()),
            Value::List(items) => Value::List(items.iter().map(|item| self.shown(item)).collect()),
            other => other.clone(),
        }
    }

    /// A Secret on its way to the world, which keeps entries as they are written, as texts or documents (`stringData`).
    pub(crate) fn secret_hidden(&mut self, mut object: Value) -> Value {
        let Some(data) = object.remove(&["data"]) else { return object };
        let entries: Map =
            data.as_map().into_iter().flat_map(Map::iter).map(|(key, value)| (key.clone(), self.entry_hidden(value))).collect();
        object.set(&["stringData"], entries);
        object
    }

    fn entry_hidden(&mut self, encoded: &Value) -> Value {
        let bytes = STANDARD.decode(encoded.as_str().unwrap_or_default()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let document = serde_json::from_str::<Value>(&text).ok().filter(|value| matches!(value, Value::Map(_)));
        self.hidden(&document.unwrap_or_else(|| text.as_str().into()))
    }

    /// A Secret on its way from the world: entries are encoded, as a real server shows them.
    pub(crate) fn secret_shown(&self, mut object: Value) -> Value {
        let Some(entries) = object.remove(&["stringData"]) else { return object };
        let entry = |(key, value): (&Text, &Value)| {
            let shown = self.shown(value);
            let text = shown.as_str().map_or_else(|| serde_json::to_string(&shown).unwrap(), ToOwned::to_owned);
            (key.clone(), Value::from(STANDARD.encode(text)))
        };
        object.set(&["data"], entries.as_map().into_iter().flat_map(Map::iter).map(entry).collect::<Map>());
        object
    }
}
