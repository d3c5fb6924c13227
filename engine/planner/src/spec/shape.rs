//! One description per record and per form of value, from which decoding, the check for unknown keys and the JSON Schema all come.
//!
//! A [`Shape`] is a type that is never constructed: it says what may stand in a place of the spec. [`record!`] declares a map
//! with fixed keys, [`words!`] a choice of words; [`List`] and [`Names`] hold other shapes.

mod collection;

pub use collection::{Items, List, NameRule, Names};

use super::code;
use super::node::{Key, Node, Tree};
use super::reader::{Reader, quote, remedy};
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Schemas of records, by name.
pub type Definitions = BTreeMap<&'static str, Json>;

/// What may stand in a place of the spec.
pub trait Shape {
    /// What it is read as.
    type Value;
    /// Reads it. `None` when it is not usable; the complaint has been made then.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self::Value>;
    /// The JSON Schema of it.
    fn schema(definitions: &mut Definitions) -> Json;
}

/// A shape that is written as one text.
pub trait TextShape {
    /// What it is read as.
    type Value;
    /// What is expected, with an article, the word "text" in it.
    const EXPECTED: &'static str = "text";
    /// Reads it.
    ///
    /// # Errors
    /// The complaint about it.
    fn parse(text: &str, place: Place) -> Result<Self::Value, Diagnostic>;
    /// The JSON Schema of it.
    fn schema() -> Json;
}

impl<T: TextShape> Shape for T {
    type Value = T::Value;

    fn read(node: &Node, reader: &mut Reader) -> Option<T::Value> {
        let text = reader.text(node, T::EXPECTED)?;
        T::parse(text, node.place).map_err(|complaint| reader.complain(complaint)).ok()
    }

    fn schema(_: &mut Definitions) -> Json {
        T::schema()
    }
}

/// One key of a record.
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// The JSON Schema of its value.
    pub schema: fn(&mut Definitions) -> Json,
}

/// A map with fixed keys.
pub trait Record: Default {
    /// Its name, among the definitions of the schema.
    const NAME: &'static str;
    /// What it is.
    const DOC: &'static str;
    /// Its own keys.
    const FIELDS: &'static [Field];
    /// The keys of the record that is part of this one, if there is one.
    const INCLUDED: &'static [Field];
    /// Reads the value under a key that is known.
    fn take(&mut self, key: &Key, node: &Node, reader: &mut Reader);
    /// Marks a key as given and not usable, so that nobody complains that it is not given.
    fn spoil(&mut self, key: &str);

    /// All keys.
    fn fields() -> impl Iterator<Item = &'static Field> + Clone {
        Self::FIELDS.iter().chain(Self::INCLUDED)
    }
}

/// Reads a record, whatever of it is wrong.
pub fn read_record<R: Record>(node: &Node, reader: &mut Reader) -> Option<R> {
    let Tree::Map(entries) = &node.tree else {
        reader.wrong_kind(node, "a map");
        return None;
    };
    let mut record = R::default();
    let mut seen: Vec<&Key> = Vec::new();
    let mut meant: Vec<&str> = Vec::new();
    for (key, value) in entries {
        if !R::fields().any(|field| field.key == key.text) {
            meant.extend(unknown_key::<R>(key, reader));
        } else if let Some(first) = seen.iter().find(|first| first.text == key.text) {
            reader.duplicate_key(key, first.place);
        } else {
            seen.push(key);
            record.take(key, value, reader);
        }
    }
    meant.retain(|meant| !seen.iter().any(|key| key.text == *meant));
    meant.iter().for_each(|key| record.spoil(key));
    for field in R::fields().filter(|field| field.required && !meant.contains(&field.key)) {
        if !seen.iter().any(|key| key.text == field.key) {
            let message = format!("`{}` is missing in {}", field.key, reader.owner());
            let (place, help) = (reader.key_place(), format!("add `{}:`. {}", field.key, field.doc.trim()));
            reader.error(code::MISSING_KEY, place, message, help);
        }
    }
    Some(record)
}

/// The key that was probably meant.
fn unknown_key<R: Record>(key: &Key, reader: &mut Reader) -> Option<&'static str> {
    let message = format!("{} is not a key of {}", quote(&key.text), reader.owner());
    let known = R::fields().map(|field| field.key);
    let near = reader.nearest(&key.text, known.clone());
    reader.complain(Diagnostic { help: remedy(near, known), ..Diagnostic::error(code::UNKNOWN_KEY, key.place, message) });
    near
}

