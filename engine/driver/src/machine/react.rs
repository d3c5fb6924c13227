//! What follows from each event.

use super::course::{State, Watch};
use super::{Effect, Machine, Phase};
use crate::progress::ProgressEvent;
use crate::retry::{Decision, Key};
use crate::tasks::Task;
use crate::timers::Timer;
use model::Timestamp;
use model::observation::Condition;
use model::operation::{OperationError, Receipt};
use model::outcome::StepResult;
use port::{Event, Request, Ticket, Until};

impl Machine {
    /// Events that answer nothing that is still waited for are passed over: a step may have been interrupted meanwhile.
    pub(super) fn react(&mut self, now: Timestamp, event: Event) {
        if self.phase == Phase::Finished {
            return;
        }
        match event {
            Event::Recorded { ticket } => self.on_recorded(now, ticket),
            Event::Executed { ticket, result } => self.on_executed(now, ticket, result),
            Event::Readiness { ticket, condition } => self.on_readiness(now, ticket, condition),
            Event::Woken => self.timers.woken(),
            Event::Appended { .. } => {}
            Event::Stop(stop) => self.on_stop(now, stop),
        }
    }

    /// Steps whose start, or whose further try, is durable may act.
    fn on_recorded(&mut self, now: Timestamp, ticket: Ticket) {
        for task in self.journal.recorded(ticket) {
            let course = &mut self.courses[task as usize];
            if !matches!(course.state, State::Announced) {
                continue;
            }
            if course.started.is_none() {
                course.started = Some(now);
                self.counts.running += 1;
                let Task { address, action, .. } = &self.tasks.all[task as usize];
                let event = ProgressEvent::StepStarted { address: address.clone(), action: *action };
                self.show(now, event);
            }
            self.execute(now, task);
        }
    }

    fn on_executed(&mut self, now: Timestamp, ticket: Ticket, result: Result<Receipt, OperationError>) {
        let Some(&task) = self.asked.get(&ticket) else { return };
        if !matches!(self.courses[task as usize].state, State::Executing(asked) if asked == ticket) {
            return;
        }
        self.asked.remove(&ticket);
        match result {
            Ok(receipt) => self.on_success(now, task, &receipt),
            Err(error) => self.on_failure(now, task, ticket, &error),
        }
    }

    fn on_success(&mut self, now: Timestamp, task: u32, receipt: &Receipt) {
        let (lane, operations) = {
            let task = &self.tasks.all[task as usize];
            (task.lane, task.operations.len())
        };
        self.lanes[lane as usize].succeeded(now, self.settings.successes_to_grow);
        let course = &mut self.courses[task as usize];
        course.acted = true;
        course.changed |= receipt.changed;
        course.operations_done += 1;
        if usize::from(course.operations_done) < operations {
            course.failures = 0;
            self.touched.push(lane);
            return self.execute(now, task);
        }
        self.release(lane);
        self.after_last_operation(now, task);
    }

    pub(super) fn after_last_operation(&mut self, now: Timestamp, task: u32) {
        let changed = self.courses[task as usize].changed;
        match (self.tasks.all[task as usize].awaits, self.stop) {
            (None, _) => self.end(now, task, StepResult::Done { changed }),
            (Some(until), None) => self.watch(now, task, until),
            (Some(_), Some(_)) => self.end(now, task, StepResult::Interrupted),
        }
    }

    fn watch(&mut self, now: Timestamp, task: u32, until: Until) {
        let ticket = self.ticket();
        let deadline = now + self.settings.readiness;
        self.timers.set(deadline, Timer::Task(task));
        self.asked.insert(ticket, task);
        self.courses[task as usize].state = State::Watching(Watch { ticket, deadline, reason: None });
        let address = self.tasks.all[task as usize].address.clone();
        self.effects.push(Effect::Request(Request::Watch { ticket, address, until }));
    }

