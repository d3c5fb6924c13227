//! Which lists are really maps: Kubernetes' associative lists, and how their items are told apart.

use model::Value;
use model::kind::{Family, Kind};
use model::value::Text;
use std::collections::BTreeSet;

/// Fields that tell the items of a list under `key` apart, or nothing if the list is one value (`x-kubernetes-list-map-keys` of the
/// Kubernetes OpenAPI document, for the kinds that we write).
pub(crate) fn merge_keys(kind: Kind, key: &str) -> Option<&'static [&'static str]> {
    if kind == Kind::Table {
        return (key == "columns").then_some(&["name"]);
    }
    if kind.family() != Family::Kubernetes {
        return None;
    }
    match key {
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" | "secrets" => Some(&["name"]),
        "ports" if kind == Kind::Service => Some(&["port", "protocol"]),
        "ports" if kind != Kind::NetworkPolicy => Some(&["containerPort", "protocol"]),
        "volumeMounts" => Some(&["mountPath"]),
        "topologySpreadConstraints" => Some(&["topologyKey", "whenUnsatisfiable"]),
        "ownerReferences" => Some(&["uid"]),
        "conditions" => Some(&["type"]),
        _ => None,
    }
}

/// What tells `item` apart: `name=web`. A protocol that is left out is TCP (Kubernetes API reference, ServicePort and ContainerPort).
pub(crate) fn identity(keys: &[&str], item: &Value) -> Text {
    let mut identity = String::new();
    for key in keys {
        let value = match item.get(key) {
            Some(Value::String(text)) => text.to_string(),
            Some(other) => other.to_string(),
            None if *key == "protocol" => "TCP".to_owned(),
            None => String::new(),
        };
        if !identity.is_empty() {
            identity.push(',');
        }
        identity.push_str(key);
        identity.push('=');
        identity.push_str(&value);
    }
    identity.into()
}

/// Whether both lists have the same items in the same order, each as it stands to [`identity`].
pub(crate) fn are_in_step(keys: &[&str], left: &[Value], right: &[Value]) -> bool {
    let same = |(one, other): (&Value, &Value)| keys.iter().all(|key| one.get(key).is_some() && one.get(key) == other.get(key));
    left.len() == right.len() && left.iter().zip(right).all(same)
}

/// Whether two lists of words hold the same words, whatever their order and case (MySQL privileges).
pub(crate) fn same_set_ignoring_case(left: &[Value], right: &[Value]) -> bool {
    let words = |items: &[Value]| -> BTreeSet<String> {
        items.iter().filter_map(|item| item.as_str().map(str::to_ascii_uppercase)).collect()
    };
    words(left) == words(right)
}
