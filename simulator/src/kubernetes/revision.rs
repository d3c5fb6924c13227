//! What controllers remember of a workload: its state, and its revisions (ReplicaSets of a Deployment, ControllerRevisions of a
//! StatefulSet, the one template of a Job), each with as many pods as it is to have.

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::pod::{Phase, Pod};
use super::pods::namespace_of;
use super::template::Template;
use model::Kind;
use model::value::Text;
use model::{Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What the controller of a workload remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workload {
    /// Generation of the object that its controller has seen.
    pub(super) observed: u64,
    pub(super) sync_pending: bool,
    pub(super) deadline_pending: bool,
    /// When its roll-out last made progress.
    pub(super) progress_at: Timestamp,
    /// Updated and available pods at that time.
    pub(super) progress: (u32, u32),
    /// Whether the roll-out is over.
    pub(super) complete: bool,
    /// Why it failed for good.
    pub(super) failed: Option<Text>,
    /// Revisions made so far.
    pub(super) revisions: u32,
    /// Pods of a Job that failed.
    pub(super) failures: u32,
    /// Why it cannot make pods.
    pub(super) blocked: Option<Text>,
    /// What its controller last wrote into the status.
    #[serde(default)]
    pub(super) status: Status,
    /// The `resourceVersion` of that write.
    #[serde(default)]
    pub(super) status_version: u64,
}

/// The status of a workload, as far as it tells one from another: observed generation, pods, updated ones among them, available ones,
/// whether it has failed. Of a Job that is complete, one is available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Status(pub(super) u64, pub(super) i64, pub(super) i64, pub(super) i64, pub(super) bool);

impl Workload {
    pub(super) fn new(now: Timestamp) -> Self {
        Workload {
            observed: 0,
            sync_pending: false,
            deadline_pending: false,
            progress_at: now,
            progress: (0, 0),
            complete: false,
            failed: None,
            revisions: 0,
            failures: 0,
            blocked: None,
            status: Status::default(),
            status_version: 0,
        }
    }
}

/// One revision of a workload's pod template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Revision {
    pub(super) owner: Key,
    /// In which order the revisions of a workload came to be, the latest use counting.
    pub(super) number: u32,
    /// Number of pods that it is to have.
    pub(super) desired: i64,
    /// Number of pods that were made of it.
    pub(super) made: u64,
    pub(super) template: Template,
}

/// Pods of one revision by how far they are; terminating ones are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pods: i64,
    pub(super) available: i64,
    /// Pods that are asked to go and are still there.
    pub(super) terminating: i64,
}

impl Cluster {
    /// The controller of `object` writes its status, if that has changed.
    pub(super) fn write_status(&mut self, object: &Key) {
        let revisions = self.revisions_of(object);
        let counts: Vec<Counts> = revisions.iter().map(|key| self.counts(key)).collect();
        let updated = counts.last().map_or(0, |newest| newest.pods);
        let (pods, available) = counts.iter().fold((0, 0), |(pods, available), one| (pods + one.pods, available + one.available));
        let Some(workload) = self.workloads.get(object) else { return };
        let available = if object.kind == Kind::Job { i64::from(workload.complete) } else { available };
        let status = Status(workload.observed, pods, updated, available, workload.failed.is_some());
        if status == workload.status {
            return;
        }
        let version = self.next_version();
        if let Some(workload) = self.workloads.get_mut(object) {
            (workload.status, workload.status_version) = (status, version);
        }
    }

    /// The revision of the template that `live` has now, in its generation `generation`; made if there is none.
    pub(super) fn current_revision(&mut self, object: &Key, live: &Value, generation: u64) -> Text {
        if self.workloads.get(object).is_some_and(|workload| workload.observed == generation)
            && let Some(newest) = self.revisions_of(object).pop()
        {
            return newest;
        }
        let template = live.at(&["spec", "template"]).unwrap_or(&Value::Null);
        let digest = template.digest();
        let key = Text::from(format!("{}-{}{}", object.name, &object.kind.word()[..1], &digest[..9]));
        let newest = self.revisions_of(object).last().cloned();
        if newest.as_ref() == Some(&key) {
            return key;
        }
        let number = match self.workloads.get_mut(object) {
            Some(workload) => {
                workload.revisions += 1;
                workload.revisions
            }
            None => 0,
        };
        match self.revisions.get_mut(&key) {
            Some(revision) => revision.number = number,
            None => {
                let template = Template::of(template);
                let revision = Revision { owner: object.clone(), number, desired: 0, made: 0, template };
                self.revisions.insert(key.clone(), revision);
                self.revisions_of.entry(object.clone()).or_default().insert(key.clone());
            }
        }
        key
    }

