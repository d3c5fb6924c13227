//! CHG-6: traffic moves in steps.

use super::super::rule::page;
use super::super::subject::first_written;
use super::super::{Breach, Case, Check, Older, Rule, Severity};
use crate::spec::types::{Gateway, Named};
use model::Place;
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "CHG-6",
    severity: Severity::High,
    title: "no gateway loses all its routes, and no weight jumps further than a step",
    page: page!("CHG-6"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let mut found = Vec::new();
    for (before, now) in older.kept_environments(case) {
        for (name, old) in &before.gateways {
            let breach = match now.gateways.get(name) {
                None if now.retired_gateways.iter().any(|retired| retired.value == *name) => None,
                None => Some(gone(older, now.declared.place, name, old.place)),
                Some(new) => changed(case, older, name, old, new),
            };
            found.extend(breach.map(|breach| (now.to_string(), breach)));
        }
    }
    found
}

fn gone(older: &Older<'_>, place: Place, name: &str, before: Place) -> Breach {
    Breach::at(place, format!("the gateway {name} is gone, and whoever comes to it finds nothing"))
        .saw("gateway", name)
        .remedy(format!("bring it back; if it is meant to go, name it under `retiredGateways: [{name}]`"))
        .instead_of(older.file(), before)
}

fn changed(case: &Case<'_>, older: &Older<'_>, name: &str, old: &Located<Gateway>, new: &Located<Gateway>) -> Option<Breach> {
    let (before, now) = (&old.value.routes, &new.value.routes);
    if before.keys().all(|route| !now.contains_key(route)) {
        return Some(
            Breach::at(new.place, format!("every route of the gateway {name} is another one"))
                .saw("routes before", before.len())
                .saw("routes now", now.len())
                .remedy("keep a route that is known to work, and move its weight over in steps")
                .instead_of(older.file(), old.place),
        );
    }
    let step = case.spec.policies.thresholds.weight_step.value;
    let (route, from, to, place) = furthest(before, now)?;
    (u32::from(from.abs_diff(to)) > step).then(|| {
        Breach::at(first_written([place, new.place]), format!("the weight of {name}/{route} would jump from {from} to {to}; {step} is the largest step"))
            .saw("before", u32::from(from))
            .saw("now", u32::from(to))
            .saw("step", step)
            .remedy(format!("go in steps of {step} at most, and look at the metrics in between (`policies.thresholds.weightStep`)"))
            .instead_of(older.file(), before.get(route).map_or(old.place, |route| route.value.weight.place))
    })
}

/// The route whose weight changes most, with both weights; a route that is not there has none.
fn furthest<'r>(
    before: &'r Named<crate::spec::types::Route>,
    now: &'r Named<crate::spec::types::Route>,
) -> Option<(&'r str, u8, u8, Place)> {
    let weight = |routes: &Named<crate::spec::types::Route>, name: &str| {
        routes.get(name).map_or((0, Place::NOWHERE), |route| (route.value.weight.value, route.value.weight.place))
    };
    let changes = now.keys().chain(before.keys()).map(|name| {
        let ((from, _), (to, place)) = (weight(before, name), weight(now, name));
        (name.as_str(), from, to, place)
    });
    // The first of those that change equally far: `max_by_key` would give the last.
    changes.reduce(|one, other| if other.1.abs_diff(other.2) > one.1.abs_diff(one.2) { other } else { one })
}
