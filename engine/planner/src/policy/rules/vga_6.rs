//! VGA-6: a gateway agent without its key never serves.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::plan::{Action, Plan};
use model::resource::{Role, Scope};
use model::{Place, Resource};
use std::collections::BTreeSet;

pub(crate) const RULE: Rule = Rule {
    id: "VGA-6",
    severity: Severity::Must,
    title: "the gateway configuration of a cell is in Vault before its first gateway agent is made",
    page: page!("VGA-6"),
    checks: &[Check::Resource(wanted), Check::Plan(planned)],
};

fn wanted(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::GatewayAgent {
        return None;
    }
    let is_key = |other: &Resource| other.role == Role::GatewayConfiguration && other.scope == resource.scope;
    let ordered = case.graph.dependencies(&resource.address).any(|(other, _)| is_key(other));
    (!ordered).then(|| breach(resource.place, &resource.scope))
}

/// A key that is made by the same plan comes first.
fn planned(case: &Case<'_>, plan: &Plan) -> Vec<(String, Breach)> {
    // From the last step to the first: whose key comes later.
    let mut later: BTreeSet<&Scope> = BTreeSet::new();
    let mut late = Vec::new();
    for step in plan.steps.iter().rev().filter(|step| step.action == Action::Create) {
        match step.role {
            Role::GatewayConfiguration => drop(later.insert(&step.scope)),
            Role::GatewayAgent if later.contains(&step.scope) => late.push((step.scope.to_string(), breach(case.place_of(step), &step.scope))),
            _ => {}
        }
    }
    late
}

fn breach(place: Place, scope: &Scope) -> Breach {
    Breach::at(place, format!("gateway agents of {scope} would be made before their configuration is in Vault"))
        .saw("comes after its configuration", false)
        .remedy("this order is made by vamp itself: plan again, and report it if it stays")
}
