//! An operator inside the simulation: a person or a job that runs `vamp plan` and `vamp apply` in virtual time. It looks, plans with the
//! real planner, carries out with the real `driver::Machine`, writes a journal and holds the ledger's lock; what it asks for travels,
//! and may be lost on the way.
//!
//! * [`desired`]: what it wants: a spec with its graph;
//! * [`settings`]: when it runs, and what happens to its messages;
//! * `look`, `think`, `carry`: the three parts of a run;
//! * [`ledger`]: the lock and the journal that operators share;
//! * [`carrier`]: what carries its requests to the systems: directly, or as real requests;
//! * `call`, `trip`: what it has under way, and how that travels;
//! * [`secrets`]: made-up secrets, of which the world only ever sees digests;
//! * [`fact`]: what oracles are told of it.
//!
//! It stands outside of the world and shares its clock, its queue and its hash.

mod call;
pub mod carrier;
mod carry;
pub mod desired;
pub mod fact;
pub mod ledger;
mod look;
pub mod secrets;
pub mod settings;
mod think;
mod trip;

#[cfg(test)]
mod tests;

pub use carrier::{Carrier, Direct};
pub use desired::Desired;
pub use fact::Fact;
pub use ledger::Ledger;
pub use settings::{Mishaps, Settings};

use crate::guard::Guard;
use crate::kernel::{EventId, Priority};
use crate::watch::Watches;
use crate::world::World;
use call::Call;
use carrier::Asker;
use driver::Machine;
use look::Look;
use model::connection::Connection;
use model::observation::Snapshot;
use model::{Address, Duration, Plan, Timestamp};
use secrets::Keyring;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an operator is given whenever its turn comes.
pub struct Surroundings<'a> {
    /// The world.
    pub world: &'a mut World,
    /// The ledger.
    pub ledger: &'a mut Ledger,
    /// What it does, for oracles.
    pub facts: &'a mut Vec<Fact>,
    /// What carries its requests.
    pub carrier: &'a mut dyn Carrier,
}

/// What an operator is at.
#[derive(Clone, Debug)]
enum State {
    /// Nothing. Whether that is so until something changes stands in [`Operator::settled`].
    Resting,
    Looking(Look),
    Thinking(Arc<Snapshot>),
    /// It has a plan and asks for the lock.
    Locking(Arc<Plan>),
    Running(Box<Running>),
    /// Its process is dead.
    Dead,
}

/// A run under way.
#[derive(Clone, Debug)]
struct Running {
    run: u64,
    machine: Machine,
    watches: Watches,
    /// Whether the plan left something out that should be done.
    withheld: bool,
}

/// A person or a job that runs `vamp`.
#[derive(Clone, Debug)]
pub struct Operator {
    id: u32,
    settings: Settings,
    desired: Arc<Desired>,
    /// What it wants from its next look on: a run goes on with the spec that it has read.
    asked: Option<Arc<Desired>>,
    /// What it looks at: the systems of its spec, and those that earlier runs acted on.
    connections: Vec<Connection>,
    state: State,
    calls: BTreeMap<u64, Call>,
    next_call: u64,
    /// Counts its processes: answers to an earlier one are heard by nobody.
    process: u32,
    /// The turn that is scheduled.
    turn: Option<EventId>,
    /// Whether the last run left nothing to do, as far as it knew.
    settled: bool,
    /// Whether anything in the world changed since it last began to look.
    dirty: bool,
    /// Messages sent about each object and system.
    sent: BTreeMap<Address, u64>,
    looks: u64,
    /// Requests that it sent so far, over all its processes; what [`Operator::kill_at`] counts.
    effects: u64,
    /// It is killed instead of sending this effect, and started again after that long.
    kill_at: Option<(u64, Duration)>,
    keyring: Keyring,
    /// What it would have heard and done, had it not stood still.
    paused: Option<Vec<Call>>,
    /// By how many milliseconds its clock is ahead; behind where below zero.
    skew: i64,
    /// Guards that are taken away; none but in tests.
    without: BTreeSet<Guard>,
}

