//! VGA-1: two gateway agents a cell, at all times.

use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "VGA-1",
    severity: Severity::Must,
    title: "every cell has at least two gateway agents ready at all times",
    page: page!("VGA-1"),
    checks: &[Check::Cell(check)],
};

/// Fewest gateway agents of a cell (requirements of Vamp 1.0).
pub(in crate::policy) const FEWEST: u32 = 2;

fn check(_: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let replicas = &cell.environment.gateway_agents.replicas;
    (replicas.value < FEWEST).then(|| {
        Breach::at(replicas.place, format!("{cell} has {} gateway agents; two must be ready at all times", replicas.value))
            .saw("replicas", replicas.value)
            .remedy("set `gatewayAgents.replicas` to 2 at least; 3 let one fail")
    })
}
