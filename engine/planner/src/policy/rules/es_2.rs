//! ES-2: much traffic needs several nodes.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "ES-2",
    severity: Severity::Should,
    title: "the Elasticsearch of an environment of high volume has two data nodes or more",
    page: page!("ES-2"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let search = case.elasticsearch(&environment.traffic_sink.value)?;
    (case.is_high(environment) && search.nodes.value < 2).then(|| {
        let place = first_written([search.nodes.place, environment.requests_per_second.place]);
        Breach::at(place, format!("{environment} has {} requests a second, and its Elasticsearch {} one node", environment.requests_per_second.value, environment.traffic_sink.value))
            .measured("volume", environment.requests_per_second.value, "requests a second")
            .measured("high from", case.spec.policies.thresholds.high_volume.value, "requests a second")
            .saw("nodes", search.nodes.value)
            .remedy("set `nodes` to 2 at least; 3 keep a quorum when one fails")
    })
}
