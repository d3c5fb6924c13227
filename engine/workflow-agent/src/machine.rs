//! The agent as a state machine: `step(now, input) -> effects`. No await, no clock, no randomness: the same inputs give the same
//! effects.
//!
//! ```text
//! Fetching ─► Idle ─► log in / renew ─► read the workflow ─► ask Vamp ─► count lines ─► write ─► Idle
//!    ▲  │       ▲                                                │            │           │
//!    └──┘       └────────────────────────────────────────────────┴────────────┴───────────┘  failed: a gap
//! ```
//!
//! Until it has its workflow it asks for it every [`POLL`]. The first run begins at once, and the next ones at whole periods after that,
//! however long runs take: a run that would overlap is skipped, and one that takes too long is cut off.

mod run;
mod vault;

use crate::history::History;
use crate::quantify::{Finding, Subject, Tally};
use crate::{Gap, PATIENCE, POLL, STUCK};
use model::{Duration, Timestamp};
use run::Running;
use serde::{Deserialize, Serialize};
use std::fmt;
use vault::Asked;
use vault_session::{Failure, Lease, Session};

/// Ties an answer to what was asked. Never used twice by one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// What the agent does, as it is kept in Vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// From the beginning of one run to that of the next.
    pub period: Duration,
    /// Longest time of a run.
    pub timeout: Duration,
    /// Traffic that a run looks at, back from its beginning.
    pub window: Duration,
}

/// What Vault is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Log in with the pod's service account.
    LogIn,
    /// Renew the token, for this long.
    Renew(Duration),
    /// Read the workflow.
    Read,
}

/// What Vault answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::LogIn`].
    LoggedIn(Result<Lease, Failure>),
    /// To [`Question::Renew`].
    Renewed(Result<Lease, Failure>),
    /// To [`Question::Read`].
    Read(Result<Workflow, Failure>),
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The process is up.
    Started,
    /// The instant of [`Machine::next_at`] has come.
    Woken,
    /// Vault has answered.
    Answered {
        /// Of the question.
        ticket: Ticket,
        /// What.
        answer: Answer,
    },
    /// Vamp has said which gateways and routes there are, or why it does not.
    Listed {
        /// Of the question.
        ticket: Ticket,
        /// What.
        result: Result<Vec<Subject>, String>,
    },
    /// Elasticsearch has counted the lines of each, or why it does not.
    Counted {
        /// Of the question.
        ticket: Ticket,
        /// What.
        result: Result<Vec<(Subject, Tally)>, String>,
    },
    /// Elasticsearch has taken what was found, or why it does not.
    Written {
        /// Of the request.
        ticket: Ticket,
        /// What.
        result: Result<(), String>,
    },
    /// The pod is asked to go.
    Terminate,
}

/// What the agent wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask Vault.
    Ask {
        /// For the answer.
        ticket: Ticket,
        /// What.
        question: Question,
    },
    /// Ask Vamp which gateways and routes the environment has.
    List {
        /// For the answer.
        ticket: Ticket,
    },
    /// Ask Elasticsearch to count the log lines of each subject.
    Count {
        /// For the answer.
        ticket: Ticket,
        /// Of what.
        subjects: Vec<Subject>,
        /// Lines from this instant.
        from: Timestamp,
        /// Lines before this instant.
        until: Timestamp,
    },
    /// Let Elasticsearch keep what was found, and the gap that ends with it.
    Write {
        /// For the answer.
        ticket: Ticket,
        /// What was found.
        findings: Vec<Finding>,
        /// The time before without results.
        gap: Option<Gap>,
    },
    /// Stop waiting for an answer: the run is over.
    Forget {
        /// To what.
        ticket: Ticket,
    },
    /// End the process.
    Exit,
}

/// How an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has no workflow yet.
    Fetching,
    /// It waits for its next run.
    Idle,
    /// It runs.
    Running,
    /// Its process has ended.
    Ended,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Fetching => "fetching",
            State::Idle => "idle",
            State::Running => "running",
            State::Ended => "ended",
        })
    }
}

/// The state machine of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    started: Timestamp,
    ended: bool,
    session: Session,
    /// The workflow, once it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workflow: Option<Workflow>,
    /// When the first run began: later ones begin whole periods after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_run: Option<Timestamp>,
    round: Timestamp,
    next_round: Timestamp,
    logged_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<Running>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<Failure>,
    history: History,
    next_ticket: u64,
    #[serde(skip)]
    effects: Vec<Effect>,
}

impl Machine {
    /// An agent whose process starts at `now`. `name` tells it from all others (`CLUSTER/NAMESPACE/POD`).
    pub fn new(name: &str, now: Timestamp) -> Self {
        Machine {
            started: now,
            ended: false,
            session: Session::new(name),
            workflow: None,
            first_run: None,
            round: now,
            next_round: now,
            logged_in: false,
            asked: None,
            running: None,
            trouble: None,
            history: History::default(),
            next_ticket: 0,
            effects: Vec::new(),
        }
    }