impl Operator {
    /// An operator that wants `desired`, and has not begun.
    pub fn new(id: u32, settings: Settings, desired: Arc<Desired>, seed: u64) -> Self {
        let keyring = Keyring::new(seed).knowing(desired.known.clone());
        Operator {
            id,
            settings,
            desired,
            asked: None,
            connections: Vec::new(),
            state: State::Resting,
            calls: BTreeMap::new(),
            next_call: 0,
            process: 0,
            turn: None,
            settled: false,
            dirty: true,
            sent: BTreeMap::new(),
            looks: 0,
            effects: 0,
            kill_at: None,
            keyring,
            paused: None,
            skew: 0,
            without: BTreeSet::new(),
        }
    }

    /// Let it begin: its first look comes when its settings say so.
    pub fn begin(&mut self, world: &mut World) {
        self.turn_in(self.settings.first, world);
    }

    /// Let it take what it finds for what it left: a platform that was brought up before the run began.
    pub fn settle(&mut self) {
        (self.settled, self.dirty) = (true, false);
    }

    /// It goes on without these guards.
    pub fn without(&mut self, guards: &BTreeSet<Guard>) {
        self.without.clone_from(guards);
    }

    /// What it wants.
    pub fn desired(&self) -> &Arc<Desired> {
        &self.desired
    }

    /// Whether its last run left nothing to do, as far as it knew, and it is at rest.
    pub fn is_settled(&self) -> bool {
        self.settled && !self.dirty && matches!(self.state, State::Resting)
    }

    /// Whether a run of it is under way.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// Requests that it sent so far.
    pub fn effects(&self) -> u64 {
        self.effects
    }

    /// Let nothing go wrong with it any more: neither on the way of its messages, nor by a kill that waits for its moment.
    pub fn spare(&mut self) {
        self.settings.mishaps = Mishaps::NONE;
        self.kill_at = None;
    }

    /// What happens to its messages.
    pub fn mishaps(&self) -> Mishaps {
        self.settings.mishaps
    }

    /// Let this happen to its messages from now on.
    pub fn afflict(&mut self, mishaps: Mishaps) {
        self.settings.mishaps = mishaps;
    }

    /// Let it be killed instead of sending its `effect`-th request (from 1), and started again `after` that.
    pub fn kill_at(&mut self, effect: u64, after: Duration) {
        self.kill_at = Some((effect, after));
    }

    /// From now on it wants something else. It looks at once, or as soon as its present run has ended.
    pub fn change(&mut self, desired: Arc<Desired>, world: &mut World) {
        world.note(&format!("operator {} wants spec {}", self.id, desired.spec.digest));
        self.asked = Some(desired);
        (self.settled, self.dirty) = (false, true);
        if matches!(self.state, State::Resting) {
            self.turn_in(Duration::ZERO, world);
        }
    }

    /// Its process dies at this instant. What it sent still arrives. With `back`, it is started again that much later.
    pub fn kill(&mut self, back: Option<Duration>, around: &mut Surroundings<'_>) {
        around.world.note(&format!("operator {} is killed", self.id));
        around.facts.push(Fact::Killed { operator: self.id });
        self.process += 1;
        self.state = State::Dead;
        self.settled = false;
        if let Some(turn) = self.turn.take() {
            around.world.cancel(turn);
        }
        if let Some(back) = back {
            self.turn_in(back, around.world);
        }
    }

    /// It stands still from now on, and knows nothing of it.
    pub fn pause(&mut self) {
        self.paused.get_or_insert_default();
    }

    /// It goes on, with all that came meanwhile: what it was told it finds all at once.
    pub fn resume(&mut self, around: &mut Surroundings<'_>) {
        let mut told = Vec::new();
        for call in self.paused.take().unwrap_or_default() {
            match call {
                Call::Tell { process, event } if process == self.process => told.push(event),
                call => {
                    self.hear(std::mem::take(&mut told), around);
                    self.come_to_pass(call, around);
                }
            }
        }
        self.hear(told, around);
    }

    /// Its clock goes ahead by this many milliseconds more.
    pub fn shift_clock(&mut self, by: i64) {
        self.skew += by;
    }

    fn asker(&self) -> Asker {
        Asker { operator: self.id, look: self.looks }
    }