    fn on_failure(&mut self, now: Timestamp, task: u32, ticket: Ticket, error: &OperationError) {
        let lane = self.tasks.all[task as usize].lane;
        self.release(lane);
        let is_over = self.note_answer(now, lane, ticket, error);
        let course = &mut self.courses[task as usize];
        course.failures += 1;
        course.failed_tries += 1;
        course.acted |= matches!(error, OperationError::Unreachable(_));
        let key = Key { run: self.run, step: task.into(), failures: course.failures };
        let elapsed = now.since(course.first_try);
        let is_busy = matches!(error, OperationError::Busy { .. });
        let is_refusing = is_busy && self.lanes[lane as usize].is_refusing_since(self.courses[task as usize].first_try);
        match self.settings.retry.decide(key, error, elapsed) {
            Decision::Again(_) if self.gives_up_retries(task) => self.end(now, task, StepResult::Interrupted),
            Decision::Again(_) | Decision::GiveUp if is_over => self.give_up_system(now, task, error),
            Decision::Again(delay) => self.pause(now, task, now + delay, error),
            Decision::Permanent => self.end(now, task, StepResult::Failed(error.to_string())),
            Decision::GiveUp if is_refusing => self.give_up_system(now, task, error),
            Decision::GiveUp => self.give_up(now, task, error),
        }
    }

    /// What a failure says of the system of its lane. Whether the system is to be given up, or was and has not changed since: it has said nothing
    /// for as long as a step is tried at most, or still asks for patience.
    fn note_answer(&mut self, now: Timestamp, lane: u32, ticket: Ticket, error: &OperationError) -> bool {
        let system = &mut self.lanes[lane as usize];
        match error {
            OperationError::Busy { retry_after, .. } => {
                let is_given_up = system.is_given_up;
                self.slow_down(now, lane, ticket, retry_after.map(|patience| now + patience));
                is_given_up
            }
            OperationError::Unreachable(_) => system.silent(now) >= self.settings.retry.deadline || system.is_given_up,
            _ => {
                system.answered();
                false
            }
        }
    }

    fn pause(&mut self, now: Timestamp, task: u32, until: Timestamp, error: &OperationError) {
        self.courses[task as usize].state = State::Pausing(until);
        self.timers.set(until, Timer::Task(task));
        let address = self.tasks.all[task as usize].address.clone();
        let attempts = self.courses[task as usize].failed_tries;
        self.show(now, ProgressEvent::StepRetrying { address, attempts, reason: error.to_string(), at: until });
    }

    /// The system asked for patience: fewer operations at a time, and none before the time that it named.
    fn slow_down(&mut self, now: Timestamp, lane: u32, ticket: Ticket, until: Option<Timestamp>) {
        let next_ticket = self.next_ticket;
        let slowed = &mut self.lanes[lane as usize];
        let limit = slowed.busy(ticket.0, next_ticket);
        let system = slowed.system.clone();
        if let Some(until) = until {
            let before = slowed.paused_until;
            if slowed.pause(until) {
                before.into_iter().for_each(|before| self.timers.cancel(before, Timer::Lane(lane)));
                self.timers.set(until, Timer::Lane(lane));
            }
        }
        if let Some(limit) = limit {
            self.show(now, ProgressEvent::SystemSlowed { system, limit });
        }
    }

    fn on_readiness(&mut self, now: Timestamp, ticket: Ticket, condition: Condition) {
        let Some(&task) = self.asked.get(&ticket) else { return };
        let course = &mut self.courses[task as usize];
        let State::Watching(watch) = &mut course.state else { return };
        match condition {
            Condition::Ready => {
                let changed = course.changed;
                self.end(now, task, StepResult::Done { changed });
            }
            Condition::Failed(reason) => self.end(now, task, StepResult::Failed(reason)),
            Condition::NotReady(reason) => {
                if watch.reason.as_ref() == Some(&reason) {
                    return;
                }
                watch.reason = Some(reason.clone());
                let address = self.tasks.all[task as usize].address.clone();
                self.show(now, ProgressEvent::StepWaiting { address, reason });
            }
        }
    }

    pub(super) fn fire_timers(&mut self, now: Timestamp) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Lane(lane) => {
                    self.lanes[lane as usize].paused_until = None;
                    self.touched.push(lane);
                }
                Timer::Task(task) => self.on_timer(now, task),
            }
        }
    }

    fn on_timer(&mut self, now: Timestamp, task: u32) {
        match &self.courses[task as usize].state {
            State::Pausing(_) => self.queue(task),
            State::Watching(watch) => {
                let last = watch.reason.as_deref().unwrap_or("nothing was heard of it");
                let reason = format!("not ready after {}: {last}", self.settings.readiness);
                self.end(now, task, StepResult::Failed(reason));
            }
            _ => {}
        }
    }

    pub(super) fn release(&mut self, lane: u32) {
        self.lanes[lane as usize].release();
        self.touched.push(lane);
    }
}
