//! ES-3: even at low volume.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "ES-3",
    severity: Severity::Should,
    title: "a regulated audit log is kept on an Elasticsearch of two data nodes or more",
    page: page!("ES-3"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let search = case.elasticsearch(&environment.audit_sink.value)?;
    (environment.regulated_audit.value && search.nodes.value < 2).then(|| {
        let place = first_written([search.nodes.place, environment.regulated_audit.place]);
        Breach::at(place, format!("the audit log of {environment} is regulated and kept on {}, which is one node", environment.audit_sink.value))
            .saw("regulated", true)
            .saw("nodes", search.nodes.value)
            .remedy("set `nodes` to 2 at least; 3 keep a quorum when one fails")
    })
}
