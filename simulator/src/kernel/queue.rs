//! The clock and the queue of what is going to happen, ordered by (time, priority, sequence).

use super::agenda::View;
use super::record::{Damaged, Record};
use super::rolling_hash::RollingHash;
use super::store::Store;
use super::trace::{Happening, Trace};
use super::{EPOCH, random};
use model::{Duration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const EVENTS: &str = "kernel.event";
const META: &str = "kernel.meta";

/// Which of two events of one instant comes first: the lower number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(pub u8);

impl Priority {
    /// Faults and healing: before everything else of their instant.
    pub const FAULT: Priority = Priority(0);
    /// What systems do by themselves.
    pub const SYSTEM: Priority = Priority(100);
    /// Requests of the engine and of people: after what systems did at the same instant.
    pub const REQUEST: Priority = Priority(200);
}

/// An event's place in the queue; also what it is cancelled by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// When.
    pub at: Timestamp,
    /// Before which others of that instant.
    pub priority: Priority,
    /// In which order it was scheduled. Never used twice in a world.
    pub sequence: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.0, self.priority.0, self.sequence)
    }
}

/// A text that is no place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place in the queue of events")]
pub struct NotAnEventId(String);

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(text: &str) -> Result<Self, NotAnEventId> {
        let wrong = || NotAnEventId(text.to_owned());
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or_else(wrong);
        Ok(EventId {
            at: Timestamp(part()?.parse().map_err(|_| wrong())?),
            priority: Priority(part()?.parse().map_err(|_| wrong())?),
            sequence: part()?.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What of the kernel is kept beside its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    now: Timestamp,
    seed: u64,
    sequence: u64,
    hash: RollingHash,
}

/// Virtual time, and what happens in it. `E` is the world's event.
#[derive(Clone, Debug)]
pub struct Kernel<E> {
    meta: Meta,
    meta_changed: bool,
    /// Nothing was ever kept of it.
    new: bool,
    queue: Store<EventId, E>,
    /// What happened and why, where somebody wants to know afterwards.
    trace: Option<Box<Trace>>,
}

impl<E> Kernel<E> {
    /// A kernel at [`EPOCH`] with nothing to happen.
    pub fn new(seed: u64) -> Self {
        let meta = Meta { now: EPOCH, seed, sequence: 0, hash: RollingHash::START };
        Kernel { meta, meta_changed: true, new: true, queue: Store::new(), trace: None }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.meta.now
    }

    /// Whether nothing was ever kept of it.
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// The seed of all randomness.
    pub fn seed(&self) -> u64 {
        self.meta.seed
    }

    /// The hash over everything that happened.
    pub fn hash(&self) -> RollingHash {
        self.meta.hash
    }

    /// [`random::draw`] with this world's seed.
    pub fn draw(&self, entity: &str, purpose: &str, n: u64) -> u64 {
        random::draw(self.meta.seed, entity, purpose, n)
    }

    /// Let `event` happen `after` from now.
    pub fn schedule(&mut self, after: Duration, priority: Priority, event: E) -> EventId {
        self.schedule_at(self.meta.now + after, priority, event)
    }

    /// Let `event` happen at `at`, or now if that has passed.
    pub fn schedule_at(&mut self, at: Timestamp, priority: Priority, event: E) -> EventId {
        let id = EventId { at: at.max(self.meta.now), priority, sequence: self.meta.sequence };
        self.meta.sequence += 1;
        self.meta_changed = true;
        self.queue.insert(id, event);
        if let Some(trace) = &mut self.trace {
            trace.scheduled(id.sequence);
        }
        id
    }

    /// Let the event not happen. Whether it was still to come.
    pub fn cancel(&mut self, id: EventId) -> bool {
        self.queue.remove(&id).is_some()
    }

    /// When the next event happens.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.queue.first().map(|(id, _)| id.at)
    }

    /// Number of events to come.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }

    /// The events to come, in order.
    pub fn events(&self) -> impl Iterator<Item = (&EventId, &E)> {
        self.queue.iter()
    }

    /// Move the clock to `at` without letting anything happen. Never backwards, and never past the next event.
    pub fn advance_clock(&mut self, at: Timestamp) {
        let at = self.next_at().map_or(at, |next| at.min(next)).max(self.meta.now);
        self.meta_changed |= at != self.meta.now;
        self.meta.now = at;
    }

    /// Let all randomness from now on be that of `seed`: one world that was brought up once serves many runs.
    pub fn reseed(&mut self, seed: u64) {
        self.meta.seed = seed;
        self.meta_changed = true;
    }

    /// From now on remember what happens, and what let it happen.
    pub fn begin_trace(&mut self) {
        self.trace = Some(Box::default());
    }

    /// What was remembered.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_deref()
    }

    /// The event that happens now, or happened last.
    pub fn current(&self) -> Option<u64> {
        self.trace.as_ref().and_then(|trace| trace.current())
    }

    /// Take something into the hash that happened from outside the queue (a request, a fault by hand).
    pub fn note(&mut self, what: &str) {
        if let Some(trace) = &mut self.trace {
            trace.noted(what);
        }
        self.meta.hash.feed(&self.meta.now.0.to_le_bytes());
        self.meta.hash.feed(what.as_bytes());
        self.meta_changed = true;
    }

    /// The kernel as one part of the world sees it, whose own events `wrap` turns into the world's.
    pub fn view<W>(&mut self, wrap: W) -> View<'_, E, W> {
        View::new(self, wrap)
    }
}

