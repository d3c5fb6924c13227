//! Secrets that are never written down: a reference says where the secret is, a digest says whether two are the same.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a secret comes from. The secret itself is fetched when a step is carried out, and never kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretReference {
    /// The environment variable of this name, in the environment of `vamp`.
    Env(String),
    /// The content of this file, without its last line break.
    File(String),
    /// A field of an entry in the platform's own Vault.
    Vault {
        /// Path of the entry, the mount first: `acme/shop/credentials/mysql`.
        path: String,
        /// Field inside the entry.
        field: String,
    },
    /// An entry of a Secret that the platform itself owns in one of its clusters: for what is needed before its Vault is there
    /// (the passwords of a MySQL that runs in a cluster, say).
    Kubernetes {
        /// Name of the cluster in the spec.
        cluster: String,
        /// Namespace of the Secret.
        namespace: String,
        /// Name of the Secret.
        name: String,
        /// Entry inside the Secret.
        field: String,
    },
    /// Made by the engine when the document is first written, and kept from then on: any present value is the right one.
    Generated {
        /// Number of characters.
        length: u16,
    },
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretReference::Env(name) => write!(f, "environment variable {name}"),
            SecretReference::File(path) => write!(f, "file {path}"),
            SecretReference::Vault { path, field } => write!(f, "Vault entry {path}, field {field}"),
            SecretReference::Kubernetes { cluster, namespace, name, field } => {
                write!(f, "Secret {namespace}/{name} of cluster {cluster}, field {field}")
            }
            SecretReference::Generated { length } => write!(f, "generated, {length} characters"),
        }
    }
}

/// A keyed digest of a secret: tells "changed" from "unchanged" and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretDigest(pub [u8; 16]);

impl SecretDigest {
    /// The digest of `secret` under `key` (BLAKE3 in keyed mode).
    pub fn of(key: &[u8; 32], secret: &[u8]) -> Self {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::keyed_hash(key, secret).as_bytes()[..16]);
        SecretDigest(digest)
    }

    /// Thirty-two hexadecimal digits, for the store of the embedded platform.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The reverse of [`SecretDigest::to_hex`].
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut digest = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(SecretDigest(digest))
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}
