//! AUD-3: a gap in the audit log is told.

use crate::policy::rule::page;
use crate::policy::subject::{Environment, first_written};
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use model::plan::{Action, Note, NoteKind, Plan};
use std::cell::LazyCell;
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    id: "AUD-3",
    severity: Severity::Must,
    title: "nothing changes in an environment of regulated audit while its audit log cannot be written",
    page: page!("AUD-3"),
    checks: &[Check::Plan(check)],
};

fn check(case: &Case<'_>, plan: &Plan) -> Vec<(String, Breach)> {
    // Nearly always every Elasticsearch was seen, and no step has to be counted.
    let (unknown, changes) = (unknown(plan), LazyCell::new(|| changes(plan)));
    let breach = |environment: Environment<'_>| {
        let note = unknown.get(environment.audit_sink.value.as_str())?;
        let changes = *changes.get(&(environment.tenant.name, environment.name))?;
        Some((environment.to_string(), breach(&environment, changes, note)))
    };
    case.environments().filter(|environment| environment.regulated_audit.value).filter_map(breach).collect()
}

/// What is said of each Elasticsearch that nobody could look at, by its name.
fn unknown(plan: &Plan) -> BTreeMap<&str, &Note> {
    let notes = plan.report.iter().rev().filter(|note| note.kind == NoteKind::Unknown);
    notes.filter_map(|note| Some((note.subject.strip_prefix("elasticsearch.")?.split_once('/')?.0, note))).collect()
}

/// How many steps change something, by tenant and environment.
fn changes(plan: &Plan) -> BTreeMap<(&str, &str), usize> {
    let mut changes = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep | Action::Await)) {
        if let (Some(tenant), Some(environment)) = (step.scope.tenant.as_deref(), step.scope.environment.as_deref()) {
            *changes.entry((tenant, environment)).or_default() += 1;
        }
    }
    changes
}

fn breach(environment: &Environment<'_>, changes: usize, note: &Note) -> Breach {
    let what = counted(changes, "change", "changes");
    Breach::at(first_written([environment.audit_sink.place, environment.declared.place]), format!("{what} of {environment} would leave no trace: its audit log cannot be written"))
        .saw("Elasticsearch", note.message.as_str())
        .saw("changes", changes)
        .remedy("bring the Elasticsearch back first; what is changed now is written down when it is back, beside the gap")
}
