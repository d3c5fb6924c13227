//! The course of a run, event by event.

use super::calm::Calm;
use super::metrics::Counter;
use super::setup::{Setup, Start};
use super::warm::{Warm, empty};
use super::{Report, Verdict};
use crate::fault::{Injection, Kind, Lasting};
use crate::guard::Guard;
use crate::kernel::Priority;
use crate::network::Geography;
use crate::operator::{Carrier, Desired, Direct, Fact, Ledger, Operator, Surroundings};
use crate::oracle::{Breach, Moment, Oracles, Promise};
use crate::world::{Cell, Edit, Next, World};
use model::operation::Receipt;
use model::plan::Action;
use model::resource::Role;
use model::{Address, Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whom events of the run itself are for.
const RUN: u32 = u32::MAX;
/// Numbers of its events: the beginning and the end of each injection come first.
const CHANGE: u64 = u64::MAX;
pub(super) const CALM: u64 = u64::MAX - 1;
pub(super) const CHECK: u64 = u64::MAX - 2;
/// Somebody looks, and nothing happens.
const LOOK: u64 = u64::MAX - 3;
/// The first of changes by hand.
const HANDS: u64 = 1 << 63;

/// A run under way.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) setup: Setup,
    pub(super) world: World,
    pub(super) ledger: Ledger,
    pub(super) operators: Vec<Operator>,
    oracles: Oracles,
    pub(super) began: Timestamp,
    cells: Vec<Cell>,
    /// When they were seen like this.
    seen: Timestamp,
    /// All faults, in the order in which they were made known.
    injections: Vec<Injection>,
    /// Faults that go on, or ended a short while ago.
    pub(super) recent: Vec<Injection>,
    /// When each of them ended.
    pub(super) ended: Vec<Option<Timestamp>>,
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) wanted: Vec<Arc<Desired>>,
    pub(super) counter: Counter,
    pub(super) breaches: Vec<Breach>,
    pub(super) calm: Calm,
    /// The run ends with the first breach of this promise, or with that of any.
    until: Until,
    pub(super) over: bool,
    /// What operators did during the last event.
    facts: Vec<Fact>,
    /// What somebody changes past the engine.
    hands: Vec<(Address, Edit)>,
    /// How many of these changes were possible.
    by_hand: u64,
    /// When the last plan was made that rolls these gateway agents.
    pub(super) rolled: BTreeMap<Address, Timestamp>,
}

/// What a run goes on until.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    End,
    BreachOf(Promise),
}

/// The gateway agents that a plan which was just made rolls.
fn rolled(fact: &Fact) -> Vec<Address> {
    let Fact::Planned { plan, .. } = fact else { return Vec::new() };
    let rolls = plan.steps.iter().filter(|step| step.role == Role::GatewayAgent && step.action == Action::Update);
    rolls.map(|step| step.address.clone()).collect()
}

impl Run {
    /// A run that is about to begin. `warm` is the first spec come true.
    pub fn new(setup: Setup, warm: &Warm) -> Self {
        let seed = setup.conditions.seed;
        let (mut world, ledger) = match setup.conditions.start {
            Start::Converged | Start::Seen => (warm.world.clone(), warm.ledger.clone()),
            Start::Empty => (empty(&setup.first, seed), Ledger::default()),
        };
        world.reseed(seed);
        world.note(&format!("run {seed}"));
        let began = world.now();
        let mut run = Run {
            world,
            ledger,
            operators: Vec::new(),
            oracles: Oracles::default(),
            began,
            cells: Vec::new(),
            seen: began,
            injections: Vec::new(),
            recent: Vec::new(),
            ended: Vec::new(),
            kinds: BTreeSet::new(),
            wanted: vec![setup.first.clone()],
            counter: Counter::default(),
            breaches: Vec::new(),
            calm: Calm::default(),
            until: Until::End,
            over: false,
            facts: Vec::new(),
            hands: Vec::new(),
            by_hand: 0,
            rolled: BTreeMap::new(),
            setup,
        };
        run.begin();
        run
    }

    /// The same run, remembering what happens and why.
    #[must_use]
    pub fn traced(mut self) -> Self {
        self.world.begin_trace();
        self
    }

    /// The same run, but over as soon as `promise` is broken.
    #[must_use]
    pub fn until(mut self, promise: Promise) -> Self {
        self.until = Until::BreachOf(promise);
        self
    }

    /// The same run without these guards: what they are for shows in it.
    #[must_use]
    pub fn without(mut self, guards: &BTreeSet<Guard>) -> Self {
        self.operators.iter_mut().for_each(|operator| operator.without(guards));
        if guards.contains(&Guard::AgentVga8) {
            self.world.believe_anything();
        }
        if guards.contains(&Guard::Lock) {
            self.ledger.unlock();
        }
        self
    }

