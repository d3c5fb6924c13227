//! One machine of a cluster.

use super::taint::Taint;
use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};

/// Taint that the node lifecycle controller puts on a node that it has not heard of.
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// Taint of a node that is short of memory.
pub(super) const MEMORY_PRESSURE: &str = "node.kubernetes.io/memory-pressure";
/// Taint of a cordoned node.
pub(super) const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    pub(super) zone: Text,
    pub(super) milli_cpu: u64,
    pub(super) memory: u64,
    pub(super) cordoned: bool,
    /// What is wrong with it, in truth.
    pub(super) fault: Option<NodeFault>,
    /// Counts its faults and returns; events of an earlier one mean nothing any more.
    pub(super) epoch: u32,
    /// Condition Ready, as the API server knows it.
    pub(super) ready: bool,
    /// Since when it carries the unreachable taint.
    pub(super) tainted: Option<Timestamp>,
    /// Whether its taint is on its way.
    pub(super) taint_scheduled: bool,
    /// Since when it is being drained.
    pub(super) draining: Option<Timestamp>,
    /// Whether a next try of the drain is scheduled.
    pub(super) drain_scheduled: bool,
    /// Whether it is a fault that keeps it cordoned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) cordoned_by_fault: bool,
    /// Whether no image can be pulled there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) images_away: bool,
    /// How many times as long containers take to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) slow_starts: Option<u64>,
    /// Since when it is short of memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pressure: Option<Timestamp>,
    /// Whether its condition MemoryPressure, and the taint with it, is set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) pressed: bool,
    /// Taints that somebody put on it, beside those of the controllers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) taints: Vec<Taint>,
}

/// What can be wrong with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeFault {
    /// The machine is off: what ran on it has stopped.
    Dead,
    /// The control plane does not hear of it; what runs on it runs on.
    Partitioned,
}

impl Node {
    /// Whether new pods may go there, toleration apart.
    pub(super) fn is_schedulable(&self) -> bool {
        let barred = self.taints.iter().any(Taint::bars);
        self.ready && !self.cordoned && self.tainted.is_none() && !self.pressed && !barred
    }

    /// Whether the machine is on.
    pub(super) fn is_running(&self) -> bool {
        self.fault != Some(NodeFault::Dead)
    }

    /// Whether the kubelet hears the control plane.
    pub(super) fn is_connected(&self) -> bool {
        self.fault.is_none()
    }

    /// A label of the node.
    pub(super) fn label<'a>(&'a self, name: &'a str, key: &str) -> Option<&'a str> {
        match key {
            "kubernetes.io/hostname" => Some(name),
            "topology.kubernetes.io/zone" => Some(&self.zone),
            "kubernetes.io/os" => Some("linux"),
            _ => None,
        }
    }
}
