//! TEN-6: each step stands on the one before.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
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
    let is_agent = matches!(resource.role, Role::GatewayAgent | Role::WorkflowAgent);
    let is_home = resource.address.kind() == Kind::Namespace && resource.scope.is_cell();
    if !is_agent && !is_home {
        return None;
    }
    let ordered = case.graph.dependencies(&resource.address).any(|(_, edge)| edge.rule == Some("TEN-6"));
    (!ordered).then(|| {
        let before = if is_agent { "the configuration of its environment" } else { "the configuration of its tenant" };
        Breach::at(resource.place, format!("{} would be made before {before}", resource.address))
            .saw("comes after", "nothing of its tenant")
            .remedy("this order is made by vamp itself: report it")
    })
}