    /// Revisions of a workload, oldest first.
    pub(super) fn revisions_of(&self, object: &Key) -> Vec<Text> {
        let mut keys: Vec<Text> = self.revisions_of.get(object).into_iter().flatten().cloned().collect();
        keys.sort_by_key(|key| self.revisions.get(key).map(|revision| revision.number));
        keys
    }

    pub(super) fn desired(&self, revision: &str) -> i64 {
        self.revisions.get(revision).map_or(0, |revision| revision.desired)
    }

    /// Set the number of pods of a revision; whether that is a change.
    pub(super) fn set_desired(&mut self, revision: &str, desired: i64) -> bool {
        if self.desired(revision) == desired {
            return false;
        }
        if let Some(revision) = self.revisions.get_mut(revision) {
            revision.desired = desired;
        }
        true
    }

    pub(super) fn counts(&self, revision: &str) -> Counts {
        let mut counts = Counts::default();
        for (_, pod) in self.pods.of_revision(revision) {
            if pod.is_terminating() {
                counts.terminating += 1;
            } else {
                counts.pods += 1;
                counts.available += i64::from(pod.is_available());
            }
        }
        counts
    }

    /// The ReplicaSet controller: as many pods as desired. Terminating ones do not count, so that a replacement is made at once.
    pub(super) fn fill(&mut self, revision: &Text, context: &mut Context<'_>) {
        let missing = self.desired(revision) - self.counts(revision).pods;
        if missing < 0 {
            for key in self.first_to_go(revision, missing.unsigned_abs() as usize) {
                self.delete_pod(&key, context);
            }
        }
        for _ in 0..missing {
            self.make_named_pod(revision, context);
        }
    }

    /// Which pods go first: without a node, not running, not ready, the younger (`ActivePodsWithRanks`).
    fn first_to_go(&self, revision: &str, count: usize) -> Vec<Text> {
        let mut pods: Vec<(&Text, &Pod)> = self.pods.of_revision(revision).filter(|(_, pod)| !pod.is_terminating()).collect();
        pods.sort_by_key(|(_, pod)| {
            (pod.node.is_some(), pod.phase == Phase::Running, pod.ready, Reverse(pod.ready_since), Reverse(pod.uid))
        });
        pods.into_iter().take(count).map(|(key, _)| key.clone()).collect()
    }

    /// One more pod, with five letters after its revision's name.
    fn make_named_pod(&mut self, revision: &Text, context: &mut Context<'_>) {
        let entity = self.entity(revision);
        loop {
            let Some(known) = self.revisions.get_mut(revision) else { return };
            let n = known.made;
            known.made += 1;
            let suffix = suffix(context.agenda.between(&entity, "pod name", n, 0, u64::MAX));
            let key = Text::from(format!("{revision}-{suffix}"));
            if self.pods.get(&key).is_none() {
                self.make_pod(key, revision, None, context);
                return;
            }
        }
    }

    /// One more pod. Without its ServiceAccount there can be none.
    pub(super) fn make_pod(&mut self, key: Text, revision: &Text, ordinal: Option<u32>, context: &mut Context<'_>) -> bool {
        let Some(Revision { template, owner, .. }) = self.revisions.get(revision).cloned() else { return false };
        let missing = !self.has_service_account(revision, &template.service_account);
        if let Some(workload) = self.workloads.get_mut(&owner) {
            let account = &template.service_account;
            workload.blocked = missing.then(|| format!("service account {}/{account} not found", namespace_of(&key)).into());
        }
        if missing {
            return false;
        }
        let pod = Pod::new(self.next_uid(), revision, ordinal, context.agenda.now());
        self.pods.insert(key, pod, &template);
        self.request_schedule(false, context);
        true
    }

    /// Forget revisions that have no pods: all that a deleted workload left, or those beyond the history that it keeps.
    pub(super) fn prune_revisions(&mut self, object: &Key, keep: usize) {
        let idle: Vec<Text> = self
            .revisions_of(object)
            .into_iter()
            .filter(|key| self.desired(key) == 0 && self.pods.of_revision(key).next().is_none())
            .collect();
        let surplus = idle.len().saturating_sub(keep);
        for key in idle.into_iter().take(surplus) {
            self.revisions.remove(&key);
            if let Some(keys) = self.revisions_of.get_mut(object) {
                keys.remove(&key);
                if keys.is_empty() {
                    self.revisions_of.remove(object);
                }
            }
        }
    }
}

/// Five letters out of a drawn number, in the alphabet of `k8s.io/apimachinery/pkg/util/rand` (no vowels, so no words).
fn suffix(mut drawn: u64) -> String {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    (0..5)
        .map(|_| {
            let letter = ALPHABET[(drawn % 27) as usize];
            drawn /= 27;
            char::from(letter)
        })
        .collect()
}
