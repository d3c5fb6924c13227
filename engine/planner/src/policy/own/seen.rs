//! Values as rules see them, each with its place in the spec.

use cel::objects::Key;
use model::Place;
use model::source::Located;
use model::value::{FloatBits, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value, and where the spec says it. [`Place::NOWHERE`] for what nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number: only documents of systems have them.
    Float(FloatBits),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Located<Seen>>),
    /// A thing with named fields.
    Object(BTreeMap<String, Located<Seen>>),
}

impl Seen {
    /// The value as CEL knows it.
    pub fn value(&self) -> cel::Value {
        match self {
            Seen::Null => cel::Value::Null,
            Seen::Bool(value) => cel::Value::Bool(*value),
            Seen::Int(value) => cel::Value::Int(*value),
            Seen::Float(number) => cel::Value::Float(number.get()),
            Seen::Text(text) => cel::Value::String(Arc::new(text.clone())),
            Seen::List(items) => cel::Value::List(Arc::new(items.iter().map(|item| item.value.value()).collect())),
            Seen::Object(fields) => {
                let entry = |(name, field): (&String, &Located<Seen>)| (Key::String(Arc::new(name.clone())), field.value.value());
                cel::Value::Map(cel::objects::Map { map: Arc::new(fields.iter().map(entry).collect()) })
            }
        }
    }

    /// What lies at `path` inside, with its place.
    pub fn at<'s>(&'s self, path: &[String]) -> Option<(&'s Seen, Place)> {
        let mut found = (self, Place::NOWHERE);
        for name in path {
            let Seen::Object(fields) = found.0 else { return None };
            let field = fields.get(name)?;
            // What was not written stands where its first item or its parent does.
            let places = [field.place, field.value.first_place(), found.1];
            found = (&field.value, places.into_iter().find(Place::is_written).unwrap_or(Place::NOWHERE));
        }
        Some(found)
    }

    /// Where the first item of a list stands.
    fn first_place(&self) -> Place {
        match self {
            Seen::List(items) => items.first().map_or(Place::NOWHERE, |item| item.place),
            _ => Place::NOWHERE,
        }
    }

    /// The value in a complaint; nothing for what is too large to be shown.
    pub fn shown(&self) -> Option<String> {
        match self {
            Seen::Null => Some("null".to_owned()),
            Seen::Bool(value) => Some(value.to_string()),
            Seen::Int(value) => Some(value.to_string()),
            Seen::Float(number) => Some(number.get().to_string()),
            Seen::Text(text) => Some(text.clone()),
            Seen::List(items) => Some(format!("{} in all", items.len())),
            Seen::Object(_) => None,
        }
    }
}

/// A document of a system, as rules see it. A secret is the word for where it comes from, never the secret.
impl From<&Value> for Seen {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Seen::Null,
            Value::Bool(value) => Seen::Bool(*value),
            Value::Integer(number) => Seen::Int(*number),
            Value::Float(number) => Seen::Float(*number),
            Value::String(text) => Seen::Text(text.to_string()),
            Value::List(items) => Seen::List(items.iter().map(|item| Located::default_value(Seen::from(item))).collect()),
            Value::Map(map) => {
                let field =
                    |(key, value): (&model::value::Text, &Value)| (key.to_string(), Located::default_value(Seen::from(value)));
                Seen::Object(map.iter().map(field).collect())
            }
            Value::Secret(reference) => Seen::Text(format!("({reference})")),
            Value::Digest(_) => Seen::Text("(a secret)".to_owned()),
        }
    }
}
