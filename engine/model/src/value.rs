//! A document of any system as a compact tree: maps are sorted slices, short strings live inside the node.
//!
//! JSON values with two additions: a [`Value::Secret`] says where a secret is to be found (in what is wanted), a
//! [`Value::Digest`] stands for a secret that was seen. Neither holds the secret.

mod convert;
mod serialize;

/// Serde through `Display` and `FromStr`, for types that are written as one word.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <crate::value::Text as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

pub use convert::{NotADocument, to_value};

use crate::secret::{SecretDigest, SecretReference};
use compact_str::CompactString;
use std::fmt;

/// A short or long string; up to 24 bytes live inside.
pub type Text = CompactString;

/// A document, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// JSON `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, by its bits, so that documents compare exactly.
    Float(FloatBits),
    /// A string.
    String(Text),
    /// A list.
    List(Vec<Value>),
    /// A map, sorted by key.
    Map(Map),
    /// In what is wanted: where the secret is.
    Secret(Box<SecretReference>),
    /// In what was seen: the digest of a secret.
    Digest(Box<SecretDigest>),
}

/// A floating point number that compares by its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FloatBits(u64);

impl FloatBits {
    /// The number.
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl From<f64> for FloatBits {
    fn from(number: f64) -> Self {
        FloatBits(number.to_bits())
    }
}

impl Value {
    /// The empty map.
    pub const EMPTY_MAP: Value = Value::Map(Map::EMPTY);

    /// The map inside, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map inside; a value that is no map becomes an empty one first.
    pub fn make_map(&mut self) -> &mut Map {
        if !matches!(self, Value::Map(_)) {
            *self = Value::Map(Map::EMPTY);
        }
        match self {
            Value::Map(map) => map,
            _ => unreachable!("made a map above"),
        }
    }

    /// The list inside, if this is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The string inside, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number inside, if this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The boolean inside, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Whether this is what systems write for a list of nothing: `null`, or an empty list. An empty map may say something: an action without
    /// settings is one.
    pub fn is_no_list(&self) -> bool {
        matches!(self, Value::Null) || self.as_list().is_some_and(<[Value]>::is_empty)
    }

    /// What stands under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// What stands at the end of a path of keys: `value.at(&["spec", "replicas"])`.
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The string at the end of a path of keys.
    pub fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str()
    }

    /// The whole number at the end of a path of keys.
    pub fn integer_at(&self, keys: &[&str]) -> Option<i64> {
        self.at(keys)?.as_integer()
    }

    /// Put `value` at the end of a path of keys; missing maps are made, other values in the way are replaced.
    pub fn set(&mut self, keys: &[&str], value: impl Into<Value>) {
        let slot = keys.iter().fold(self, |node, key| node.make_map().entry(key));
        *slot = value.into();
    }

    /// Take away what stands at the end of a path of keys.
    pub fn remove(&mut self, keys: &[&str]) -> Option<Value> {
        let (last, parents) = keys.split_last()?;
        let mut node = self;
        for key in parents {
            node = match node {
                Value::Map(map) => map.get_mut(key)?,
                _ => return None,
            };
        }
        match node {
            Value::Map(map) => map.remove(last),
            _ => None,
        }
    }

    /// Call `visit` for every secret reference in the document.
    pub fn for_each_secret<'a>(&'a self, visit: &mut impl FnMut(&'a SecretReference)) {
        match self {
            Value::Secret(reference) => visit(reference),
            Value::List(items) => items.iter().for_each(|item| item.for_each_secret(visit)),
            Value::Map(map) => map.iter().for_each(|(_, value)| value.for_each_secret(visit)),
            _ => {}
        }
    }

    /// A digest of the whole document: equal documents, equal digests (32 hexadecimal digits of BLAKE3).
    pub fn digest(&self) -> Text {
        // One buffer and one call: BLAKE3 is slow on many small pieces.
        let mut bytes = Vec::with_capacity(2048);
        self.encode(&mut bytes);
        blake3::hash(&bytes).to_hex()[..32].into()
    }

