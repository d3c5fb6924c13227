//! A place inside a document: `spec.template.spec.containers[name=gateway-agent].image`.

use crate::value::Text;
use serde::{Serialize, Serializer};
use std::fmt;

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Into a map.
    Key(Text),
    /// Into a list whose items are known by a field (`[name=web]`; several fields are joined by commas).
    Item(Text),
    /// Into a list by position.
    Index(u32),
}

/// A path into a document. The empty path is the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub Vec<Segment>);

impl FieldPath {
    /// The whole document.
    pub const ROOT: FieldPath = FieldPath(Vec::new());

    /// A path of keys: `FieldPath::keys(&["spec", "replicas"])`.
    pub fn keys(keys: &[&str]) -> Self {
        FieldPath(keys.iter().map(|key| Segment::Key((*key).into())).collect())
    }

    /// The path one step further.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = Vec::with_capacity(self.0.len() + 1);
        segments.extend_from_slice(&self.0);
        segments.push(segment);
        FieldPath(segments)
    }

    /// Whether this path leads to `other` or to something around it.
    pub fn contains(&self, other: &FieldPath) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(whole document)");
        }
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if key.contains(['.', '[', '/']) => write!(f, "[{:?}]", key.as_str())?,
                Segment::Key(key) if index == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Item(item) => write!(f, "[{item}]")?,
                Segment::Index(position) => write!(f, "[{position}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
