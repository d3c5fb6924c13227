//! Ordered apply as a state machine: `step(now, input) -> effects`. No await, no clock, no randomness: the same inputs give the
//! same effects.
//!
//! There are no waves. A step is queued at its system as soon as all that come before it are done; there it is taken in the
//! order of the plan when the system has a free place. Its life:
//!
//! ```text
//! Waiting ─► Queued ─► Announced ─► Executing ─► Watching ─► Ended
//!              ▲       (journal)      │    ▲
//!              └──────── Pausing ◄────┘    └ the second operation of a replacement
//! ```
//!
//! The journal is written ahead: `Announced` ends only when the start of the step is durable, and before each further try, that it is
//! made. A line in the journal without an end says that the effect of the step is not known; a step without a line was not begun. A
//! journal that takes no line, because somebody else has the lock by now, thereby holds back what has not been asked for.

mod course;
mod end;
mod react;
mod stop;

use self::course::{Course, State};
use crate::consent::Consent;
use crate::journal::Journal;
use crate::lane::Lane;
use crate::progress::{Counts, Progress, ProgressEvent};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::tasks::{Task, Tasks};
use crate::timers::Timers;
use model::Timestamp;
use model::audit::Chain;
use model::outcome::{JournalEvent, Outcome, StepResult};
use model::plan::{Action, Plan};
use model::value::Text;
use port::{Event, Request, Stop, Ticket};
use std::collections::BTreeMap;

/// What the machine is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Begin.
    Start,
    /// This happened, all at one instant. A batch is one input so that what follows from it shares one write of the journal.
    Events(Vec<Event>),
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Input::Events(vec![event])
    }
}

/// What the machine wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the platform for this.
    Request(Request),
    /// Show this.
    Progress(Progress),
    /// It is over. Nothing comes after it.
    Finished(Outcome),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Steps are begun, unless the run was asked to stop.
    Running,
    /// All steps have ended; the last entries are on their way to the journal.
    Closing,
    /// Over.
    Finished,
}

/// The state machine of one apply.
#[derive(Clone, Debug)]
pub struct Machine {
    run: u64,
    plan: Text,
    audit: Vec<Chain>,
    settings: Settings,
    tasks: Tasks,
    courses: Vec<Course>,
    lanes: Vec<Lane>,
    journal: Journal,
    timers: Timers,
    /// The step that each unanswered request is about.
    asked: BTreeMap<Ticket, u32>,
    next_ticket: u64,
    counts: Counts,
    /// Steps that have not ended.
    open: usize,
    phase: Phase,
    stop: Option<Stop>,
    started: Timestamp,
    /// Systems that may have a free place and something queued.
    touched: Vec<u32>,
    /// Steps whose turn has come and that are not queued yet.
    released: Vec<u32>,
    effects: Vec<Effect>,
}

impl Machine {
    /// A machine for `plan`, as the run of this number.
    ///
    /// # Errors
    /// [`Refusal`] if the consent does not cover the plan, or the plan contradicts itself.
    pub fn new(plan: &Plan, settings: Settings, consent: Consent, run: u64) -> Result<Self, Refusal> {
        if !consent.covers(plan) {
            return Err(Refusal::OtherPlan);
        }
        let unnamed: Vec<_> = consent.missing(plan).cloned().collect();
        if !unnamed.is_empty() {
            return Err(Refusal::DestroysData(unnamed));
        }
        let tasks = Tasks::new(plan)?;
        let lane = |(system, family): &(Text, _)| Lane::new(system.clone(), settings.in_flight.of(*family));
        let lanes = tasks.systems.iter().map(lane).collect();
        let courses: Vec<Course> = tasks.all.iter().map(|task| Course::new(task.waits_for)).collect();
        let total = plan.steps.len() - plan.count(Action::Keep);
        Ok(Machine {
            run,
            plan: plan.digest.clone(),
            audit: plan.audit.clone(),
            lanes,
            journal: Journal::new(run),
            timers: Timers::default(),
            asked: BTreeMap::new(),
            next_ticket: 0,
            counts: Counts { total: total as u32, ..Counts::default() },
            open: courses.len(),
            phase: Phase::Running,
            stop: None,
            started: Timestamp(0),
            touched: Vec::new(),
            released: Vec::new(),
            effects: Vec::new(),
            courses,
            tasks,
            settings,
        })
    }

