//! What is sent to Elasticsearch and OpenSearch and what is seen there: the object and, within it, its mark.
//!
//! A document has Elasticsearch's form. OpenSearch's roles have other words for the same; there a role is compared by what it allows.

use crate::judge::Present;
use model::observation::Observed;
use model::operation::Mark;
use model::value::Text;
use model::{Kind, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The entry of `_meta` (in a role: of `metadata`) with the mark.
const MARK: &str = "vamp";
/// What the description of a role of OpenSearch begins with, which has no other place for a mark.
const DESCRIPTION: &str = "kept by vamp: ";

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

/// One object that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) document: Value,
    pub(crate) mark: Option<Mark>,
    /// Of the object as the server shows it: the same whatever it is compared with.
    content: Text,
}

impl Thing {
    /// Moves whenever somebody changes the object or its mark.
    pub(crate) fn version(&self) -> Text {
        let mark = serde_json::to_string(&self.mark).unwrap_or_default();
        Value::from(vec![self.content.to_string(), mark]).digest()[..20].into()
    }

    pub(crate) fn observed(self) -> Observed {
        let version = self.version();
        Observed::marked(Arc::new(self.document), version, self.mark.as_ref())
    }

    pub(crate) fn present(&self, wanted: &Value) -> Present {
        Present { mark: self.mark.clone(), version: self.version(), same: holds(&self.document, wanted) }
    }

    /// It in the words of what is wanted, where they mean the same.
    pub(crate) fn in_words_of(self, kind: Kind, is_opensearch: bool, wanted: &Value) -> Thing {
        let document = match kind {
            Kind::SearchRole if is_opensearch && in_opensearch(wanted).as_ref() == Ok(&sorted(&self.document)) => wanted.clone(),
            _ => worded(&self.document, wanted),
        };
        Thing { document, ..self }
    }
}

/// Whether `seen` holds all that is wanted; what the server filled in is no difference.
fn holds(seen: &Value, wanted: &Value) -> bool {
    match (wanted, seen) {
        (Value::Map(map), Value::Map(_)) => map.iter().all(|(key, value)| seen.get(key).is_some_and(|seen| holds(seen, value))),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(wanted, seen)| holds(seen, wanted))
        }
        _ => same_scalar(seen, wanted),
    }
}

/// Settings come back as texts, whatever they were written as.
fn same_scalar(seen: &Value, wanted: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    seen == wanted || (seen.as_str().is_some() != wanted.as_str().is_some() && text(seen) == text(wanted))
}

/// `seen` with the texts, and the order of words, that `wanted` has for the same.
fn worded(seen: &Value, wanted: &Value) -> Value {
    match (seen, wanted) {
        (Value::Map(map), Value::Map(_)) => {
            let entry = |(key, value): (&Text, &Value)| {
                let value = wanted.get(key).map_or_else(|| value.clone(), |wanted| worded(value, wanted));
                (key.clone(), value)
            };
            Value::Map(map.iter().map(entry).collect())
        }
        (Value::List(left), Value::List(right)) if words(left).is_some() && words(left) == words(right) => wanted.clone(),
        (Value::List(left), Value::List(right)) if left.len() == right.len() => {
            Value::List(left.iter().zip(right).map(|(seen, wanted)| worded(seen, wanted)).collect())
        }
        _ if same_scalar(seen, wanted) => wanted.clone(),
        _ => seen.clone(),
    }
}

fn words(list: &[Value]) -> Option<BTreeSet<&str>> {
    list.iter().map(Value::as_str).collect()
}

/// What an answer holds, by name.
pub(crate) fn read<'a>(
    kind: Kind,
    is_opensearch: bool,
    answer: Value,
    wanted: impl Fn(&str) -> Option<&'a Value>,
) -> BTreeMap<String, Thing> {
    let thing = |name: &str, raw: Value| {
        let thing = thing(kind, is_opensearch, raw);
        match wanted(name) {
            Some(wanted) => thing.in_words_of(kind, is_opensearch, wanted),
            None => thing,
        }
    };
    if kind == Kind::IndexTemplate {
        let list = answer.get("index_templates").and_then(Value::as_list).unwrap_or_default();
        let entry = |entry: &Value| {
            let name = entry.str_at(&["name"])?.to_owned();
            Some((name.clone(), thing(&name, entry.get("index_template")?.clone())))
        };
        return list.iter().filter_map(entry).collect();
    }
    let Some(map) = answer.as_map() else { return BTreeMap::new() };
    map.iter().map(|(name, raw)| (name.to_string(), thing(name, raw.clone()))).collect()
}

/// One object, as the server shows it.
fn thing(kind: Kind, is_opensearch: bool, mut raw: Value) -> Thing {
    let take = |value: &mut Value, meta: &[&str]| {
        let mark = value.remove(&[meta, &[MARK]].concat());
        if value.at(meta) == Some(&Value::EMPTY_MAP) {
            value.remove(meta);
        }
        mark.and_then(|mark| serde_json::from_str(&mark.to_string()).ok())
    };
    let (document, mark): (Value, Option<Mark>) = match kind {
        Kind::LifecyclePolicy => {
            let mark = take(&mut raw, &["policy", "_meta"]);
            let mut document = Value::EMPTY_MAP;
            document.set(&["policy"], raw.remove(&["policy"]).unwrap_or_default());
            (document, mark)
        }
        Kind::SearchRole if is_opensearch => {
            let description = raw.str_at(&["description"]).and_then(|text| text.strip_prefix(DESCRIPTION));
            let mark = description.and_then(|json| serde_json::from_str(json).ok());
            (from_opensearch(&raw), mark)
        }
        Kind::SearchRole => {
            let mark = take(&mut raw, &["metadata"]);
            (raw, mark)
        }
        _ => {
            let mark = take(&mut raw, &["_meta"]);
            (raw, mark)
        }
    };
    let content = document.digest();
    Thing { document, mark, content }
}

/// What is sent to make an object so.
///
/// # Errors
/// A privilege for which OpenSearch has no word that is known here.
pub(crate) fn body(kind: Kind, is_opensearch: bool, document: &Value, mark: &Mark) -> Result<Value, String> {
    let json = serde_json::to_string(mark).unwrap_or_default();
    let mark = serde_json::from_str::<Value>(&json).unwrap_or_default();
    let mut body = document.clone();
    match kind {
        Kind::LifecyclePolicy => body.set(&["policy", "_meta", MARK], mark),
        Kind::SearchRole if is_opensearch => {
            let role = in_opensearch(document)?;
            let list = |key: &str| role.get(key).cloned().unwrap_or_else(|| Value::List(Vec::new()));
            body = Value::EMPTY_MAP;
            body.set(&["cluster_permissions"], list("cluster"));
            let index = |one: &Value| {
                let mut index = Value::EMPTY_MAP;
                index.set(&["index_patterns"], one.get("names").cloned().unwrap_or_default());
                index.set(&["allowed_actions"], one.get("privileges").cloned().unwrap_or_default());
                index
            };
            let indices = role.get("indices").and_then(Value::as_list).unwrap_or_default().iter().map(index).collect();
            body.set(&["index_permissions"], Value::List(indices));
            body.set(&["description"], format!("{DESCRIPTION}{json}"));
        }
        Kind::SearchRole => body.set(&["metadata", MARK], mark),
        _ => body.set(&["_meta", MARK], mark),
    }
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
            let (_, meant) = table.iter().find(|(name, _)| *name == word).ok_or_else(|| word.to_owned())?;
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
