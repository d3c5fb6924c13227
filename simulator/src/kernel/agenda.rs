//! The kernel as one part of the world sees it: a cluster schedules its own events and knows nothing of the world's.

use super::queue::{EventId, Kernel, Priority};
use super::random;
use model::{Duration, Timestamp};

/// Time, randomness and the queue, for a part of the world whose events are `E`.
pub trait Agenda<E> {
    /// The virtual time.
    fn now(&self) -> Timestamp;

    /// The seed of all randomness.
    fn seed(&self) -> u64;

    /// Let `event` happen at `at`, or now if that has passed.
    fn schedule_at(&mut self, at: Timestamp, priority: Priority, event: E) -> EventId;

    /// Let the event not happen. Whether it was still to come.
    fn cancel(&mut self, id: EventId) -> bool;

    /// Let `event` happen `after` from now.
    fn schedule(&mut self, after: Duration, priority: Priority, event: E) -> EventId {
        self.schedule_at(self.now() + after, priority, event)
    }

    /// [`random::between`] with this world's seed.
    fn between(&self, entity: &str, purpose: &str, n: u64, low: u64, high: u64) -> u64 {
        random::between(self.seed(), entity, purpose, n, low, high)
    }

    /// [`random::chance`] with this world's seed.
    fn chance(&self, entity: &str, purpose: &str, n: u64, per_million: u32) -> bool {
        random::chance(self.seed(), entity, purpose, n, per_million)
    }
}

impl<E> Agenda<E> for Kernel<E> {
    fn now(&self) -> Timestamp {
        Kernel::now(self)
    }

    fn seed(&self) -> u64 {
        Kernel::seed(self)
    }

    fn schedule_at(&mut self, at: Timestamp, priority: Priority, event: E) -> EventId {
        Kernel::schedule_at(self, at, priority, event)
    }

    fn cancel(&mut self, id: EventId) -> bool {
        Kernel::cancel(self, id)
    }
}

/// A kernel whose events are made of a part's own events by `wrap`.
#[derive(Debug)]
pub struct View<'a, E, W> {
    kernel: &'a mut Kernel<E>,
    wrap: W,
}

impl<'a, E, W> View<'a, E, W> {
    pub(super) fn new(kernel: &'a mut Kernel<E>, wrap: W) -> Self {
        View { kernel, wrap }
    }
}

impl<E, P, W: Fn(P) -> E> Agenda<P> for View<'_, E, W> {
    fn now(&self) -> Timestamp {
        self.kernel.now()
    }

    fn seed(&self) -> u64 {
        self.kernel.seed()
    }

    fn schedule_at(&mut self, at: Timestamp, priority: Priority, event: P) -> EventId {
        let event = (self.wrap)(event);
        self.kernel.schedule_at(at, priority, event)
    }

    fn cancel(&mut self, id: EventId) -> bool {
        self.kernel.cancel(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_schedules_its_own_events_among_the_worlds() {
        let mut kernel: Kernel<(String, u8)> = Kernel::new(1);
        let mut view = kernel.view(|event: u8| ("eu-1".to_owned(), event));
        let cancelled = view.schedule(Duration(1), Priority::SYSTEM, 6);
        view.schedule(Duration(1), Priority::SYSTEM, 7);
        assert!(view.cancel(cancelled));
        assert_eq!(kernel.pop().map(|(_, event)| event), Some(("eu-1".to_owned(), 7)));
    }
}
