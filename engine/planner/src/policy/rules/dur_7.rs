//! DUR-7: nothing durable goes with a cluster.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Place;
use model::plan::{Action, Step};

pub(crate) const RULE: Rule = Rule {
    id: "DUR-7",
    severity: Severity::Must,
    title: "what holds data is deleted only with consent named for it",
    page: page!("DUR-7"),
    checks: &[Check::Step(check)],
};

/// Planning takes such steps out and asks for consent by name (`plan::prune`); here a plan that has one all the same.
fn check(_: &Case<'_>, step: &Step) -> Option<Breach> {
    let takes_away = matches!(step.action, Action::Delete | Action::Replace);
    (takes_away && step.address.kind().holds_data() && !step.destroys_data).then(|| {
        Breach::at(Place::NOWHERE, format!("the plan would {} {}, which holds data, and nobody named it", step.action.word(), step.address))
            .saw("action", step.action.word())
            .saw("consent", false)
            .remedy(format!("`--allow-destroy {}` if its data may go", step.address))
    })
}
