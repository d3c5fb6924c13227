//! The stable, readable name of a resource: `cluster.eu-1/deployment/acme-shop-production/gateway-agent`.

use crate::kind::{Family, Kind};
use crate::system::System;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// `SYSTEM/KIND/KEY`. Cheap to copy, to look up and to compare; ordered as text.
#[derive(Clone)]
pub struct Address {
    text: Arc<str>,
    /// See [`Address::fingerprint`].
    fingerprint: u32,
    /// Where the system's name ends.
    system_end: u16,
    kind: Kind,
}

impl Address {
    /// The address of the resource `key` of `kind` in `system`.
    pub fn new(system: &System, kind: Kind, key: &str) -> Self {
        let (family, name) = system.parts();
        let text = [family, name, "/", kind.word(), "/", key].concat();
        let system_end = family.len() + name.len();
        // Every name is limited by the spec to far less than 64 KiB.
        Address { fingerprint: fingerprint(&text), text: text.into(), kind, system_end: system_end as u16 }
    }

    fn key_start(&self) -> usize {
        usize::from(self.system_end) + self.kind.word().len() + 2
    }

    /// The system that it lives in.
    pub fn system(&self) -> System {
        let text = &self.text[..self.system_end as usize];
        text.parse().unwrap_or(System::Cluster(text.into()))
    }

    /// The system's name, as it stands in the address.
    pub fn system_text(&self) -> &str {
        &self.text[..self.system_end as usize]
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The rest: for a namespaced Kubernetes object `NAMESPACE/NAME`, for others a name or a path.
    pub fn key(&self) -> &str {
        &self.text[self.key_start()..]
    }

    /// The Kubernetes namespace, for a namespaced object.
    pub fn namespace(&self) -> Option<&str> {
        match (self.kind.family(), self.kind) {
            (Family::Kubernetes, Kind::Namespace) => None,
            (Family::Kubernetes, _) => self.key().split_once('/').map(|(namespace, _)| namespace),
            _ => None,
        }
    }

    /// The last part of the key.
    pub fn name(&self) -> &str {
        self.key().rsplit('/').next().unwrap_or_default()
    }

    /// A hash of the text that is kept beside it: a look-up among many thousands then need not read the text, which lies
    /// elsewhere in memory.
    pub(crate) fn fingerprint(&self) -> u32 {
        self.fingerprint
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The same on every machine and in every run.
fn fingerprint(text: &str) -> u32 {
    let mut hasher = rustc_hash::FxHasher::default();
    text.hash(&mut hasher);
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as u32
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}
impl Eq for Address {}
impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if Arc::ptr_eq(&self.text, &other.text) {
            return std::cmp::Ordering::Equal;
        }
        self.text.cmp(&other.text)
    }
}
impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
/// So that maps keyed by address can be asked with a `&str`.
impl std::borrow::Borrow<str> for Address {
    fn borrow(&self) -> &str {
        &self.text
    }
}
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// It has not the three parts.
    #[error("{0:?} is no address; an address is written SYSTEM/KIND/KEY, for example vault/mount/acme")]
    Form(String),
    /// Its first part names no system.
    #[error("{address:?} is no address")]
    System {
        /// The text.
        address: String,
        /// What is wrong with its first part.
        source: crate::system::NotASystem,
    },
    /// Its second part names no kind.
    #[error("{address:?} is no address")]
    Kind {
        /// The text.
        address: String,
        /// What is wrong with its second part.
        source: crate::kind::NotAKind,
    },
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let form = || NotAnAddress::Form(text.to_owned());
        if text.len() > usize::from(u16::MAX) {
            return Err(NotAnAddress::Form(format!("{}…", text.chars().take(60).collect::<String>())));
        }
        let (system, rest) = text.split_once('/').ok_or_else(form)?;
        let (kind, key) = rest.split_once('/').ok_or_else(form)?;
        if key.is_empty() {
            return Err(form());
        }
        let system = system.parse::<System>().map_err(|source| NotAnAddress::System { address: text.to_owned(), source })?;
        let kind = kind.parse::<Kind>().map_err(|source| NotAnAddress::Kind { address: text.to_owned(), source })?;
        Ok(Address::new(&system, kind, key))
    }
}

crate::value::serde_as_text!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_into_its_parts() {
        let address: Address = "cluster.eu-1/deployment/acme-shop-production/gateway-agent".parse().unwrap();
        assert_eq!(address.system(), System::Cluster("eu-1".into()));
        assert_eq!(address.kind(), Kind::Deployment);
        assert_eq!(address.namespace(), Some("acme-shop-production"));
        assert_eq!(address.name(), "gateway-agent");
        let kv: Address = "vault/kv/acme/shop/production/gateways/eu-1".parse().unwrap();
        assert_eq!((kv.key(), kv.namespace()), ("acme/shop/production/gateways/eu-1", None));
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, word) in [
            ("vault", "SYSTEM/KIND/KEY"),
            ("moon/kv/a", "is no address"),
            ("vault/thing/a", "is no address"),
            ("vault/kv/", "SYSTEM"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
