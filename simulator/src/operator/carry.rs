//! Carrying out a plan: the machine's effects travel to the ledger and to the systems, and what comes of them travels back.

use super::call::{Answering, Call};
use super::carrier::Order;
use super::settings::PATIENCE;
use super::trip::{Fate, Trip};
use super::{Fact, Operator, State, Surroundings};
use crate::digest::resolve;
use crate::world::World;
use driver::{Effect, Input};
use model::audit::Chain;
use model::operation::{Operation, OperationError};
use model::outcome::{JournalEntry, Verdict};
use model::{Address, Duration, Value};
use planner::spec::types::Placement;
use port::{Event, Request, Ticket, Until};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often lines are offered to a ledger that does not answer, and how long apart.
const RECORD_TRIES: u32 = 30;
const RECORD_PAUSE: Duration = Duration::seconds(2);
/// How long a system that asks for patience asks for (`Retry-After` of an API server that sheds load).
const RETRY_AFTER: Duration = Duration::seconds(1);

impl Operator {
    /// Tell the machine what happened, and send what it wants.
    pub(super) fn step(&mut self, input: Input, around: &mut Surroundings<'_>) {
        let clock = self.clock(around.world);
        let State::Running(running) = &mut self.state else { return };
        for effect in running.machine.step(clock, input) {
            match effect {
                Effect::Request(request) => {
                    if self.dies_now(around) {
                        return;
                    }
                    self.send(request, around.world);
                }
                Effect::Progress(_) => {}
                Effect::Finished(outcome) => return self.end(Some(outcome.verdict), around),
            }
        }
    }

    fn dies_now(&mut self, around: &mut Surroundings<'_>) -> bool {
        self.effects += 1;
        match self.kill_at {
            Some((effect, back)) if effect == self.effects => {
                self.kill(Some(back), around);
                true
            }
            _ => false,
        }
    }

    fn send(&mut self, request: Request, world: &mut World) {
        let process = self.process;
        let near = Duration::milliseconds(self.settings.latency.0);
        match request {
            Request::Record { ticket, entries } => {
                self.call(near, Call::Record { process, ticket, entries, tries: 0 }, world);
            }
            Request::Execute { ticket, operation } => self.send_operation(ticket, operation, world),
            Request::Append { ticket, chain, documents } => {
                self.call(near, Call::Append { process, ticket, chain, documents }, world);
            }
            Request::Watch { ticket, address, until } => {
                self.call(near, Call::Watch { process, ticket, address, until }, world);
            }
            Request::Wake { at } => {
                self.call(at.since(self.clock(world)), Call::Tell { process, event: Event::Woken }, world);
            }
        }
    }

    fn send_operation(&mut self, ticket: Ticket, operation: Operation, world: &mut World) {
        let count = self.sent.entry(operation.address().clone()).or_default();
        *count += 1;
        let count = *count;
        let entity = format!("operator {} {}", self.id, operation.address());
        let trip = Trip::draw(world.seed(), &self.settings, &entity, count);
        let trip = trip.through(world, &operation.address().system(), &entity);
        let (process, operation) = (self.process, Arc::new(operation));
        let give_up = |why: &str| Event::Executed { ticket, result: Err(OperationError::Unreachable(why.to_owned())) };
        let mut arrive = |operator: &mut Self, after: Duration, answer: Answering| {
            let operation = Arc::clone(&operation);
            operator.call(after, Call::Execute { process, ticket, operation, answer }, world);
        };
        match trip.fate {
            Fate::Arrives => arrive(self, trip.there, Answering::True(trip.back)),
            Fate::Doubled => {
                arrive(self, trip.there, Answering::True(trip.back));
                arrive(self, trip.there + trip.back + trip.there, Answering::True(trip.back));
            }
            Fate::RequestLost => {
                self.call(PATIENCE, Call::Tell { process, event: give_up("no answer: the request was lost") }, world);
            }
            Fate::AnswerLost => {
                arrive(self, trip.there, Answering::Nothing);
                self.call(PATIENCE, Call::Tell { process, event: give_up("no answer: it was lost") }, world);
            }
            Fate::Late => {
                arrive(self, trip.there, Answering::True(PATIENCE + PATIENCE));
                self.call(PATIENCE, Call::Tell { process, event: give_up("no answer in time") }, world);
            }
            Fate::Failed => {
                let error = Err(OperationError::Unreachable("500 Internal Server Error".to_owned()));
                arrive(self, trip.there, Answering::Instead(trip.back, error));
            }
            Fate::Conflict => {
                let (expected, found) = ("the version that was seen".to_owned(), "409 Conflict".to_owned());
                self.refuse(ticket, trip, OperationError::Stale { expected, found }, world);
            }
            Fate::Busy => {
                let message = "429 Too Many Requests".to_owned();
                self.refuse(ticket, trip, OperationError::Busy { message, retry_after: Some(RETRY_AFTER) }, world);
            }
        }
    }

    fn refuse(&mut self, ticket: Ticket, trip: Trip, error: OperationError, world: &mut World) {
        let event = Event::Executed { ticket, result: Err(error) };
        self.call(trip.there + trip.back, Call::Tell { process: self.process, event }, world);
    }

