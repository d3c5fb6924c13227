//! RES-6: what is sent has left already.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "RES-6",
    severity: Severity::Should,
    title: "no cluster of an environment sends data over the border of where it has to stay",
    page: page!("RES-6"),
    checks: &[Check::Cell(check)],
};

fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let jurisdiction = Jurisdiction::of(case, &cell.environment);
    let country = case.country_of(cell.region());
    (!jurisdiction.allows(country)).then(|| {
        Breach::at(cell.place(), format!("{cell} handles in {country} what has to stay inside {}", jurisdiction.because()))
            .saw("cluster in", country)
            .saw("decided by", jurisdiction.because())
            .remedy("run the environment on clusters inside; only aggregates may leave")
    })
}
