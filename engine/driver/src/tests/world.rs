//! A platform in virtual time that does what a script says, and that checks the driver's promises at every request.

use crate::tests::plans::consent;
use crate::{Machine, Progress, Settings, run};
use model::observation::Condition;
use model::operation::{Expectation, Operation, OperationError, Receipt};
use model::outcome::{JournalEntry, JournalEvent, Outcome, StepResult};
use model::plan::{Action, Plan, Step};
use model::value::Text;
use model::{Address, Duration, Timestamp};
use port::{Event, Platform, PlatformError, Request, Stop, Ticket};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::task::{Context, Poll, Waker};

/// What one try of an operation comes to.
#[derive(Clone, Debug)]
pub(crate) enum Try {
    /// It fails and takes no effect.
    Fails(OperationError),
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It takes effect twice.
    Twice,
}

/// What is due at some instant.
#[derive(Clone, Debug)]
enum Due {
    Record(Ticket, Vec<JournalEntry>),
    Execute(Ticket, Operation),
    Event(Event),
}

/// The platform: objects by address, each with a version and the digest of its document.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) objects: BTreeMap<Address, (u64, Text)>,
    /// What the next tries on an address come to; without a word here they succeed.
    pub(crate) script: BTreeMap<Address, VecDeque<Try>>,
    /// When after the request to watch it an object is in which condition. Ready at once without a word here.
    pub(crate) readiness: BTreeMap<Address, Vec<(Duration, Condition)>>,
    /// How long operations take; some addresses take another time.
    pub(crate) latency: Duration,
    pub(crate) latencies: BTreeMap<Address, Duration>,
    /// How long a write of the journal takes.
    pub(crate) journal_latency: Duration,
    pub(crate) journal: Vec<JournalEntry>,
    /// Sizes of the writes.
    pub(crate) writes: Vec<usize>,
    /// Tries of each step that were told to have failed since its start was written down.
    failed: BTreeMap<Address, u32>,
    /// Every Execute in the order in which it was asked for.
    pub(crate) asked: Vec<(Timestamp, Operation)>,
    /// Highest number of operations at a time in each system.
    pub(crate) peak: BTreeMap<String, u32>,
    /// After so many batches of events comes a stop.
    pub(crate) stops: BTreeMap<usize, Stop>,
    pub(crate) batches: usize,
    pub(crate) progress: Vec<Progress>,
    due: BTreeMap<(Timestamp, u64), Due>,
    sequence: u64,
    tickets: BTreeSet<Ticket>,
    version: u64,
}

impl Default for World {
    fn default() -> Self {
        World {
            now: Timestamp(1_000_000),
            objects: BTreeMap::new(),
            script: BTreeMap::new(),
            readiness: BTreeMap::new(),
            latency: Duration(10),
            latencies: BTreeMap::new(),
            journal_latency: Duration(1),
            journal: Vec::new(),
            writes: Vec::new(),
            failed: BTreeMap::new(),
            asked: Vec::new(),
            peak: BTreeMap::new(),
            stops: BTreeMap::new(),
            batches: 0,
            progress: Vec::new(),
            due: BTreeMap::new(),
            sequence: 0,
            tickets: BTreeSet::new(),
            version: 100,
        }
    }
}

impl World {
    /// Apply the plan, with permission for everything in it.
    pub(crate) fn apply(&mut self, plan: &Plan, settings: &Settings) -> Outcome {
        let machine = Machine::new(plan, settings.clone(), consent(plan), 1).unwrap();
        let mut progress = Vec::new();
        let outcome = now_or_panic(run(self, machine, &mut |piece| progress.push(piece.clone()))).unwrap();
        self.progress.extend(progress);
        check_journal(plan, &self.journal);
        outcome
    }

    pub(crate) fn script(&mut self, address: &str, tries: impl IntoIterator<Item = Try>) {
        self.script.insert(address.parse().unwrap(), tries.into_iter().collect());
    }

    fn schedule(&mut self, after: Duration, due: Due) {
        self.sequence += 1;
        self.due.insert((self.now + after, self.sequence), due);
    }

