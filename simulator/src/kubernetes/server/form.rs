//! An object as the API shows it, and the part of a body that is the client's to write.

use super::resource::{self, Resource};
use super::surroundings::map;
use super::{Route, Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::key::Key;
use crate::kubernetes::object::{Object, with_mark};
use crate::kubernetes::revision::Status;
use crate::kubernetes::selector::Selector;
use crate::server::Answer;
use model::value::Text;
use model::{Kind, Value};

/// What of `metadata` is the server's own.
const OF_THE_SERVER: [&str; 8] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

/// A body without what the server keeps itself; with what the path says already.
pub(super) fn written(resource: &Resource, key: &Key, mut body: Value) -> Value {
    for field in OF_THE_SERVER {
        body.remove(&["metadata", field]);
    }
    body.remove(&["status"]);
    body.set(&["apiVersion"], resource.version);
    body.set(&["kind"], resource.name);
    body.set(&["metadata", "name"], key.own_name());
    if let Some(namespace) = key.namespace() {
        body.set(&["metadata", "namespace"], namespace);
    }
    body
}

impl Cluster {
    /// One object, as it is shown.
    pub(super) fn shown(&self, route: &Route<'_>, name: &str) -> Result<Value, Answer> {
        let key = route.key(name);
        self.objects.get(&key).map(|object| self.form(&key, object)).ok_or_else(|| status::not_found(route.resource, name))
    }

    pub(super) fn answer_with(&self, code: u16, key: &Key) -> Served {
        let object = self.objects.get(key).map(|object| self.form(key, object));
        Ok(Answer::new(code, object.unwrap_or_default()))
    }

    pub(super) fn form(&self, key: &Key, object: &Object) -> Value {
        let mut form = with_mark(&object.live(key.kind), object.mark.as_ref());
        let Some(resource) = resource::of(key.kind) else { return form };
        form.set(&["apiVersion"], resource.version);
        form.set(&["kind"], resource.name);
        form.set(&["metadata", "name"], key.own_name());
        if let Some(namespace) = key.namespace() {
            form.set(&["metadata", "namespace"], namespace);
        }
        form.set(&["metadata", "uid"], object.uid_text());
        form.set(&["metadata", "resourceVersion"], self.version_of(key, object).to_string());
        form.set(&["metadata", "creationTimestamp"], model::time::rfc3339(object.created));
        if resource.counts {
            form.set(&["metadata", "generation"], i64::try_from(object.generation).unwrap_or(i64::MAX));
        }
        if let Some(deleted) = object.deleted {
            form.set(&["metadata", "deletionTimestamp"], model::time::rfc3339(deleted));
        }
        if object.foreground {
            let mut finalizers = object.finalizers().to_vec();
            finalizers.push("foregroundDeletion".into());
            form.set(&["metadata", "finalizers"], Value::List(finalizers));
        }
        form.set(&["metadata", "managedFields"], managed(resource, object));
        if let Some(status) = self.status_of(key, object) {
            form.set(&["status"], status);
        }
        form
    }

    fn status_of(&self, key: &Key, object: &Object) -> Option<Value> {
        let mut status = Value::EMPTY_MAP;
        match key.kind {
            Kind::Namespace => {
                status.set(&["phase"], if object.deleted.is_some() { "Terminating" } else { "Active" });
            }
            Kind::Deployment | Kind::StatefulSet => {
                let Status(observed, pods, updated, available, failed) = self.workloads.get(key)?.status;
                let numbers: [(&str, i64); 5] = [
                    ("observedGeneration", i64::try_from(observed).unwrap_or(i64::MAX)),
                    ("replicas", pods),
                    ("updatedReplicas", updated),
                    ("readyReplicas", available),
                    ("availableReplicas", available),
                ];
                for (field, number) in numbers.into_iter().filter(|(_, number)| *number > 0) {
                    status.set(&[field], number);
                }
                if failed {
                    let why = format!("{} has timed out progressing.", key.own_name());
                    let stuck =
                        [("type", "Progressing"), ("status", "False"), ("reason", "ProgressDeadlineExceeded"), ("message", &why)];
                    status.set(&["conditions"], Value::List(vec![map(&stuck)]));
                }
            }
            Kind::Job => {
                let Status(_, _, _, complete, failed) = self.workloads.get(key)?.status;
                let conditions = [(complete == 1, "Complete"), (failed, "Failed")];
                let condition = |(_, name): (bool, &str)| map(&[("type", name), ("status", "True")]);
                let conditions = conditions.into_iter().filter(|(holds, _)| *holds).map(condition).collect();
                status.set(&["conditions"], Value::List(conditions));
            }
            Kind::PersistentVolumeClaim => status.set(&["phase"], "Bound"),
            Kind::PodDisruptionBudget => {
                let (namespace, spec) = (key.namespace()?, object.document.value().get("spec")?);
                let selector = Selector::of(spec.get("selector"))?;
                let (healthy, needed) = self.health_of(namespace, &selector, spec);
                status.set(&["currentHealthy"], healthy);
                status.set(&["desiredHealthy"], needed);
                status.set(&["disruptionsAllowed"], (healthy - needed).max(0));
                status.set(&["expectedPods"], self.expected_pods(namespace, &selector));
            }
            _ => return None,
        }
        Some(status)
    }
}

/// Who manages which fields.
fn managed(resource: &Resource, object: &Object) -> Value {
    let entry = |(manager, operation, fields): (Text, &str, Value)| {
        let mut entry = Value::EMPTY_MAP;
        entry.set(&["manager"], manager);
        entry.set(&["operation"], operation);
        entry.set(&["apiVersion"], resource.version);
        entry.set(&["fieldsType"], "FieldsV1");
        entry.set(&["fieldsV1"], fields);
        entry
    };
    Value::List(object.managers.accounts(object.document.value()).into_iter().map(entry).collect())
}
