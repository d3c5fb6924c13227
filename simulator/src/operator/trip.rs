//! How a message of an operator travels: how long it takes, and what happens to it. Drawn by what it is about and which one it is, so
//! that a message more or less leaves all others as they were.

use super::settings::{PATIENCE, Settings};
use crate::kernel::random;
use crate::world::World;
use model::{Duration, System};

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing.
    Arrives,
    RequestLost,
    AnswerLost,
    Doubled,
    Late,
    Conflict,
    Busy,
    Failed,
}

/// One message there, and its answer back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trip {
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) fate: Fate,
}

impl Trip {
    /// The `n`-th message about `entity`.
    pub(super) fn draw(seed: u64, settings: &Settings, entity: &str, n: u64) -> Self {
        let drawn = random::draw(seed, entity, "trip", n);
        let (low, high) = settings.latency;
        let width = high.saturating_sub(low) + 1;
        let there = Duration::milliseconds(low + (drawn & 0xffff) % width);
        let back = Duration::milliseconds(low + ((drawn >> 16) & 0xffff) % width);
        Trip { there, back, fate: Self::fate(settings, ((drawn >> 32) * 1_000_000) >> 32) }
    }

    /// The same message on the way that it has to go now.
    pub(super) fn through(self, world: &World, system: &System, entity: &str) -> Self {
        let late = world.engine_way(system).delay;
        let half = Duration(late.0 / 2);
        let trip = Trip { there: self.there + half, back: self.back + half, ..self };
        let fate = match trip.fate {
            Fate::Arrives if world.engine_loses(system, entity) => {
                // What is lost is the request, or its answer.
                let request = random::chance(world.seed(), entity, "request lost", world.now().0, 500_000);
                if request { Fate::RequestLost } else { Fate::AnswerLost }
            }
            Fate::Arrives if trip.there + trip.back >= PATIENCE => Fate::Late,
            fate => fate,
        };
        Trip { fate, ..trip }
    }

    fn fate(settings: &Settings, drawn: u64) -> Fate {
        let mishaps = &settings.mishaps;
        let rates = [
            (mishaps.request_lost, Fate::RequestLost),
            (mishaps.answer_lost, Fate::AnswerLost),
            (mishaps.doubled, Fate::Doubled),
            (mishaps.late, Fate::Late),
            (mishaps.conflict, Fate::Conflict),
            (mishaps.busy, Fate::Busy),
            (mishaps.failed, Fate::Failed),
        ];
        let mut below = 0;
        for (rate, fate) in rates {
            below += u64::from(rate);
            if drawn < below {
                return fate;
            }
        }
        Fate::Arrives
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Mishaps;
    use super::*;

    #[test]
    fn fates_come_as_often_as_they_are_set() {
        let mishaps = Mishaps { request_lost: 100_000, doubled: 50_000, failed: 10_000, ..Mishaps::NONE };
        let settings = Settings { mishaps, ..Settings::default() };
        let count = |fate| (0..20_000).filter(|n| Trip::draw(1, &settings, "x", *n).fate == fate).count();
        assert!((1850..2150).contains(&count(Fate::RequestLost)), "{}", count(Fate::RequestLost));
        assert!((900..1100).contains(&count(Fate::Doubled)), "{}", count(Fate::Doubled));
        assert!((150..250).contains(&count(Fate::Failed)), "{}", count(Fate::Failed));
        assert_eq!(count(Fate::Late), 0);
    }

    #[test]
    fn latencies_stay_between_their_bounds() {
        let settings = Settings { latency: (3, 9), ..Settings::default() };
        let trips: Vec<Trip> = (0..1000).map(|n| Trip::draw(1, &settings, "x", n)).collect();
        assert!(trips.iter().all(|trip| (3..=9).contains(&trip.there.0) && (3..=9).contains(&trip.back.0)));
        assert!((3..=9).all(|length| trips.iter().any(|trip| trip.there.0 == length)));
    }
}
