//! The second phase of a run: nothing further goes wrong, and what was broken for good stays so. The platform must become what its spec
//! says as long as there is progress, or have an excuse; then it is watched for a while longer, because nothing may be written any more.

use super::course::{CHECK, Run};
use crate::operator::{Carrier, Fact, Operator, Surroundings};
use crate::oracle::convergence::{Circumstances, Excuse, Unmet, excuses, unmet};
use crate::oracle::{Breach, Promise};
use model::{Duration, Timestamp};
use std::collections::BTreeSet;

/// How often it is looked whether the platform has become what its spec says.
const EVERY: Duration = Duration::minutes(1);
/// How long nothing may change for the better before it counts as stuck: longer than the longest pauses of all kinds one after another
/// (eviction from a silent node 360 s, CrashLoopBackOff 300 s, a look every 300 s, a step's own patience 900 s).
const STUCK: Duration = Duration::minutes(40);
/// How long something may be written without anything coming nearer to the spec: no roll-out takes as long, and whoever writes on
/// after that undoes what another does.
const ENDLESS: Duration = Duration::minutes(6 * 60);
/// How long the platform is watched after that.
const WATCHED: Duration = Duration::minutes(11);

/// Where the second phase stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Calm {
    began: Option<Timestamp>,
    progress: Option<Progress>,
    converged: Option<Timestamp>,
    pub(super) excuses: BTreeSet<Excuse>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// When something was written last, or came nearer.
    stirred: Timestamp,
    /// How many writes there were then.
    writes: u64,
    /// When it came nearer last.
    nearer: Timestamp,
    /// The least that was ever missing.
    missing: usize,
}

impl Progress {
    /// How it goes on from here, with so much missing after so many writes.
    fn on(self, now: Timestamp, missing: usize, writes: u64) -> Progress {
        let comes_nearer = missing < self.missing;
        Progress {
            stirred: if comes_nearer || writes != self.writes { now } else { self.stirred },
            writes,
            nearer: if comes_nearer { now } else { self.nearer },
            missing: missing.min(self.missing),
        }
    }

    fn is_endless(self, now: Timestamp) -> bool {
        now.since(self.nearer) >= ENDLESS
    }
}

impl Calm {
    pub(super) fn has_begun(&self) -> bool {
        self.began.is_some()
    }

    pub(super) fn has_converged(&self) -> bool {
        self.converged.is_some()
    }
}

impl Run {
    /// Nothing further goes wrong from now on.
    pub(super) fn begin_calm(&mut self, facts: &mut Vec<Fact>, carrier: &mut dyn Carrier) {
        self.world.note("calm begins");
        self.calm.began = Some(self.world.now());
        let (world, ledger, operators) = self.parts();
        for operator in operators {
            operator.spare();
            operator.resume(&mut Surroundings { world, ledger, facts, carrier });
            operator.start(world);
        }
        self.schedule(EVERY, CHECK);
    }

    /// Look whether the platform is what its spec says.
    pub(super) fn check(&mut self) {
        let now = self.world.now();
        if let Some(converged) = self.calm.converged {
            self.over = now.since(converged) >= WATCHED;
            if !self.over {
                self.schedule(EVERY, CHECK);
            }
            return;
        }
        let Some(wanted) = self.wanted.last().cloned() else { return };
        let left = unmet(&self.world, &wanted);
        if left.is_empty() && self.operators.iter().all(Operator::is_settled) {
            self.calm.converged = Some(now);
            self.counter.metrics.converged_after = self.calm.began.map(|began| now.since(began));
        } else if self.is_stuck(now, left.len()) {
            self.over = true;
            return self.judge(&left);
        }
        self.schedule(EVERY, CHECK);
    }

    fn is_stuck(&mut self, now: Timestamp, missing: usize) -> bool {
        let writes = self.counter.metrics.writes;
        let before = self.calm.progress.unwrap_or(Progress { stirred: now, writes, nearer: now, missing });
        let progress = before.on(now, missing, writes);
        self.calm.progress = Some(progress);
        now.since(progress.stirred) >= STUCK || progress.is_endless(now)
    }

    /// It does not become what its spec says: is there an excuse for everything?
    fn judge(&mut self, left: &[Unmet]) {
        let Some(wanted) = self.wanted.last().cloned() else { return };
        let around = Circumstances { operators: !self.operators.is_empty(), rolled: &self.rolled };
        let judged = excuses(&self.world, &wanted, left, around);
        self.calm.excuses = judged.excused.values().copied().collect();
        let now = self.world.now();
        let is_endless =
            self.calm.progress.is_some_and(|progress| progress.is_endless(now) && now.since(progress.stirred) < STUCK);
        let message = match judged.inexcusable.as_slice() {
            _ if is_endless => "the engine writes on and on, and nothing comes nearer to the spec".to_owned(),
            [] if left.is_empty() => "the engine goes on though nothing is left to do".to_owned(),
            [] => return,
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
        };
        let subject = judged.inexcusable.first().map_or_else(|| "platform".to_owned(), |first| first.address.to_string());
        let event = self.world.current_event();
        self.tell(Breach { promise: Promise::Convergence, at: now, subject, message, event });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_on_without_coming_nearer_is_stuck_in_the_end_and_who_comes_nearer_is_not() {
        let at = |minutes: u64| Timestamp(0) + Duration::minutes(minutes);
        let begin = Progress { stirred: at(0), writes: 0, nearer: at(0), missing: 9 };
        let vain = (1..=360).fold(begin, |progress, minute| progress.on(at(minute), 9 + minute as usize % 2, minute));
        assert!(!vain.is_endless(at(359)) && vain.is_endless(at(360)));
        assert_eq!(vain.stirred, at(360));
        let nearer = vain.on(at(359), 8, 360);
        assert!(!nearer.is_endless(at(360)));
    }
}
