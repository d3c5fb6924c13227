//! VGA-5: a new gateway agent reads Vault before it serves.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Place;
use model::plan::{Action, NoteKind, Plan, Step};
use model::resource::Role;

pub(crate) const RULE: Rule = Rule {
    id: "VGA-5",
    severity: Severity::Must,
    title: "no gateway agent is started, rolled or resized while Vault cannot be read",
    page: page!("VGA-5"),
    checks: &[Check::Step(check)],
};

/// Planning takes such steps out (`plan::safety`); here a plan that has one all the same.
fn check(_: &Case<'_>, plan: &Plan, step: &Step) -> Option<Breach> {
    let starts = matches!(step.action, Action::Update | Action::Replace | Action::Adopt);
    if step.role != Role::GatewayAgent || !starts {
        return None;
    }
    let mut unknown = plan.report.iter().filter(|note| note.kind == NoteKind::Unknown);
    let note = unknown.find(|note| note.subject.starts_with("vault/"))?;
    let breach = Breach::at(Place::NOWHERE, format!("the plan would {} the gateway agents of {} while Vault cannot be read", step.action.word(), step.scope))
        .saw("vault", note.message.as_str())
        .remedy("bring Vault back, and plan again");
    Some(breach)
}
