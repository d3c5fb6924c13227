//! The end of a step, what it means for the steps after it, and the end of the run.

use super::course::{Course, State};
use super::{Effect, Machine, Phase};
use crate::progress::ProgressEvent;
use crate::timers::Timer;
use model::operation::OperationError;
use model::outcome::{JournalEvent, Outcome, StepOutcome, StepResult, Verdict};
use model::plan::Action;
use model::{Address, Duration, Timestamp};

impl Machine {
    /// `task` is over, like this. The place in its system was given back before.
    pub(super) fn end(&mut self, now: Timestamp, task: u32, result: StepResult) {
        self.forget_timer(task);
        let course = &mut self.courses[task as usize];
        let announced = course.started.is_some() || matches!(course.state, State::Announced);
        course.state = State::Ended(result.clone());
        course.ended = now;
        self.open -= 1;
        if announced {
            let address = self.tasks.all[task as usize].address.clone();
            self.journal.write(now, JournalEvent::StepEnded { address, result: result.clone() });
        }
        self.count_and_show(now, task, &result);
        match result {
            StepResult::Done { .. } => self.release_dependents(task),
            StepResult::Failed(_) => {
                let cause = self.tasks.all[task as usize].address.clone();
                self.skip_dependents(now, task, &cause);
            }
            StepResult::Skipped(_) | StepResult::Cancelled | StepResult::Interrupted => {}
        }
    }

    fn forget_timer(&mut self, task: u32) {
        match &self.courses[task as usize].state {
            State::Watching(watch) => {
                self.asked.remove(&watch.ticket);
                self.timers.cancel(watch.deadline, Timer::Task(task));
            }
            State::Pausing(until) => self.timers.cancel(*until, Timer::Task(task)),
            State::Executing(ticket) => drop(self.asked.remove(ticket)),
            _ => {}
        }
    }

    fn release_dependents(&mut self, task: u32) {
        for next in self.tasks.after(task) {
            let course = &mut self.courses[next as usize];
            course.waits_for -= 1;
            if course.waits_for == 0 {
                self.released.push(next);
            }
        }
    }

    /// Everything that comes after a step that failed or was not begun, directly or not, is skipped because of `cause`. What was skipped
    /// before stays so: the first cause counts, and each step is looked at once.
    fn skip_dependents(&mut self, now: Timestamp, first: u32, cause: &Address) {
        let mut behind: Vec<u32> = self.tasks.after(first).collect();
        while let Some(task) = behind.pop() {
            if matches!(self.courses[task as usize].state, State::Waiting) {
                self.end(now, task, StepResult::Skipped(cause.clone()));
                behind.extend(self.tasks.after(task));
            }
        }
    }

    /// It was tried often or long enough.
    pub(super) fn give_up(&mut self, now: Timestamp, task: u32, error: &OperationError) {
        let course = &self.courses[task as usize];
        let reason = format!("gave up after {} in {}: {error}", tries(course.failures), now.since(course.first_try));
        self.end(now, task, StepResult::Failed(reason));
    }

    /// The system of `first`, a step that is given up, did nothing but ask for patience, or said nothing, for as long as a step is tried.
    /// Its other steps would fare no better, one after another, for as long again each time: what was begun is given up as well, and the
    /// rest is not begun. What gets its turn later is tried once.
    pub(super) fn give_up_system(&mut self, now: Timestamp, first: u32, error: &OperationError) {
        let lane = self.tasks.all[first as usize].lane;
        let cause = self.tasks.all[first as usize].address.clone();
        self.give_up(now, first, error);
        self.lanes[lane as usize].is_given_up = true;
        self.lanes[lane as usize].retain(|_| false);
        for task in 0..self.courses.len() as u32 {
            if self.tasks.all[task as usize].lane != lane {
                continue;
            }
            match self.courses[task as usize] {
                Course { state: State::Queued | State::Pausing(_), started: Some(_), .. } => self.give_up(now, task, error),
                Course { state: State::Queued, started: None, .. } => {
                    self.end(now, task, StepResult::Skipped(cause.clone()));
                    self.skip_dependents(now, task, &cause);
                }
                _ => {}
            }
        }
    }

