//! AUD-3: a gap in the audit log is told.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::plan::{Action, NoteKind, Step};

pub(crate) const RULE: Rule = Rule {
    id: "AUD-3",
    severity: Severity::Must,
    title: "nothing changes in an environment of regulated audit while its audit log cannot be written",
    page: page!("AUD-3"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let plan = case.plan.filter(|_| environment.regulated_audit.value)?;
    let system = format!("elasticsearch.{}/", environment.audit_sink.value);
    let mut unknown = plan.report.iter().filter(|note| note.kind == NoteKind::Unknown);
    let note = unknown.find(|note| note.subject.starts_with(&system))?;
    let inside = |step: &&Step| step.scope.tenant.as_deref() == Some(environment.tenant.name) && step.scope.environment.as_deref() == Some(environment.name);
    let changes = plan.steps.iter().filter(inside).filter(|step| !matches!(step.action, Action::Keep | Action::Await)).count();
    (changes > 0).then(|| {
        Breach::at(environment.audit_sink.place, format!("{changes} changes of {environment} would leave no trace: its audit log cannot be written"))
            .saw("Elasticsearch", note.message.as_str())
            .saw("changes", changes)
            .remedy("bring the Elasticsearch back first; what is changed now is an audit gap, to be recorded by hand")
    })
}
