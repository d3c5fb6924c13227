//! What happens in a cluster by itself, and what it tells the world around it.

use super::key::Key;
use super::program::{Program, Surroundings};
use crate::kernel::Agenda;
use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};

/// Something that is going to happen in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Event {
    /// The controller of a workload looks at it.
    Sync {
        /// The workload.
        object: Key,
    },
    /// The scheduler looks for nodes.
    Schedule,
    /// A container's process has started, or tries again to find what it needs.
    Start {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// A readiness probe succeeds.
    Probe {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// A readiness probe has failed often enough.
    Unready {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// A liveness probe has failed often enough.
    Dead {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// An agent is told to end.
    Signal {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// A Job's program ends well.
    Finish {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// A pod that was asked to go has stopped.
    Stopped {
        /// The pod.
        pod: PodRun,
    },
    /// The roll-out of a Deployment has had its time.
    Deadline {
        /// The Deployment.
        object: Key,
    },
    /// The control plane has not heard of a node for too long.
    Unheard {
        /// The node.
        node: Text,
        /// Which of its faults.
        epoch: u32,
    },
    /// A node gets the taint that evicts.
    Taint {
        /// The node.
        node: Text,
        /// Which of its faults.
        epoch: u32,
    },
    /// A pod has tolerated the taint of its node for long enough.
    Evict {
        /// The pod.
        pod: Text,
        /// Its uid.
        uid: u64,
        /// Since when its node has the taint.
        tainted: Timestamp,
    },
    /// The control plane hears of a node again.
    Back {
        /// The node.
        node: Text,
        /// Which of its returns.
        epoch: u32,
    },
    /// A node that is ready again loses its taint.
    Untaint {
        /// The node.
        node: Text,
        /// Which of its returns.
        epoch: u32,
    },
    /// Pods of a node that is no more are collected.
    Collect {
        /// The node.
        node: Text,
    },
    /// A node that is short of memory evicts a pod.
    Pressed {
        /// The node.
        node: Text,
        /// Since when it is.
        since: Timestamp,
        /// How many pods are still to go.
        left: u64,
    },
    /// A node that has memory again says so.
    Relieved {
        /// The node.
        node: Text,
    },
    /// A drain tries to evict what is still there.
    Drain {
        /// The node.
        node: Text,
    },
    /// A part of the control plane reaches the API server again, some time after that came back.
    WatchesAgain {
        /// Which part.
        who: Watcher,
        /// When: of several returns of the API server the last counts.
        at: Timestamp,
    },
}

/// What watches the API server to do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watcher {
    /// The controller manager.
    Controllers,
    /// The scheduler.
    Scheduler,
}

/// One run of a pod's container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodRun {
    /// `NAMESPACE/NAME` of the pod.
    pub key: Text,
    /// Its uid: a pod of the same name that was made later is another one.
    pub uid: u64,
    /// Number of the start; 0 where it does not matter.
    pub start: u32,
}

/// What a cluster is given whenever it is asked for something.
pub struct Context<'a> {
    /// Time, randomness and the queue.
    pub agenda: &'a mut dyn Agenda<Event>,
    /// The world around the cluster.
    pub world: &'a dyn Surroundings,
}

/// What a cluster tells the world around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The process of an agent is up: from now on the world runs it.
    Begun {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// The agent of a pod is told to end.
    Signalled {
        /// The pod, and which start of its container.
        pod: PodRun,
    },
    /// The process of an agent has ended: its container crashed, or its node died.
    Ended {
        /// `NAMESPACE/NAME` of the pod.
        pod: Text,
    },
    /// The pod of an agent is gone, with all that it kept.
    Gone {
        /// `NAMESPACE/NAME` of the pod.
        pod: Text,
    },
    /// A store that runs in the cluster serves now. Its processes are new: what they kept in memory only is lost.
    StoreUp {
        /// The workload that runs it.
        workload: Key,
        /// What it is.
        program: Program,
        /// Whether it keeps what it stores on a volume that outlives its pods.
        on_volume: bool,
    },
    /// The last process of a store has gone.
    StoreDown {
        /// The workload that runs it.
        workload: Key,
        /// What it is.
        program: Program,
    },
}
