//! What the API server refuses, whatever is there: objects that are wrong in themselves, and changes of fields that may not change.

use super::key::Key;
use super::selector::{Selector, labels};
use model::{Kind, Value};

/// Fields that may not change once the object is there (`ValidateUpdate` of each kind). Deleting and making it anew is the only way.
const IMMUTABLE: &[(Kind, &[&str])] = &[
    (Kind::Deployment, &["spec", "selector"]),
    (Kind::StatefulSet, &["spec", "selector"]),
    (Kind::StatefulSet, &["spec", "serviceName"]),
    (Kind::StatefulSet, &["spec", "volumeClaimTemplates"]),
    (Kind::StatefulSet, &["spec", "podManagementPolicy"]),
    (Kind::Job, &["spec", "template"]),
    (Kind::Job, &["spec", "completions"]),
    (Kind::Service, &["spec", "clusterIP"]),
    (Kind::RoleBinding, &["roleRef"]),
    (Kind::Secret, &["type"]),
    (Kind::PersistentVolumeClaim, &["spec", "accessModes"]),
    (Kind::PersistentVolumeClaim, &["spec", "storageClassName"]),
];

/// Whether `live` may stand under `key`; both are with defaults.
pub(super) fn validate(key: &Key, live: &Value, before: Option<&Value>) -> Result<(), String> {
    named(key, live)?;
    owned(key, live)?;
    if key.kind.runs_pods() {
        pods(key, live)?;
    }
    let Some(before) = before else { return Ok(()) };
    let changed = IMMUTABLE.iter().find(|(kind, path)| *kind == key.kind && before.at(path) != live.at(path));
    match changed {
        Some((_, path)) => Err(format!("{key}: {}: Invalid value: field is immutable", path.join("."))),
        None => Ok(()),
    }
}

fn named(key: &Key, live: &Value) -> Result<(), String> {
    let stands = |path: &[&str], expected: Option<&str>| match live.str_at(path) {
        found @ Some(_) if found != expected => Err(format!("{key}: {} does not match the name of the object", path.join("."))),
        _ => Ok(()),
    };
    stands(&["metadata", "name"], Some(key.own_name()))?;
    stands(&["metadata", "namespace"], key.namespace())
}

fn owned(key: &Key, live: &Value) -> Result<(), String> {
    let owners = live.at(&["metadata", "ownerReferences"]).and_then(Value::as_list).unwrap_or_default();
    match owners.iter().position(|owner| owner.str_at(&["uid"]).is_none_or(str::is_empty)) {
        Some(index) => Err(format!("{key}: metadata.ownerReferences[{index}].uid: Required value: must not be empty")),
        None => Ok(()),
    }
}

fn pods(key: &Key, live: &Value) -> Result<(), String> {
    let template_labels = labels(live.at(&["spec", "template", "metadata", "labels"]));
    if key.kind != Kind::Job {
        let selector =
            Selector::of(live.at(&["spec", "selector"])).ok_or_else(|| format!("{key}: spec.selector: Required value"))?;
        if !selector.selects(&template_labels) {
            return Err(format!(
                "{key}: spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
            ));
        }
    }
    let containers = live.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_list).unwrap_or_default();
    if containers.is_empty() {
        return Err(format!("{key}: spec.template.spec.containers: Required value"));
    }
    if let Some(index) = containers.iter().position(|container| container.str_at(&["image"]).is_none_or(str::is_empty)) {
        return Err(format!("{key}: spec.template.spec.containers[{index}].image: Required value"));
    }
    // The pods of a Job have to end.
    let restart = live.str_at(&["spec", "template", "spec", "restartPolicy"]);
    if key.kind == Kind::Job && !matches!(restart, Some("OnFailure" | "Never")) {
        let why = "Required value: valid values: \"OnFailure\", \"Never\"";
        return Err(format!("{key}: spec.template.spec.restartPolicy: {why}"));
    }
    Ok(())
}
