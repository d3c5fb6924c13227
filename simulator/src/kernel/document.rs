//! The document of an object of the world: shared, and written as the plain JSON that it is.

use model::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// A document that may be shared with whoever looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document(Arc<Value>);

impl Document {
    /// The value, to read.
    pub fn value(&self) -> &Arc<Value> {
        &self.0
    }

    /// The value, to change; copied first if it is shared.
    pub fn value_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Arc<Value>> for Document {
    fn from(value: Arc<Value>) -> Self {
        Document(value)
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Document(Arc::new(value))
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Document::from)
    }
}