    fn count_and_show(&mut self, now: Timestamp, task: u32, result: &StepResult) {
        let (address, action) = (self.tasks.all[task as usize].address.clone(), self.tasks.all[task as usize].action);
        if action == Action::Keep {
            return;
        }
        let started = self.courses[task as usize].started;
        self.counts.running -= u32::from(started.is_some());
        let counter = match result {
            StepResult::Done { .. } => &mut self.counts.done,
            StepResult::Failed(_) => &mut self.counts.failed,
            StepResult::Skipped(_) => &mut self.counts.skipped,
            StepResult::Cancelled | StepResult::Interrupted => &mut self.counts.stopped,
        };
        *counter += 1;
        let took = started.map_or(Duration::ZERO, |started| now.since(started));
        if let Some(event) = told(address, action, took, result) {
            self.show(now, event);
        }
    }

    /// When all steps have ended: write the end of the run, and when that is durable, say so.
    pub(super) fn close(&mut self, now: Timestamp) {
        if self.open > 0 {
            return;
        }
        if self.phase == Phase::Running {
            self.phase = Phase::Closing;
            self.journal.write(now, JournalEvent::RunEnded { verdict: self.verdict() });
        } else if self.journal.is_settled() {
            self.finish(now);
        }
    }

    pub(super) fn finish(&mut self, now: Timestamp) {
        self.phase = Phase::Finished;
        let steps = (0..self.courses.len()).map(|task| self.step_outcome(task)).collect();
        self.effects.push(Effect::Finished(Outcome { verdict: self.verdict(), steps, took: now.since(self.started) }));
    }

    fn step_outcome(&self, task: usize) -> StepOutcome {
        let (fixed, course) = (&self.tasks.all[task], &self.courses[task]);
        let result = match &course.state {
            State::Ended(result) => result.clone(),
            _ => StepResult::Cancelled,
        };
        // A failure that ended the step was its last try; otherwise one more followed the failures.
        let last_failed = matches!(result, StepResult::Failed(_) | StepResult::Interrupted)
            && usize::from(course.operations_done) < fixed.operations.len();
        let attempts = match course.started {
            None => 0,
            Some(_) if last_failed => course.failed_tries.max(1),
            Some(_) => course.failed_tries + 1,
        };
        let took = course.started.map_or(Duration::ZERO, |started| course.ended.since(started));
        StepOutcome { address: fixed.address.clone(), action: fixed.action, result, attempts, took }
    }

    fn verdict(&self) -> Verdict {
        let ended = |wanted: fn(&StepResult) -> bool| {
            self.courses.iter().any(|course| matches!(&course.state, State::Ended(result) if wanted(result)))
        };
        if ended(|result| matches!(result, StepResult::Cancelled | StepResult::Interrupted)) {
            Verdict::Cancelled
        } else if ended(|result| matches!(result, StepResult::Failed(_) | StepResult::Skipped(_))) {
            Verdict::Partial
        } else {
            Verdict::Converged
        }
    }
}

fn tries(count: u32) -> String {
    if count == 1 { "1 try".to_owned() } else { format!("{count} tries") }
}

fn told(address: Address, action: Action, took: Duration, result: &StepResult) -> Option<ProgressEvent> {
    Some(match result {
        StepResult::Done { changed } => ProgressEvent::StepDone { address, action, took, changed: *changed },
        StepResult::Failed(reason) => ProgressEvent::StepFailed { address, action, took, reason: reason.clone() },
        StepResult::Skipped(cause) => ProgressEvent::StepSkipped { address, cause: cause.clone() },
        StepResult::Interrupted => ProgressEvent::StepInterrupted { address },
        StepResult::Cancelled => return None,
    })
}