/// The JSON Schema of a record: a reference to its definition.
pub fn record_schema<R: Record>(definitions: &mut Definitions) -> Json {
    if !definitions.contains_key(R::NAME) {
        definitions.insert(R::NAME, Json::Null);
        let required: Vec<&str> = R::fields().filter(|field| field.required).map(|field| field.key).collect();
        let mut properties = serde_json::Map::new();
        for field in R::fields() {
            let mut schema = (field.schema)(definitions);
            if let Some(map) = schema.as_object_mut() {
                map.insert("description".to_owned(), json!(field.doc.trim()));
            }
            properties.insert(field.key.to_owned(), schema);
        }
        let schema = json!({
            "type": "object", "description": R::DOC.trim(), "properties": properties, "required": required,
            "additionalProperties": false,
        });
        definitions.insert(R::NAME, schema);
    }
    json!({ "$ref": format!("#/$defs/{}", R::NAME) })
}

/// Declares a record: a struct with one [`Given`] a key, and its [`Record`] and [`Shape`].
///
/// It is seen in the reading of the spec; with `pub` before its name, wherever its module is.
#[macro_export]
macro_rules! record {
    ($(#[doc = $doc:literal])* $name:ident { $($fields:tt)* }) => {
        $crate::record! { @seen [pub(in $crate::spec)] $(#[doc = $doc])* $name { $($fields)* } }
    };
    ($(#[doc = $doc:literal])* pub $name:ident { $($fields:tt)* }) => {
        $crate::record! { @seen [pub] $(#[doc = $doc])* $name { $($fields)* } }
    };
    (
        @seen [$visible:vis]
        $(#[doc = $doc:literal])*
        $name:ident {
            $(@include $included:ident: $included_shape:ident,)?
            $($(#[doc = $field_doc:literal])* $field:ident: $shape:ty = $need:ident $key:literal,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default)]
        $visible struct $name {
            $($visible $included: $included_shape,)?
            $($(#[doc = $field_doc])* $visible $field: $crate::spec::reading::Given<<$shape as $crate::spec::reading::Shape>::Value>,)*
        }

        impl $crate::spec::reading::Record for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),*);
            const FIELDS: &'static [$crate::spec::reading::Field] = &[$($crate::spec::reading::Field {
                key: $key,
                doc: concat!($($field_doc),*),
                required: matches!(stringify!($need).as_bytes(), b"required"),
                schema: <$shape as $crate::spec::reading::Shape>::schema,
            },)*];
            const INCLUDED: &'static [$crate::spec::reading::Field] = {
                let included: &'static [$crate::spec::reading::Field] = &[];
                $(let _ = included; let included = <$included_shape as $crate::spec::reading::Record>::FIELDS;)?
                included
            };

            fn take(
                &mut self,
                key: &$crate::spec::reading::Key,
                node: &$crate::spec::reading::Node,
                reader: &mut $crate::spec::reading::Reader,
            ) {
                match key.text.as_str() {
                    $($key => self.$field = reader.under(key, node, <$shape as $crate::spec::reading::Shape>::read),)*
                    _ => { $(self.$included.take(key, node, reader);)? }
                }
            }

            fn spoil(&mut self, key: &str) {
                match key {
                    $($key => self.$field = $crate::spec::reading::Given::Bad,)*
                    _ => { $(self.$included.spoil(key);)? }
                }
            }
        }

        impl $crate::spec::reading::Shape for $name {
            type Value = Self;

            fn read(node: &$crate::spec::reading::Node, reader: &mut $crate::spec::reading::Reader) -> Option<Self> {
                $crate::spec::reading::read_record(node, reader)
            }

            fn schema(definitions: &mut $crate::spec::reading::Definitions) -> serde_json::Value {
                $crate::spec::reading::record_schema::<Self>(definitions)
            }
        }
    };
}
pub(super) use crate::record;

/// Declares a choice of words.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident: $value:ty { $($word:literal => $variant:expr,)* }) => {
        $(#[doc = $doc])*
        pub(in crate::spec) struct $name;

        impl $crate::spec::reading::Shape for $name {
            type Value = $value;

            fn read(node: &$crate::spec::reading::Node, reader: &mut $crate::spec::reading::Reader) -> Option<$value> {
                let text = reader.text(node, "a word (text)")?;
                match text {
                    $($word => Some($variant),)*
                    other => {
                        $crate::spec::shape::unknown_word(other, node.place, &[$($word),*], reader);
                        None
                    }
                }
            }

            fn schema(_: &mut $crate::spec::reading::Definitions) -> serde_json::Value {
                serde_json::json!({ "enum": [$($word),*] })
            }
        }
    };
}
pub(super) use words;

pub(super) fn unknown_word(word: &str, place: Place, known: &[&'static str], reader: &mut Reader) {
    let message = format!("{} may not be {}", reader.owner(), quote(word));
    let help = reader.did_you_mean(word, known.iter().copied());
    reader.complain(Diagnostic { help, ..Diagnostic::error(code::UNKNOWN_WORD, place, message) });
}
