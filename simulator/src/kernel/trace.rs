//! What happened and what let it happen: each event remembers the one during which it was scheduled, so that a chain of causes is
//! read off afterwards, not guessed.

use model::Timestamp;
use std::collections::BTreeMap;

/// One event that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its number; see [`super::EventId`].
    pub event: u64,
    /// When.
    pub at: Timestamp,
    /// The event during which it was scheduled; nothing if it was scheduled from outside.
    pub cause: Option<u64>,
    /// What, as JSON.
    pub what: String,
    /// What was noted while it happened: requests and their answers, faults.
    pub notes: Vec<String>,
}

/// All that happened since the trace began.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    happened: BTreeMap<u64, Happening>,
    causes: BTreeMap<u64, u64>,
    current: Option<u64>,
}

impl Trace {
    pub(super) fn scheduled(&mut self, event: u64) {
        if let Some(current) = self.current {
            self.causes.insert(event, current);
        }
    }

    pub(super) fn happened(&mut self, happening: Happening) {
        let event = happening.event;
        let cause = self.causes.remove(&event);
        self.current = Some(event);
        self.happened.insert(event, Happening { cause, ..happening });
    }

    pub(super) fn noted(&mut self, what: &str) {
        if let Some(happening) = self.current.and_then(|current| self.happened.get_mut(&current)) {
            happening.notes.push(what.to_owned());
        }
    }

    pub(super) fn current(&self) -> Option<u64> {
        self.current
    }

    /// One event that happened.
    pub fn get(&self, event: u64) -> Option<&Happening> {
        self.happened.get(&event)
    }

    /// The events that led to `event`, the first one first, itself last.
    pub fn chain(&self, event: u64) -> Vec<&Happening> {
        let first = self.happened.get(&event);
        let mut chain: Vec<&Happening> = std::iter::successors(first, |happening| self.happened.get(&happening.cause?)).collect();
        chain.reverse();
        chain
    }
}
