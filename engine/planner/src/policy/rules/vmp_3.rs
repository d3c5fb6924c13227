//! VMP-3: Vamp reads their configuration only when it starts.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use model::change::CauseKind;
use model::plan::{Action, Step};
use model::resource::Role;
use model::Resource;

pub(crate) const RULE: Rule = Rule {
    id: "VMP-3",
    severity: Severity::Must,
    title: "Vamp is restarted once after a change of tenants or environments, when all of it is set up",
    page: page!("VMP-3"),
    checks: &[Check::Resource(wanted), Check::Platform(planned)],
};

fn wanted(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::Vamp {
        return None;
    }
    let waited = case.graph.dependencies(&resource.address).filter(|(_, edge)| edge.rule == Some(RULE.id)).count();
    let configurations = case.tenants().count() + case.environments().count();
    (waited < configurations).then(|| {
        Breach::at(resource.place, format!("Vamp would start before {} of {configurations} configurations are in place", configurations - waited))
            .saw("tenants and environments", configurations)
            .saw("waited for", waited)
            .remedy("this order is made by vamp itself: report it")
    })
}

/// A plan that changes a configuration, which is what Vamp waits for by this rule, restarts it, or says why it does not. One that only takes back what somebody else changed brings
/// it to what Vamp has read already.
fn planned(case: &Case<'_>) -> Option<Breach> {
    let plan = case.plan?;
    let is_new = |step: &&Step| match step.action {
        Action::Create => step.causes.iter().all(|cause| cause.kind != CauseKind::Drift),
        Action::Update | Action::Replace => step.causes.iter().any(|cause| cause.kind != CauseKind::Drift),
        _ => false,
    };
    let is_read = |step: &&Step| case.graph.dependents(&step.address).any(|(_, edge)| edge.rule == Some(RULE.id));
    let changed = plan.steps.iter().filter(is_read).filter(is_new).count();
    let restarts = plan.steps.iter().filter(|step| step.role == Role::Vamp && step.action != Action::Keep).count();
    let vamp = case.graph.resources().find(|resource| resource.role == Role::Vamp)?;
    let is_told = plan.report.iter().any(|note| note.subject == vamp.address.as_str());
    (changed > 0 && restarts != 1 && !(restarts == 0 && is_told)).then(|| {
        let what = counted(changed, "configuration", "configurations");
        Breach::at(vamp.place, format!("the plan changes {what} and restarts Vamp {restarts} times; once is needed"))
            .saw("configurations", changed)
            .saw("restarts", restarts)
            .remedy("plan again without --target")
    })
}
