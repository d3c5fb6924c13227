//! VMP-1: there is no election between two.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Place, Resource, Value};

pub(crate) const RULE: Rule = Rule {
    id: "VMP-1",
    severity: Severity::Must,
    title: "exactly one Vamp runs, and never two at a time",
    page: page!("VMP-1"),
    checks: &[Check::Platform(one), Check::Resource(alone)],
};

fn one(case: &Case<'_>) -> Option<Breach> {
    let count = case.graph.resources().filter(|resource| resource.role == Role::Vamp).count();
    (count != 1).then(|| {
        Breach::at(Place::NOWHERE, format!("the platform would have {count} Vamps; exactly one may run"))
            .saw("Vamps", count)
            .remedy("give exactly one cluster the role `management` or `all-in-one`")
    })
}

fn alone(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::Vamp {
        return None;
    }
    let wrong = not_alone(&resource.document)?;
    Some(Breach::at(resource.place, wrong).remedy("one replica, strategy Recreate"))
}

/// What lets two Vamps run at once in this Deployment, if anything does.
pub(crate) fn not_alone(deployment: &Value) -> Option<String> {
    let replicas = deployment.integer_at(&["spec", "replicas"]).unwrap_or(1);
    let strategy = deployment.str_at(&["spec", "strategy", "type"]).unwrap_or("RollingUpdate");
    (replicas != 1 || strategy != "Recreate").then(|| format!("replicas {replicas} with strategy {strategy} would let two Vamps run at once"))
}
