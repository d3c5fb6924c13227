//! A role of an Elasticsearch, as it is put there.

use super::Dialect;
use crate::permissions::elasticsearch::Rights;
use serde_json::{Value, json};

pub(super) fn role(rights: &Rights, dialect: Dialect) -> Value {
    let indices = match rights.indices() {
        [] => Vec::new(),
        privileges => vec![json!({ "names": rights.patterns, "privileges": privileges })],
    };
    match dialect {
        Dialect::Elasticsearch => json!({ "cluster": rights.cluster(), "indices": indices }),
        Dialect::OpenSearch => json!({ "cluster_permissions": rights.open_search() }),
    }
}
