//! What oracles are shown: one moment of a run.

use super::breach::{Breach, Promise};
use crate::fault::Injection;
use crate::operator::{Desired, Fact};
use crate::world::{Cell, World};
use model::{Address, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The moment right after an event.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// When.
    pub now: Timestamp,
    /// The event, where events are remembered.
    pub event: Option<u64>,
    /// The world as it is now.
    pub world: &'a World,
    /// What operators did.
    pub facts: &'a [Fact],
    /// Objects that changed, or whose condition may have.
    pub touched: &'a BTreeSet<Address>,
    /// Cells as they were before it.
    pub before: &'a [Cell],
    /// Cells as they are now. The same as before where nothing can have changed.
    pub cells: &'a [Cell],
    /// The fault that began with this event.
    pub began: Option<&'a Injection>,
    /// The fault that ended with this event.
    pub ended: Option<&'a Injection>,
    /// Faults that go on, or ended a short while ago.
    pub recent: &'a [Injection],
    /// Specs that somebody has asked for so far, the oldest first; the last one is in force.
    pub wanted: &'a [Arc<Desired>],
}

impl<'a> Moment<'a> {
    /// A breach that this moment shows.
    pub fn breach(&self, promise: Promise, subject: impl Into<String>, message: impl Into<String>) -> Breach {
        Breach { promise, at: self.now, subject: subject.into(), message: message.into(), event: self.event }
    }

    /// Whether any cell may have changed.
    pub fn is_about_cells(&self) -> bool {
        !std::ptr::eq(self.before, self.cells)
    }

    /// Each cell that changed, as it was (if it was) and as it is.
    pub fn changed_cells(&self) -> impl Iterator<Item = (Option<&'a Cell>, &'a Cell)> + use<'a> {
        let before = self.before;
        let changed = self.is_about_cells();
        self.cells.iter().enumerate().filter(move |_| changed).filter_map(move |(index, cell)| {
            let same = |was: &&Cell| was.cluster == cell.cluster && was.namespace == cell.namespace;
            let was = before.get(index).filter(same).or_else(|| before.iter().find(same));
            (was != Some(cell)).then_some((was, cell))
        })
    }

    /// Whether something began or ended.
    pub fn is_a_fault(&self) -> bool {
        self.began.is_some() || self.ended.is_some()
    }
}

/// How a cell is called: `eu-1/acme-shop-production`.
pub(super) fn name(cell: &Cell) -> String {
    format!("{}/{}", cell.cluster, cell.namespace)
}