    /// Where the run stands.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Take in what happened, and say what is wanted now.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        if self.phase == Phase::Finished {
            return Vec::new();
        }
        match input {
            Input::Start => self.start(now),
            Input::Events(events) => events.into_iter().for_each(|event| self.react(now, event)),
        }
        if self.phase != Phase::Finished {
            self.fire_timers(now);
            self.queue_released(now);
            self.fill_lanes(now);
            self.close(now);
            self.ask_for_journal_and_clock(now);
        }
        std::mem::take(&mut self.effects)
    }

    fn start(&mut self, now: Timestamp) {
        self.started = now;
        self.journal.write(
            now,
            JournalEvent::RunStarted {
                steps: self.counts.total.into(),
                plan: self.plan.clone(),
                audit: std::mem::take(&mut self.audit),
            },
        );
        self.show(now, ProgressEvent::RunStarted);
        let free = (0..self.courses.len() as u32).filter(|task| self.courses[*task as usize].waits_for == 0);
        self.released.extend(free);
    }

    /// Queue every step whose turn has come. What is only kept is done at once, which may give further steps their turn.
    fn queue_released(&mut self, now: Timestamp) {
        while let Some(task) = self.released.pop() {
            if self.stop.is_some() || !matches!(self.courses[task as usize].state, State::Waiting) {
                continue;
            }
            if self.tasks.all[task as usize].action == Action::Keep {
                self.end(now, task, StepResult::Done { changed: false });
            } else {
                self.queue(task);
            }
        }
    }

    fn queue(&mut self, task: u32) {
        let lane = self.tasks.all[task as usize].lane;
        self.courses[task as usize].state = State::Queued;
        self.lanes[lane as usize].enqueue(task);
        self.touched.push(lane);
    }

    /// Give free places to queued steps. What comes out of all systems together goes on in the order of the plan.
    fn fill_lanes(&mut self, now: Timestamp) {
        let mut taken = Vec::new();
        for lane in std::mem::take(&mut self.touched) {
            taken.extend(std::iter::from_fn(|| self.lanes[lane as usize].take()));
        }
        taken.sort_unstable();
        for task in taken {
            self.announce(now, task);
        }
    }

    /// Write down that a step begins, or that it is tried once more.
    fn announce(&mut self, now: Timestamp, task: u32) {
        let course = &self.courses[task as usize];
        let event = match course.started {
            None => self.start_of(task),
            Some(_) => {
                let address = self.tasks.all[task as usize].address.clone();
                JournalEvent::StepRetried { address, attempts: course.failed_tries }
            }
        };
        self.journal.start(now, task, event);
        self.courses[task as usize].state = State::Announced;
    }

    fn start_of(&self, task: u32) -> JournalEvent {
        let Task { address, action, scope, before, after, .. } = &self.tasks.all[task as usize];
        JournalEvent::StepStarted {
            address: address.clone(),
            action: *action,
            scope: scope.clone(),
            before: before.clone(),
            after: after.clone(),
        }
    }

    /// Ask for the operation of `task` that is next; a step that only waits has none.
    fn execute(&mut self, now: Timestamp, task: u32) {
        if self.tasks.all[task as usize].operations.is_empty() {
            self.release(self.tasks.all[task as usize].lane);
            return self.after_last_operation(now, task);
        }
        let ticket = self.ticket();
        let course = &mut self.courses[task as usize];
        if course.failures == 0 {
            course.first_try = now;
        }
        course.state = State::Executing(ticket);
        let operation = self.tasks.all[task as usize].operations[usize::from(course.operations_done)].clone();
        self.asked.insert(ticket, task);
        self.effects.push(Effect::Request(Request::Execute { ticket, operation }));
    }

    fn ask_for_journal_and_clock(&mut self, now: Timestamp) {
        let next = &mut self.next_ticket;
        if let Some(request) = self.journal.flush(|| draw(next)) {
            self.effects.push(Effect::Request(request));
        }
        if self.phase == Phase::Running
            && let Some(at) = self.timers.wake(now)
        {
            self.effects.push(Effect::Request(Request::Wake { at }));
        }
    }

    fn ticket(&mut self) -> Ticket {
        draw(&mut self.next_ticket)
    }

    fn show(&mut self, at: Timestamp, event: ProgressEvent) {
        self.effects.push(Effect::Progress(Progress { at, counts: self.counts, event }));
    }
}

fn draw(next: &mut u64) -> Ticket {
    *next += 1;
    Ticket(*next - 1)
}
