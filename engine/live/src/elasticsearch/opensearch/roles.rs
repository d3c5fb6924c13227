//! Roles of OpenSearch's security plugin: it has other words for the same, so a role is compared by what it allows.

use super::super::documents::words;
use super::{KEPT, description, marked};
use model::Value;
use model::operation::Mark;
use model::value::Text;
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
    (from_opensearch(raw), marked(raw, KEPT))
}

/// `seen`, as it was read, in the words of what is wanted wherever the two allow the same.
pub(crate) fn in_words_of(seen: &Value, wanted: &Value) -> Value {
    in_opensearch(wanted).map_or_else(|_| seen.clone(), |meant| reworded(seen, &meant, wanted))
}

/// The same of a part; `meant` is what is wanted in OpenSearch's words.
fn reworded(seen: &Value, meant: &Value, wanted: &Value) -> Value {
    if sorted(seen) == *meant {
        return wanted.clone();
    }
    match (seen, meant, wanted) {
        (Value::Map(map), Value::Map(_), Value::Map(_)) => {
            let entry = |(key, value): (&Text, &Value)| {
                let both = meant.get(key).zip(wanted.get(key));
                (key.clone(), both.map_or_else(|| value.clone(), |(meant, wanted)| reworded(value, meant, wanted)))
            };
            Value::Map(map.iter().map(entry).collect())
        }
        (Value::List(items), Value::List(meant), Value::List(wanted)) if items.len() == meant.len() && words(items).is_none() => {
            let parts = items.iter().zip(meant.iter().zip(wanted));
            Value::List(parts.map(|(seen, (meant, wanted))| reworded(seen, meant, wanted)).collect())
        }
        _ => seen.clone(),
    }
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
    body.set(&["description"], description(KEPT, mark));
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
            if let Some(limits) = one.get(key).filter(|limits| !limits.is_no_list()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn of_a_role_that_differs_the_rest_is_in_the_words_of_what_is_wanted() {
        let wanted =
            value(r#"{"cluster":["monitor"],"indices":[{"names":["b","a"],"privileges":["view_index_metadata","read"]}]}"#);
        let raw = |permissions: &str, index: &str| {
            let index = format!(
                r#"{{"index_patterns":["a","b"],"allowed_actions":["indices:admin/get","indices:admin/aliases/get",
                "indices:admin/mappings/get","read"{index}],"fls":[],"masked_fields":[],"dls":null}}"#
            );
            value(&format!(r#"{{"cluster_permissions":["cluster_monitor"{permissions}],"index_permissions":[{index}]}}"#))
        };
        let seen = |permissions: &str, index: &str| in_words_of(&read(&raw(permissions, index)).0, &wanted);
        assert_eq!(seen("", ""), wanted);
        let more = seen(r#","cluster_all""#, "");
        assert_eq!(
            (more.get("indices"), more.get("cluster")),
            (wanted.get("indices"), Some(&value(r#"["cluster_monitor","cluster_all"]"#)))
        );
        let index = seen("", r#","write""#);
        assert_eq!(index.get("cluster"), wanted.get("cluster"));
        let [index] = index.get("indices").and_then(Value::as_list).unwrap() else { panic!("{index}") };
        assert_eq!(index.get("names"), Some(&value(r#"["b","a"]"#)));
        assert!(index.get("privileges").is_some_and(|seen| seen.to_string().contains("write")), "{index}");
    }
}
