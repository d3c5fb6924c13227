//! VGA-1: two gateway agents a cell, at all times.

use super::super::rule::page;
use super::super::subject::Cell;
use super::super::{Breach, Case, Check, Rule, Severity};

pub(in crate::policy) const RULE: Rule = Rule {
    id: "VGA-1",
    severity: Severity::Must,
    title: "every cell has at least two gateway agents ready at all times",
    page: page!("VGA-1"),
    checks: &[Check::Cell(check)],
};

fn check(_: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let replicas = &cell.environment.gateway_agents.replicas;
    (replicas.value < 2).then(|| {
        Breach::at(replicas.place, format!("{cell} has {} gateway agents; two must be ready at all times", replicas.value))
            .saw("replicas", replicas.value)
            .remedy("set `gatewayAgents.replicas` to 2 at least; 3 let one fail")
    })
}
