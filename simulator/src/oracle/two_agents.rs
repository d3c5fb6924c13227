//! Two ready gateway agents on two nodes, wherever the fault budget allows.
//!
//! The budget is one loss: from a cell that is whole, one pod, or all of one node, may be taken away by a fault, and two agents must be
//! left. What is lost beyond that before the cell is whole again is excused. Losses that no fault brings about are never excused, and a cell
//! that was never whole owes nothing yet.

use super::moment::name;
use super::{Breach, Moment, Promise};
use crate::fault::{Fault, Kind, Target};
use crate::world::{Agent, Cell};
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Losses that a whole cell bears.
const BUDGET: usize = 1;
/// Ready agents, and nodes that they are on, that a cell has at all times.
const FEWEST: usize = 2;

/// What is known of each cell.
#[derive(Clone, Debug, Default)]
pub(super) struct TwoAgents {
    cells: BTreeMap<(Text, Text), Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    was_whole: bool,
    /// Nodes and pods that faults took since it was whole.
    losses: BTreeSet<Text>,
    /// Whether its breach was told.
    told: bool,
}

impl TwoAgents {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for (was, cell) in moment.changed_cells() {
            let key = (cell.cluster.clone(), cell.namespace.clone());
            let known = self.cells.entry(key).or_default();
            known.losses.extend(was.into_iter().flat_map(|was| losses(moment, was, cell)));
            if is_whole(cell) {
                *known = Known { was_whole: true, ..Known::default() };
            } else if is_short(cell) && known.was_whole && known.losses.len() <= BUDGET && !known.told {
                known.told = true;
                breaches.push(moment.breach(Promise::TwoAgents, name(cell), message(cell, &known.losses)));
            }
        }
    }
}

/// Whether it has all of its agents, and its cluster takes none for available that is lost: a roll-out goes by what the cluster knows.
/// An agent that is asked to go is none of them.
fn is_whole(cell: &Cell) -> bool {
    let mistaken = cell.agents.iter().any(|agent| agent.available && !agent.ready);
    let stay = || cell.ready().filter(|agent| !agent.terminating);
    let nodes: BTreeSet<_> = stay().filter_map(|agent| agent.node.as_ref()).collect();
    !mistaken && stay().count() >= (cell.desired as usize).max(FEWEST) && nodes.len() >= FEWEST
}

fn is_short(cell: &Cell) -> bool {
    cell.desired > 0 && (cell.ready().count() < FEWEST || cell.nodes_of_ready() < FEWEST)
}

fn message(cell: &Cell, losses: &BTreeSet<Text>) -> String {
    let (ready, nodes) = (cell.ready().count(), cell.nodes_of_ready());
    let after = match losses.first() {
        None => "though nothing was lost".to_owned(),
        Some(loss) => format!("after the loss of {loss} alone"),
    };
    let node = if nodes == 1 { "node" } else { "nodes" };
    format!("{ready} of {} gateway agents ready, on {nodes} {node}, {after}", cell.desired)
}

/// What a fault took of the cell in this moment: the nodes of lost agents where it was a node, their pods otherwise.
fn losses<'a>(moment: &'a Moment<'_>, was: &'a Cell, cell: &'a Cell) -> impl Iterator<Item = Text> + use<'a> {
    let ready_now: BTreeSet<&Text> = cell.ready().map(|agent| &agent.pod).collect();
    let lost = was.ready().filter(move |agent| !ready_now.contains(&agent.pod));
    let now = |agent: &Agent| cell.agents.iter().find(|other| other.pod == agent.pod);
    lost.filter_map(move |agent| {
        let node = agent.node.clone();
        let node_lost = moment.recent.iter().any(|injection| reaches_node(&injection.fault, &cell.cluster, agent));
        if node_lost {
            return node;
        }
        let deleted = now(agent).is_none_or(|agent| agent.terminating);
        let by_a_fault = !deleted || moment.began.is_some();
        by_a_fault.then(|| agent.pod.clone())
    })
}

/// Whether the fault is one of the machine that an agent is on.
fn reaches_node(fault: &Fault, cluster: &Text, agent: &Agent) -> bool {
    match &fault.target {
        Target::Node { cluster: other, node } => other == cluster && agent.node.as_ref() == Some(node),
        Target::Zone { cluster: other, zone } => other == cluster && agent.zone.as_ref() == Some(zone),
        Target::Cluster(other) => other == cluster && fault.kind == Kind::ClusterLost,
        Target::Region(_) => fault.kind == Kind::RegionLost,
        _ => false,
    }
}