    fn answer(&mut self, ticket: Ticket, operation: &Operation) -> Event {
        let tried = self.script.get_mut(operation.address()).and_then(VecDeque::pop_front);
        let result = match tried {
            Some(Try::Fails(error)) => Err(error),
            Some(Try::AnswerLost) => {
                self.carry_out(operation).and_then(|_| Err(OperationError::Unreachable("connection reset".into())))
            }
            Some(Try::Twice) => self.carry_out(operation).and_then(|_| self.carry_out(operation)),
            None => self.carry_out(operation),
        };
        if result.is_err() {
            *self.failed.entry(operation.address().clone()).or_default() += 1;
        }
        Event::Executed { ticket, result }
    }

    /// The rules of every system: an effect that is there already is a success, any other surprise is a stale step.
    pub(crate) fn carry_out(&mut self, operation: &Operation) -> Result<Receipt, OperationError> {
        match operation {
            Operation::Apply { address, mark, expected, .. } => self.put(address, &mark.applied, expected),
            Operation::Delete { address, expected, .. } => {
                if self.objects.contains_key(address) {
                    self.check(address, expected)?;
                }
                Ok(Receipt { version: None, changed: self.objects.remove(address).is_some() })
            }
            Operation::Move { from, to, mark, expected, .. } => {
                if self.objects.contains_key(from) {
                    self.check(from, expected)?;
                    self.objects.remove(from);
                }
                self.put(to, &mark.applied, &Expectation::Absent)
            }
        }
    }

    fn put(&mut self, address: &Address, digest: &Text, expected: &Expectation) -> Result<Receipt, OperationError> {
        if let Some((version, there)) = self.objects.get(address)
            && there == digest
        {
            return Ok(Receipt { version: Some(version.to_string().into()), changed: false });
        }
        self.check(address, expected)?;
        self.version += 1;
        self.objects.insert(address.clone(), (self.version, digest.clone()));
        Ok(Receipt { version: Some(self.version.to_string().into()), changed: true })
    }

    fn check(&self, address: &Address, expected: &Expectation) -> Result<(), OperationError> {
        let found = self.objects.get(address).map(|(version, _)| version.to_string());
        let right = match expected {
            Expectation::Absent => found.is_none(),
            Expectation::Version(version) => found.as_deref() == Some(version.as_str()),
            Expectation::Unseen => true,
        };
        let stale = || OperationError::Stale { expected: format!("{expected:?}"), found: format!("{found:?}") };
        right.then_some(()).ok_or_else(stale)
    }

    /// Before it acts a step says so, and before each further try: the first line counts no failure, each later one all until then.
    fn check_announced(&self, address: &Address) {
        let said = |entry: &JournalEntry| match &entry.event {
            JournalEvent::StepStarted { address: step, .. } if step == address => Some(Some(0)),
            JournalEvent::StepRetried { address: step, attempts } if step == address => Some(Some(*attempts)),
            JournalEvent::StepEnded { address: step, .. } if step == address => Some(None),
            _ => None,
        };
        let last = self.journal.iter().rev().find_map(said).flatten();
        let failed = self.failed.get(address).copied().unwrap_or_default();
        assert_eq!(last, Some(failed), "{address} acts, and that it does is not durable");
    }

    fn recorded(&mut self, entries: Vec<JournalEntry>) {
        for entry in &entries {
            if let JournalEvent::StepStarted { address, .. } = &entry.event {
                self.failed.remove(address);
            }
        }
        self.journal.extend(entries);
    }

    fn count(&mut self, system: &str) {
        let executing = |due: &&Due| matches!(due, Due::Execute(_, operation) if operation.address().system_text() == system);
        let now = self.due.values().filter(executing).count() as u32;
        let peak = self.peak.entry(system.to_owned()).or_default();
        *peak = now.max(*peak);
    }

    /// What the platform does after the driver was killed: requests under way take effect if `lucky` says so.
    pub(crate) fn killed(&mut self, lucky: bool) {
        for due in std::mem::take(&mut self.due).into_values() {
            match due {
                Due::Execute(_, operation) if lucky => drop(self.carry_out(&operation)),
                Due::Record(_, entries) if lucky => self.recorded(entries),
                _ => {}
            }
        }
    }

    /// Whether nothing happens at this instant any more.
    pub(crate) fn has_to_wait(&self) -> bool {
        self.due.keys().next().is_some_and(|(at, _)| *at > self.now)
    }