    /// An operation reaches its system, which carries it out whoever still waits for the answer.
    pub(super) fn execute(
        &mut self,
        process: u32,
        ticket: Ticket,
        operation: &Arc<Operation>,
        answer: Answering,
        around: &mut Surroundings<'_>,
    ) {
        let (operation, result) = match self.resolved(operation, around.world) {
            Ok(resolved) => {
                let made = self.keyring.take_latest();
                let order = Order { asked: operation, resolved: &resolved, made: &made };
                let result = around.carrier.execute(around.world, self.asker(), order);
                (resolved, result)
            }
            Err(error) => (Arc::clone(operation), Err(error)),
        };
        let announced = around.ledger.is_announced(operation.address());
        around.facts.push(Fact::Carried { operator: self.id, operation, announced, result: result.clone() });
        let (after, result) = match answer {
            Answering::True(after) => (after, result),
            Answering::Instead(after, instead) => (after, instead),
            Answering::Nothing => return,
        };
        self.call(after, Call::Tell { process, event: Event::Executed { ticket, result } }, around.world);
    }

    /// The operation with digests in place of secrets: what its adapter sends.
    fn resolved(&mut self, operation: &Arc<Operation>, world: &World) -> Result<Arc<Operation>, OperationError> {
        let mut resolved = Arc::clone(operation);
        let (address, document) = match &**operation {
            Operation::Apply { address, document, .. } => (address, document),
            Operation::Move { from, document, .. } => (from, document),
            Operation::Delete { .. } => return Ok(resolved),
        };
        let digested = resolve(world, &mut self.keyring, address, document)?;
        if !Arc::ptr_eq(&digested, document)
            && let Operation::Apply { document, .. } | Operation::Move { document, .. } = Arc::make_mut(&mut resolved)
        {
            *document = digested;
        }
        Ok(resolved)
    }

    pub(super) fn record(
        &mut self,
        process: u32,
        ticket: Ticket,
        entries: Vec<JournalEntry>,
        tries: u32,
        around: &mut Surroundings<'_>,
    ) {
        // What a dead process has sent may still be written: nobody can tell by then.
        let Some(run) = entries.first().map(|entry| entry.run) else { return };
        if self.ledger_is_away(around.world) {
            if process != self.process {
                return;
            }
            if tries >= RECORD_TRIES {
                return self.end(None, around);
            }
            self.call(RECORD_PAUSE, Call::Record { process, ticket, entries, tries: tries + 1 }, around.world);
            return;
        }
        match around.ledger.record(run, &entries) {
            Ok(()) => {
                let near = Duration::milliseconds(self.settings.latency.0);
                self.call(near, Call::Tell { process, event: Event::Recorded { ticket } }, around.world);
            }
            // The lock was taken over: this run writes nothing any more, and so begins nothing any more.
            Err(_) if process == self.process => self.end(None, around),
            Err(_) => {}
        }
    }

    /// Documents reach their store.
    pub(super) fn append(
        &mut self,
        process: u32,
        ticket: Ticket,
        chain: &Chain,
        documents: &[Value],
        around: &mut Surroundings<'_>,
    ) {
        let result = around.world.append(chain, documents);
        let near = Duration::milliseconds(self.settings.latency.0);
        self.call(near, Call::Tell { process, event: Event::Appended { ticket, result } }, around.world);
    }

    pub(super) fn watch(&mut self, process: u32, ticket: Ticket, address: &Address, until: Until, around: &mut Surroundings<'_>) {
        let asker = self.asker();
        let State::Running(running) = &mut self.state else { return };
        if process != self.process {
            return;
        }
        running.watches.add(ticket, address.clone(), until);
        for event in around.carrier.hear(around.world, asker, &mut running.watches, &BTreeSet::new()) {
            self.tell(event, around.world);
        }
    }

    /// Let the machine hear of `event`, on the way of a stream: nothing overtakes anything there.
    pub(super) fn tell(&mut self, event: Event, world: &mut World) {
        let near = Duration::milliseconds(self.settings.latency.0);
        self.call(near, Call::Tell { process: self.process, event }, world);
    }

    pub(super) fn hear(&mut self, events: Vec<Event>, around: &mut Surroundings<'_>) {
        if !events.is_empty() {
            self.step(Input::Events(events), around);
        }
    }

    /// The run is over. The lock is given back if the ledger can be reached, and expires otherwise.
    pub(super) fn end(&mut self, verdict: Option<Verdict>, around: &mut Surroundings<'_>) {
        let State::Running(running) = std::mem::replace(&mut self.state, State::Resting) else { return };
        self.process += 1;
        if !self.ledger_is_away(around.world) {
            around.ledger.end(running.run);
        }
        around.world.note(&format!("operator {} ends run {}: {verdict:?}", self.id, running.run));
        around.facts.push(Fact::Ended { operator: self.id, verdict });
        // What it changed itself is looked at once more before it is content.
        self.dirty = true;
        self.rest(verdict == Some(Verdict::Converged) && !running.withheld, around.world);
    }

    /// Whether the ledger can be reached. It lies in the platform's MySQL; where the platform itself brings that up, it lies apart.
    pub(super) fn ledger_is_away(&self, world: &World) -> bool {
        let mysql = &self.desired.spec.dependencies.mysql.value;
        let outside = matches!(mysql.placement.value, Placement::External { .. });
        outside && !world.takes_ledger()
    }
}
