//! One system's share of the work: which steps wait for their turn, and how many operations it takes at a time.
//!
//! The number at a time follows the system (additive increase, multiplicative decrease, as in TCP congestion avoidance,
//! RFC 5681 section 3.1): halved when the system asks for patience, one more after some successes.

use model::value::Text;
use model::{Duration, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One system.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// Its name, as it stands in an address.
    pub(crate) system: Text,
    /// No operation begins before this.
    pub(crate) paused_until: Option<Timestamp>,
    waiting: BinaryHeap<Reverse<u32>>,
    in_flight: u32,
    limit: u32,
    maximum: u32,
    successes: u32,
    /// Operations with a lower ticket were sent before the limit was last halved.
    halved_at: u64,
    /// When an operation last succeeded.
    succeeded_at: Option<Timestamp>,
    /// Since when no operation came back with an answer, unless it was one that asks for patience.
    silent_since: Option<Timestamp>,
    /// It did nothing but ask for patience, or said nothing, for so long that its steps were given up, and no operation has succeeded since.
    pub(crate) is_given_up: bool,
}

impl Lane {
    pub(crate) fn new(system: Text, maximum: u32) -> Self {
        Lane {
            system,
            paused_until: None,
            waiting: BinaryHeap::new(),
            in_flight: 0,
            limit: maximum,
            maximum,
            successes: 0,
            halved_at: 0,
            succeeded_at: None,
            silent_since: None,
            is_given_up: false,
        }
    }

    /// Put a step into the queue.
    pub(crate) fn enqueue(&mut self, task: u32) {
        self.waiting.push(Reverse(task));
    }

    /// The next step in the plan's order, if the system takes one more. It holds a place until [`Lane::release`].
    pub(crate) fn take(&mut self) -> Option<u32> {
        if self.paused_until.is_some() || self.in_flight >= self.limit {
            return None;
        }
        let Reverse(task) = self.waiting.pop()?;
        self.in_flight += 1;
        Some(task)
    }

    /// Give a place back.
    pub(crate) fn release(&mut self) {
        self.in_flight -= 1;
    }

    /// Keep only the queued steps that `keep` wants.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        self.waiting.retain(|Reverse(task)| keep(*task));
    }

    /// Whether no operation succeeded since then.
    pub(crate) fn is_refusing_since(&self, since: Timestamp) -> bool {
        self.succeeded_at.is_none_or(|at| at < since)
    }

    /// An operation came back without an answer: for how long none has come.
    pub(crate) fn silent(&mut self, now: Timestamp) -> Duration {
        now.since(*self.silent_since.get_or_insert(now))
    }

    /// The system answered, whatever it said but that it is busy.
    pub(crate) fn answered(&mut self) {
        self.silent_since = None;
    }

    /// An operation succeeded; after `needed` of them the system gets one more at a time.
    pub(crate) fn succeeded(&mut self, now: Timestamp, needed: u32) {
        self.succeeded_at = Some(now);
        self.answered();
        self.is_given_up = false;
        if self.limit < self.maximum {
            self.successes += 1;
            if self.successes >= needed {
                self.successes = 0;
                self.limit += 1;
            }
        }
    }

    /// The system asked for patience when it got the operation of `ticket`. Returns the new limit if that is lower.
    ///
    /// All operations of one burst come back with the same answer; they count as one, or a single hiccup would bring the system
    /// down to one operation at a time.
    pub(crate) fn busy(&mut self, ticket: u64, next_ticket: u64) -> Option<u32> {
        if ticket < self.halved_at {
            return None;
        }
        self.halved_at = next_ticket;
        self.successes = 0;
        let halved = (self.limit / 2).max(1);
        (std::mem::replace(&mut self.limit, halved) > halved).then_some(halved)
    }

    /// Begin nothing before `until`. Returns whether that is later than before.
    pub(crate) fn pause(&mut self, until: Timestamp) -> bool {
        let later = self.paused_until.is_none_or(|before| before < until);
        if later {
            self.paused_until = Some(until);
        }
        later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(maximum: u32) -> Lane {
        Lane::new("vault".into(), maximum)
    }

    fn takes(lane: &mut Lane) -> Vec<u32> {
        std::iter::from_fn(|| lane.take()).collect()
    }

    #[test]
    fn steps_begin_in_the_order_of_the_plan_up_to_the_limit() {
        let mut lane = lane(2);
        [5, 1, 3].into_iter().for_each(|task| lane.enqueue(task));
        assert_eq!(takes(&mut lane), [1, 3]);
        lane.release();
        assert_eq!(takes(&mut lane), [5]);
    }

    #[test]
    fn one_burst_halves_once_and_the_next_halves_again() {
        let mut lane = lane(16);
        assert_eq!([lane.busy(1, 17), lane.busy(2, 17), lane.busy(16, 17)], [Some(8), None, None]);
        assert_eq!(
            [lane.busy(17, 25), lane.busy(25, 30), lane.busy(30, 31), lane.busy(31, 32)],
            [Some(4), Some(2), Some(1), None]
        );
    }

    #[test]
    fn successes_bring_the_limit_back_one_by_one_and_no_further_than_it_was() {
        let mut lane = lane(4);
        lane.busy(0, 1);
        (0..9).for_each(|_| lane.succeeded(Timestamp(1), 10));
        assert_eq!(lane.limit, 2);
        lane.succeeded(Timestamp(1), 10);
        assert_eq!(lane.limit, 3);
        (0..100).for_each(|_| lane.succeeded(Timestamp(1), 10));
        assert_eq!(lane.limit, 4);
    }

    #[test]
    fn one_success_says_that_a_system_does_not_refuse_everything() {
        let mut lane = lane(4);
        assert!(lane.is_refusing_since(Timestamp(5)));
        lane.is_given_up = true;
        lane.succeeded(Timestamp(7), 10);
        assert!(!lane.is_given_up);
        assert_eq!([7, 8].map(|since| lane.is_refusing_since(Timestamp(since))), [false, true]);
    }

    #[test]
    fn a_system_is_silent_from_the_first_operation_without_an_answer_until_one_comes() {
        let mut lane = lane(4);
        assert_eq!([3, 8].map(|now| lane.silent(Timestamp(now))), [Duration(0), Duration(5)]);
        lane.answered();
        assert_eq!([10, 14].map(|now| lane.silent(Timestamp(now))), [Duration(0), Duration(4)]);
        lane.succeeded(Timestamp(15), 10);
        assert_eq!(lane.silent(Timestamp(16)), Duration(0));
    }

    #[test]
    fn a_paused_system_takes_nothing_and_the_longest_pause_counts() {
        let mut lane = lane(4);
        lane.enqueue(0);
        assert!(lane.pause(Timestamp(9)) && !lane.pause(Timestamp(5)));
        assert_eq!((lane.take(), lane.paused_until), (None, Some(Timestamp(9))));
        lane.paused_until = None;
        assert_eq!(lane.take(), Some(0));
    }
}
