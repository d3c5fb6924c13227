//! One pod: where it is, how far it has come, and what the API server knows of it.

use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};

/// How far a pod has come, in truth: the API server may not know yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// No node was found for it yet.
    Pending,
    /// Bound; its image is pulled and its container started.
    Creating,
    /// Its program is up and waits for what it needs.
    Waiting,
    /// Its program does its work.
    Running,
    /// Its program ended with a failure and is started again after a pause.
    BackOff,
    /// Its node is dead, or its program was told to end and has.
    Stopped,
    /// Its program ended well.
    Succeeded,
}

/// A pod. Its template is that of its revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pod {
    pub(super) uid: u64,
    /// Key of its revision.
    pub(super) revision: Text,
    /// Its number in a StatefulSet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ordinal: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<Text>,
    pub(super) phase: Phase,
    /// Condition Ready, as the API server knows it.
    pub(super) ready: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ready_since: Option<Timestamp>,
    /// Number of starts of its container; events of an earlier one mean nothing any more.
    pub(super) starts: u32,
    /// Failures in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) failures: u32,
    /// When its container last started.
    pub(super) started: Timestamp,
    /// Whether it does its work, in truth.
    pub(super) serving: bool,
    /// Whether its program would answer a readiness probe well now, where the world runs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) healthy: bool,
    /// Since when it would not, after it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unhealthy: Option<Timestamp>,
    /// Whether the world runs its program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) runs_in_world: bool,
    /// Whether its program was told to end and is not done yet, where the world runs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) draining: bool,
    /// Whether its next try to find what it needs is scheduled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) polling: bool,
    pub(super) created: Timestamp,
    /// Its `deletionTimestamp`: when its grace period is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<Timestamp>,
    /// Why it is not further.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub(super) reason: Text,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Pod {
    /// A pod that was just made.
    pub(super) fn new(uid: u64, revision: &str, ordinal: Option<u32>, now: Timestamp) -> Self {
        Pod {
            uid,
            revision: revision.into(),
            ordinal,
            node: None,
            phase: Phase::Pending,
            ready: false,
            ready_since: None,
            starts: 0,
            failures: 0,
            started: now,
            serving: false,
            healthy: false,
            unhealthy: None,
            runs_in_world: false,
            draining: false,
            polling: false,
            created: now,
            deleted: None,
            reason: Text::default(),
        }
    }

    /// Whether it is asked to go.
    pub(super) fn is_terminating(&self) -> bool {
        self.deleted.is_some()
    }

    /// Whether it counts as available: ready, and not asked to go.
    pub(super) fn is_available(&self) -> bool {
        self.ready && !self.is_terminating()
    }

    /// Whether its program is up and lacks something.
    pub(super) fn is_lacking(&self) -> bool {
        self.phase == Phase::Waiting
    }

    /// Set the condition Ready.
    pub(super) fn set_ready(&mut self, ready: bool, now: Timestamp) {
        if ready != self.ready {
            self.ready = ready;
            self.ready_since = ready.then_some(now);
        }
    }
}
