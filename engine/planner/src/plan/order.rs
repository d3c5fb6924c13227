//! Steps in order. Edges of the graph become `after`, contracted over what does not change; deletes come in reverse, after what
//! replaces them; and a step whose ground is missing waits, with everything that stands on it.

mod contract;
mod removal;

use crate::plan::Request;
use model::Address;
use model::index::IndexMap;
use model::plan::{Note, NoteKind, Step};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Steps in order, each with its `after`, and notes on those that wait.
pub(crate) fn arrange(request: &Request<'_>, steps: Vec<Step>, notes: &[Note]) -> (Vec<Step>, Vec<Note>) {
    let overlooked = |note: &Note| request.options.impatient && note.kind == NoteKind::Unknown;
    let in_the_way = notes.iter().filter(|note| stands_in_the_way(note.kind) && !overlooked(note));
    let blocked: BTreeMap<&str, &Note> = in_the_way.map(|note| (note.subject.as_str(), note)).collect();
    let mut table = Table::new(steps);
    let mut waits = Waits::default();
    contract::link(request, &mut table, &blocked, &mut waits);
    removal::link(request, &mut table, &blocked, &mut waits);
    let waiting = waits.spread(&table);
    let notes = waiting.iter().map(|(&index, cause)| note(&table.steps[index], cause)).collect();
    (sorted(table, &waiting), notes)
}

/// Whether what comes after the subject of such a note has to wait.
fn stands_in_the_way(kind: NoteKind) -> bool {
    !matches!(kind, NoteKind::Waits | NoteKind::Ineffective | NoteKind::Unconfirmed | NoteKind::Yielded)
}

/// The steps by address, and for each the indices of those that come before it.
pub(crate) struct Table {
    pub(crate) steps: Vec<Step>,
    pub(crate) index: IndexMap<Address, usize>,
    pub(crate) after: Vec<Vec<usize>>,
}

impl Table {
    fn new(steps: Vec<Step>) -> Self {
        let index = steps.iter().enumerate().map(|(index, step)| (step.address.clone(), index)).collect();
        let after = vec![Vec::new(); steps.len()];
        Table { steps, index, after }
    }

    /// One more step; its index.
    pub(crate) fn push(&mut self, step: Step) -> usize {
        let index = self.steps.len();
        self.index.insert(step.address.clone(), index);
        self.steps.push(step);
        self.after.push(Vec::new());
        index
    }
}

/// Steps that have to wait, and the first thing that each waits for.
#[derive(Default)]
pub(crate) struct Waits(BTreeMap<usize, String>);

impl Waits {
    /// `step` waits for `cause`; the first cause counts.
    pub(crate) fn add(&mut self, step: usize, cause: &str) {
        self.0.entry(step).or_insert_with(|| cause.to_owned());
    }

    /// What comes after a waiting step waits too.
    fn spread(self, table: &Table) -> BTreeMap<usize, String> {
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); table.steps.len()];
        for (index, after) in table.after.iter().enumerate() {
            for &first in after {
                dependents[first].push(index);
            }
        }
        let mut waiting = self.0;
        let mut queue: Vec<usize> = waiting.keys().copied().collect();
        while let Some(index) = queue.pop() {
            for &dependent in &dependents[index] {
                waiting.entry(dependent).or_insert_with(|| {
                    queue.push(dependent);
                    table.steps[index].address.to_string()
                });
            }
        }
        waiting
    }
}

fn note(step: &Step, cause: &str) -> Note {
    Note {
        kind: NoteKind::Waits,
        subject: step.address.as_str().into(),
        rule: None,
        message: format!("{} waits for {cause}", step.action.word()),
        help: None,
    }
}

/// Kahn's algorithm over the steps that do not wait; among equals, in the order in which they were decided.
fn sorted(table: Table, waiting: &BTreeMap<usize, String>) -> Vec<Step> {
    let count = table.steps.len();
    let mut open = vec![0_usize; count];
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, after) in table.after.iter().enumerate() {
        open[index] = after.len();
        for &first in after {
            dependents[first].push(index);
        }
    }
    let addresses: Vec<Address> = table.steps.iter().map(|step| step.address.clone()).collect();
    let mut steps: Vec<Option<Step>> = table.steps.into_iter().map(Some).collect();
    let mut ready: BinaryHeap<Reverse<usize>> = (0..count).filter(|&index| open[index] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse(index)) = ready.pop() {
        for &dependent in &dependents[index] {
            open[dependent] -= 1;
            if open[dependent] == 0 {
                ready.push(Reverse(dependent));
            }
        }
        if let Some(mut step) = steps[index].take().filter(|_| !waiting.contains_key(&index)) {
            step.after = table.after[index]
                .iter()
                .filter(|first| !waiting.contains_key(first))
                .map(|&first| addresses[first].clone())
                .collect();
            step.after.sort();
            order.push(step);
        }
    }
    order
}
