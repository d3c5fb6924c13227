//! TOP-2: separate them from the first day.

use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::{ClusterRole, Purpose};

pub(crate) const RULE: Rule = Rule {
    id: "TOP-2",
    severity: Severity::High,
    title: "even with one service cluster, Vamp and Lifter are not on it",
    page: page!("TOP-2"),
    checks: &[Check::Cluster(check)],
};

/// One cluster with stores in it is model M0, which TOP-3 and TOP-4 judge.
fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let shared = cluster.role.value == ClusterRole::AllInOne && case.spec.clusters.len() == 1;
    let lasting = case.spec.purpose.value == Purpose::Development && case.stores().all(|store| store.cluster().is_none());
    (shared && lasting && !case.may_be_all_in_one()).then(|| {
        Breach::at(cluster.role.place, format!("Vamp and Lifter run on {cluster} beside the environments"))
            .saw("clusters", 1u32)
            .saw("role", "all-in-one")
            .remedy("add a management cluster: M5 is this platform with one (`vamp init --model M5`)")
    })
}
