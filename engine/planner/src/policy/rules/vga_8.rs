//! VGA-8: no gateway vanishes by accident.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Place;
use model::change::Shown;
use model::inventory::inventory;
use model::plan::Step;
use model::resource::Role;

pub(crate) const RULE: Rule = Rule {
    id: "VGA-8",
    severity: Severity::Should,
    title: "a published gateway configuration loses only what the spec names as retired",
    page: page!("VGA-8"),
    checks: &[Check::Step(check)],
};

/// Planning takes such steps out (`plan::safety`); here a plan that has one all the same.
fn check(case: &Case<'_>, step: &Step) -> Option<Breach> {
    if step.role != Role::GatewayConfiguration {
        return None;
    }
    let text = |shown: &Option<Shown>| match shown {
        Some(Shown::Value(value)) => value.as_str().map(inventory),
        _ => None,
    };
    let change = step.changes.iter().find(|change| change.path.contains("configuration"))?;
    let (before, after) = (text(&change.before)?, text(&change.after)?);
    let environment = case.environment_of(&step.scope)?;
    let retired = |name: &str| environment.retired_gateways.iter().any(|retired| retired.value == name);
    let lost: Vec<&str> = before.lost_in(&after).filter(|name| !retired(name)).collect();
    (!lost.is_empty()).then(|| {
        Breach::at(Place::NOWHERE, format!("the configuration of {} would lose {}, which is served now", step.scope, lost.join(", ")))
            .saw("gateways before", before.gateways.len())
            .saw("gateways after", after.gateways.len())
            .remedy(format!("if that is meant, write `retiredGateways: [{}]` in the environment", lost.join(", ")))
    })
}
