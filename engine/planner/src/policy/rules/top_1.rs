//! TOP-1: management apart from service.

use crate::policy::rule::page;
use crate::policy::subject::{Cluster, Environment, Store};
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "TOP-1",
    severity: Severity::High,
    title: "with two or more clusters, Vamp, Lifter and the dependencies are on no service cluster",
    page: page!("TOP-1"),
    checks: &[Check::Store(store), Check::Cluster(cluster)],
};

fn store(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let cluster = case.cluster(store.cluster()?)?;
    let apart = cluster.role.value != ClusterRole::Service || is_regional(case, store);
    (!apart).then(|| {
        let shared = Breach::at(store.placement().place, format!("{store} runs in the service {cluster}, and dies with it"))
            .saw("cluster", cluster.name)
            .saw("role", "service");
        match store {
            Store::Elasticsearch(..) => shared.remedy("move it out, or let only environments of its own region use it: a regional Elasticsearch may stay"),
            _ => shared.remedy("move it out, or into the management cluster"),
        }
    })
}

/// A regional Elasticsearch may stand in its service cluster: one that only environments of its region use.
fn is_regional(case: &Case<'_>, store: &Store<'_>) -> bool {
    let Store::Elasticsearch(name, declared) = store else { return false };
    let region = &declared.value.region.value;
    let uses = |environment: &Environment<'_>| environment.audit_sink.value == *name || environment.traffic_sink.value == *name;
    case.environments().filter(uses).all(|environment| environment.cells(case.spec).all(|cell| cell.region() == region))
}

fn cluster(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let count = case.spec.clusters.len();
    (cluster.role.value == ClusterRole::AllInOne && count >= 2).then(|| {
        Breach::at(cluster.role.place, format!("{cluster} runs Vamp and Lifter beside environments, though there are {count} clusters"))
            .saw("clusters", count)
            .saw("role", "all-in-one")
            .remedy("give one cluster the role `management`, and this one `service`")
    })
}
