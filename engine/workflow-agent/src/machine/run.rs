//! One run: which gateways there are, what their lines say, and where that is kept.

use super::{Effect, Machine, Ticket};
use crate::history::{Outcome, Run};
use crate::quantify::{Subject, Tally, quantify};
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// A run that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Running {
    /// What is waited for.
    ticket: Ticket,
    began: Timestamp,
    window: Duration,
    /// When it is cut off.
    pub(super) until: Timestamp,
    /// Number of its findings, and whether a gap is written down with them.
    writes: (u64, bool),
}

impl Machine {
    /// Begin a run, if there is a workflow.
    pub(super) fn run(&mut self) {
        let Some(workflow) = self.workflow else { return };
        let ticket = self.ticket();
        let (began, window) = (self.round, workflow.window);
        // A workflow without a timeout has until its next run (in the original too, 0 is none).
        let limit = if workflow.timeout == Duration::ZERO { workflow.period } else { workflow.timeout };
        self.running = Some(Running { ticket, began, window, until: began + limit, writes: (0, false) });
        self.effects.push(Effect::List { ticket });
    }

    /// The run, if `ticket` is what it waits for.
    fn running(&mut self, ticket: Ticket) -> Option<Running> {
        self.running.take_if(|running| running.ticket == ticket)
    }

    pub(super) fn listed(&mut self, ticket: Ticket, result: Result<Vec<Subject>, String>) {
        let Some(running) = self.running(ticket) else { return };
        match result {
            Err(why) => self.end_run(running.began, Outcome::Failed(why)),
            Ok(subjects) => {
                let ticket = self.ticket();
                let from = Timestamp(running.began.0.saturating_sub(running.window.0));
                self.effects.push(Effect::Count { ticket, subjects, from, until: running.began });
                self.running = Some(Running { ticket, ..running });
            }
        }
    }

    pub(super) fn counted(&mut self, ticket: Ticket, result: Result<Vec<(Subject, Tally)>, String>) {
        let Some(running) = self.running(ticket) else { return };
        match result {
            Err(why) => self.end_run(running.began, Outcome::Failed(why)),
            Ok(tallies) => {
                let ticket = self.ticket();
                let findings = quantify(running.window, &tallies);
                let gap = self.history.gap(running.began);
                let writes = (findings.len() as u64, gap.is_some());
                self.effects.push(Effect::Write { ticket, findings, gap });
                self.running = Some(Running { ticket, writes, ..running });
            }
        }
    }

    pub(super) fn written(&mut self, ticket: Ticket, result: Result<(), String>) {
        let Some(running) = self.running(ticket) else { return };
        let outcome = match result {
            Ok(()) => Outcome::Done { findings: running.writes.0, gap: running.writes.1 },
            Err(why) => Outcome::Failed(why),
        };
        self.end_run(running.began, outcome);
    }

    /// A run that takes longer than it may is over.
    pub(super) fn cut_off(&mut self, now: Timestamp) {
        if let Some(running) = self.running.take_if(|running| now >= running.until) {
            self.effects.push(Effect::Forget { ticket: running.ticket });
            self.end_run(running.began, Outcome::TimedOut);
        }
    }

    fn end_run(&mut self, began: Timestamp, outcome: Outcome) {
        self.history.ended(Run { began, outcome });
    }
}
