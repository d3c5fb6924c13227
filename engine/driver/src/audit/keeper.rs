//! The state machine that writes what is lacking: `step(now, events) -> effects`.

use super::Backlog;
use model::audit::Chain;
use model::audit::backlog::{Head, Lane, lanes};
use model::audit::history::{Record, Run, What};
use model::operation::OperationError;
use model::outcome::{JournalEntry, JournalEvent, Verdict};
use model::value::Text;
use model::{Duration, Timestamp};
use port::{Event, Request, Ticket};

/// Documents on their way at the same time, of all chains together, and at least so many of one in a request.
const IN_FLIGHT: usize = 500;
const LEAST: usize = 50;
/// How often a store that does not answer is tried, and the pause between two tries: the next run tries again, so this one need not wait.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::seconds(1);

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Number of documents that were written.
    pub written: usize,
    /// Chains that lack documents still, and why.
    pub lacking: Vec<(Chain, String)>,
}

/// What the keeper wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the platform for this.
    Request(Request),
    /// It is over.
    Finished(Kept),
}

/// Where one chain stands.
#[derive(Clone, Debug)]
enum State {
    /// It lacks nothing.
    Whole,
    /// Its next documents are on their way: so many, the last of them with this digest.
    Sent(Ticket, usize, Text),
    /// Until then it waits to be tried again.
    Pausing(Timestamp),
    /// That it goes on is on its way to the journal.
    Resuming(Ticket, Timestamp),
    /// It lacks documents still.
    Lacking(String),
}

/// The state machine that writes what is lacking.
#[derive(Clone, Debug)]
pub struct Keeper {
    /// The run that is under way.
    run: Run,
    lanes: Vec<(Lane, State, u32)>,
    next_ticket: u64,
    /// The last entries, on their way to the journal.
    closing: Option<Ticket>,
    is_alone: bool,
    written: usize,
    effects: Vec<Effect>,
}

impl Keeper {
    /// A keeper for what `backlog` lacks; its last run is the one under way. Nothing if nothing has to be written, not even how far all is.
    pub fn new(backlog: &Backlog) -> Option<Self> {
        let run = backlog.runs.last()?;
        let lanes = lanes(&backlog.heads, &backlog.runs);
        let heads: Vec<Head> = lanes.iter().map(Lane::head).collect();
        if lanes.iter().all(|lane| lane.pending() == 0) && (run.entries.is_empty() || heads == backlog.heads) {
            return None;
        }
        let lanes = lanes.into_iter().map(|lane| (lane, State::Whole, 0)).collect();
        let run = Run { entries: Vec::new(), ..run.clone() };
        Some(Keeper { run, lanes, next_ticket: 0, closing: None, is_alone: false, written: 0, effects: Vec::new() })
    }

    /// The run is there for this alone, and ends with it.
    #[must_use]
    pub fn alone(self) -> Self {
        Keeper { is_alone: true, ..self }
    }

    /// Begin.
    pub fn start(&mut self, now: Timestamp) -> Vec<Effect> {
        for lane in 0..self.lanes.len() {
            self.send(lane);
        }
        self.close(now);
        std::mem::take(&mut self.effects)
    }

