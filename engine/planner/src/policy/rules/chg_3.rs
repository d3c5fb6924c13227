//! CHG-3: audit logs and traffic metadata stay in their country.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "CHG-3",
    severity: Severity::High,
    title: "audit logs and traffic metadata do not move to another country",
    page: page!("CHG-3"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let moved = older.kept_environments(case).flat_map(|(before, now)| {
        let audit = moved(case, older, "audit log", &before.audit_sink, &now.audit_sink);
        let traffic = moved(case, older, "traffic metadata", &before.traffic_sink, &now.traffic_sink);
        [audit, traffic].into_iter().flatten().map(move |breach| (now.to_string(), breach))
    });
    moved.collect()
}

/// Whether what `old` took and `new` takes now lies in another country, and which field decided that.
fn moved(case: &Case<'_>, older: &Older<'_>, what: &str, old: &Located<String>, new: &Located<String>) -> Option<Breach> {
    let (from, to) = (Older::country_of(older.spec, old)?, Older::country_of(case.spec, new)?);
    if from.country == to.country {
        return None;
    }
    let (place, before) = if old.value != new.value {
        (new.place, old.place)
    } else if from.region != to.region {
        (to.region_at, from.region_at)
    } else {
        (to.country_at, from.country_at)
    };
    let message = format!("the {what} would lie in {} ({}) instead of {} ({})", to.country, new.value, from.country, old.value);
    Some(
        Breach::at(place, message)
            .saw("before", format!("{}, {}", from.region, from.country))
            .saw("now", format!("{}, {}", to.region, to.country))
            .remedy(format!(
                "keep it in {}; if it is meant to move, let whoever answers for the data waive this: what lies there already is not moved",
                from.country
            ))
            .instead_of(older.file(), before),
    )
}
