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

    fn with_schedule(&self, injections: &[Injection]) -> Conditions {
        Conditions { schedule: injections.iter().cloned().collect(), ..self.subject.conditions.clone() }
    }

    fn events(&mut self) {
        let all = self.subject.conditions.schedule.injections().to_vec();
        let left = minimal(&all, &mut |left| {
            let conditions = self.with_schedule(left);
            self.fails(&conditions)
        });
        self.subject.conditions.schedule = left.into_iter().collect();
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
        for index in 0..self.subject.conditions.schedule.injections().len() {
            self.shorten(index);
            self.round(index);
        }
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

    fn with_one(&self, index: usize, change: impl FnOnce(&mut Injection)) -> Conditions {
        let mut injections = self.subject.conditions.schedule.injections().to_vec();
        if let Some(injection) = injections.get_mut(index) {
            change(injection);
        }
        Conditions { schedule: Schedule::from(injections), ..self.subject.conditions.clone() }
    }

    fn shorten(&mut self, index: usize) {
        let Some(lasts) = self.subject.conditions.schedule.injections().get(index).and_then(|injection| injection.lasts) else {
            return;
        };
        let longest = lasts.0.div_ceil(1000);
        let shortest = smallest(1, longest, &mut |seconds| {
            let conditions = self.with_one(index, |injection| injection.lasts = Some(Duration::seconds(seconds)));
            self.fails(&conditions)
        });
        if shortest < longest {
            self.subject.conditions = self.with_one(index, |injection| injection.lasts = Some(Duration::seconds(shortest)));
        }
    }

    fn round(&mut self, index: usize) {
        let Some(at) = self.subject.conditions.schedule.injections().get(index).map(|injection| injection.at) else { return };
        for unit in [60_000, 1000] {
            let rounded = Duration(at.0 / unit * unit);
            if rounded == at {
                return;
            }
            let conditions = self.with_one(index, |injection| injection.at = rounded);
            if self.try_conditions(conditions) {
                return;
            }
        }
    }
}
