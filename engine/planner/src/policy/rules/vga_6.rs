//! VGA-6: a gateway agent without its key never serves.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::plan::{Action, Plan, Step};
use model::resource::{Role, Scope};
use model::{Place, Resource};

pub(crate) const RULE: Rule = Rule {
    id: "VGA-6",
    severity: Severity::Must,
    title: "the gateway configuration of a cell is in Vault before its first gateway agent is made",
    page: page!("VGA-6"),
    checks: &[Check::Resource(wanted), Check::Step(planned)],
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
fn planned(_: &Case<'_>, plan: &Plan, step: &Step) -> Option<Breach> {
    if step.role != Role::GatewayAgent || step.action != Action::Create {
        return None;
    }
    let is_key = |other: &&Step| other.role == Role::GatewayConfiguration && other.scope == step.scope && other.action == Action::Create;
    let late = plan.steps.iter().rev().take_while(|other| other.address != step.address).any(|other| is_key(&other));
    late.then(|| breach(Place::NOWHERE, &step.scope))
}

fn breach(place: Place, scope: &Scope) -> Breach {
    Breach::at(place, format!("gateway agents of {scope} would be made before their configuration is in Vault"))
        .saw("comes after its configuration", false)
        .remedy("this order is made by vamp itself: plan again, and report it if it stays")
}
