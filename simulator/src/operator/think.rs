//! From what an operator saw to its plan, with the real planner, and from there to the lock.

use super::call::Call;
use super::settings::THOUGHT;
use super::{Fact, Operator, Running, State, Surroundings};
use crate::digest::digest;
use crate::guard::Guard;
use crate::watch::Watches;
use crate::world::World;
use driver::{Answer, Consent, Input, Machine};
use model::identity::Identities;
use model::observation::Snapshot;
use model::plan::NoteKind;
use model::preview::Previews;
use model::{Duration, Plan};
use planner::plan::{Options, Request, plan};
use std::sync::Arc;

/// Where a plan acts, for its reader.
const SITE: &str = "the simulation";
/// How often the ledger is asked for the lock while it does not answer.
const LOCK_TRIES: u32 = 5;

impl Operator {
    pub(super) fn think(&mut self, snapshot: Arc<Snapshot>, world: &mut World) {
        self.state = State::Thinking(snapshot);
        self.call(THOUGHT, Call::Thought { process: self.process }, world);
    }

    pub(super) fn thought(&mut self, process: u32, around: &mut Surroundings<'_>) {
        let State::Thinking(snapshot) = &self.state else { return };
        if process != self.process {
            return;
        }
        let snapshot = Arc::clone(snapshot);
        let plan = Arc::new(self.plan(&snapshot, around));
        let withheld = is_withheld(&plan);
        around.world.note(&format!("operator {} plans {}", self.id, plan.digest));
        around.facts.push(Fact::Planned { operator: self.id, snapshot, plan: Arc::clone(&plan) });
        if plan.is_empty() {
            return self.rest(!withheld, around.world);
        }
        self.state = State::Locking(plan);
        self.ask_for_lock(0, around.world);
    }

    fn plan(&self, snapshot: &Snapshot, around: &Surroundings<'_>) -> Plan {
        let desired = &*self.desired;
        let known =
            |reference: &model::SecretReference| Some((reference.clone(), digest(around.world, &self.keyring, reference).ok()?));
        let digests = desired.secrets.iter().filter_map(known).collect();
        let mut remembered = (**around.ledger.made()).clone();
        remembered.extend(desired.options.remembered.iter().cloned());
        let options = Options {
            unasked: self.without.iter().filter_map(|guard| guard.rule()).collect(),
            impatient: self.without.contains(&Guard::Waiting),
            remembered,
            ..desired.options.clone()
        };
        plan(&Request {
            spec: &desired.spec,
            graph: &desired.graph,
            snapshot,
            connections: &self.connections,
            digests: &digests,
            // In a simulated cluster nothing rewrites what is applied, so a dry run says no more than a comparison.
            previews: &Previews::new(),
            options: &options,
            acts_on: &[SITE.to_owned()],
            pinned_to: &Identities::new(),
            now: self.clock(around.world),
        })
    }

    fn ask_for_lock(&mut self, tries: u32, world: &mut World) {
        let wait = if tries == 0 { Duration::milliseconds(self.settings.latency.0) } else { Duration::seconds(10) };
        self.call(wait, Call::Lock { process: self.process, tries }, world);
    }

    /// The request for the lock reaches the ledger.
    pub(super) fn lock(&mut self, process: u32, tries: u32, around: &mut Surroundings<'_>) {
        let State::Locking(plan) = &self.state else { return };
        if process != self.process {
            return;
        }
        let plan = Arc::clone(plan);
        if self.ledger_is_away(around.world) {
            return if tries < LOCK_TRIES { self.ask_for_lock(tries + 1, around.world) } else { self.rest(false, around.world) };
        }
        match around.ledger.begin(self.id, around.world.now(), self.settings.lock) {
            Ok(run) => self.run(run, &plan, around),
            // Somebody else is at work; the next look comes when it is time for it.
            Err(_) => self.rest(false, around.world),
        }
    }

    fn run(&mut self, run: u64, plan: &Plan, around: &mut Surroundings<'_>) {
        let mut plan = plan.clone();
        if self.without.contains(&Guard::Order) {
            plan.steps.iter_mut().for_each(|step| step.after.clear());
        }
        let plan = &plan;
        let made = Consent::given(plan, Answer::Flag, [])
            .ok()
            .and_then(|consent| Machine::new(plan, self.settings.driver(), consent, run).ok());
        let Some(machine) = made else {
            around.ledger.end(run);
            return self.rest(false, around.world);
        };
        around.ledger.acts_on(&self.connections);
        around.world.note(&format!("operator {} begins run {run}", self.id));
        around.facts.push(Fact::Began { operator: self.id, run });
        let running = Running { run, machine, watches: Watches::default(), withheld: is_withheld(plan) };
        self.state = State::Running(Box::new(running));
        self.call(self.renewal(), Call::Renew { process: self.process }, around.world);
        self.step(Input::Start, around);
    }

    /// How often the lock is renewed.
    fn renewal(&self) -> Duration {
        Duration(self.settings.lock.0 / 3)
    }

    pub(super) fn renew(&mut self, process: u32, around: &mut Surroundings<'_>) {
        let State::Running(running) = &self.state else { return };
        if process != self.process {
            return;
        }
        let run = running.run;
        if !self.ledger_is_away(around.world) && around.ledger.renew(run, around.world.now(), self.settings.lock).is_err() {
            return self.end(None, around);
        }
        self.call(self.renewal(), Call::Renew { process }, around.world);
    }
}

/// Whether something that should be done is not. What is kept until somebody names it is as it should be.
fn is_withheld(plan: &Plan) -> bool {
    plan.report.iter().any(|note| note.kind.withholds() && note.kind != NoteKind::NeedsConsent)
}
