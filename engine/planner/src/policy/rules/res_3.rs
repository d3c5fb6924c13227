//! RES-3: an Elasticsearch a country.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::rules::res_2::outside;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "RES-3",
    severity: Severity::Should,
    title: "data of users in a country with a law of its own is kept in that country",
    page: page!("RES-3"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let jurisdiction = Jurisdiction::of(case, environment);
    let Jurisdiction::Country(own) = &jurisdiction else { return None };
    let (sink, country) = outside(case, environment, &jurisdiction)?;
    let breach = Breach::at(sink.place, format!("{environment} has users in {}, whose law keeps data inside, and {} keeps it in {country}", own.value, sink.value))
        .saw("users in", own.value.as_str())
        .saw("data in", country)
        .saw("decided by", jurisdiction.because())
        .remedy(format!("name an Elasticsearch in {}, for audit and traffic alike", own.value));
    Some(breach)
}