    fn begin(&mut self) {
        let seed = self.setup.conditions.seed;
        for (id, settings) in self.setup.conditions.operators.iter().enumerate() {
            let mut operator = Operator::new(id as u32, settings.clone(), self.setup.first.clone(), seed);
            match self.setup.conditions.start {
                Start::Converged => operator.settle(),
                Start::Empty | Start::Seen => operator.begin(&mut self.world),
            }
            self.operators.push(operator);
        }
        for injection in self.setup.conditions.schedule.injections().to_vec() {
            self.insert(injection);
        }
        if let Some(change) = self.setup.conditions.change.filter(|_| self.setup.second.is_some()) {
            self.world.call(change.at, Priority::FAULT, RUN, CHANGE);
        }
        self.world.call(self.setup.conditions.safety, Priority::FAULT, RUN, CALM);
        self.look(&[], &BTreeSet::new(), None, None, true);
    }

    /// One fault more, which has not begun.
    pub fn insert(&mut self, injection: Injection) {
        self.world.prepare_fault(&injection);
        let call = 2 * self.injections.len() as u64;
        let passed = self.world.now().since(self.began);
        let from_now = |at: Duration| Duration(at.0.saturating_sub(passed.0));
        self.world.call(from_now(injection.at), Priority::FAULT, RUN, call);
        if let Some(ends) = injection.ends().filter(|_| injection.fault.kind.info().lasting == Lasting::AsSaid) {
            self.world.call(from_now(ends), Priority::FAULT, RUN, call + 1);
        }
        self.injections.push(injection);
    }

    /// Let all happen that happens before `at`, from the beginning of the run.
    pub fn advance_to(&mut self, at: Duration) {
        while !self.over && self.world.next_event_at().is_some_and(|next| next < self.began + at) {
            self.step();
        }
    }

    /// Let somebody look at all cells at `at`, from its beginning, although nothing happens then.
    pub fn look_at(&mut self, at: Duration) {
        let passed = self.world.now().since(self.began);
        self.world.call(Duration(at.0.saturating_sub(passed.0)), Priority::FAULT, RUN, LOOK);
    }

    /// Let somebody change an object past the engine at `at`, from its beginning.
    pub fn edit_at(&mut self, at: Duration, object: Address, edit: Edit) {
        let passed = self.world.now().since(self.began);
        let call = HANDS + self.hands.len() as u64;
        self.world.call(Duration(at.0.saturating_sub(passed.0)), Priority::FAULT, RUN, call);
        self.hands.push((object, edit));
    }

    /// The world as it is now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Cells as they were when they were seen last.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Cells, if they were seen at this very instant.
    pub fn fresh_cells(&self) -> &[Cell] {
        if self.seen == self.world.now() { &self.cells } else { &[] }
    }

    /// Those who run the engine.
    pub fn operators(&self) -> &[Operator] {
        &self.operators
    }

    /// Promises that were broken so far, in the order in which they were.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// Its faults, in the order in which they were made known.
    pub fn injections(&self) -> &[Injection] {
        &self.injections
    }

    /// Events that happened so far.
    pub fn events(&self) -> u64 {
        self.counter.metrics.events
    }

    /// What operators did during the last event.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Whether nothing further goes wrong.
    pub fn is_calm(&self) -> bool {
        self.calm.has_begun()
    }

    /// Whether it has become what its spec says, after that.
    pub fn has_converged(&self) -> bool {
        self.calm.has_converged()
    }

    /// The spec that is in force, after the first one.
    pub fn changed_to(&self) -> Option<&Arc<Desired>> {
        self.wanted.get(1)
    }

    /// Number of writes by which operators changed something so far.
    pub fn writes(&self) -> u64 {
        self.counter.metrics.writes
    }

    /// Changes by hand that were possible so far.
    pub fn by_hand(&self) -> u64 {
        self.by_hand
    }

    /// When it began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// Let the next event happen; whether the run goes on.
    pub fn step(&mut self) -> bool {
        self.step_over(&mut Direct)
    }

