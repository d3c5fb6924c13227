//! CAP-1: the least for management.

use crate::policy::capacity::{MEMORY_BYTES, MILLI_CPU, Need};
use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "CAP-1",
    severity: Severity::Must,
    title: "a management cluster with Vamp and Lifter has two nodes of 2 CPUs and 7.5 GB",
    page: page!("CAP-1"),
    checks: &[Check::Cluster(check)],
};

fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let alone = cluster.role.value == ClusterRole::Management && !case.stores().any(|store| store.cluster() == Some(cluster.name));
    if !alone {
        return None;
    }
    Need { nodes: 2, milli_cpu: MILLI_CPU, memory_bytes: MEMORY_BYTES }.breach(case, cluster, "Vamp and Lifter")
}
