//! AUD-1: no audit log ends early.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "AUD-1",
    severity: Severity::Must,
    title: "a regulated audit log is kept as long as the regulation asks",
    page: page!("AUD-1"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let (kept, needed) = (&environment.audit_retention_days, case.spec.policies.thresholds.regulated_audit_days.value);
    (environment.regulated_audit.value && kept.value < needed).then(|| {
        let place = first_written([kept.place, environment.regulated_audit.place]);
        Breach::at(place, format!("the audit log of {environment} is regulated and kept {} days; {needed} are asked for", kept.value))
            .measured("kept", kept.value, "days")
            .measured("asked for", needed, "days")
            .remedy("raise `retention.audit`; `policies.thresholds.regulatedAudit` says what the regulation asks for")
    })
}
