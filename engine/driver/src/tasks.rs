//! The plan in the form that the machine works with: positions instead of addresses, and everything that could be wrong with
//! it found before the first step begins.

use crate::operation::{awaits, operations};
use crate::refusal::Refusal;
use model::Address;
use model::index::IndexMap;
use model::kind::Family;
use model::operation::{Expectation, Operation};
use model::plan::{Action, Plan, Step};
use model::resource::Scope;
use model::value::Text;
use port::Until;

/// What is fixed about a step.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) address: Address,
    pub(crate) action: Action,
    pub(crate) scope: Scope,
    /// What it expects to find and what it writes, as the journal names them.
    pub(crate) before: Option<Text>,
    pub(crate) after: Option<Text>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) awaits: Option<Until>,
    /// Position of its system in [`Tasks::systems`].
    pub(crate) lane: u32,
    /// Number of steps that come before it.
    pub(crate) waits_for: u32,
}

/// All steps, and which come after which.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    pub(crate) all: Vec<Task>,
    /// Systems in the order in which the plan first names them.
    pub(crate) systems: Vec<(Text, Family)>,
    /// The steps after step `i` are `after[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    after: Vec<u32>,
}

impl Tasks {
    pub(crate) fn new(plan: &Plan) -> Result<Self, Refusal> {
        let positions = positions(&plan.steps)?;
        let mut systems: IndexMap<&str, Family> = IndexMap::default();
        let mut all = Vec::with_capacity(plan.steps.len());
        let mut edges = Vec::new();
        for (position, step) in plan.steps.iter().enumerate() {
            let before = edges.len();
            collect_edges(&positions, position as u32, step, &mut edges)?;
            let waits_for = (edges.len() - before) as u32;
            let lane = systems.insert_full(step.address.system_text(), step.address.kind().family()).0 as u32;
            let operations = operations(&plan.platform, step)?;
            let (address, action, scope) = (step.address.clone(), step.action, step.scope.clone());
            let (before, after) = (pin(step), operations.iter().find_map(applied));
            all.push(Task { address, action, scope, before, after, operations, awaits: awaits(step), lane, waits_for });
        }
        let (first, after) = by_predecessor(all.len(), &edges);
        let systems = systems.into_iter().map(|(system, family)| (system.into(), family)).collect();
        Ok(Tasks { all, systems, first, after })
    }

    /// The steps that come after `task`.
    pub(crate) fn after(&self, task: u32) -> impl Iterator<Item = u32> + use<'_> {
        let task = task as usize;
        self.after[self.first[task] as usize..self.first[task + 1] as usize].iter().copied()
    }
}

/// The pin of what a step expects to find.
fn pin(step: &Step) -> Option<Text> {
    match &step.expected {
        Expectation::Version(version) => Some(version.clone()),
        Expectation::Absent | Expectation::Unseen => None,
    }
}

/// The digest of what an operation writes.
fn applied(operation: &Operation) -> Option<Text> {
    match operation {
        Operation::Apply { mark, .. } | Operation::Move { mark, .. } => Some(mark.applied.clone()),
        Operation::Delete { .. } => None,
    }
}

fn positions(steps: &[Step]) -> Result<IndexMap<&str, u32>, Refusal> {
    let mut positions = IndexMap::with_capacity_and_hasher(steps.len(), Default::default());
    for (position, step) in steps.iter().enumerate() {
        if positions.insert(step.address.as_str(), position as u32).is_some() {
            return Err(Refusal::Twice(step.address.clone()));
        }
    }
    Ok(positions)
}

/// Every edge of `step` as (what comes first, what comes after). That all of them point backwards is what rules out a cycle.
fn collect_edges(
    positions: &IndexMap<&str, u32>,
    position: u32,
    step: &Step,
    edges: &mut Vec<(u32, u32)>,
) -> Result<(), Refusal> {
    for address in &step.after {
        match positions.get(address.as_str()) {
            Some(&first) if first < position => edges.push((first, position)),
            Some(_) => return Err(Refusal::OutOfOrder { step: step.address.clone(), later: address.clone() }),
            None => return Err(Refusal::Missing { step: step.address.clone(), missing: address.clone() }),
        }
    }
    Ok(())
}

/// The edges sorted by what comes first, in one pass (counting sort), as the two lists of [`Tasks`].
fn by_predecessor(count: usize, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; count + 1];
    for (before, _) in edges {
        first[*before as usize + 1] += 1;
    }
    for position in 1..first.len() {
        first[position] += first[position - 1];
    }
    let mut next = first.clone();
    let mut after = vec![0; edges.len()];
    for (before, then) in edges {
        let slot = &mut next[*before as usize];
        after[*slot as usize] = *then;
        *slot += 1;
    }
    (first, after)
}
