//! ES-1: one node holds only so much.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "ES-1",
    severity: Severity::Should,
    title: "a single-node Elasticsearch in the management cluster serves low volume only",
    page: page!("ES-1"),
    checks: &[Check::Store(check)],
};

/// One environment that is high alone is told by ES-2, a regulated audit log by ES-3.
fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Store::Elasticsearch(name, search) = store else { return None };
    let inside = case.cluster(store.cluster()?)?.role.value != ClusterRole::Service;
    let writers = || case.environments().filter(|environment| environment.traffic_sink.value == *name);
    let total: u64 = writers().map(|environment| u64::from(environment.requests_per_second.value)).sum();
    let high_from = case.spec.policies.thresholds.high_total_volume.value;
    let together = total >= u64::from(high_from) && !writers().any(|environment| case.is_high(&environment));
    (inside && search.nodes.value < 2 && together).then(|| {
        let whom = counted(writers().count(), "environment", "environments");
        Breach::at(first_written([search.nodes.place, search.place]), format!("{store} is one node and takes {total} requests a second of {whom}"))
            .saw("nodes", search.nodes.value)
            .measured("volume", total, "requests a second")
            .measured("high from", high_from, "requests a second")
            .remedy("give it three nodes, or move it outside")
    })
}
