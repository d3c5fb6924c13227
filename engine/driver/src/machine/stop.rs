//! Stopping in two stages, as two signals ask for it.
//!
//! *Cleanly*: nothing new begins, an operation under way is waited for. Not waited for are readiness, which the next apply sees
//! by looking, and tries that would follow a failed one: somebody who stops an apply because a server is down must not wait for
//! that server. One exception: when the first half of a replacement is done, or may be, it is tried on to its end, because
//! giving up would leave nothing where there was something.
//!
//! *Now*: nothing is waited for but the journal, which then says what was begun and not ended. Asked for once more, not even
//! that: the journal without its last lines says the same, a start without an end.

use super::Machine;
use super::course::State;
use crate::progress::ProgressEvent;
use model::Timestamp;
use model::outcome::StepResult;
use port::Stop;

impl Machine {
    pub(super) fn on_stop(&mut self, now: Timestamp, stop: Stop) {
        if self.stop == Some(Stop::Now) && stop == Stop::Now {
            return self.finish(now);
        }
        if self.stop >= Some(stop) {
            return;
        }
        self.stop = Some(stop);
        self.show(now, ProgressEvent::Stopping(stop));
        for task in 0..self.courses.len() as u32 {
            if let Some(result) = self.stopped(task, stop) {
                self.give_up_place(task);
                self.end(now, task, result);
            }
        }
        let courses = &self.courses;
        self.lanes.iter_mut().for_each(|lane| lane.retain(|task| matches!(courses[task as usize].state, State::Queued)));
    }

    /// How a step ends because of a stop; nothing if it goes on or has ended.
    fn stopped(&self, task: u32, stop: Stop) -> Option<StepResult> {
        let begun = self.courses[task as usize].started.is_some();
        match &self.courses[task as usize].state {
            State::Ended(_) => None,
            _ if !begun => Some(StepResult::Cancelled),
            State::Executing(_) if stop == Stop::Cleanly => None,
            State::Pausing(_) | State::Queued | State::Announced if stop == Stop::Cleanly && self.may_be_half_done(task) => None,
            _ => Some(StepResult::Interrupted),
        }
    }

    fn give_up_place(&mut self, task: u32) {
        if matches!(self.courses[task as usize].state, State::Announced | State::Executing(_)) {
            self.release(self.tasks.all[task as usize].lane);
        }
    }

    /// Whether a failed try is the last one because the run was asked to stop.
    pub(super) fn gives_up_retries(&self, task: u32) -> bool {
        self.stop.is_some() && !self.may_be_half_done(task)
    }

    fn may_be_half_done(&self, task: u32) -> bool {
        self.tasks.all[task as usize].operations.len() > 1 && self.courses[task as usize].acted
    }
}
