//! ES-5: high volume stays where it arises.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "ES-5",
    severity: Severity::Should,
    title: "traffic of high volume in another region than management is stored in that region",
    page: page!("ES-5"),
    checks: &[Check::Cell(check)],
};

fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    // What the countries of its users ask for comes first (RES-5): a cluster outside of them draws nothing to itself.
    let may = Jurisdiction::of(case, &cell.environment).allows(case.country_of(cell.region()));
    let is_remote = cell.region() != case.management_region();
    case.high_volume_away(cell).filter(|_| is_remote && may)
}