    /// Take in what happened, and say what is wanted now.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        if self.ended {
            return Vec::new();
        }
        match input {
            Input::Started | Input::Woken => {}
            Input::Answered { ticket, answer } => self.answered(now, ticket, answer),
            Input::Listed { ticket, result } => self.listed(ticket, result),
            Input::Counted { ticket, result } => self.counted(ticket, result),
            Input::Written { ticket, result } => self.written(ticket, result),
            Input::Terminate => {
                self.ended = true;
                self.effects.push(Effect::Exit);
            }
        }
        if !self.ended {
            self.give_up_waiting(now);
            self.cut_off(now);
            self.begin_round(now);
        }
        std::mem::take(&mut self.effects)
    }

    /// Begin a round if it is time to. One that would overlap with the last run is skipped.
    fn begin_round(&mut self, now: Timestamp) {
        if now < self.next_round {
            return;
        }
        self.next_round = self.round_after(now);
        if self.asked.is_some() || self.running.is_some() {
            self.history.skipped += u64::from(self.running.is_some());
            return;
        }
        (self.round, self.logged_in) = (now, false);
        self.ask_next(now);
    }

    /// The first round after `now`.
    fn round_after(&self, now: Timestamp) -> Timestamp {
        let (from, period) = self.rounds();
        from + period.times(now.since(from).0 / period.0 + 1)
    }

    /// From when rounds are counted, and how far they are apart.
    fn rounds(&self) -> (Timestamp, Duration) {
        match (self.first_run, self.workflow) {
            (Some(first), Some(workflow)) => (first, workflow.period.max(Duration(1))),
            _ => (self.started, POLL),
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket - 1)
    }

    /// When it is to be woken, whatever comes before.
    pub fn next_at(&self) -> Option<Timestamp> {
        let asked = self.asked.as_ref().map(|asked| asked.until);
        let running = self.running.as_ref().map(|running| running.until);
        [Some(self.next_round), asked, running].into_iter().flatten().min().filter(|_| !self.ended)
    }

    /// When it by itself does anything that another answer than the last could come of, as long as whatever it asks stays as it is:
    /// until then each round ends as the last one did.
    pub fn quiet_until(&self) -> Option<Timestamp> {
        if self.ended || self.asked.is_some() || self.running.is_some() {
            return self.next_at();
        }
        self.due()
    }

    fn due(&self) -> Option<Timestamp> {
        let (from, period) = self.rounds();
        let round_from = |at: Timestamp| from + period.times(at.since(from).0.div_ceil(period.0));
        // Where the token was not taken after a log-in that nobody answered, the next round has other words for it.
        let denied = matches!(self.trouble, Some(Failure::Denied)) && self.session.is_unanswered();
        let due = self.session.due().map(|at| round_from(at.max(self.next_round)));
        due.or(denied.then_some(self.next_round))
    }

    /// The first round from `now` on.
    pub fn round_from(&self, now: Timestamp) -> Timestamp {
        let (from, period) = self.rounds();
        let at = now.max(self.next_round);
        from + period.times(at.since(from).0.div_ceil(period.0))
    }

    /// Pass over all rounds before `now`: each ended as the last one did, and wrote as much.
    pub fn pass_over(&mut self, now: Timestamp) {
        if self.ended || self.asked.is_some() || self.running.is_some() || now <= self.next_round {
            return;
        }
        let (from, period) = self.rounds();
        let next = from + period.times(now.since(from).0.div_ceil(period.0));
        if self.first_run.is_some() {
            let passed = next.since(self.next_round).0 / period.0;
            let last = Timestamp(next.0.saturating_sub(period.0));
            self.history.ended_alike(passed, last, period);
        }
        self.next_round = next;
    }

    /// Its history by `now`; rounds up to then may have been passed over.
    pub fn history_by(&self, now: Timestamp) -> History {
        let mut passed = self.clone();
        passed.pass_over(now + Duration(1));
        passed.history
    }

    /// Whether its loop turns: what its page says to a liveness probe.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.ended && self.next_at().is_none_or(|at| now.since(at) < STUCK)
    }

    /// Whether it has its workflow.
    pub fn is_ready(&self) -> bool {
        self.workflow.is_some() && !self.ended
    }

    /// What keeps it from its workflow, or from a newer one.
    pub fn trouble(&self) -> Option<&Failure> {
        self.trouble.as_ref()
    }

    /// Its workflow.
    pub fn workflow(&self) -> Option<Workflow> {
        self.workflow
    }

    /// When its process started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// How it is.
    pub fn state(&self) -> State {
        match (self.ended, self.workflow, &self.running) {
            (true, ..) => State::Ended,
            (_, None, _) => State::Fetching,
            (_, Some(_), Some(_)) => State::Running,
            (_, Some(_), None) => State::Idle,
        }
    }
}

#[cfg(test)]
mod tests;