    pub(crate) fn results(outcome: &Outcome) -> BTreeMap<Address, StepResult> {
        outcome.steps.iter().map(|step| (step.address.clone(), step.result.clone())).collect()
    }
}

impl Platform for World {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn submit(&mut self, request: Request) {
        let mut fresh = |ticket| assert!(self.tickets.insert(ticket), "{ticket:?} is used twice");
        match request {
            Request::Record { ticket, entries } => {
                fresh(ticket);
                assert!(!self.due.values().any(|due| matches!(due, Due::Record(..))), "two writes of the journal at a time");
                self.schedule(self.journal_latency, Due::Record(ticket, entries));
            }
            Request::Execute { ticket, operation } => {
                fresh(ticket);
                let address = operation.address().clone();
                self.check_announced(&address);
                self.asked.push((self.now, operation.clone()));
                let latency = self.latencies.get(&address).copied().unwrap_or(self.latency);
                self.schedule(latency, Due::Execute(ticket, operation));
                self.count(address.system_text());
            }
            Request::Watch { ticket, address, .. } => {
                fresh(ticket);
                let ready = || vec![(Duration::ZERO, Condition::Ready)];
                for (after, condition) in self.readiness.get(&address).cloned().unwrap_or_else(ready) {
                    self.schedule(after, Due::Event(Event::Readiness { ticket, condition }));
                }
            }
            Request::Append { chain, .. } => panic!("a run writes nothing to {chain}"),
            Request::Wake { at } => {
                assert!(at > self.now, "asked to be woken in the past");
                self.schedule(at.since(self.now), Due::Event(Event::Woken));
            }
        }
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.batches += 1;
        if let Some(stop) = self.stops.remove(&self.batches) {
            return Ok(vec![Event::Stop(stop)]);
        }
        let Some(at) = self.due.keys().next().map(|(at, _)| *at) else { panic!("the driver waits for nothing") };
        self.now = at;
        let mut events = Vec::new();
        while let Some(entry) = self.due.first_entry()
            && entry.key().0 == at
        {
            events.push(match entry.remove() {
                Due::Execute(ticket, operation) => self.answer(ticket, &operation),
                Due::Event(event) => event,
                Due::Record(ticket, entries) => {
                    self.writes.push(entries.len());
                    self.recorded(entries);
                    Event::Recorded { ticket }
                }
            });
        }
        Ok(events)
    }
}

/// The promises that a journal keeps whatever happens, checked the slow way.
pub(crate) fn check_journal(plan: &Plan, journal: &[JournalEntry]) {
    let steps: BTreeMap<&Address, &Step> = plan.steps.iter().map(|step| (&step.address, step)).collect();
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeMap::new());
    for entry in journal {
        match &entry.event {
            JournalEvent::StepStarted { address, .. } => {
                assert!(begun.insert(address.clone()), "{address} begins twice");
                before(&steps, address).into_iter().for_each(|first| {
                    assert!(matches!(ended.get(first), Some(StepResult::Done { .. })), "{address} begins before {first} is done");
                });
            }
            JournalEvent::StepRetried { address, .. } => {
                assert!(
                    begun.contains(address) && !ended.contains_key(address),
                    "{address} is tried again, and is not under way"
                );
            }
            JournalEvent::StepEnded { address, result } => {
                assert!(begun.contains(address), "{address} ends and never began");
                assert!(ended.insert(address.clone(), result.clone()).is_none(), "{address} ends twice");
            }
            JournalEvent::RunStarted { .. } | JournalEvent::RunEnded { .. } => {}
            other => panic!("a run says nothing of its audit log: {other:?}"),
        }
    }
}

/// The steps that have to be done before this one; through what is only kept to what is done before that.
fn before<'a>(steps: &BTreeMap<&'a Address, &'a Step>, address: &Address) -> BTreeSet<&'a Address> {
    let mut found = BTreeSet::new();
    for first in steps.get(address).into_iter().flat_map(|step| &step.after) {
        match steps[first].action {
            Action::Keep => found.extend(before(steps, first)),
            _ => drop(found.insert(first)),
        }
    }
    found
}

/// Run a future that never has to wait.
pub(crate) fn now_or_panic<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the scripted platform never waits"),
    }
}
