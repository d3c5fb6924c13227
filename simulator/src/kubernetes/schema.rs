//! How Kubernetes merges each field: as a whole, by its own fields, or by the keys of a list's items.
//!
//! The source is the OpenAPI document of Kubernetes 1.33 (`x-kubernetes-list-type`, `x-kubernetes-list-map-keys`,
//! `x-kubernetes-map-type`). Names of fields are enough to tell, with the name of the field around them where two kinds use one name.

use model::Value;
use model::value::Text;
use std::fmt::Write;

/// How a field is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Field by field, where it is a map; a scalar otherwise.
    Granular,
    /// As a whole.
    Atomic,
    /// A list whose items are told apart by these fields (`x-kubernetes-list-map-keys`).
    Keyed(&'static [&'static str]),
    /// A list of scalars, each owned by itself (`x-kubernetes-list-type: set`).
    Set,
}

/// Where the merge stands: the field, and the field around it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor<'a> {
    around: &'a str,
    field: &'a str,
}

impl<'a> Cursor<'a> {
    /// The whole document.
    pub(super) const ROOT: Cursor<'static> = Cursor { around: "", field: "" };

    /// One field further. An item of a list counts as the list itself.
    pub(super) fn enter(self, field: &'a str) -> Self {
        Cursor { around: self.field, field }
    }

    /// How `value` is merged here.
    pub(super) fn shape(self, value: &Value) -> Shape {
        match value {
            Value::Map(_) if is_atomic_map(self) => Shape::Atomic,
            Value::Map(_) => Shape::Granular,
            Value::List(_) => list_shape(self),
            _ => Shape::Atomic,
        }
    }
}

/// `x-kubernetes-map-type: atomic`: label selectors, references, and the required part of a node affinity. Maps of labels,
/// annotations and data are granular.
fn is_atomic_map(cursor: Cursor<'_>) -> bool {
    match cursor.field {
        "selector" | "podSelector" | "namespaceSelector" | "labelSelector" | "nodeSelector" | "roleRef" | "configMapKeyRef"
        | "secretKeyRef" | "fieldRef" | "resourceFieldRef" => true,
        "requiredDuringSchedulingIgnoredDuringExecution" => cursor.around == "nodeAffinity",
        _ => false,
    }
}

fn list_shape(cursor: Cursor<'_>) -> Shape {
    match (cursor.around, cursor.field) {
        ("containers" | "initContainers" | "ephemeralContainers", "ports") => Shape::Keyed(&["containerPort", "protocol"]),
        ("spec", "ports") => Shape::Keyed(&["port", "protocol"]),
        (_, "containers" | "initContainers" | "ephemeralContainers" | "env" | "volumes" | "claims" | "schedulingGates") => {
            Shape::Keyed(&["name"])
        }
        // A pod's are keyed; a ServiceAccount's stand at the top of the document and are atomic.
        ("spec", "imagePullSecrets") | ("", "secrets") => Shape::Keyed(&["name"]),
        (_, "volumeMounts") => Shape::Keyed(&["mountPath"]),
        (_, "volumeDevices") => Shape::Keyed(&["devicePath"]),
        (_, "hostAliases") => Shape::Keyed(&["ip"]),
        (_, "topologySpreadConstraints") => Shape::Keyed(&["topologyKey", "whenUnsatisfiable"]),
        (_, "conditions") => Shape::Keyed(&["type"]),
        (_, "ownerReferences") => Shape::Keyed(&["uid"]),
        (_, "finalizers") => Shape::Set,
        // Everything else, so tolerations, arguments, rules, subjects, volumeClaimTemplates, required anti-affinity.
        _ => Shape::Atomic,
    }
}

/// What tells an item of a keyed list apart, as it stands in a path: `name=web`, `containerPort=8080,protocol=TCP`.
pub(super) fn item_key(item: &Value, keys: &[&str]) -> Text {
    let mut text = Text::default();
    for key in keys {
        let separator = if text.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = match item.get(key) {
            Some(Value::String(value)) => write!(text, "{separator}{key}={value}"),
            Some(value) => write!(text, "{separator}{key}={value}"),
            None => write!(text, "{separator}{key}={}", default_of_key(key)),
        };
    }
    text
}

/// The default of a merge key (OpenAPI `default`): a port's protocol is the only key that may be left out.
fn default_of_key(key: &str) -> &'static str {
    if key == "protocol" { "TCP" } else { "" }
}

/// The item of `items` that `key` tells, by position.
pub(super) fn position(items: &[Value], keys: &[&str], key: &str) -> Option<usize> {
    items.iter().position(|item| item_key(item, keys) == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_a_container_and_of_a_service_have_other_keys() {
        let list = Value::List(Vec::new());
        let container = Cursor::ROOT.enter("spec").enter("containers").enter("ports");
        assert_eq!(container.shape(&list), Shape::Keyed(&["containerPort", "protocol"]));
        assert_eq!(Cursor::ROOT.enter("spec").enter("ports").shape(&list), Shape::Keyed(&["port", "protocol"]));
        assert_eq!(Cursor::ROOT.enter("spec").enter("tolerations").shape(&list), Shape::Atomic);
    }

    #[test]
    fn a_port_without_protocol_is_the_tcp_one() {
        let mut item = Value::EMPTY_MAP;
        item.set(&["containerPort"], 8080);
        assert_eq!(item_key(&item, &["containerPort", "protocol"]), "containerPort=8080,protocol=TCP");
    }
}
