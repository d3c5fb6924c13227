//! The agent as a state machine: `step(now, input) -> effects`. No await, no clock, no randomness: the same inputs give the same
//! effects.
//!
//! ```text
//!                      ┌──────────── every five seconds ───────────┐
//!                      ▼                                           │
//! Starting ─► log in / renew ─► read ─► judge ─► check ─► load ─► Serving
//!                      │          │        │        │       │
//!                      └──────────┴────────┴────────┴───────┴─► what was served goes on:  Stale, Rejecting
//! ```
//!
//! Rounds begin at whole multiples of [`POLL`] after the start, however long answers take. In a round the session is brought up to
//! date first, then the entry is read; a text that is new is judged, checked by HAProxy and loaded. Whatever fails, what is served goes
//! on, and the next round tries again. HAProxy itself is watched all the time.

mod haproxy;
mod rounds;
mod take;

use crate::configuration::{Configuration, Known, Revision};
use crate::shipping::Shipper;
use crate::state::{State, Trouble};
use crate::{DRAIN, POLL, STUCK};
use haproxy::Haproxy;
use model::{Duration, Timestamp};
use rounds::Asked;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use take::{Candidate, Doubted};
use vault_session::{Failure, Lease, Session};

/// Ties an answer to what was asked. Never used twice by one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// What Vault is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Log in with the pod's service account.
    LogIn,
    /// Renew the token, for this long.
    Renew(Duration),
    /// Read the entry of the cell.
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
    Read(Result<Configuration, Failure>),
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The process is up; `kept` is what an earlier process of this pod left in its directory.
    Started {
        /// The configuration that was loaded last.
        kept: Option<Configuration>,
    },
    /// The instant of [`Machine::next_at`] has come.
    Woken,
    /// Vault has answered.
    Answered {
        /// Of the question.
        ticket: Ticket,
        /// What.
        answer: Answer,
    },
    /// HAProxy's check has ended.
    Checked {
        /// Of the check.
        ticket: Ticket,
        /// What it complains of.
        result: Result<(), String>,
    },
    /// HAProxy serves the text, or goes on as before.
    Loaded {
        /// Of the load or the start.
        ticket: Ticket,
        /// Why it does not.
        result: Result<(), String>,
    },
    /// The process of HAProxy has ended.
    HaproxyEnded,
    /// So many requests were logged.
    Logged {
        /// Their number.
        documents: u64,
    },
    /// A bulk request was answered.
    Shipped {
        /// Of the request.
        ticket: Ticket,
        /// Whether Elasticsearch took the documents.
        taken: bool,
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
    /// Let HAProxy check a text (`haproxy -c`).
    Check {
        /// For the result.
        ticket: Ticket,
        /// The text.
        text: Arc<str>,
    },
    /// Put the text in place, start or reload HAProxy, and once it answers its health page keep the text for the pod's next container.
    /// If anything of that fails, all is left as it was.
    Load {
        /// For the result.
        ticket: Ticket,
        /// What is to be served.
        configuration: Configuration,
    },
    /// Start HAProxy from the text that is in place.
    Start {
        /// For the result.
        ticket: Ticket,
    },
    /// Let HAProxy finish what it has begun, and end (a soft stop).
    Finish,
    /// Send the oldest documents of the buffer.
    Ship {
        /// For the answer.
        ticket: Ticket,
        /// How many.
        documents: u64,
    },
    /// Throw the oldest documents of the buffer away.
    Forget {
        /// How many.
        documents: u64,
    },
    /// End the process.
    Exit,
}

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Life {
    /// Rounds go on.
    Running,
    /// It finishes, at the latest at this instant.
    Draining(Timestamp),
    /// Over.
    Ended,
}

/// The state machine of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    started: Timestamp,
    life: Life,
    session: Session,
    /// When the present round began.
    round: Timestamp,
    /// When the next one begins.
    next_round: Timestamp,
    /// Whether this round has logged in already.
    logged_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    candidate: Option<Candidate>,
    /// What HAProxy serves, or would if it were up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    served: Option<Known>,
    /// What an earlier process left, until something is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<Configuration>,
    haproxy: Haproxy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
    /// What is published and looks like a copy from the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubted: Option<Doubted>,
    /// When Vault last said that what is served is what is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<Timestamp>,
    shipper: Shipper,
    shipping: Option<Ticket>,
    next_ticket: u64,
    /// Whether it takes any text that HAProxy takes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    credulous: bool,
    #[serde(skip)]
    effects: Vec<Effect>,
}

