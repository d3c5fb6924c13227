//! Lists and maps of other shapes.

use super::{Definitions, Shape};
use crate::spec::code;
use crate::spec::node::{Key, Node, Tree};
use crate::spec::reader::{Given, Reader};
use model::Diagnostic;
use model::index::IndexMap;
use model::source::{Located, Place};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// A list of `T` with `MIN` items at least, none of them twice.
pub struct List<T, const MIN: usize>(PhantomData<T>);

impl<T: Shape, const MIN: usize> Shape for List<T, MIN>
where
    T::Value: Ord + Clone,
{
    type Value = Vec<Located<T::Value>>;

    fn read(node: &Node, reader: &mut Reader) -> Option<Self::Value> {
        let Tree::List(items) = &node.tree else {
            reader.wrong_kind(node, "a list");
            return None;
        };
        if items.len() < MIN {
            let message = format!("{} is empty", reader.owner());
            reader.error(code::NONE_GIVEN, reader.key_place(), message, "at least one is needed");
        }
        let mut list = Vec::with_capacity(items.len());
        let mut first: BTreeMap<T::Value, Place> = BTreeMap::new();
        for item in items {
            let Some(value) = T::read(item, reader) else { continue };
            if let Some(first) = first.get(&value) {
                let message = format!("the same value stands twice in {}", reader.owner());
                reader.complain(
                    Diagnostic::error(code::LISTED_TWICE, item.place, message)
                        .help("remove one of the two")
                        .related(*first, "it stands here first"),
                );
                continue;
            }
            first.insert(value.clone(), item.place);
            list.push(Located::at(value, item.place));
        }
        Some(list)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "array", "items": T::schema(definitions), "minItems": MIN, "uniqueItems": true })
    }
}

/// A list of records, in which two may be alike.
pub struct Items<T>(PhantomData<T>);

impl<T: Shape> Shape for Items<T> {
    type Value = Vec<Located<T::Value>>;

    fn read(node: &Node, reader: &mut Reader) -> Option<Self::Value> {
        let Tree::List(items) = &node.tree else {
            reader.wrong_kind(node, "a list");
            return None;
        };
        let read = |(index, item): (usize, &Node)| {
            let key = Key { text: (index + 1).to_string().into(), place: item.place };
            match reader.under(&key, item, T::read) {
                Given::Yes(value) => Some(Located::at(value.value, item.place)),
                Given::No | Given::Bad => None,
            }
        };
        Some(items.iter().enumerate().filter_map(read).collect())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

/// What a name of some kind may look like.
pub trait NameRule {
    /// Whether `name` follows it.
    ///
    /// # Errors
    /// The complaint about it.
    fn check(name: &str, place: Place) -> Result<(), Diagnostic>;
    /// A regular expression that says the same.
    const PATTERN: &'static str;
}

/// A map from names that follow `R` to `T`, with `MIN` entries at least.
pub struct Names<R, T, const MIN: usize>(PhantomData<(R, T)>);

impl<R: NameRule, T: Shape, const MIN: usize> Shape for Names<R, T, MIN>
where
    T::Value: Default,
{
    type Value = IndexMap<String, Located<T::Value>>;

    fn read(node: &Node, reader: &mut Reader) -> Option<Self::Value> {
        let Tree::Map(entries) = &node.tree else {
            reader.wrong_kind(node, "a map from names");
            return None;
        };
        if entries.len() < MIN {
            let message = format!("{} is empty", reader.owner());
            reader.error(code::NONE_GIVEN, reader.key_place(), message, "at least one is needed");
        }
        let mut map = Self::Value::default();
        for (key, value) in entries {
            if let Some(first) = map.get(key.text.as_str()).map(|first| first.place) {
                reader.duplicate_key(key, first);
                continue;
            }
            if let Err(complaint) = R::check(&key.text, key.place) {
                reader.complain(complaint);
            }
            let value = match reader.under(key, value, T::read) {
                Given::Yes(value) => value.value,
                Given::No | Given::Bad => T::Value::default(),
            };
            map.insert(key.text.to_string(), Located::at(value, key.place));
        }
        Some(map)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({
            "type": "object", "additionalProperties": T::schema(definitions), "minProperties": MIN,
            "propertyNames": { "pattern": R::PATTERN },
        })
    }
}
