//! CAP-2: the least for management with stores.

use crate::policy::capacity::{MEMORY_BYTES, MILLI_CPU, Need};
use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "CAP-2",
    severity: Severity::Must,
    title: "a management cluster with stores in it has three nodes of 2 CPUs and 7.5 GB, or two of 4 and 12",
    page: page!("CAP-2"),
    checks: &[Check::Cluster(check)],
};

/// Two larger nodes do as well (requirements of Vamp 1.0).
const LARGER: Need = Need { nodes: 2, milli_cpu: 4_000, memory_bytes: 12_000_000_000 };

fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let shared = cluster.role.value == ClusterRole::Management && case.stores().any(|store| store.cluster() == Some(cluster.name));
    if !shared || LARGER.is_met(case, cluster) {
        return None;
    }
    Need { nodes: 3, milli_cpu: MILLI_CPU, memory_bytes: MEMORY_BYTES }.breach(case, cluster, "Vamp, Lifter and stores")
}