    /// Write the document in a form in which no two documents are alike.
    fn encode(&self, bytes: &mut Vec<u8>) {
        match self {
            Value::Null => encode_tagged(bytes, b'n', &[]),
            Value::Bool(flag) => encode_tagged(bytes, b'b', &[u8::from(*flag)]),
            Value::Integer(number) => encode_tagged(bytes, b'i', &number.to_le_bytes()),
            Value::Float(number) => encode_tagged(bytes, b'f', &number.0.to_le_bytes()),
            Value::String(text) => encode_tagged(bytes, b's', text.as_bytes()),
            Value::List(items) => {
                encode_tagged(bytes, b'l', &(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| item.encode(bytes));
            }
            Value::Map(map) => {
                encode_tagged(bytes, b'm', &(map.len() as u64).to_le_bytes());
                for (key, value) in map.iter() {
                    encode_tagged(bytes, b'k', key.as_bytes());
                    value.encode(bytes);
                }
            }
            Value::Secret(reference) => encode_tagged(bytes, b'r', reference.to_string().as_bytes()),
            Value::Digest(digest) => encode_tagged(bytes, b'd', &digest.0),
        }
    }
}

fn encode_tagged(bytes: &mut Vec<u8>, tag: u8, content: &[u8]) {
    let mut head = [tag; 9];
    head[1..].copy_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.reserve(head.len() + content.len());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(content);
}

/// The same items without room for more. A copy: allocators keep a block that is shrunk by less than half as large as it was.
fn snug<T>(items: Vec<T>) -> Vec<T> {
    if items.len() == items.capacity() {
        return items;
    }
    let mut exact = Vec::with_capacity(items.len());
    exact.extend(items);
    exact
}

/// A map sorted by key, in one allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    /// The empty map.
    pub const EMPTY: Map = Map(Vec::new());

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(candidate, _)| candidate.as_str().cmp(key))
    }

    /// What stands under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).ok().map(|index| &self.0[index].1)
    }

    /// What stands under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.position(key).ok().map(|index| &mut self.0[index].1)
    }

    /// Whether `key` is there.
    pub fn contains(&self, key: &str) -> bool {
        self.position(key).is_ok()
    }

    /// What stands under `key`; `Null` is put there first if nothing does.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let index = match self.position(key) {
            Ok(index) => index,
            Err(index) => {
                self.0.insert(index, (key.into(), Value::Null));
                index
            }
        };
        &mut self.0[index].1
    }

    /// Put `value` under `key`; gives back what stood there.
    pub fn insert(&mut self, key: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        let key = key.into();
        match self.position(&key) {
            Ok(index) => Some(std::mem::replace(&mut self.0[index].1, value.into())),
            Err(index) => {
                self.0.insert(index, (key, value.into()));
                None
            }
        }
    }

    /// Take away what stands under `key`.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.position(key).ok().map(|index| self.0.remove(index).1)
    }

    /// All keys with their values, sorted by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// All keys with their values, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Value)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Keep only the entries that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: Into<Text>, V: Into<Value>> FromIterator<(K, V)> for Map {
    /// Sorts by key; of two values for one key the later one wins.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries: Vec<(Text, Value)> = entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        // What was a map before is sorted already.
        if !entries.is_sorted_by(|left, right| left.0 < right.0) {
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            entries.reverse();
            entries.dedup_by(|left, right| left.0 == right.0);
            entries.reverse();
        }
        Map(snug(entries))
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The document as one line of JSON, secrets as `(secret)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Float(number) => write!(f, "{}", number.get()),
            Value::String(text) => write!(f, "{:?}", text.as_str()),
            Value::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Map(map) => {
                f.write_str("{")?;
                for (index, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{:?}: {value}", if index == 0 { "" } else { ", " }, key.as_str())?;
                }
                f.write_str("}")
            }
            Value::Secret(_) | Value::Digest(_) => f.write_str("(secret)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_sorted_and_the_later_value_wins() {
        let map: Map = [("b", 1), ("a", 2), ("b", 3)].into_iter().collect();
        assert_eq!(Value::Map(map).to_string(), r#"{"a": 2, "b": 3}"#);
    }

    #[test]
    fn set_makes_what_is_missing_and_remove_takes_it_away() {
        let mut value = Value::Null;
        value.set(&["spec", "replicas"], 3);
        assert_eq!(value.integer_at(&["spec", "replicas"]), Some(3));
        assert_eq!(value.remove(&["spec", "replicas"]), Some(Value::Integer(3)));
        assert_eq!(value.at(&["spec", "replicas"]), None);
        assert_eq!(value.remove(&["spec", "replicas", "deeper"]), None);
    }

    #[test]
    fn digests_tell_documents_apart_that_read_alike() {
        let list = Value::List(vec!["ab".into(), "c".into()]);
        let other = Value::List(vec!["a".into(), "bc".into()]);
        assert_ne!(list.digest(), other.digest());
        assert_eq!(list.digest(), list.clone().digest());
        assert_ne!(Value::Integer(1).digest(), Value::from("1").digest());
    }

    #[test]
    fn a_node_is_small() {
        assert!(std::mem::size_of::<Value>() <= 32, "{}", std::mem::size_of::<Value>());
    }
}
