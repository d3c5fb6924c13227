//! RES-2: the Union.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "RES-2",
    severity: Severity::Should,
    title: "data of users in the European Union is kept in the European Union",
    page: page!("RES-2"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let jurisdiction = Jurisdiction::of(case, environment);
    let Jurisdiction::Union(user) = &jurisdiction else { return None };
    let (sink, country) = outside(case, environment, &jurisdiction)?;
    let breach = Breach::at(sink.place, format!("{environment} has users in {}, and {} keeps their data in {country}, outside of the European Union", user.value, sink.value))
        .saw("users in", user.value.as_str())
        .saw("data in", country)
        .saw("decided by", jurisdiction.because())
        .remedy("name an Elasticsearch in the European Union");
    Some(breach)
}

/// The first Elasticsearch of an environment that lies where its data may not be, and the country.
pub(in crate::policy) fn outside<'a>(case: &Case<'a>, environment: &Environment<'a>, jurisdiction: &Jurisdiction<'_>) -> Option<(&'a Located<String>, &'a str)> {
    let declared = &environment.declared.value;
    let sinks = [&declared.traffic_sink, &declared.audit_sink];
    let located = sinks.map(|sink| (sink, case.country_of(case.region_of(&sink.value))));
    located.into_iter().find(|(_, country)| !jurisdiction.allows(country))
}
