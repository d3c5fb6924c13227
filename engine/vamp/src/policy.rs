//! The rules, asked of what is about to be carried out: one of weight must stops it, the others are told in a line.

use crate::clock;
use crate::error::CommandError;
use crate::prepare::Prepared;
use crate::ui::Ui;
use jiff::civil::Date;
use model::Plan;
use model::observation::Snapshot;
use planner::policy::{Case, Finding, Judgement, Severity, judge};
use planner::render::style::{Paint, counted, escape};

/// The spec, and every rule of the platform's own.
pub(crate) fn case_of(prepared: &Prepared, today: Date) -> Case<'_> {
    Case::of(&prepared.spec, &prepared.graph, today).rules(prepared.rules.iter().map(AsRef::as_ref))
}

/// Refuse what breaks a rule of weight must: before anybody looks at a platform.
pub(crate) fn check_spec(prepared: &Prepared) -> Result<(), CommandError> {
    refuse(prepared, judge(&case_of(prepared, clock::today())))
}

/// The same with what was seen and is planned; what else is broken is told in a line.
pub(crate) fn check_plan(prepared: &Prepared, snapshot: &Snapshot, plan: &Plan, ui: &Ui) -> Result<(), CommandError> {
    let case = case_of(prepared, clock::today()).observed(snapshot).plan(plan);
    let judgement = judge(&case);
    tell(prepared, &judgement, ui);
    refuse(prepared, judgement)
}

fn refuse(prepared: &Prepared, judgement: Judgement) -> Result<(), CommandError> {
    let musts = |finding: &Finding| finding.severity == Severity::Must && finding.waived.is_none();
    let broken: Vec<Finding> = judgement.findings.into_iter().filter(musts).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(CommandError::policy(broken, prepared.spec.file.clone(), prepared.source.clone()))
}

/// How many lighter rules are broken, and who says which.
fn tell(prepared: &Prepared, judgement: &Judgement, ui: &Ui) {
    let lighter = judgement.open().filter(|finding| matches!(finding.severity, Severity::High | Severity::Should)).count();
    if lighter > 0 {
        let rules = counted(lighter, "recommendation is", "recommendations are");
        let line = format!("{rules} not followed: `vamp check {}` says which and why.", escape(&prepared.spec.file));
        ui.line(&ui.err().paint(Paint::Warning, &line));
    }
}
