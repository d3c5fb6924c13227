//! Edges among steps from edges among resources: a path over things that do not change counts as one edge.
//!
//! Where many steps meet many others in one thing that does not change, that thing becomes a `keep` step, so that the number of
//! edges stays linear.

use super::{Table, Waits};
use crate::plan::Request;
use model::graph::EdgeReason;
use model::operation::Expectation;
use model::plan::{Action, Note, Step};
use model::{Address, Resource};
use std::collections::BTreeMap;

/// Product of incoming and outgoing edges from which a `keep` step is cheaper than all pairs.
const HUB_PAIRS: usize = 64;

pub(super) fn link(request: &Request<'_>, table: &mut Table, blocked: &BTreeMap<&str, &Note>, waits: &mut Waits) {
    if request.options.destroy || table.steps.is_empty() {
        return;
    }
    let Ok(order) = request.graph.order() else { return };
    let mut frontiers: Vec<Vec<usize>> = vec![Vec::new(); request.graph.len()];
    for resource in order {
        let Some(position) = request.graph.position(&resource.address) else { continue };
        let before = steps_before(request, resource, &frontiers);
        let step = table.index.get(&resource.address).copied();
        frontiers[position] = match step {
            Some(index) => {
                table.after[index] = before;
                wait_for_blocked(request, resource, index, &table.steps[index], blocked, waits);
                vec![index]
            }
            None if before.len() > 1 && before.len() * request.graph.dependents(&resource.address).count() > HUB_PAIRS => {
                let index = table.push(keep(resource));
                table.after[index] = before;
                vec![index]
            }
            None => before,
        };
    }
}

/// The steps that `resource` comes after, each once.
fn steps_before(request: &Request<'_>, resource: &Resource, frontiers: &[Vec<usize>]) -> Vec<usize> {
    let mut before: Vec<usize> = request
        .graph
        .dependencies(&resource.address)
        .filter_map(|(dependency, _)| request.graph.position(&dependency.address))
        .flat_map(|position| frontiers[position].iter().copied())
        .collect();
    before.sort_unstable();
    before.dedup();
    before
}

/// A step waits if a direct dependency is unknown, refused or not ours. Who merely rolls after another waits for it only if it rolls.
fn wait_for_blocked(
    request: &Request<'_>,
    resource: &Resource,
    index: usize,
    step: &Step,
    blocked: &BTreeMap<&str, &Note>,
    waits: &mut Waits,
) {
    if blocked.is_empty() {
        return;
    }
    for (dependency, edge) in request.graph.dependencies(&resource.address) {
        let counts = edge.reason != EdgeReason::RollsAfter || step.action == Action::Update;
        if let Some(note) = blocked.get(dependency.address.as_str()).filter(|_| counts) {
            waits.add(index, &cause(&dependency.address, note));
        }
    }
}

fn cause(address: &Address, note: &Note) -> String {
    match &note.rule {
        Some(rule) => format!("{address} ({rule})"),
        None => address.to_string(),
    }
}

fn keep(resource: &Resource) -> Step {
    Step {
        address: resource.address.clone(),
        action: Action::Keep,
        causes: Vec::new(),
        after: Vec::new(),
        expected: Expectation::Unseen,
        scope: resource.scope.clone(),
        role: resource.role,
        changes: Vec::new(),
        document: None,
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}
