//! A schedule that speaks against a plan, made as small as it can be and explained: with it the plan breaks a promise that
//! doing nothing would keep.

use super::Rehearsal;
use crate::explain::{Explanation, explain};
use crate::fault::Schedule;
use crate::oracle::Promise;
use crate::run::Report;
use crate::shrink::{fewer, shorter};
use serde::Serialize;

/// What speaks against a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CounterExample {
    /// The promise that the plan breaks.
    pub promise: Promise,
    /// Under which faults; under none if it is empty.
    pub schedule: Schedule,
    /// How it comes about.
    pub explanation: Explanation,
}

impl Rehearsal {
    /// The smallest counter-example that can be made of what `schedule` brought about; nothing if that does not speak against the plan.
    pub fn counter_example(&self, schedule: &Schedule, report: &Report) -> Option<CounterExample> {
        let promise = self.blamed(schedule, report)?.promise;
        let mut speaks = |schedule: &Schedule| self.speaks(schedule, promise);
        let schedule = shorter(&fewer(schedule, &mut speaks), &mut speaks);
        self.explained(schedule, promise)
    }

    /// The same as it was found, which takes one run.
    pub fn counter_example_as_found(&self, schedule: &Schedule, report: &Report) -> Option<CounterExample> {
        self.explained(schedule.clone(), self.blamed(schedule, report)?.promise)
    }

    fn explained(&self, schedule: Schedule, promise: Promise) -> Option<CounterExample> {
        let mut run = self.run(&schedule).traced().until(promise);
        while run.step() {}
        Some(CounterExample { promise, schedule, explanation: explain(&run)? })
    }

    /// Whether the plan breaks `promise` under `schedule`, and doing nothing would not.
    fn speaks(&self, schedule: &Schedule, promise: Promise) -> bool {
        let report = self.run(schedule).until(promise).finish();
        self.blamed(schedule, &report).is_some_and(|breach| breach.promise == promise)
    }
}
