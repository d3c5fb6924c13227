//! Plans in a few words.

use crate::{Answer, Consent};
use model::operation::Expectation;
use model::plan::{Action, FORMAT_VERSION, Plan, Step};
use model::resource::{Role, Scope};
use model::{Address, Value};

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A step that creates the object, with its address as its document.
pub(crate) fn step(text: &str) -> Step {
    Step {
        address: address(text),
        action: Action::Create,
        causes: Vec::new(),
        after: Vec::new(),
        expected: Expectation::Absent,
        scope: Scope::PLATFORM,
        role: Role::Plain,
        changes: Vec::new(),
        document: Some(Value::from(text).into()),
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}

/// The same, after others.
pub(crate) fn after(text: &str, before: &[&str]) -> Step {
    Step { after: before.iter().map(|text| address(text)).collect(), ..step(text) }
}

pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        format_version: FORMAT_VERSION,
        made_at: "2026-11-24T12:00:00Z".into(),
        platform: "acme".into(),
        spec_digest: "spec".into(),
        acts_on: Vec::new(),
        connections: Vec::new(),
        pinned_to: Default::default(),
        steps,
        report: Vec::new(),
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 0,
        digest: "plan".into(),
    }
}

/// Consent to everything in the plan.
pub(crate) fn consent(plan: &Plan) -> Consent {
    Consent::given(plan, Answer::Flag, plan.steps.iter().map(|step| step.address.clone())).unwrap()
}
