//! TEN-6: each step stands on the one before.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::graph::EdgeReason;
use model::resource::Role;
use model::{Kind, Resource};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-6",
    severity: Severity::Must,
    title: "set-up goes from tenant to environment to agents",
    page: page!("TEN-6"),
    checks: &[Check::Resource(check)],
};

fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let ordered = |wanted| case.graph.dependencies(&resource.address).any(|(_, edge)| edge.rule == Some("TEN-6") && edge.reason == wanted);
    let (_, before) = before(resource).iter().find(|(reason, _)| !ordered(*reason))?;
    let breach = Breach::at(resource.place, format!("{} would be made before {before}", resource.address))
        .saw("does not come after", *before)
        .remedy("this order is made by vamp itself: report it");
    Some(breach)
}

/// What has to be there first, and how it is waited for.
fn before(resource: &Resource) -> &'static [(EdgeReason, &'static str)] {
    const CONFIGURATION: (EdgeReason, &str) = (EdgeReason::StartsAfter, "the configuration of its environment");
    match resource.role {
        Role::GatewayAgent => &[CONFIGURATION],
        Role::WorkflowAgent => &[CONFIGURATION, (EdgeReason::ReadsKeyOf, "the token that it shows to Vamp")],
        _ if resource.address.kind() == Kind::Namespace && resource.scope.is_cell() => {
            &[(EdgeReason::StartsAfter, "the configuration of its tenant")]
        }
        _ => &[],
    }
}