    /// What its clock shows.
    fn clock(&self, world: &World) -> Timestamp {
        Timestamp(world.now().0.saturating_add_signed(self.skew))
    }

    /// Somebody else who works as it does, and begins now.
    pub fn double(&self, id: u32, world: &mut World) -> Self {
        // It reads the same spec, of which the first may not have taken note yet.
        let desired = self.asked.as_ref().unwrap_or(&self.desired).clone();
        let mut double = Operator::new(id, self.settings.clone(), desired, world.seed());
        double.without(&self.without);
        double.turn_in(Duration::ZERO, world);
        double
    }

    /// Start a dead process again, now.
    pub fn start(&mut self, world: &mut World) {
        if matches!(self.state, State::Dead) {
            self.turn_in(Duration::ZERO, world);
        }
    }

    /// Objects changed. Who watches one of them hears of it, and who is at rest looks again when its time has come.
    pub fn touched(&mut self, touched: &BTreeSet<Address>, world: &mut World, carrier: &mut dyn Carrier) {
        if touched.is_empty() {
            return;
        }
        self.dirty = true;
        let asker = self.asker();
        match &mut self.state {
            State::Running(running) => {
                for event in carrier.hear(world, asker, &mut running.watches, touched) {
                    self.tell(event, world);
                }
            }
            State::Resting if self.turn.is_none() => {
                let at = self.next_round(world.now());
                self.turn_in(at, world);
            }
            _ => {}
        }
    }

    /// Until its next regular look: they come at multiples of its period.
    fn next_round(&self, now: Timestamp) -> Duration {
        let every = self.settings.every.0.max(1);
        Duration(every - now.since(crate::kernel::EPOCH).0 % every)
    }

    fn turn_in(&mut self, after: Duration, world: &mut World) {
        if let Some(turn) = self.turn.take() {
            world.cancel(turn);
        }
        let id = self.call(after, Call::Turn, world);
        self.turn = Some(id);
    }

    fn call(&mut self, after: Duration, call: Call, world: &mut World) -> EventId {
        let number = self.next_call;
        self.next_call += 1;
        self.calls.insert(number, call);
        world.call(after, Priority::REQUEST, self.id, number)
    }

    /// One of its calls comes to pass.
    pub fn happen(&mut self, call: u64, around: &mut Surroundings<'_>) {
        let Some(call) = self.calls.remove(&call) else { return };
        match &mut self.paused {
            // What is on its way arrives, and is answered to nobody yet.
            Some(waiting) if !call.is_elsewhere() => waiting.push(call),
            _ => self.come_to_pass(call, around),
        }
    }

    fn come_to_pass(&mut self, call: Call, around: &mut Surroundings<'_>) {
        match call {
            Call::Turn => self.take_turn(around),
            Call::List { process, system } => self.list(process, system, around),
            Call::Listed { process, system, lists } => self.listed(process, &system, lists, around),
            Call::Thought { process } => self.thought(process, around),
            Call::Lock { process, tries } => self.lock(process, tries, around),
            Call::Renew { process } => self.renew(process, around),
            Call::Record { process, ticket, entries, tries } => self.record(process, ticket, entries, tries, around),
            Call::Execute { process, ticket, operation, answer } => self.execute(process, ticket, &operation, answer, around),
            Call::Append { process, ticket, chain, documents } => self.append(process, ticket, &chain, &documents, around),
            Call::Watch { process, ticket, address, until } => self.watch(process, ticket, &address, until, around),
            Call::Tell { process, event } if process == self.process => self.hear(vec![event], around),
            // What is still under way to a process that is no more is heard by nobody.
            Call::Tell { .. } => {}
        }
    }

    fn take_turn(&mut self, around: &mut Surroundings<'_>) {
        self.turn = None;
        match self.state {
            State::Resting | State::Dead => self.begin_look(around),
            _ => {}
        }
    }

    /// It has done what it can for now. Unless nothing is left to do, it looks again later.
    fn rest(&mut self, settled: bool, world: &mut World) {
        self.state = State::Resting;
        self.settled = settled;
        if !settled || self.dirty {
            let round = self.next_round(world.now());
            self.turn_in(round, world);
        }
    }
}
