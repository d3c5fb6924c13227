//! An object as the API shows it, and the part of a body that is the client's to write.

use super::resource::{self, Resource};
use super::{Route, Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::key::Key;
use crate::kubernetes::managers::Managers;
use crate::kubernetes::object::{Object, with_mark};
use crate::kubernetes::selector::Selector;
use crate::server::Answer;
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
        form.set(&["metadata", "managedFields"], managed(resource, &object.managers));
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
                let observed = self.workloads.get(key).map_or(0, |workload| workload.observed);
                let counts: Vec<_> = self.revisions_of(key).iter().map(|revision| self.counts(revision)).collect();
                let updated = counts.last().map_or(0, |newest| newest.pods);
                let (pods, available) = (counts.iter().map(|c| c.pods).sum(), counts.iter().map(|c| c.available).sum());
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
            }
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

/// Who manages fields; which ones stands in the refusals of an apply.
fn managed(resource: &Resource, managers: &Managers) -> Value {
    let entry = |(manager, operation): (&str, &str)| {
        let mut entry = Value::EMPTY_MAP;
        entry.set(&["manager"], manager);
        entry.set(&["operation"], operation);
        entry.set(&["apiVersion"], resource.version);
        entry
    };
    Value::List(managers.with_operations().into_iter().map(entry).collect())
}
