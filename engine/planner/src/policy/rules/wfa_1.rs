//! WFA-1: none means no metrics, two mean every event twice.

use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Place, Resource};

pub(crate) const RULE: Rule = Rule {
    id: "WFA-1",
    severity: Severity::Must,
    title: "every cell has exactly one workflow agent",
    page: page!("WFA-1"),
    checks: &[Check::Cell(declared), Check::Resource(made)],
};

fn declared(_: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let replicas = &cell.environment.workflow_agent.replicas;
    (replicas.value != 1).then(|| breach(replicas.place, &cell.to_string(), replicas.value.into(), "Recreate"))
}

fn made(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::WorkflowAgent {
        return None;
    }
    let replicas = resource.document.integer_at(&["spec", "replicas"]).unwrap_or(1);
    let strategy = resource.document.str_at(&["spec", "strategy", "type"]).unwrap_or("RollingUpdate");
    (replicas != 1 || strategy != "Recreate").then(|| breach(resource.place, &resource.scope.to_string(), replicas, strategy))
}

fn breach(place: Place, whom: &str, replicas: i64, strategy: &str) -> Breach {
    Breach::at(place, format!("workflow agents of {whom}: {replicas} with strategy {strategy}; exactly one may run"))
        .saw("replicas", replicas)
        .saw("strategy", strategy)
        .remedy("one replica, strategy Recreate")
}
