//! A failing run made as small as it can be: fewer events, shorter and rounder ones, a smaller platform, as long as the same promise is
//! broken.
//!
//! * [`minimal`]: the search itself, over lists and numbers;
//! * [`cut`]: what can be taken away from a platform.

pub mod cut;
pub mod minimal;

#[cfg(test)]
mod tests;

use crate::fault::{Injection, Schedule};
use crate::operator::{Desired, Settings};
use crate::oracle::Promise;
use crate::run::{Change, Conditions, Run, Setup, Start, To, Warm};
use cut::{Cut, candidates, cut};
use minimal::{minimal, smallest};
use model::Duration;
use planner::spec::Spec;
use std::sync::Arc;

/// A run that is to be made smaller: its specs as they were read, what is cut off them, and its conditions.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The first spec.
    pub spec: Spec,
    /// The second one, if the run changes to one.
    pub second: Option<Spec>,
    /// What is cut off both.
    pub cuts: Vec<Cut>,
    /// The rest.
    pub conditions: Conditions,
}

impl Subject {
    /// The run, and the platform that it begins with; nothing if there is no such platform, because too much is cut off.
    pub fn stage(&self) -> Option<(Setup, Warm)> {
        let first = Arc::new(Desired::of(cut(&self.spec, &self.cuts)).ok()?);
        let second = match (self.conditions.change.map(|change| change.to), &self.second) {
            (Some(To::Roll), _) => Some(Arc::new(first.rolled().ok()?)),
            (Some(To::Second), Some(second)) => Some(Arc::new(Desired::of(cut(second, &self.cuts)).ok()?)),
            _ => None,
        };
        let warm = Warm::up(&first).ok()?;
        Some((Setup { conditions: self.conditions.clone(), first, second }, warm))
    }
}

/// Makes a run smaller.
struct Shrinker {
    subject: Subject,
    promise: Promise,
    stage: (Setup, Warm),
    left: u64,
}

/// The smallest run that still breaks `promise`, as far as so many runs find it.
pub fn shrink(subject: Subject, promise: Promise, runs: u64) -> Subject {
    let Some(stage) = subject.stage() else { return subject };
    let mut shrinker = Shrinker { subject, promise, stage, left: runs };
    shrinker.events();
    shrinker.circumstances();
    if shrinker.topology() {
        shrinker.events();
    }
    shrinker.times();
    shrinker.subject
}

