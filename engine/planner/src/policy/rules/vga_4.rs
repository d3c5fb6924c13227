//! VGA-4: a roll-out needs room.

use crate::policy::rule::page;
use crate::policy::rules::vga_1::FEWEST;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "VGA-4",
    severity: Severity::Must,
    title: "no step takes a cell below two ready gateway agents on two nodes",
    page: page!("VGA-4"),
    checks: &[Check::Cell(check)],
};

/// With a node to spare, a roll starts one pod more; without, three pods can give up one. Two pods on two nodes have no legal roll.
/// What a plan would do is judged step by step, where it is made: `plan::safety`.
fn check(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let (nodes, replicas) = (case.node_count(&cell.cluster), &cell.environment.gateway_agents.replicas);
    (nodes <= replicas.value && replicas.value <= FEWEST).then(|| {
        let message = format!("{} gateway agents on {nodes} nodes of {} cannot be rolled: no node is free for a third", replicas.value, cell.cluster.name);
        Breach::at(cell.cluster.nodes.count.place, message)
            .saw("nodes", nodes)
            .saw("replicas", replicas.value)
            .remedy(format!("give {} a third node", cell.cluster))
    })
}
