//! [`Value`] to and from JSON. A secret reference is `{"$secret": …}`, a digest `{"$digest": "…"}`: no secret either way.

use super::{Map, Text, Value, snug};
use crate::secret::{SecretDigest, SecretReference};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

const SECRET: &str = "$secret";
const DIGEST: &str = "$digest";

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Float(number) => serializer.serialize_f64(number.get()),
            Value::String(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Map(map) => map.serialize(serializer),
            Value::Secret(reference) => one_entry(serializer, SECRET, reference.as_ref()),
            Value::Digest(digest) => one_entry(serializer, DIGEST, &digest.to_hex()),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

fn one_entry<S: Serializer, T: Serialize + ?Sized>(serializer: S, key: &str, value: &T) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Map(map) => Ok(map),
            _ => Err(de::Error::custom("expected a map")),
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Integer).map_err(|_| E::custom("the number is too large"))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(sequence.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(snug(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Text, Value)> = Vec::new();
        while let Some(key) = access.next_key::<Text>()? {
            match key.as_str() {
                SECRET if entries.is_empty() => {
                    let reference: SecretReference = access.next_value()?;
                    return only_entry(&mut access, Value::Secret(Box::new(reference)));
                }
                DIGEST if entries.is_empty() => {
                    let hex: Text = access.next_value()?;
                    let digest = SecretDigest::from_hex(&hex).ok_or_else(|| de::Error::custom("not a digest"))?;
                    return only_entry(&mut access, Value::Digest(Box::new(digest)));
                }
                // Wherever it stands: keys are sorted when they are written, and it would come first then.
                SECRET | DIGEST => return Err(de::Error::custom(format!("{key:?} beside other keys"))),
                _ => entries.push((key, access.next_value()?)),
            }
        }
        Ok(Value::Map(entries.into_iter().collect()))
    }
}

fn only_entry<'de, A: MapAccess<'de>>(access: &mut A, value: Value) -> Result<Value, A::Error> {
    match access.next_key::<Text>()? {
        None => Ok(value),
        Some(key) => Err(de::Error::custom(format!("{key:?} beside a secret"))),
    }
}
