//! RES-4: unrestricted, but much.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "RES-4",
    severity: Severity::Should,
    title: "traffic of high volume is stored in the region where it arises",
    page: page!("RES-4"),
    checks: &[Check::Cell(check)],
};

/// Cells in another region than management are told by ES-5.
fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let is_free = Jurisdiction::of(case, &cell.environment) == Jurisdiction::Anywhere;
    let is_near = cell.region() == case.management_region();
    case.high_volume_away(cell).filter(|_| is_free && is_near)
}
