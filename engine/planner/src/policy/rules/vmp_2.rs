//! VMP-2: one that starts without them publishes nothing.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Kind, Resource};

pub(crate) const RULE: Rule = Rule {
    id: "VMP-2",
    severity: Severity::Must,
    title: "Vamp starts only after MySQL and Vault have answered",
    page: page!("VMP-2"),
    checks: &[Check::Resource(check)],
};

/// What the order says. Whether they answer now is asked where a plan is made: `plan::safety`.
fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::Vamp {
        return None;
    }
    let waits_for: Vec<&Resource> = case.graph.dependencies(&resource.address).map(|(other, _)| other).collect();
    let inside = case.stores().take(2).filter(|store| store.cluster().is_some()).count();
    let stores = waits_for.iter().filter(|other| other.role == Role::Store).count();
    let reads_vault = waits_for.iter().any(|other| other.address.kind() == Kind::Mount);
    (stores < inside || !reads_vault).then(|| {
        Breach::at(resource.place, "Vamp would be started before its stores have answered")
            .saw("stores in clusters", inside)
            .saw("waited for", stores)
            .saw("reads Vault first", reads_vault)
            .remedy("this order is made by vamp itself: report it")
    })
}