impl Shrinker {
    /// Whether the promise is broken under `conditions`.
    fn fails(&mut self, conditions: &Conditions) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        let setup = Setup { conditions: conditions.clone(), ..self.stage.0.clone() };
        Run::new(setup, &self.stage.1).until(self.promise).finish().breaks(self.promise)
    }

    /// Take over what still fails.
    fn try_conditions(&mut self, conditions: Conditions) -> bool {
        let fails = self.fails(&conditions);
        if fails {
            self.subject.conditions = conditions;
        }
        fails
    }

    fn events(&mut self) {
        let schedule = self.subject.conditions.schedule.clone();
        self.subject.conditions.schedule = fewer(&schedule, &mut |schedule| self.fails_under(schedule));
    }

    fn fails_under(&mut self, schedule: &Schedule) -> bool {
        let conditions = Conditions { schedule: schedule.clone(), ..self.subject.conditions.clone() };
        self.fails(&conditions)
    }

    /// No second spec, a platform that is up at the beginning, one operator with the usual settings.
    fn circumstances(&mut self) {
        let conditions = self.subject.conditions.clone();
        if conditions.change.is_some() {
            self.try_conditions(Conditions { change: None, ..conditions });
        }
        let conditions = self.subject.conditions.clone();
        if conditions.start != Start::Converged {
            self.try_conditions(Conditions { start: Start::Converged, ..conditions });
        }
        let conditions = self.subject.conditions.clone();
        if conditions.operators != [Settings::default()] {
            self.try_conditions(Conditions { operators: vec![Settings::default()], ..conditions });
        }
    }

    /// Cut off what is not needed. Whether anything was.
    fn topology(&mut self) -> bool {
        let before = self.subject.cuts.len();
        loop {
            let spec = cut(&self.subject.spec, &self.subject.cuts);
            let Some(next) = candidates(&spec).into_iter().find(|candidate| self.try_cut(candidate)) else { break };
            self.subject.cuts.push(next);
        }
        self.subject.cuts.len() > before
    }

    fn try_cut(&mut self, candidate: &Cut) -> bool {
        if self.left == 0 {
            return false;
        }
        let mut smaller = self.subject.clone();
        smaller.cuts.push(candidate.clone());
        let Some(stage) = smaller.stage() else { return false };
        let before = std::mem::replace(&mut self.stage, stage);
        let fails = self.fails(&smaller.conditions);
        if !fails {
            self.stage = before;
        }
        fails
    }

    /// Each fault as short as it can be and at a round time, and the run no longer than it must be.
    fn times(&mut self) {
        self.advance();
        let schedule = self.subject.conditions.schedule.clone();
        self.subject.conditions.schedule = shorter(&schedule, &mut |schedule| self.fails_under(schedule));
        let conditions = self.subject.conditions.clone();
        let change = conditions.change.map_or(Duration::ZERO, |change| change.at);
        let safety = conditions.schedule.last().max(change) + Duration::minutes(1);
        if safety < conditions.safety {
            self.try_conditions(Conditions { safety, ..conditions });
        }
    }

    /// Let all of it happen earlier: the first thing a minute after the beginning.
    fn advance(&mut self) {
        let conditions = self.subject.conditions.clone();
        let first = conditions.schedule.injections().iter().map(|injection| injection.at);
        let first = first.chain(conditions.change.map(|change| change.at)).min().unwrap_or_default();
        let by = first.0.saturating_sub(Duration::minutes(1).0);
        let earlier = |at: Duration| Duration(at.0 - by.min(at.0));
        let schedule = conditions.schedule.injections().iter().cloned().map(|mut injection| {
            injection.at = earlier(injection.at);
            injection
        });
        if by > 0 {
            let change = conditions.change.map(|change| Change { at: earlier(change.at), ..change });
            let safety = earlier(conditions.safety);
            self.try_conditions(Conditions { schedule: schedule.collect(), change, safety, ..conditions });
        }
    }
}

/// The schedule without what is not needed for `fails` to hold.
pub fn fewer(schedule: &Schedule, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    minimal(schedule.injections(), &mut |left| fails(&left.iter().cloned().collect())).into_iter().collect()
}

/// The schedule with each fault as short as it can be for `fails` to hold, and at a round time.
pub fn shorter(schedule: &Schedule, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    let mut schedule = schedule.clone();
    for injection in schedule.injections().to_vec() {
        schedule = shorten(schedule, &injection, fails);
        schedule = round(schedule, &injection, fails);
    }
    schedule
}

fn shorten(schedule: Schedule, injection: &Injection, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    let Some(lasts) = injection.lasts else { return schedule };
    let longest = lasts.0.div_ceil(1000);
    let lasting = |seconds| with_one(&schedule, injection.id, |one| one.lasts = Some(Duration::seconds(seconds)));
    let shortest = smallest(1, longest, &mut |seconds| fails(&lasting(seconds)));
    if shortest < longest { lasting(shortest) } else { schedule }
}

fn round(schedule: Schedule, injection: &Injection, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    let units = [60_000, 1000].into_iter().map(|unit| Duration(injection.at.0 / unit * unit));
    let rounded = units.take_while(|at| *at != injection.at).map(|at| with_one(&schedule, injection.id, |one| one.at = at));
    rounded.into_iter().find(|rounded| fails(rounded)).unwrap_or_else(|| schedule.clone())
}

fn with_one(schedule: &Schedule, id: u32, change: impl Fn(&mut Injection)) -> Schedule {
    let one = |injection: &Injection| {
        let mut injection = injection.clone();
        if injection.id == id {
            change(&mut injection);
        }
        injection
    };
    schedule.injections().iter().map(one).collect()
}
