//! Traffic documents on their way to Elasticsearch: a bounded buffer, sent in bulk, and what of it is lost.
//!
//! Only counts are kept here; the lines themselves lie with whoever carries the effects out, in order. When the buffer is full the
//! oldest go: what quantification looks at are the last minutes.

use crate::{BUFFER, SHIPPING};
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// The buffer of one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipper {
    started: Timestamp,
    /// When the next bulk request may begin.
    next: Timestamp,
    /// Documents of the bulk request that is on its way: the oldest of the buffer.
    in_flight: u64,
    /// Documents that wait.
    pub buffered: u64,
    /// Documents that Elasticsearch took.
    pub shipped: u64,
    /// Documents that were given up.
    pub lost: u64,
}

impl Shipper {
    /// An empty buffer of an agent that started at `started`: bulk requests begin whole periods after that.
    pub fn new(started: Timestamp) -> Self {
        Shipper { started, next: started + SHIPPING, in_flight: 0, buffered: 0, shipped: 0, lost: 0 }
    }

    /// So many requests were logged. How many of the oldest documents had to go for them.
    pub fn logged(&mut self, documents: u64) -> u64 {
        self.buffered += documents;
        let lost = self.buffered.saturating_sub(BUFFER);
        self.buffered -= lost;
        self.in_flight = self.in_flight.saturating_sub(lost);
        self.lost += lost;
        lost
    }

    /// How many documents are to be sent now, if it is time and none are on their way.
    pub fn send(&mut self, now: Timestamp) -> Option<u64> {
        if now < self.next {
            return None;
        }
        self.next = crate::machine::round_after(self.started, now, SHIPPING);
        if self.in_flight > 0 || self.buffered == 0 {
            return None;
        }
        self.in_flight = self.buffered;
        Some(self.buffered)
    }

    /// What waits may be sent at once, whether or not it is time: the agent is about to end.
    pub fn hurry(&mut self, now: Timestamp) {
        self.next = now;
    }

    /// The bulk request was answered.
    pub fn answered(&mut self, taken: bool) {
        let sent = std::mem::take(&mut self.in_flight);
        if taken {
            self.buffered -= sent;
            self.shipped += sent;
        }
    }

    /// When it may send next, if there is anything to send.
    pub fn next_at(&self) -> Option<Timestamp> {
        (self.buffered > 0 && self.in_flight == 0).then_some(self.next)
    }

    /// Another process goes on with what the last one left: its rounds begin at `started`.
    pub fn start_again(&mut self, started: Timestamp) {
        (self.started, self.next, self.in_flight) = (started, started + SHIPPING, 0);
    }

    /// What is left is given up.
    pub fn abandon(&mut self) {
        self.lost += std::mem::take(&mut self.buffered);
        self.in_flight = 0;
    }

    /// Let time pass up to `now` at once, as if every round in between had been gone through: `logged_until` says how many documents
    /// were logged in all up to an instant, `accepts` whether Elasticsearch took what it was sent. Fewer documents than the buffer
    /// holds are logged in one round.
    pub fn pass(&mut self, now: Timestamp, accepts: bool, logged_until: impl Fn(Timestamp) -> u64) {
        let known = self.shipped + self.lost + self.buffered;
        let last = last_round(self.started, now);
        if accepts && last >= self.next {
            let (first, sent) = (logged_until(self.next), logged_until(last));
            self.logged(first.saturating_sub(known));
            self.shipped += std::mem::take(&mut self.buffered) + sent.saturating_sub(first);
            self.buffered = logged_until(now).saturating_sub(sent);
        } else {
            self.logged(logged_until(now).saturating_sub(known));
        }
        self.next = self.next.max(crate::machine::round_after(self.started, now, SHIPPING));
    }
}

/// The last round at or before `now`.
fn last_round(started: Timestamp, now: Timestamp) -> Timestamp {
    let rounds = now.since(started).0 / SHIPPING.0;
    started + SHIPPING.times(rounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Duration;
    use proptest::prelude::*;

    #[test]
    fn everything_that_waits_is_sent_once_a_round_and_kept_until_it_is_taken() {
        let mut shipper = Shipper::new(Timestamp(1000));
        shipper.logged(3);
        assert_eq!((shipper.send(Timestamp(5999)), shipper.send(Timestamp(6000))), (None, Some(3)));
        shipper.logged(2);
        assert_eq!(shipper.send(Timestamp(11_000)), None);
        shipper.answered(false);
        assert_eq!((shipper.buffered, shipper.shipped), (5, 0));
        assert_eq!(shipper.send(Timestamp(16_000)), Some(5));
        shipper.answered(true);
        assert_eq!((shipper.buffered, shipper.shipped, shipper.lost), (0, 5, 0));
    }

    #[test]
    fn a_full_buffer_loses_the_oldest_and_counts_them() {
        let mut shipper = Shipper::new(Timestamp(0));
        assert_eq!(shipper.logged(BUFFER), 0);
        assert_eq!(shipper.send(Timestamp(5000)), Some(BUFFER));
        assert_eq!(shipper.logged(7), 7);
        shipper.answered(true);
        assert_eq!((shipper.buffered, shipper.shipped, shipper.lost), (7, BUFFER - 7, 7));
        shipper.abandon();
        assert_eq!((shipper.buffered, shipper.lost), (0, 14));
    }

    proptest! {
        /// Going through every round one by one and passing over them at once come to the same.
        #[test]
        fn rounds_that_are_passed_over_come_to_the_same(
            started in 0..10_000_u64,
            rate in 1..40_000_u64,
            spells in prop::collection::vec((1..2_000_000_u64, any::<bool>()), 1..12),
        ) {
            let until = |at: Timestamp| at.since(Timestamp(started)).0 * rate / 1000;
            let (mut eager, mut lazy) = (Shipper::new(Timestamp(started)), Shipper::new(Timestamp(started)));
            let (mut now, mut logged) = (started, 0);
            for (length, accepts) in spells {
                let end = now + length;
                while let Some(at) = Some(eager.next).filter(|at| at.0 <= end) {
                    eager.logged(until(at) - logged);
                    logged = until(at);
                    if eager.send(at).is_some() {
                        eager.answered(accepts);
                    }
                }
                eager.logged(until(Timestamp(end)) - logged);
                logged = until(Timestamp(end));
                lazy.pass(Timestamp(end), accepts, until);
                now = end;
                prop_assert_eq!(eager, lazy);
            }
            prop_assert!(Duration(lazy.lost + lazy.shipped + lazy.buffered) == Duration(logged));
        }
    }
}
