//! JSON that a server sent, as a document. What stands in it is data and nothing else: the two leaves that [`Value`] has beside JSON's
//! (a reference to a secret, a digest) cannot be written there by somebody else.

use model::value::Text;
use model::{Map, Value};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A document from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Json)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        // Nothing that the platform writes is so large; what others write is kept as near as can be.
        Ok(i64::try_from(number).map_or_else(|_| Value::Float((number as f64).into()), Value::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(sequence.size_hint().unwrap_or(0).min(1024));
        while let Some(Json(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Text, Value)> = Vec::new();
        while let Some((key, Json(value))) = access.next_entry::<Text, Json>()? {
            entries.push((key, value));
        }
        Ok(Value::Map(entries.into_iter().collect::<Map>()))
    }
}

/// The document that `bytes` are.
///
/// # Errors
/// If they are not JSON.
pub(crate) fn parse<T: de::DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// What an answer that is no JSON looks like, in a few words: never its content, which may be anything.
pub(crate) fn looks_like(bytes: &[u8]) -> &'static str {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match begins {
        None => "nothing",
        Some(b'<') => "HTML",
        Some(b'{' | b'[') => "JSON that breaks off, or of another form",
        Some(_) => "no JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_outside_can_write_a_reference_to_a_secret() {
        let Json(value) = parse(br#"{"data":{"$secret":{"env":"HOME"}},"other":{"$digest":"00"}}"#).unwrap();
        assert_eq!(value.str_at(&["data", "$secret", "env"]), Some("HOME"));
        assert_eq!(value.str_at(&["other", "$digest"]), Some("00"));
    }

    #[test]
    fn numbers_that_are_too_large_are_no_error() {
        let Json(value) = parse(br#"{"large":18446744073709551615,"small":-3,"half":0.5}"#).unwrap();
        assert!(matches!(value.get("large"), Some(Value::Float(_))));
        assert_eq!(value.integer_at(&["small"]), Some(-3));
    }

    #[test]
    fn an_answer_that_is_no_json_is_named() {
        assert_eq!(looks_like(b"  <!DOCTYPE html>"), "HTML");
        assert_eq!(looks_like(br#"{"kind":"#), "JSON that breaks off, or of another form");
        assert_eq!(looks_like(b""), "nothing");
    }
}
