//! RES-5: two laws, one Elasticsearch: impossible.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "RES-5",
    severity: Severity::Must,
    title: "an environment serves at most one country with a law of its own",
    page: page!("RES-5"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let Jurisdiction::Several(countries) = Jurisdiction::of(case, environment) else { return None };
    let second = countries.get(1)?;
    let names: Vec<&str> = countries.iter().map(|country| country.value.as_str()).collect();
    let breach = Breach::at(second.place, format!("{environment} has users in {}, and each of these countries keeps data inside: no Elasticsearch can be in all", names.join(" and ")))
        .saw("countries", names.join(", "))
        .remedy("split the environment, one for each of these countries");
    Some(breach)
}
