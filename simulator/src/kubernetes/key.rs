//! The name of an object inside its cluster: `deployment/acme-shop-production/gateway-agent`.

use model::Kind;
use model::value::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Kind and key of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// `NAMESPACE/NAME`, or the name of a namespace.
    pub name: Text,
}

impl Key {
    /// The object `name` of `kind`.
    pub fn new(kind: Kind, name: &str) -> Self {
        Key { kind, name: name.into() }
    }

    /// Its namespace, if it lies in one.
    pub fn namespace(&self) -> Option<&str> {
        if self.kind == Kind::Namespace { None } else { self.name.split_once('/').map(|(namespace, _)| namespace) }
    }

    /// Its own name.
    pub fn own_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// A text that is no key of an object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key of a Kubernetes object")]
pub struct NotAKey(pub String);

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let wrong = || NotAKey(text.to_owned());
        let (kind, name) = text.split_once('/').ok_or_else(wrong)?;
        Ok(Key { kind: kind.parse().map_err(|_| wrong())?, name: name.into() })
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
