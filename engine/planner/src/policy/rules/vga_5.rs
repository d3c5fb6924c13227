//! VGA-5: a new gateway agent reads Vault before it serves.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::plan::{Action, Note, NoteKind, Plan, Step};
use model::resource::Role;

pub(crate) const RULE: Rule = Rule {
    id: "VGA-5",
    severity: Severity::Must,
    title: "no gateway agent is started, rolled or resized while Vault cannot be read",
    page: page!("VGA-5"),
    checks: &[Check::Plan(check)],
};

/// Planning takes such steps out (`plan::safety`); here a plan that has one all the same.
fn check(case: &Case<'_>, plan: &Plan) -> Vec<(String, Breach)> {
    let mut unknown = plan.report.iter().filter(|note| note.kind == NoteKind::Unknown);
    let Some(note) = unknown.find(|note| note.subject.starts_with("vault/")) else { return Vec::new() };
    let starts = |step: &&Step| matches!(step.action, Action::Update | Action::Replace | Action::Adopt);
    let agents = plan.steps.iter().filter(|step| step.role == Role::GatewayAgent).filter(starts);
    agents.map(|step| (step.scope.to_string(), breach(case, step, note))).collect()
}

fn breach(case: &Case<'_>, step: &Step, note: &Note) -> Breach {
    Breach::at(case.place_of(step), format!("the plan would {} the gateway agents of {} while Vault cannot be read", step.action.word(), step.scope))
        .saw("vault", note.message.as_str())
        .remedy("bring Vault back, and plan again")
}
