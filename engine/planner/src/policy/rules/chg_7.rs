//! CHG-7: a cell stays on its cluster.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "CHG-7",
    severity: Severity::Should,
    title: "no environment leaves a cluster that it serves on",
    page: page!("CHG-7"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let mut found = Vec::new();
    for (before, now) in older.kept_environments(case) {
        let clusters: Vec<&str> = now.clusters.iter().map(|cluster| cluster.value.as_str()).collect();
        for left in before.clusters.iter().filter(|cluster| !clusters.contains(&cluster.value.as_str())) {
            let place = now.clusters.first().map_or(now.declared.place, |cluster| cluster.place);
            let message = format!("{now} would leave {}: its gateway agents there go, and whoever comes to them finds nothing", left.value);
            let breach = Breach::at(place, message)
                .saw("before", before.clusters.iter().map(|cluster| cluster.value.as_str()).collect::<Vec<_>>().join(", "))
                .saw("now", clusters.join(", "))
                .remedy(format!("let it serve on {} as well until nobody comes there any more, then take it out", left.value))
                .instead_of(older.file(), left.place);
            found.push((now.to_string(), breach));
        }
    }
    found
}