    /// The same, with requests of operators that are carried by `carrier`.
    pub fn step_over(&mut self, carrier: &mut dyn Carrier) -> bool {
        let Some(next) = self.world.proceed().filter(|_| !self.over) else { return false };
        self.counter.metrics.events += 1;
        let mut facts = Vec::new();
        let (mut began, mut ended) = (None, None);
        match next {
            Next::Inside => {}
            Next::Outside { whose: RUN, call: CHANGE } => self.change(),
            Next::Outside { whose: RUN, call: CALM } => self.begin_calm(&mut facts, carrier),
            Next::Outside { whose: RUN, call: CHECK } => self.check(),
            Next::Outside { whose: RUN, call: LOOK } => {}
            Next::Outside { whose: RUN, call } if call >= HANDS => self.change_by_hand(call - HANDS),
            Next::Outside { whose: RUN, call } => {
                let injection = self.injections.get((call / 2) as usize).cloned();
                if let Some(injection) = injection {
                    self.inject(&injection, call % 2 == 0, &mut facts, carrier);
                    *(if call % 2 == 0 { &mut began } else { &mut ended }) = Some(injection);
                }
            }
            Next::Outside { whose, call } => self.operate(whose, call, &mut facts, carrier),
        }
        let touched = self.world.touched();
        for operator in &mut self.operators {
            operator.touched(&touched, &mut self.world, carrier);
        }
        let wrote = facts.iter().any(|fact| matches!(fact, Fact::Carried { .. }));
        let looked = match next {
            Next::Inside => true,
            Next::Outside { whose, call } => whose == RUN && (HANDS..=LOOK).contains(&call),
        };
        let cells_changed = looked || wrote || began.is_some() || ended.is_some();
        self.look(&facts, &touched, began.as_ref(), ended.as_ref(), cells_changed);
        let now = self.world.now();
        self.rolled.extend(facts.iter().flat_map(rolled).map(|address| (address, now)));
        self.facts = facts;
        !self.over
    }

    /// Let it go on to its end; what came of it.
    pub fn finish(mut self) -> Report {
        while self.step() {}
        self.report()
    }

    /// What came of it so far.
    pub fn report(&self) -> Report {
        let mut counter = self.counter.clone();
        counter.close(&self.cells, self.began, self.world.now());
        let verdict = match (self.breaches.is_empty(), self.calm.excuses.is_empty()) {
            (false, _) => Verdict::Broken,
            (true, false) => Verdict::Excused,
            (true, true) => Verdict::Kept,
        };
        Report {
            seed: self.setup.conditions.seed,
            hash: self.world.hash().to_string(),
            verdict,
            breaches: self.breaches.clone(),
            excuses: self.calm.excuses.clone(),
            metrics: counter.metrics,
        }
    }

    fn operate(&mut self, whose: u32, call: u64, facts: &mut Vec<Fact>, carrier: &mut dyn Carrier) {
        let Run { world, ledger, operators, .. } = self;
        if let Some(operator) = operators.get_mut(whose as usize) {
            operator.happen(call, &mut Surroundings { world, ledger, facts, carrier });
        }
    }

    /// What cannot be changed stays as it is: a kubectl that is refused changes nothing either.
    fn change_by_hand(&mut self, which: u64) {
        let Some((object, edit)) = self.hands.get(which as usize) else { return };
        match self.world.edit(object, edit) {
            Ok(()) => self.by_hand += 1,
            Err(error) => self.world.note(&format!("not changed by hand: {error}")),
        }
    }

    fn change(&mut self) {
        let Some(second) = self.setup.second.clone() else { return };
        self.world.locate(Geography::of(&second.spec));
        self.world.furnish(&second.connections);
        self.world.declare(&second.load);
        self.wanted.push(second.clone());
        for operator in &mut self.operators {
            operator.change(second.clone(), &mut self.world);
        }
    }

    /// Show the moment to the oracles.
    fn look(
        &mut self,
        facts: &[Fact],
        touched: &BTreeSet<model::Address>,
        began: Option<&Injection>,
        ended: Option<&Injection>,
        cells_changed: bool,
    ) {
        if !cells_changed && facts.is_empty() {
            return;
        }
        let now = self.world.now();
        let fresh = cells_changed.then(|| self.world.cells());
        let moment = Moment {
            now,
            event: self.world.current_event(),
            world: &self.world,
            facts,
            touched,
            before: &self.cells,
            cells: fresh.as_deref().unwrap_or(&self.cells),
            began,
            ended,
            recent: &self.recent,
            wanted: &self.wanted,
        };
        let breaches = self.oracles.see(&moment);
        if let Some(fresh) = fresh {
            self.counter.see(&fresh, now, &self.kinds);
            (self.cells, self.seen) = (fresh, now);
        }
        let wrote = |fact: &&Fact| matches!(fact, Fact::Carried { result: Ok(Receipt { changed: true, .. }), .. });
        self.counter.metrics.writes += facts.iter().filter(wrote).count() as u64;
        breaches.into_iter().for_each(|breach| self.tell(breach));
    }

    /// A promise was broken. The first time counts.
    pub(super) fn tell(&mut self, breach: Breach) {
        let promise = breach.promise;
        if self.breaches.iter().any(|known| known.promise == promise) {
            return;
        }
        self.breaches.push(breach);
        self.over |= self.until == Until::BreachOf(promise);
    }

    /// Let `call` of the run itself come.
    pub(super) fn schedule(&mut self, after: Duration, call: u64) {
        self.world.call(after, Priority::REQUEST, RUN, call);
    }

    pub(super) fn parts(&mut self) -> (&mut World, &mut Ledger, &mut Vec<Operator>) {
        (&mut self.world, &mut self.ledger, &mut self.operators)
    }
}
