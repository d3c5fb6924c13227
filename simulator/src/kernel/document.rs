//! The document of an object of the world: shared, and written as the plain JSON that it is.

use model::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, OnceLock};

/// A document that may be shared with whoever looks at it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    value: Arc<Value>,
    /// As it is shown, once somebody has looked; follows from `value`.
    shown: OnceLock<Arc<Value>>,
}

impl Document {
    /// The value, to read.
    pub fn value(&self) -> &Arc<Value> {
        &self.value
    }

    /// The value, to change; copied first if it is shared.
    pub fn value_mut(&mut self) -> &mut Value {
        self.shown = OnceLock::new();
        Arc::make_mut(&mut self.value)
    }

    /// The value as `show` makes it, which is asked once: it has to give the same for the same value.
    pub fn shown(&self, show: impl FnOnce(&Arc<Value>) -> Arc<Value>) -> Arc<Value> {
        Arc::clone(self.shown.get_or_init(|| show(&self.value)))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl Eq for Document {}

impl From<Arc<Value>> for Document {
    fn from(value: Arc<Value>) -> Self {
        Document { value, shown: OnceLock::new() }
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Arc::new(value).into()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Document::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_follows_the_value() {
        let mut document = Document::from(Value::from("a"));
        let twice = |value: &Arc<Value>| Arc::new(Value::List(vec![(**value).clone(), (**value).clone()]));
        assert_eq!(document.shown(twice).as_list().unwrap().len(), 2);
        *document.value_mut() = Value::from("b");
        assert_eq!(document.shown(twice).as_list().unwrap()[0].as_str(), Some("b"));
        assert_eq!(document, Document::from(Value::from("b")));
    }
}