    /// Take in what happened, and say what is wanted now.
    pub fn step(&mut self, now: Timestamp, events: Vec<Event>) -> Vec<Effect> {
        for event in events {
            match event {
                Event::Appended { ticket, result } => self.on_appended(now, ticket, result),
                Event::Recorded { ticket } => self.on_recorded(ticket),
                Event::Woken => self.on_woken(now),
                // What a run before this one still waited for.
                Event::Executed { .. } | Event::Readiness { .. } | Event::Stop(_) => {}
            }
        }
        self.close(now);
        std::mem::take(&mut self.effects)
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    fn record(&mut self, at: Timestamp, events: impl IntoIterator<Item = JournalEvent>) -> Ticket {
        let (ticket, run) = (self.ticket(), self.run.number);
        let entries = events.into_iter().map(|event| JournalEntry { at, run, event }).collect();
        self.effects.push(Effect::Request(Request::Record { ticket, entries }));
        ticket
    }

    /// Ask for the next documents of a chain to be written, if it lacks any.
    fn send(&mut self, lane: usize) {
        let ticket = self.ticket();
        let most = (IN_FLIGHT / self.lanes.len()).max(LEAST);
        let (chain, state, _) = &mut self.lanes[lane];
        let documents = chain.documents(most);
        let Some(last) = documents.last() else {
            *state = State::Whole;
            return;
        };
        *state = State::Sent(ticket, documents.len(), last.str_at(&["digest"]).unwrap_or_default().into());
        let chain = chain.head.chain.clone();
        self.effects.push(Effect::Request(Request::Append { ticket, chain, documents }));
    }

    fn on_appended(&mut self, now: Timestamp, ticket: Ticket, result: Result<(), OperationError>) {
        let sent = |(_, state, _): &(Lane, State, u32)| matches!(state, State::Sent(sent, ..) if *sent == ticket);
        let Some(index) = self.lanes.iter().position(sent) else { return };
        let (lane, state, failures) = &mut self.lanes[index];
        let State::Sent(_, count, digest) = std::mem::replace(state, State::Whole) else { return };
        match result {
            Ok(()) => {
                lane.written(count, digest);
                *failures = 0;
                self.written += count;
                let resumes = lane.pending() == 0 && lane.gap.is_some();
                let chain = lane.head.chain.clone();
                if !resumes {
                    return self.send(index);
                }
                let ticket = self.record(now, [JournalEvent::AuditResumed { chain }]);
                self.lanes[index].1 = State::Resuming(ticket, now);
            }
            Err(error) if error.is_transient() && *failures + 1 < TRIES => {
                *failures += 1;
                *state = State::Pausing(now + PAUSE);
                self.effects.push(Effect::Request(Request::Wake { at: now + PAUSE }));
            }
            Err(error) => *state = State::Lacking(error.to_string()),
        }
    }

    /// The journal says that a chain goes on: now the chain may say it.
    fn on_recorded(&mut self, ticket: Ticket) {
        let resuming = |(_, state, _): &(Lane, State, u32)| matches!(state, State::Resuming(asked, _) if *asked == ticket);
        if let Some(index) = self.lanes.iter().position(resuming) {
            let (lane, state, _) = &mut self.lanes[index];
            if let (State::Resuming(_, at), Some(from)) = (&*state, lane.gap) {
                let (run, what) = (&self.run, What::Gap { from, until: *at });
                let (actor, command) = (run.actor.clone(), run.command.clone());
                lane.resumed(Record { at: *at, run: run.number, actor, command, what });
            }
            self.send(index);
        } else if self.closing == Some(ticket) {
            let lacking = self.lanes.iter().filter_map(|(lane, state, _)| match state {
                State::Lacking(why) => Some((lane.head.chain.clone(), why.clone())),
                _ => None,
            });
            let kept = Kept { written: self.written, lacking: lacking.collect() };
            self.effects.push(Effect::Finished(kept));
        }
    }

    fn on_woken(&mut self, now: Timestamp) {
        for index in 0..self.lanes.len() {
            if matches!(self.lanes[index].1, State::Pausing(until) if until <= now) {
                self.send(index);
            }
        }
    }

    /// When every chain is whole, or as whole as it gets: write down how far they are, and which gaps have opened.
    fn close(&mut self, now: Timestamp) {
        let is_over = |(_, state, _): &(Lane, State, u32)| matches!(state, State::Whole | State::Lacking(_));
        if self.closing.is_some() || !self.lanes.iter().all(is_over) {
            return;
        }
        let mut events = Vec::new();
        for (lane, state, _) in &self.lanes {
            if let (State::Lacking(why), None) = (state, lane.gap) {
                events.push(JournalEvent::AuditGap { chain: lane.head.chain.clone(), why: why.clone() });
            }
        }
        events.push(JournalEvent::Audited { heads: self.lanes.iter().map(|(lane, ..)| lane.head()).collect() });
        if self.is_alone {
            let lacks = self.lanes.iter().any(|(_, state, _)| matches!(state, State::Lacking(_)));
            events.push(JournalEvent::RunEnded { verdict: if lacks { Verdict::Partial } else { Verdict::Converged } });
        }
        self.closing = Some(self.record(now, events));
    }
}
