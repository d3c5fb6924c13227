//! Whether an object does its work, as `kubectl rollout status` and `kubectl wait` would say.

use super::cluster::Cluster;
use super::key::Key;
use super::pod::Phase;
use super::revision::{Status, Workload};
use model::Kind;
use model::observation::Condition;

impl Cluster {
    /// The condition of an object; nothing if it is not there.
    pub fn condition(&self, key: &Key) -> Option<Condition> {
        let object = self.objects.get(key)?;
        if object.deleted.is_some() {
            let why = self.what_keeps(key).map(|why| format!(": {why}")).unwrap_or_default();
            return Some(Condition::NotReady(format!("is being deleted{why}")));
        }
        if !key.kind.runs_pods() {
            return Some(Condition::Ready);
        }
        let Some(workload) = self.workloads.get(key) else { return Some(Condition::NotReady("is not seen yet".to_owned())) };
        // What its controller found of it before the latest change says nothing of that.
        let taken_in = workload.status.0 == object.generation;
        if taken_in && let Some(reason) = &workload.failed {
            return Some(Condition::Failed(format!("{reason}; {}", self.progress_of(key))));
        }
        let done = taken_in && self.is_done(key, workload);
        Some(if done { Condition::Ready } else { Condition::NotReady(self.progress_of(key)) })
    }

    /// As its controller last wrote it into the status: nobody who looks at a workload sees more.
    fn is_done(&self, key: &Key, workload: &Workload) -> bool {
        let Status(_, pods, updated, available, _) = workload.status;
        let wanted = if key.kind == Kind::Job { return available == 1 } else { self.replicas(key) };
        pods == wanted && updated == wanted && available == wanted
    }

    /// How far it is, and what holds it up.
    fn progress_of(&self, key: &Key) -> String {
        let revisions = self.revisions_of(key);
        let newest = revisions.last().map(|key| self.counts(key)).unwrap_or_default();
        let available: i64 = revisions.iter().map(|key| self.counts(key).available).sum();
        let old = available - newest.available;
        let mut text = match key.kind {
            Kind::Job => "has not completed".to_owned(),
            _ => format!("{} of {} pods are updated and available", newest.available, self.replicas(key)),
        };
        if old > 0 {
            text.push_str(&format!(", {old} old one(s) still there"));
        }
        if let Some(reason) = self.workloads.get(key).and_then(|workload| workload.blocked.as_ref()) {
            text.push_str(&format!(": {reason}"));
        } else if let Some(reason) = self.first_reason(key) {
            text.push_str(&format!(": {reason}"));
        }
        text
    }

    /// What the first pod that does not serve says.
    fn first_reason(&self, key: &Key) -> Option<String> {
        let revisions = self.revisions_of(key);
        let pods = revisions.iter().rev().flat_map(|revision| self.pods.of_revision(revision));
        let mut stuck = pods.filter(|(_, pod)| !pod.is_available() && !pod.is_terminating() && pod.phase != Phase::Succeeded);
        stuck.find_map(|(name, pod)| {
            let name = name.rsplit('/').next().unwrap_or_default();
            let silent = pod.node.as_ref().filter(|node| self.nodes.get(*node).is_some_and(|node| !node.ready));
            match silent {
                Some(node) => Some(format!("pod {name}: node {node} is not heard of")),
                None if pod.reason.is_empty() => None,
                None => Some(format!("pod {name}: {}", pod.reason)),
            }
        })
    }
}
