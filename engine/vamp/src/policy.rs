//! The rules, asked of what is about to be carried out: one of weight must stops it, the others are told in a line.

use crate::clock;
use crate::error::CommandError;
use crate::prepare::Prepared;
use crate::ui::Ui;
use jiff::civil::Date;
use model::Plan;
use model::observation::Snapshot;
use model::plan::Waived;
use planner::policy::{Case, Finding, Judgement, Severity, judge};
use planner::render::style::{Paint, counted, escape};
use std::path::Path;

/// The spec, and every rule of the platform's own.
pub(crate) fn case_of(prepared: &Prepared, today: Date) -> Case<'_> {
    Case::of(&prepared.spec, &prepared.graph, today).rules(prepared.rules.iter().map(AsRef::as_ref))
}

/// Refuse what breaks a rule of weight must: before anybody looks at a platform.
pub(crate) fn check_spec(prepared: &Prepared) -> Result<(), CommandError> {
    refuse(prepared, judge(&case_of(prepared, clock::today())))
}

/// The same with what was seen and is planned; what else is broken is told in a line. What of weight must is waived goes with the plan.
pub(crate) fn check_plan(prepared: &Prepared, snapshot: &Snapshot, plan: &Plan, ui: &Ui) -> Result<Vec<Waived>, CommandError> {
    let case = case_of(prepared, clock::today()).observed(snapshot).plan(plan);
    let judgement = judge(&case);
    tell(prepared, &judgement, ui);
    let waived = judgement.findings.iter().filter(|finding| finding.severity == Severity::Must).filter_map(waived).collect();
    refuse(prepared, judgement).map(|()| waived)
}

fn waived(finding: &Finding) -> Option<Waived> {
    let waiver = finding.waived.as_ref()?;
    let (rule, subject) = (finding.policy.as_ref().into(), finding.subject.clone());
    Some(Waived { rule, subject, expires: waiver.expires.to_string(), owner: waiver.owner.clone() })
}

/// Refuse the saved plan in `file` once a waiver that it stands on has ended. All else was asked when it was made: a plan that breaks a
/// rule of weight must is never saved, and an edited one is none.
pub(crate) fn check_saved(plan: &Plan, file: &Path, today: Date) -> Result<(), CommandError> {
    // Days are written so that their order is that of their texts.
    let today = today.to_string();
    let Some(ended) = plan.waived.iter().find(|waived| waived.expires < today) else { return Ok(()) };
    let Waived { rule, subject, expires, owner } = ended;
    let message = format!("{} breaks {rule} for {subject}, which was let pass until {expires} only", file.display());
    let hint = format!("plan again: mend what breaks {rule}, or let {owner} decide on a later day");
    Err(CommandError::new(message).hint(hint).by_policy())
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
