//! A role of an Elasticsearch, as it is put there.

use super::Dialect;
use crate::permissions::elasticsearch::Rights;
use serde_json::{Value, json};

pub(super) fn role(rights: &Rights, dialect: Dialect) -> Value {
    let mut indices = match rights.indices() {
        [] => Vec::new(),
        privileges => vec![json!({ "names": rights.patterns, "privileges": privileges })],
    };
    if !rights.chains.is_empty() {
        indices.push(json!({ "names": rights.chains, "privileges": rights.audit() }));
    }
    match dialect {
        Dialect::Elasticsearch => json!({ "cluster": rights.cluster(), "indices": indices }),
        Dialect::OpenSearch => open_search(rights),
    }
}

fn open_search(rights: &Rights) -> Value {
    let chains: Vec<&str> = rights.chains.iter().map(String::as_str).collect();
    let patterns: Vec<&str> = rights.patterns.iter().map(String::as_str).collect();
    let (everywhere, streams) = (rights.open_search_everywhere(), rights.open_search_streams());
    let on_indices = [(vec!["*"], everywhere), (patterns, streams), (chains, rights.open_search_audit().to_vec())];
    let allowed = on_indices.into_iter().filter(|(names, actions)| !names.is_empty() && !actions.is_empty());
    let allowed: Vec<Value> =
        allowed.map(|(names, actions)| json!({ "index_patterns": names, "allowed_actions": actions })).collect();
    let mut role = json!({ "cluster_permissions": rights.open_search() });
    if !allowed.is_empty() {
        role["index_permissions"] = json!(allowed);
    }
    role
}