impl Machine {
    /// An agent whose process starts at `now`. `name` tells it from all others (`CLUSTER/NAMESPACE/POD`).
    pub fn new(name: &str, now: Timestamp) -> Self {
        Machine {
            started: now,
            life: Life::Running,
            session: Session::new(name),
            round: now,
            next_round: now,
            logged_in: false,
            asked: None,
            candidate: None,
            served: None,
            kept: None,
            haproxy: Haproxy::Absent,
            trouble: None,
            doubted: None,
            confirmed: None,
            shipper: Shipper::new(now),
            shipping: None,
            next_ticket: 0,
            credulous: false,
            effects: Vec::new(),
        }
    }

    /// Take any newer text that HAProxy takes from now on, meant or not: for tests that show what it is good for to ask (VGA-8).
    pub fn believe_anything(&mut self) {
        self.credulous = true;
    }

    /// Take in what happened, and say what is wanted now.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        if self.life == Life::Ended {
            return Vec::new();
        }
        match input {
            Input::Started { kept } => self.kept = kept,
            Input::Woken => {}
            Input::Answered { ticket, answer } => self.answered(now, ticket, answer),
            Input::Checked { ticket, result } => self.checked(ticket, result),
            Input::Loaded { ticket, result } => self.loaded(now, ticket, result),
            Input::HaproxyEnded => self.haproxy_ended(now),
            Input::Logged { documents } => self.logged(documents),
            Input::Shipped { ticket, taken } => self.shipped(ticket, taken),
            Input::Terminate => self.terminate(now),
        }
        self.watch(now);
        self.give_up_waiting(now);
        self.begin_round(now);
        self.ship(now);
        self.end(now);
        std::mem::take(&mut self.effects)
    }

    fn logged(&mut self, documents: u64) {
        let lost = self.shipper.logged(documents);
        if lost > 0 {
            self.effects.push(Effect::Forget { documents: lost });
        }
    }

    fn shipped(&mut self, ticket: Ticket, taken: bool) {
        if self.shipping == Some(ticket) {
            self.shipping = None;
            self.shipper.answered(taken);
        }
    }

    fn ship(&mut self, now: Timestamp) {
        if let Some(documents) = self.shipper.send(now) {
            let ticket = self.ticket();
            self.shipping = Some(ticket);
            self.effects.push(Effect::Ship { ticket, documents });
        }
    }

    fn terminate(&mut self, now: Timestamp) {
        if self.life != Life::Running {
            return;
        }
        self.life = Life::Draining(now + DRAIN);
        (self.asked, self.candidate) = (None, None);
        if self.haproxy.is_up() {
            self.effects.push(Effect::Finish);
        } else {
            self.shipper.hurry(now);
        }
    }

    /// A draining agent ends when HAProxy has and no document waits, or when it has drained for long enough.
    fn end(&mut self, now: Timestamp) {
        let Life::Draining(limit) = self.life else { return };
        let done = !self.haproxy.is_up() && self.shipper.buffered == 0;
        if done || now >= limit {
            self.life = Life::Ended;
            self.shipper.abandon();
            self.effects.push(Effect::Exit);
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket - 1)
    }

    /// When it is to be woken, whatever comes before.
    pub fn next_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Ended => None,
            Life::Draining(limit) => [Some(limit), self.shipper.next_at()].into_iter().flatten().min(),
            Life::Running => {
                let asked = self.asked.as_ref().map(|asked| asked.until);
                [Some(self.next_round), asked, self.haproxy.starts_at(), self.shipper.next_at()].into_iter().flatten().min()
            }
        }
    }

    /// When it by itself does anything that shows, or that another answer than the last could come of, as long as whatever it asks
    /// stays as it is: until then its rounds only read again what they have read. Documents are not counted here.
    ///
    /// Whoever runs many agents in virtual time passes over the rounds before this instant ([`Machine::round_from`] tells where to go
    /// on when something changes).
    pub fn quiet_until(&self) -> Option<Timestamp> {
        match self.life {
            Life::Ended => None,
            Life::Draining(limit) => Some(limit),
            Life::Running => {
                let asked = self.asked.as_ref().map(|asked| asked.until);
                [asked, self.haproxy.starts_at(), self.due(), self.stood_by_at()].into_iter().flatten().min()
            }
        }
    }

    /// The part of [`Machine::quiet_until`] that shows: what happens before it, whoever watches the agent from outside need not know
    /// of at its instant.
    pub fn shows_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Running => {
                let asked = self.asked.as_ref().map(|asked| asked.until);
                let ends = self.session.ends_at().filter(|_| !self.is_vault_away());
                let ends = ends.map(|at| round_from(self.started, at.max(self.next_round), POLL));
                let own = [asked, self.haproxy.starts_at(), ends, self.stood_by_at(), self.says_otherwise_at()];
                own.into_iter().flatten().min()
            }
            Life::Draining(_) | Life::Ended => self.quiet_until(),
        }
    }

    /// The round in which what is in doubt is taken, if it is still published then.
    fn stood_by_at(&self) -> Option<Timestamp> {
        let doubted = self.doubted.as_ref().filter(|_| !self.is_vault_away())?;
        Some(round_from(self.started, doubted.until().max(self.next_round), POLL))
    }

    /// The round that has other words for the same trouble: nobody answered the log-in, and then the old token was not taken. From
    /// then on there is no token that could be refused, and the log-in that nobody answers is all that is told.
    pub(super) fn says_otherwise_at(&self) -> Option<Timestamp> {
        let denied = matches!(self.trouble, Some(Trouble::Unread(Failure::Denied)));
        (denied && self.session.is_unanswered()).then_some(self.next_round)
    }

    fn is_vault_away(&self) -> bool {
        matches!(&self.trouble, Some(Trouble::Unread(failure)) if failure.is_away())
    }

    /// The first round at or after `now` in which Vault is asked anything.
    pub fn round_from(&self, now: Timestamp) -> Timestamp {
        let waits_until = if self.session.is_open(now) { now } else { self.session.due().unwrap_or(now).max(now) };
        round_from(self.started, waits_until.max(self.next_round), POLL)
    }

    /// Pass over all rounds before `now`. Whoever does so vouches that each would have read again what the last one read.
    pub fn pass_over(&mut self, now: Timestamp) {
        if self.life == Life::Running && self.asked.is_none() && self.candidate.is_none() {
            self.confirmed = self.confirmed_before(now);
            self.next_round = self.next_round.max(round_from(self.started, now, POLL));
        }
    }

    /// When Vault last said, by `now`, that what is served is what is published; rounds up to then may have been passed over.
    pub fn confirmed_by(&self, now: Timestamp) -> Option<Timestamp> {
        self.confirmed_before(now + Duration(1))
    }

    fn confirmed_before(&self, now: Timestamp) -> Option<Timestamp> {
        let confirmed = self.confirmed?;
        let passed = self.life == Life::Running && self.trouble.is_none() && now > self.next_round;
        let last = || self.started + POLL.times(now.since(self.started).0.saturating_sub(1) / POLL.0);
        Some(if passed { last() } else { confirmed })
    }

    /// Whether HAProxy serves a configuration: what its health page says.
    pub fn is_ready(&self) -> bool {
        self.haproxy.is_up() && self.served.is_some() && self.life == Life::Running
    }

    /// Whether it was asked to go and has not gone.
    pub fn is_draining(&self) -> bool {
        matches!(self.life, Life::Draining(_))
    }

    /// Whether requests that reach it are looked at: a draining agent still answers what it has begun.
    pub fn is_serving(&self) -> bool {
        self.haproxy.is_up() && self.served.is_some()
    }

    /// Whether its loop turns. Neither Vault nor HAProxy has a say in it.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.life != Life::Ended && self.next_at().is_none_or(|at| now.since(at) < STUCK)
    }

    /// What HAProxy serves, or would if it were up.
    pub fn revision(&self) -> Option<Revision> {
        self.served.as_ref().map(|served| served.revision)
    }

    /// What keeps it from what is published.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// When its present, or last, round began.
    pub fn round(&self) -> Timestamp {
        self.round
    }

    /// When its process started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Its traffic documents.
    pub fn shipper(&self) -> &Shipper {
        &self.shipper
    }

    /// How it is seen from outside.
    pub fn state(&self) -> State {
        match (self.life, &self.served, &self.trouble) {
            (Life::Ended, ..) => State::Ended,
            (Life::Draining(_), ..) => State::Draining,
            (_, None, None) if self.asked.is_none() && self.candidate.is_none() => State::Starting,
            (_, None, _) => State::Fetching,
            (_, Some(_), _) if !self.haproxy.is_up() => State::Restarting,
            (_, Some(_), Some(Trouble::Unread(_))) => State::Stale,
            (_, Some(_), Some(Trouble::Rejected(..))) => State::Rejecting,
            (_, Some(served), None) if served.inventory.is_empty() => State::Empty,
            (_, Some(_), None) => State::Serving,
        }
    }
}

/// The first instant after `now` that lies whole periods after `started`.
pub(crate) fn round_after(started: Timestamp, now: Timestamp, period: Duration) -> Timestamp {
    started + period.times(now.since(started).0 / period.0 + 1)
}

/// The first instant from `now` on that lies whole periods after `started`.
fn round_from(started: Timestamp, now: Timestamp, period: Duration) -> Timestamp {
    started + period.times(now.since(started).0.div_ceil(period.0))
}

#[cfg(test)]
mod tests;
