//! Roles of OpenSearch's security plugin: it has other words for the same, so a role is compared by what it allows.

use super::super::documents::words;
use super::{described, description};
use model::Value;
use model::operation::Mark;
use std::collections::BTreeSet;

/// Privileges of Elasticsearch on indices, and what OpenSearch calls them (its documentation, "Default action groups").
const ON_INDICES: [(&str, &[&str]); 5] = [
    ("read", &["read"]),
    ("view_index_metadata", &["indices:admin/aliases/get", "indices:admin/get", "indices:admin/mappings/get"]),
    ("create_doc", &["indices:data/write/bulk*", "indices:data/write/index"]),
    // OpenSearch makes a stream with the rights of whoever writes into it first.
    ("auto_configure", &["indices:admin/auto_create", "indices:admin/create", "indices:admin/mapping/auto_put"]),
    ("write", &["write"]),
];
/// The same on the cluster.
const ON_CLUSTER: [(&str, &[&str]); 1] = [("monitor", &["cluster_monitor"])];

/// The role and its mark, of what the server shows: in the form of a document, in OpenSearch's words.
pub(crate) fn read(raw: &Value) -> (Value, Option<Mark>) {
    (from_opensearch(raw), described(raw))
}

/// Whether `seen`, as it was read, allows what is wanted.
pub(crate) fn is_same(seen: &Value, wanted: &Value) -> bool {
    in_opensearch(wanted).as_ref() == Ok(&sorted(seen))
}

/// What is sent to make a role so.
///
/// # Errors
/// What OpenSearch has no word for.
pub(crate) fn body(document: &Value, mark: &Mark) -> Result<Value, String> {
    let role = in_opensearch(document)?;
    let list = |key: &str| role.get(key).cloned().unwrap_or_else(|| Value::List(Vec::new()));
    let index = |one: &Value| {
        let mut index = Value::EMPTY_MAP;
        index.set(&["index_patterns"], one.get("names").cloned().unwrap_or_default());
        index.set(&["allowed_actions"], one.get("privileges").cloned().unwrap_or_default());
        index
    };
    let indices = role.get("indices").and_then(Value::as_list).unwrap_or_default().iter().map(index).collect();
    let mut body = Value::EMPTY_MAP;
    body.set(&["cluster_permissions"], list("cluster"));
    body.set(&["index_permissions"], Value::List(indices));
    body.set(&["description"], description(mark));
    Ok(body)
}

/// A role of OpenSearch in the form of a document, in its own words.
fn from_opensearch(raw: &Value) -> Value {
    let index = |one: &Value| {
        let mut index = Value::EMPTY_MAP;
        index.set(&["names"], one.get("index_patterns").cloned().unwrap_or_default());
        index.set(&["privileges"], one.get("allowed_actions").cloned().unwrap_or_default());
        // Who may see only some documents or fields has another role, whatever it may do with them.
        for key in ["dls", "fls", "masked_fields"] {
            let limits = one.get(key).filter(|value| !matches!(value, Value::List(items) if items.is_empty()));
            if let Some(limits) = limits.filter(|value| !matches!(value, Value::Null)) {
                index.set(&[key], limits.clone());
            }
        }
        index
    };
    let mut role = Value::EMPTY_MAP;
    role.set(&["cluster"], raw.get("cluster_permissions").cloned().unwrap_or_default());
    let indices = raw.get("index_permissions").and_then(Value::as_list).unwrap_or_default().iter().map(index);
    role.set(&["indices"], Value::List(indices.collect()));
    let tenants = raw.get("tenant_permissions").and_then(Value::as_list).unwrap_or_default();
    if !tenants.is_empty() {
        role.set(&["tenants"], Value::List(tenants.to_vec()));
    }
    role
}

/// A role in OpenSearch's words, each list in order.
fn in_opensearch(document: &Value) -> Result<Value, String> {
    let translated = |list: Option<&Value>, table: &[(&str, &[&str])]| {
        let mut all = BTreeSet::new();
        for word in list.and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
            let (_, meant) =
                table.iter().find(|(name, _)| *name == word).ok_or_else(|| format!("no privilege that is called {word:?}"))?;
            all.extend(meant.iter().copied());
        }
        Ok::<Value, String>(Value::from(all.into_iter().collect::<Vec<_>>()))
    };
    let mut role = Value::EMPTY_MAP;
    role.set(&["cluster"], translated(document.get("cluster"), &ON_CLUSTER)?);
    let mut indices = Vec::new();
    for one in document.get("indices").and_then(Value::as_list).unwrap_or_default() {
        let mut index = Value::EMPTY_MAP;
        index.set(&["names"], one.get("names").cloned().unwrap_or_default());
        index.set(&["privileges"], translated(one.get("privileges"), &ON_INDICES)?);
        indices.push(index);
    }
    role.set(&["indices"], Value::List(indices));
    Ok(sorted(&role))
}

/// The same with each list of words in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect()),
        Value::List(items) => match words(items) {
            Some(words) => Value::from(words.into_iter().collect::<Vec<_>>()),
            None => Value::List(items.iter().map(sorted).collect()),
        },
        other => other.clone(),
    }
}
