//! From a step of the plan to the operations that carry it out: the one place that knows what an action means.
//!
//! Every operation may be sent again after an unknown outcome: one whose effect is there already succeeds and changes nothing.

use crate::refusal::Refusal;
use model::change::CauseKind;
use model::kind::Family;
use model::operation::{Expectation, Mark, Operation};
use model::plan::{Action, Step};
use model::resource::Role;
use model::value::{Text, Value};
use port::Until;
use std::sync::Arc;

/// The operations of `step`, one after another, on the platform of this name. None for what is only kept.
///
/// # Errors
/// [`Refusal::Incomplete`] if the step lacks what its action needs.
pub fn operations(platform: &Text, step: &Step) -> Result<Vec<Operation>, Refusal> {
    Ok(match step.action {
        Action::Keep | Action::Await => Vec::new(),
        Action::Create | Action::Update => vec![apply(platform, step, expected(step), mends_drift(step))?],
        Action::Adopt => vec![apply(platform, step, expected(step), true)?],
        Action::Replace => vec![delete(step), apply(platform, step, Expectation::Absent, false)?],
        Action::Delete => vec![delete(step)],
        Action::Move => vec![rename(platform, step)?],
    })
}

/// Whether the step takes back fields that somebody else changed: they belong to that manager now, and the plan named them.
fn mends_drift(step: &Step) -> bool {
    step.changes.iter().any(|change| change.cause.kind == CauseKind::Drift)
}

/// What has to be awaited before the step is done: that its object does its work, where it runs pods or others store things in it;
/// that it is gone, where Kubernetes deletes it in its own time.
pub fn awaits(step: &Step) -> Option<Until> {
    let works = step.address.kind().runs_pods() || step.role == Role::Store;
    match step.action {
        Action::Keep => None,
        Action::Delete => (step.address.kind().family() == Family::Kubernetes).then_some(Until::Gone),
        _ => works.then_some(Until::Ready),
    }
}

fn apply(platform: &Text, step: &Step, expected: Expectation, force: bool) -> Result<Operation, Refusal> {
    let document = document(step)?;
    let mark = mark(platform, step, &document);
    Ok(Operation::Apply { address: step.address.clone(), document, mark, expected, force })
}

fn delete(step: &Step) -> Operation {
    Operation::Delete { address: step.address.clone(), expected: expected(step), with_data: step.destroys_data }
}

fn rename(platform: &Text, step: &Step) -> Result<Operation, Refusal> {
    let from = step.moved_from.clone();
    let from = from.ok_or_else(|| Refusal::Incomplete { step: step.address.clone(), lacks: "where it moves from" })?;
    let document = document(step)?;
    let mark = mark(platform, step, &document);
    Ok(Operation::Move { from, to: step.address.clone(), document, mark, expected: expected(step) })
}

/// What lies behind a system that did not exist when the plan was made could not be seen.
fn expected(step: &Step) -> Expectation {
    if step.deferred { Expectation::Unseen } else { step.expected.clone() }
}

fn document(step: &Step) -> Result<Arc<Value>, Refusal> {
    let document = step.document.clone();
    document.ok_or_else(|| Refusal::Incomplete { step: step.address.clone(), lacks: "what it should be" })
}

fn mark(platform: &Text, step: &Step, document: &Value) -> Mark {
    Mark { platform: platform.clone(), applied: document.digest(), scope: step.scope.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::plans::step;
    use model::change::{Cause, FieldChange};

    const PLATFORM: Text = Text::const_new("acme");

    fn words(step: &Step) -> Vec<String> {
        let word = |operation: &Operation| match operation {
            Operation::Apply { expected, force, .. } => format!("apply {expected:?} force={force}"),
            Operation::Delete { expected, .. } => format!("delete {expected:?}"),
            Operation::Move { from, expected, .. } => format!("move from {from} {expected:?}"),
        };
        operations(&PLATFORM, step).unwrap().iter().map(word).collect()
    }

    #[test]
    fn fields_that_somebody_else_changed_are_taken_back() {
        let change = |kind| FieldChange {
            path: "metadata.labels.a".into(),
            before: None,
            after: None,
            cause: Cause { kind, source: "kubectl-edit".into() },
        };
        let update = |kind| Step { action: Action::Update, changes: vec![change(kind)], ..step("vault/policy/a") };
        assert_eq!(words(&update(CauseKind::Drift)), ["apply Absent force=true"]);
        assert_eq!(words(&update(CauseKind::Spec)), ["apply Absent force=false"]);
    }

    #[test]
    fn every_action_becomes_its_operations() {
        let version = || Expectation::Version("7".into());
        let make = |action| Step { action, expected: version(), ..step("vault/policy/a") };
        let from = Some("vault/policy/b".parse().unwrap());
        assert_eq!(words(&step("vault/policy/a")), ["apply Absent force=false"]);
        assert_eq!(words(&make(Action::Update)), [r#"apply Version("7") force=false"#]);
        assert_eq!(words(&make(Action::Adopt)), [r#"apply Version("7") force=true"#]);
        assert_eq!(words(&make(Action::Replace)), [r#"delete Version("7")"#, "apply Absent force=false"]);
        assert_eq!(words(&make(Action::Delete)), [r#"delete Version("7")"#]);
        assert_eq!(words(&Step { moved_from: from, ..make(Action::Move) }), [r#"move from vault/policy/b Version("7")"#]);
        assert!(words(&make(Action::Keep)).is_empty());
    }

    #[test]
    fn what_could_not_be_seen_is_expected_unseen() {
        assert_eq!(words(&Step { deferred: true, ..step("vault/policy/a") }), ["apply Unseen force=false"]);
    }

    #[test]
    fn the_mark_names_the_platform_the_document_and_the_scope() {
        let step = step("vault/policy/a");
        let Operation::Apply { mark, document, .. } = &operations(&PLATFORM, &step).unwrap()[0] else { panic!("an apply") };
        assert_eq!((mark.platform.as_str(), &mark.applied, &mark.scope), ("acme", &document.digest(), &step.scope));
    }

    #[test]
    fn a_step_without_what_its_action_needs_is_refused() {
        let bare = Step { document: None, ..step("vault/policy/a") };
        let lost = Step { action: Action::Move, ..step("vault/policy/a") };
        assert_eq!(
            operations(&PLATFORM, &bare).unwrap_err().to_string(),
            "the step for vault/policy/a does not say what it should be"
        );
        assert_eq!(
            operations(&PLATFORM, &lost).unwrap_err().to_string(),
            "the step for vault/policy/a does not say where it moves from"
        );
    }

    #[test]
    fn pods_and_stores_are_waited_for_but_nothing_that_goes_away() {
        let deployment = step("cluster.eu-1/deployment/a/b");
        assert_eq!((awaits(&deployment), awaits(&step("vault/policy/a"))), (Some(Until::Ready), None));
        assert_eq!(awaits(&Step { role: Role::Store, ..step("cluster.eu-1/service/a/b") }), Some(Until::Ready));
        assert_eq!(awaits(&Step { action: Action::Delete, ..deployment }), Some(Until::Gone));
        assert_eq!(awaits(&Step { action: Action::Delete, ..step("vault/policy/a") }), None);
    }
}
