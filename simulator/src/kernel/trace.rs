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
    /// Numbers of events, in the order in which they happened.
    order: Vec<u64>,
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
        self.order.push(event);
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

    /// All events, in the order in which they happened.
    pub fn happenings(&self) -> impl Iterator<Item = &Happening> {
        self.order.iter().filter_map(|event| self.happened.get(event))
    }

    /// The events that led to `event`, the first one first, itself last.
    pub fn chain(&self, event: u64) -> Vec<&Happening> {
        let first = self.happened.get(&event);
        let mut chain: Vec<&Happening> = std::iter::successors(first, |happening| self.happened.get(&happening.cause?)).collect();
        chain.reverse();
        chain
    }
}

/// The first event in which two runs differ that should be one and the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which event, counted from 0.
    pub nth: usize,
    /// What happened in the one; nothing if it was over.
    pub left: Option<Happening>,
    /// What happened in the other.
    pub right: Option<Happening>,
}

/// The first event in which two traces differ: another event, another time, another cause, or something else noted while it happened.
pub fn first_difference(left: &Trace, right: &Trace) -> Option<Difference> {
    let (mut left, mut right) = (left.happenings(), right.happenings());
    for nth in 0.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (one, other) if one == other => {}
            (one, other) => return Some(Difference { nth, left: one.cloned(), right: other.cloned() }),
        }
    }
    None
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "event {} is the first that differs", self.nth)?;
        for (name, happening) in [("one run", &self.left), ("the other", &self.right)] {
            match happening {
                None => writeln!(f, "  {name}: is over")?,
                Some(happening) => {
                    writeln!(f, "  {name}: at {} {} {}", happening.at.0, happening.what, happening.notes.join("; "))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(happened: &[(u64, u64, &str)]) -> Trace {
        let mut trace = Trace::default();
        for (event, at, what) in happened {
            let what = (*what).to_owned();
            trace.happened(Happening { event: *event, at: Timestamp(*at), cause: None, what, notes: Vec::new() });
        }
        trace
    }

    #[test]
    fn the_first_difference_is_found_whatever_it_is() {
        let whole = trace(&[(3, 10, "a"), (1, 20, "b"), (2, 30, "c")]);
        assert_eq!(first_difference(&whole, &whole.clone()), None);
        let nth = |other: &Trace| first_difference(&whole, other).map(|difference| difference.nth);
        assert_eq!(nth(&trace(&[(3, 10, "a"), (1, 21, "b"), (2, 30, "c")])), Some(1), "another time");
        assert_eq!(nth(&trace(&[(1, 20, "b"), (3, 10, "a"), (2, 30, "c")])), Some(0), "another order");
        assert_eq!(nth(&trace(&[(3, 10, "a"), (1, 20, "b")])), Some(2), "one of them is over");
        let mut noted = trace(&[(3, 10, "a"), (1, 20, "b"), (2, 30, "c")]);
        noted.noted("something else");
        let difference = first_difference(&whole, &noted).unwrap();
        assert_eq!(difference.nth, 2);
        assert!(difference.to_string().contains("something else"), "{difference}");
    }
}
