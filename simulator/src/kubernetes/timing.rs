//! Every default and every latency of a cluster, each with its source. `seen` means: seen on a control plane of 1.36.3 and 1.37.2.

use model::Duration;
use serde::{Deserialize, Serialize};

/// From a change to the controller's answer to it: seen, 13 ms from a pod's deletion to its replacement's creation.
pub(super) const CONTROLLER: Duration = Duration::milliseconds(13);
/// From a pod's creation to its binding: seen, 50 ms.
pub(super) const SCHEDULER: Duration = Duration::milliseconds(50);
/// `--node-monitor-period` (kube-controller-manager reference).
pub(super) const NODE_MONITOR_PERIOD: Duration = Duration::seconds(5);
/// `--node-monitor-grace-period` (kube-controller-manager reference; older versions: 40 s).
pub(super) const NODE_MONITOR_GRACE: Duration = Duration::seconds(50);
/// Period in which a kubelet renews its lease (kubelet `v1beta1/defaults.go`: a quarter of the 40 s lease).
pub(super) const LEASE_RENEWAL: Duration = Duration::seconds(10);
/// Ready=Unknown to the taint: seen, 16 and 60 ms; this is the range.
pub(super) const TAINT_AFTER: (u64, u64) = (16, 60);
/// Toleration of `not-ready` and `unreachable` that admission adds (`defaulttolerationseconds/admission.go`).
pub(super) const DEFAULT_TOLERATION: Duration = Duration::seconds(300);
/// A node's return to Ready=True: seen, 0.04 s.
pub(super) const NODE_READY_AGAIN: Duration = Duration::milliseconds(40);
/// Nodes a zone that are tainted: one every ten seconds (`--node-eviction-rate` 0.1).
pub(super) const EVICTION_PERIOD: Duration = Duration::seconds(10);
/// The same in a large zone that is mostly unhealthy (`--secondary-node-eviction-rate` 0.01).
pub(super) const SECONDARY_EVICTION_PERIOD: Duration = Duration::seconds(100);
/// Share of a zone that makes it unhealthy, in percent (`--unhealthy-zone-threshold` 0.55).
pub(super) const UNHEALTHY_ZONE_PERCENT: usize = 55;
/// A zone with this many unhealthy nodes or fewer is never partially disrupted (`ComputeZoneState`).
pub(super) const UNHEALTHY_ZONE_NODES: usize = 2;
/// Zones of this size or smaller are not evicted at all while unhealthy (`--large-cluster-size-threshold`).
pub(super) const LARGE_ZONE: usize = 50;
/// Period of pod garbage collection (`podgc/gc_controller.go`).
pub(super) const POD_COLLECTION_PERIOD: Duration = Duration::seconds(20);
/// How long a pod's node must have been gone before the pod is collected (same file).
pub(super) const ORPHAN_QUARANTINE: Duration = Duration::seconds(40);
/// `progressDeadlineSeconds` (`pkg/apis/apps/v1/defaults.go`).
pub(super) const PROGRESS_DEADLINE_SECONDS: i64 = 600;
/// `revisionHistoryLimit` (same file).
pub(super) const REVISION_HISTORY: i64 = 10;
/// `maxSurge` and `maxUnavailable` (same file).
pub(super) const ROLLING_PERCENT: &str = "25%";
/// `backoffLimit` of a Job (`pkg/apis/batch/v1/defaults.go`).
pub(super) const BACKOFF_LIMIT: i64 = 6;
/// `terminationGracePeriodSeconds` (`pkg/apis/core/v1/defaults.go`).
pub(super) const TERMINATION_GRACE_SECONDS: i64 = 30;
/// Probe timeout, period, successes and failures (same file).
pub(super) const PROBE: (i64, i64, i64, i64) = (1, 10, 1, 3);
/// First pause of CrashLoopBackOff, and of a failed Job's next pod (kubelet; `pod-lifecycle`).
pub(super) const BACK_OFF: Duration = Duration::seconds(10);
/// Longest pause of CrashLoopBackOff (`MaxContainerBackOff`).
pub(super) const BACK_OFF_LIMIT: Duration = Duration::seconds(300);
/// A container that ran this long without failing starts from the shortest pause again (`pod-lifecycle`).
pub(super) const BACK_OFF_RESET: Duration = Duration::minutes(10);
/// First pause of a watch that does not reach the API server; it doubles, and up to as much again is added by chance (client-go,
/// `tools/cache/reflector.go`). Seen, after 25 s without an API server: controllers came 13 s after it was back, the scheduler 22 s.
pub(super) const WATCH_BACK_OFF: Duration = Duration::milliseconds(800);
/// Longest such pause (same file).
pub(super) const WATCH_BACK_OFF_LIMIT: Duration = Duration::seconds(30);
/// Pods that a node takes (kubelet `v1beta1/defaults.go`, `maxPods`).
pub(super) const MAX_PODS: usize = 110;
/// Feasible nodes that the scheduler looks for before it chooses (`minFeasibleNodesToFind`; `percentageOfNodesToScore` is set to
/// its lowest here, as large clusters do). All nodes, in a cluster of a hundred or fewer.
pub(super) const NODES_TO_SCORE: usize = 100;
/// How often a kubelet that is short of memory evicts a pod (`pkg/kubelet`, `evictionMonitoringPeriod`).
pub(super) const EVICTION_MONITOR: Duration = Duration::seconds(10);
/// How long a node still says that it is short of memory after it has some again (kubelet `v1beta1/defaults.go`,
/// `evictionPressureTransitionPeriod`).
pub(super) const PRESSURE_TRANSITION: Duration = Duration::minutes(5);
/// `kubectl drain` tries a blocked eviction again after this time: seen, 5 s.
pub(super) const DRAIN_RETRY: Duration = Duration::seconds(5);
/// How often an agent or Vamp that cannot reach what it needs tries again: the period of the original platform's agents.
pub(super) const PROGRAM_POLL: Duration = Duration::seconds(5);

/// Milliseconds from binding to the start of the process: image pull and container start. An assumption about a registry nearby
/// and images of some hundred megabytes; a restart on the same node has the image already.
pub(super) const PULL: (u64, u64) = (800, 3_500);
/// Milliseconds to start a container whose image is there (assumption).
pub(super) const START: (u64, u64) = (300, 900);
/// Milliseconds that a program takes to end after its signal (assumption).
pub(super) const STOP: (u64, u64) = (100, 1_500);
/// Milliseconds that a Job's program runs (assumption).
pub(super) const JOB: (u64, u64) = (1_000, 4_000);

/// How long containers take to come and to go: what a kubelet and an image decide, not a control plane. Ranges, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerTimes {
    /// To pull an image, the first time on a node.
    pub pull: (u64, u64),
    /// To start a container whose image is there.
    pub start: (u64, u64),
    /// To end after the signal.
    pub stop: (u64, u64),
}

impl Default for ContainerTimes {
    fn default() -> Self {
        ContainerTimes { pull: PULL, start: START, stop: STOP }
    }
}
