//! How pods log in to Vault, as far as several rooms have to read it the same way: whose keys an auth method holds, and what a ServiceAccount is
//! called in its tokens.

use crate::{Address, Kind, System, Value};

/// What the name of a ServiceAccount begins with, as a user of its cluster and as the subject of its tokens; namespace and name follow, with a
/// colon between them (Kubernetes, "Authenticating", "Service account tokens").
pub const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// The cluster whose keys the auth method at `address` is to hold; nothing for whatever else `document` describes.
pub fn signer(address: &Address, document: &Value) -> Option<System> {
    if address.kind() != Kind::AuthMethod {
        return None;
    }
    document.str_at(&["config", "cluster"]).map(|name| System::Cluster(name.into()))
}
