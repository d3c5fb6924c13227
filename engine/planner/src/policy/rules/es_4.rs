//! ES-4: worth a thought.

use crate::policy::residency::Jurisdiction;
use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "ES-4",
    severity: Severity::May,
    title: "a service cluster in another region than management has an Elasticsearch of its own",
    page: page!("ES-4"),
    checks: &[Check::Cell(check)],
};

fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let sink = &cell.environment.traffic_sink;
    let (here, there) = (cell.region(), case.region_of(&sink.value));
    let remote = here != case.management_region() && here != there;
    let free = Jurisdiction::of(case, &cell.environment) == Jurisdiction::Anywhere;
    (remote && free && !case.is_high(&cell.environment)).then(|| {
        Breach::at(sink.place, format!("the traffic of {cell} in {here} is stored in {there}; an Elasticsearch in {here} would keep it near"))
            .saw("region of the cluster", here)
            .saw("region of the Elasticsearch", there)
            .measured("volume", cell.environment.requests_per_second.value, "requests a second")
            .remedy(format!("consider an Elasticsearch in {here}; low volume may stay as it is"))
    })
}
