//! A role of an Elasticsearch, as it is put there.

use super::Dialect;
use crate::permissions::elasticsearch::Rights;
use serde_json::{Value, json};

pub(super) fn role(rights: &Rights, dialect: Dialect) -> Value {
    let mut indices = match rights.indices() {
        [] => Vec::new(),
        privileges => vec![json!({ "names": rights.patterns, "privileges": privileges })],
    };
    let mut open_search = json!({ "cluster_permissions": rights.open_search() });
    if !rights.chains.is_empty() {
        indices.push(json!({ "names": rights.chains, "privileges": rights.audit() }));
        let audit = json!({ "index_patterns": rights.chains, "allowed_actions": rights.open_search_audit() });
        open_search["index_permissions"] = json!([audit]);
    }
    match dialect {
        Dialect::Elasticsearch => json!({ "cluster": rights.cluster(), "indices": indices }),
        Dialect::OpenSearch => open_search,
    }
}
