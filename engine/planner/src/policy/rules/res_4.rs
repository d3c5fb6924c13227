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
    let sink = &cell.environment.traffic_sink;
    let (here, there) = (cell.region(), case.region_of(&sink.value));
    let free = Jurisdiction::of(case, &cell.environment) == Jurisdiction::Anywhere;
    (free && here == case.management_region() && here != there && case.is_high(&cell.environment)).then(|| {
        Breach::at(sink.place, format!("{cell} has {} requests a second in {here}, and stores them in {there}", cell.environment.requests_per_second.value))
            .measured("volume", cell.environment.requests_per_second.value, "requests a second")
            .measured("high from", case.spec.policies.thresholds.high_volume.value, "requests a second")
            .saw("region of the cluster", here)
            .saw("region of the Elasticsearch", there)
            .remedy(format!("set `elasticsearch.traffic` to one in {here}"))
    })
}
