//! AUD-2: two kinds of data, two retentions.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "AUD-2",
    severity: Severity::Should,
    title: "traffic metadata is kept shorter than the audit log",
    page: page!("AUD-2"),
    checks: &[Check::Environment(check)],
};

fn check(_: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let (traffic, audit) = (&environment.traffic_retention_days, &environment.audit_retention_days);
    (traffic.value >= audit.value).then(|| {
        let place = first_written([traffic.place, audit.place]);
        Breach::at(place, format!("{environment} keeps traffic metadata {} days and its audit log {}: each needs a retention of its own", traffic.value, audit.value))
            .measured("traffic", traffic.value, "days")
            .measured("audit", audit.value, "days")
            .remedy("lower `retention.traffic` or raise `retention.audit`")
    })
}
