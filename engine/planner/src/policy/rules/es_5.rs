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
    let sink = &cell.environment.traffic_sink;
    let (here, there) = (cell.region(), case.region_of(&sink.value));
    let remote = here != case.management_region() && here != there;
    // What the countries of its users ask for comes first (RES-5): a cluster outside of them draws nothing to itself.
    let may = Jurisdiction::of(case, &cell.environment).allows(case.country_of(here));
    (remote && may && case.is_high(&cell.environment)).then(|| {
        Breach::at(sink.place, format!("{cell} has {} requests a second in {here}, and stores them in {there}", cell.environment.requests_per_second.value))
            .measured("volume", cell.environment.requests_per_second.value, "requests a second")
            .measured("high from", case.spec.policies.thresholds.high_volume.value, "requests a second")
            .saw("region of the cluster", here)
            .saw("region of the Elasticsearch", there)
            .remedy(format!("set `elasticsearch.traffic` to one in {here}"))
    })
}
