//! The StatefulSet controller: pods with stable names, made, updated and taken away one by one
//! (`pkg/controller/statefulset/stateful_set_control.go`). Their claims outlive them.

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::managers::Managers;
use super::object::Object;
use super::pod::Pod;
use super::pods::namespace_of;
use model::value::Text;
use model::{Kind, Value};

impl Cluster {
    pub(super) fn sync_stateful_set(&mut self, object: &Key, context: &mut Context<'_>) {
        let Some(found) = self.objects.get(object) else { return };
        let (live, generation) = (found.live(object.kind), found.generation);
        let replicas = live.integer_at(&["spec", "replicas"]).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
        let newest = self.current_revision(object, &live, generation);
        self.set_desired(&newest, i64::from(replicas));
        for old in self.revisions_of(object).into_iter().filter(|key| *key != newest) {
            self.set_desired(&old, 0);
        }
        if let Some(workload) = self.workloads.get_mut(object) {
            workload.observed = generation;
        }
        self.next_step(object, &live, &newest, replicas, context);
        let updated = self.counts(&newest);
        let complete = updated.available == i64::from(replicas) && self.members(object).len() == replicas as usize;
        if let Some(workload) = self.workloads.get_mut(object) {
            workload.complete = complete;
        }
        self.prune_revisions(object, 1);
    }

    /// Pods of a StatefulSet by their number, terminating ones included.
    pub(super) fn members(&self, object: &Key) -> Vec<(u32, Text, Pod)> {
        let revisions = self.revisions_of.get(object).into_iter().flatten();
        let pods = revisions.flat_map(|revision| self.pods.of_revision(revision));
        let mut members: Vec<(u32, Text, Pod)> =
            pods.filter_map(|(key, pod)| Some((pod.ordinal?, key.clone(), pod.clone()))).collect();
        members.sort_by_key(|(ordinal, ..)| *ordinal);
        members
    }

    /// The one thing that may be done now: make the lowest that is missing, take away the highest that is too many, or replace
    /// the highest of an old revision; in order, and only when all others are well.
    fn next_step(&mut self, object: &Key, live: &Value, newest: &Text, replicas: u32, context: &mut Context<'_>) {
        let parallel = live.str_at(&["spec", "podManagementPolicy"]) == Some("Parallel");
        let members = self.members(object);
        for ordinal in 0..replicas {
            match members.iter().find(|(own, ..)| *own == ordinal) {
                None => {
                    self.make_member(object, live, newest, ordinal, context);
                    if !parallel {
                        return;
                    }
                }
                // Also one that will never be ready: a real controller waits for a person to delete it.
                Some((_, _, pod)) if !pod.is_available() && !parallel => return,
                Some(_) => {}
            }
        }
        if members.iter().any(|(_, _, pod)| pod.is_terminating()) {
            return;
        }
        let surplus = members.iter().rev().find(|(ordinal, ..)| *ordinal >= replicas);
        let outdated = members.iter().rev().find(|(_, _, pod)| pod.revision != *newest);
        let settled = members.iter().all(|(_, _, pod)| pod.is_available());
        if let Some((_, key, _)) = surplus.or_else(|| outdated.filter(|_| settled)) {
            self.delete_pod(key, context);
        }
    }

    fn make_member(&mut self, object: &Key, live: &Value, newest: &Text, ordinal: u32, context: &mut Context<'_>) {
        let key = Text::from(format!("{}-{ordinal}", object.name));
        for template in live.at(&["spec", "volumeClaimTemplates"]).and_then(Value::as_list).unwrap_or_default() {
            self.make_claim(template, &key, context);
        }
        self.make_pod(key, newest, Some(ordinal), context);
    }

    /// The claim of one pod. It stays when the pod and the StatefulSet go.
    fn make_claim(&mut self, template: &Value, pod: &Text, context: &mut Context<'_>) {
        let (namespace, own) = (namespace_of(pod), pod.rsplit('/').next().unwrap_or_default());
        let name = format!("{}-{own}", template.str_at(&["metadata", "name"]).unwrap_or("data"));
        let key = Key::new(Kind::PersistentVolumeClaim, &format!("{namespace}/{name}"));
        if self.objects.contains(&key) {
            return;
        }
        let mut document = template.clone();
        document.set(&["apiVersion"], "v1");
        document.set(&["kind"], "PersistentVolumeClaim");
        document.set(&["metadata", "name"], name);
        document.set(&["metadata", "namespace"], namespace);
        let object = Object {
            document: document.into(),
            managers: Managers::Sole("kube-controller-manager".into()),
            mark: None,
            resource_version: self.next_version(),
            uid: self.next_uid(),
            generation: 1,
            created: context.agenda.now(),
            deleted: None,
            foreground: false,
        };
        self.changed.insert(key.clone());
        self.objects.insert(key, object);
    }
}
