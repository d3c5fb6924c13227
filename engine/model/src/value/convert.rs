//! Into a [`Value`]: from plain Rust values, and from anything that serde can serialize (the typed Kubernetes structs).

use super::{Map, Text, Value};
use crate::secret::SecretReference;
use serde::ser::{self, Serialize};
use std::fmt;

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

macro_rules! from_integer {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                Value::Integer(i64::from(number))
            }
        }
    )*};
}
from_integer!(i8, i16, i32, i64, u8, u16, u32);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Value::String(text)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<SecretReference> for Value {
    fn from(reference: SecretReference) -> Self {
        Value::Secret(Box::new(reference))
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

/// Something that no document can hold: a map key that is not a string, a number out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written as a document: {0}")]
pub struct NotADocument(String);

impl ser::Error for NotADocument {
    fn custom<T: fmt::Display>(message: T) -> Self {
        NotADocument(message.to_string())
    }
}

/// The document that `value` serializes to.
///
/// # Errors
/// [`NotADocument`] if a map key is not a string, or a number does not fit.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, NotADocument> {
    value.serialize(ToValue)
}

struct ToValue;

/// Collects the entries of a map or struct, with the key that waits for its value.
struct Entries {
    entries: Vec<(Text, Value)>,
    key: Option<Text>,
    /// The variant's name, where the entries are the content of an enum variant.
    variant: Option<&'static str>,
}

struct Items {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

fn tagged(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Map([(name, value)].into_iter().collect()),
        None => value,
    }
}

impl Entries {
    fn new(variant: Option<&'static str>, length: Option<usize>) -> Self {
        Entries { entries: Vec::with_capacity(length.unwrap_or(0)), key: None, variant }
    }

    fn finish(self) -> Value {
        tagged(self.variant, Value::Map(self.entries.into_iter().collect()))
    }
}

impl ser::Serializer for ToValue {
    type Ok = Value;
    type Error = NotADocument;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, v: bool) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_i8(self, v: i8) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_i16(self, v: i16) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_i32(self, v: i32) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_i64(self, v: i64) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_u8(self, v: u8) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_u16(self, v: u16) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_u32(self, v: u32) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_u64(self, v: u64) -> Result<Value, NotADocument> {
        i64::try_from(v).map(Value::Integer).map_err(|_| NotADocument(format!("{v} is too large")))
    }
    fn serialize_f32(self, v: f32) -> Result<Value, NotADocument> {
        self.serialize_f64(f64::from(v))
    }
    fn serialize_f64(self, v: f64) -> Result<Value, NotADocument> {
        Ok(Value::Float(v.into()))
    }
    fn serialize_char(self, v: char) -> Result<Value, NotADocument> {
        Ok(Value::String(v.to_string().into()))
    }
    fn serialize_str(self, v: &str) -> Result<Value, NotADocument> {
        Ok(v.into())
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, NotADocument> {
        Err(NotADocument("raw bytes".to_owned()))
    }
    fn serialize_none(self) -> Result<Value, NotADocument> {
        Ok(Value::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, NotADocument> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, NotADocument> {
        Ok(Value::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, NotADocument> {
        Ok(Value::Null)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, NotADocument> {
        Ok(variant.into())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, NotADocument> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, NotADocument> {
        Ok(tagged(Some(variant), value.serialize(self)?))
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Items, NotADocument> {
        Ok(Items { items: Vec::with_capacity(length.unwrap_or(0)), variant: None })
    }
    fn serialize_tuple(self, length: usize) -> Result<Items, NotADocument> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, NotADocument> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items, NotADocument> {
        Ok(Items { items: Vec::with_capacity(length), variant: Some(variant) })
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Entries, NotADocument> {
        Ok(Entries::new(None, length))
    }
    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries, NotADocument> {
        Ok(Entries::new(None, Some(length)))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Entries, NotADocument> {
        Ok(Entries::new(Some(variant), Some(length)))
    }
}

macro_rules! collect_items {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for Items {
            type Ok = Value;
            type Error = NotADocument;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotADocument> {
                self.items.push(value.serialize(ToValue)?);
                Ok(())
            }

            fn end(self) -> Result<Value, NotADocument> {
                Ok(tagged(self.variant, Value::List(self.items)))
            }
        }
    };
}
collect_items!(SerializeSeq, serialize_element);
collect_items!(SerializeTuple, serialize_element);
collect_items!(SerializeTupleStruct, serialize_field);
collect_items!(SerializeTupleVariant, serialize_field);

macro_rules! collect_fields {
    ($trait:ident) => {
        impl ser::$trait for Entries {
            type Ok = Value;
            type Error = NotADocument;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NotADocument> {
                self.entries.push((Text::const_new(key), value.serialize(ToValue)?));
                Ok(())
            }

            fn end(self) -> Result<Value, NotADocument> {
                Ok(self.finish())
            }
        }
    };
}
collect_fields!(SerializeStruct);
collect_fields!(SerializeStructVariant);

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = NotADocument;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotADocument> {
        match key.serialize(ToValue)? {
            Value::String(text) => self.key = Some(text),
            other => return Err(NotADocument(format!("the map key {other} is not a string"))),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotADocument> {
        let key = self.key.take().ok_or_else(|| NotADocument("a value without its key".to_owned()))?;
        self.entries.push((key, value.serialize(ToValue)?));
        Ok(())
    }

    fn end(self) -> Result<Value, NotADocument> {
        Ok(self.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Example {
        host_name: &'static str,
        ports: Vec<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
    }

    #[test]
    fn a_struct_becomes_a_sorted_map() {
        let example = Example { host_name: "web", ports: vec![80, 443], absent: None };
        assert_eq!(to_value(&example).unwrap().to_string(), r#"{"hostName": "web", "ports": [80, 443]}"#);
    }
}
