//! TOP-4: what M0 is for.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::{Durability, Lifetime, Purpose};
use crate::topology::DeploymentModel;

pub(crate) const RULE: Rule = Rule {
    id: "TOP-4",
    severity: Severity::Must,
    title: "all in one cluster is for what is short-lived, of low volume, and may be lost, and says so",
    page: page!("TOP-4"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let spec = case.spec;
    let inside = case.stores().any(|store| store.cluster().is_some());
    let development = spec.purpose.value == Purpose::Development;
    if case.model != DeploymentModel::M0 || !development || !inside || case.may_be_all_in_one() {
        return None;
    }
    let (place, what, remedy) = if spec.lifetime.value != Lifetime::Short {
        (spec.lifetime.place, "it is meant to last", "write `lifetime: short` if it lives for hours or days; otherwise split it (`vamp init --model M1`)")
    } else if spec.durability.value != Durability::None {
        (spec.durability.place, "its data is needed", "write `durability: none` if nobody needs its data; otherwise split it (`vamp init --model M1`)")
    } else {
        (case.sums.busiest, "its volume is high", "declare fewer requests, or split it (`vamp init --model M2`)")
    };
    let breach = Breach::at(place, format!("the platform is all in one cluster (model M0), and {what}"))
        .saw("lifetime", if spec.lifetime.value == Lifetime::Short { "short" } else { "lasting" })
        .saw("durability", if spec.durability.value == Durability::None { "none" } else { "needed" })
        .measured("volume", case.sums.requests_per_second, "requests a second")
        .measured("high from", spec.policies.thresholds.high_total_volume.value, "requests a second")
        .remedy(remedy);
    Some(breach)
}
