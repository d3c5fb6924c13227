//! RES-1: the default place of data.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "RES-1",
    severity: Severity::Should,
    title: "audit logs, and traffic of countries without restrictions, are kept in the management region",
    page: page!("RES-1"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    if Jurisdiction::of(case, environment) != Jurisdiction::Anywhere {
        return None;
    }
    let management = case.management_region();
    let near = |region: &str| environment.cells(case.spec).any(|cell| cell.region() == region);
    let (audit, traffic) = (&environment.audit_sink, &environment.traffic_sink);
    let (audit_region, traffic_region) = (case.region_of(&audit.value), case.region_of(&traffic.value));
    // Audit and traffic are two sinks, so that moving one leaves the other. Traffic may stay near (ES-4, RES-4).
    let (sink, what, region) = if audit_region != management {
        (audit, "audit log", audit_region)
    } else if traffic_region != management && !near(traffic_region) && !case.is_high(environment) {
        (traffic, "traffic", traffic_region)
    } else {
        return None;
    };
    let breach = Breach::at(sink.place, format!("the {what} of {environment} is kept in {region}; nothing asks for it, and management is in {management}"))
        .saw("Elasticsearch", sink.value.as_str())
        .saw("its region", region)
        .saw("management region", management)
        .remedy(format!("set `elasticsearch.{}` to one in {management}", if what == "traffic" { "traffic" } else { "audit" }));
    Some(breach)
}