impl<E: Serialize> Kernel<E> {
    /// Take the next event out and move the clock to it.
    pub fn pop(&mut self) -> Option<(EventId, E)> {
        let (id, event) = self.queue.pop_first()?;
        self.meta.now = id.at;
        self.meta_changed = true;
        let mut bytes = format!("{id} ").into_bytes();
        let prefix = bytes.len();
        // Events are plain data that always serialize; a failure would show as another hash, not as a loss.
        let _ = serde_json::to_writer(&mut bytes, &event);
        self.meta.hash.feed(&bytes);
        if let Some(trace) = &mut self.trace {
            let what = String::from_utf8_lossy(&bytes[prefix..]).into_owned();
            trace.happened(Happening { event: id.sequence, at: id.at, cause: None, what, notes: Vec::new() });
        }
        Some((id, event))
    }

    /// Append what changed since the last call.
    pub fn drain_changes(&mut self, records: &mut Vec<Record>) {
        self.new = false;
        self.queue.drain_changes(EVENTS, "", records);
        if std::mem::take(&mut self.meta_changed) {
            let value = serde_json::to_string(&self.meta).ok();
            records.push(Record { table: META, key: "kernel".to_owned(), value });
        }
    }
}

impl<E: DeserializeOwned> Kernel<E> {
    /// Put one kept record back. Whether it was one of the kernel's.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        match table {
            EVENTS => self.queue.restore(table, key, value)?,
            META => {
                self.meta = serde_json::from_str(value).map_err(|source| Damaged {
                    table: table.to_owned(),
                    key: key.to_owned(),
                    source: Some(source),
                })?;
                (self.meta_changed, self.new) = (false, false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kernel: &mut Kernel<String>) -> Vec<String> {
        std::iter::from_fn(|| kernel.pop().map(|(_, event)| event)).collect()
    }

    fn example() -> Kernel<String> {
        let mut kernel = Kernel::new(1);
        for (after, priority, event) in
            [(5, 100, "late"), (1, 200, "request"), (1, 100, "first"), (1, 100, "second"), (1, 0, "fault")]
        {
            kernel.schedule(Duration(after), Priority(priority), event.to_owned());
        }
        kernel
    }

    #[test]
    fn events_come_by_time_then_priority_then_in_the_order_of_scheduling() {
        let mut kernel = example();
        assert_eq!(run(&mut kernel), ["fault", "first", "second", "request", "late"]);
        assert_eq!(kernel.now(), EPOCH + Duration(5));
    }

    #[test]
    fn a_trace_says_what_let_an_event_happen() {
        let mut kernel: Kernel<String> = Kernel::new(1);
        kernel.begin_trace();
        kernel.schedule(Duration(1), Priority::FAULT, "node dies".to_owned());
        kernel.pop();
        kernel.note("three pods stop");
        kernel.schedule(Duration(40_000), Priority::SYSTEM, "node is given up".to_owned());
        kernel.schedule(Duration(50_000), Priority::SYSTEM, "other".to_owned());
        let (given_up, _) = kernel.pop().unwrap();
        let (other, _) = kernel.pop().unwrap();
        let chain = |id: EventId| -> Vec<String> {
            kernel.trace().unwrap().chain(id.sequence).iter().map(|happening| happening.what.clone()).collect()
        };
        assert_eq!(chain(given_up), ["\"node dies\"", "\"node is given up\""]);
        assert_eq!(chain(other), ["\"node dies\"", "\"other\""]);
        assert_eq!(kernel.trace().unwrap().chain(given_up.sequence)[0].notes, ["three pods stop"]);
    }

    #[test]
    fn a_cancelled_event_does_not_happen_and_leaves_the_others_alone() {
        let mut kernel = example();
        let id = kernel.schedule(Duration(2), Priority::SYSTEM, "cancelled".to_owned());
        assert!(kernel.cancel(id) && !kernel.cancel(id));
        assert_eq!(run(&mut kernel).len(), 5);
    }

    #[test]
    fn a_kernel_that_was_kept_in_the_middle_goes_on_to_the_same_hash() {
        let (mut whole, mut halved) = (example(), example());
        let mut kept = std::collections::BTreeMap::new();
        halved.pop();
        halved.pop();
        let mut records = Vec::new();
        halved.drain_changes(&mut records);
        for record in records {
            match record.value {
                Some(value) => kept.insert((record.table, record.key), value),
                None => kept.remove(&(record.table, record.key)),
            };
        }
        let mut restored: Kernel<String> = Kernel::new(99);
        for ((table, key), value) in &kept {
            assert!(restored.restore(table, key, value).unwrap());
        }
        assert_eq!(restored.seed(), 1);
        run(&mut whole);
        run(&mut restored);
        assert_eq!(whole.hash(), restored.hash());
        assert_eq!(whole.now(), restored.now());
    }

    #[test]
    fn another_order_gives_another_hash() {
        let (mut left, mut right) = (Kernel::new(1), Kernel::new(1));
        left.schedule(Duration(1), Priority::SYSTEM, "a");
        left.schedule(Duration(1), Priority::SYSTEM, "b");
        right.schedule(Duration(1), Priority::SYSTEM, "b");
        right.schedule(Duration(1), Priority::SYSTEM, "a");
        while left.pop().is_some() && right.pop().is_some() {}
        assert_ne!(left.hash(), right.hash());
    }

    #[test]
    fn the_clock_never_runs_past_an_event_nor_backwards() {
        let mut kernel = example();
        kernel.advance_clock(EPOCH + Duration(100));
        assert_eq!(kernel.now(), EPOCH + Duration(1));
        kernel.advance_clock(EPOCH);
        assert_eq!(kernel.now(), EPOCH + Duration(1));
    }
}
