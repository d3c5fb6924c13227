//! CAP-4: the least for all in one.

use crate::policy::capacity::{MEMORY_BYTES, MILLI_CPU, Need};
use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "CAP-4",
    severity: Severity::Must,
    title: "a cluster with everything in it has four nodes of 2 CPUs and 7.5 GB",
    page: page!("CAP-4"),
    checks: &[Check::Cluster(check)],
};

fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    if cluster.role.value != ClusterRole::AllInOne {
        return None;
    }
    Need { nodes: 4, milli_cpu: MILLI_CPU, memory_bytes: MEMORY_BYTES }.breach(case, cluster, "everything")
}
