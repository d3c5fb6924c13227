//! A plan rehearsed: the world is made as it was seen ([`seen`]), the plan is made and carried out in it by the very planner and driver,
//! and up to two faults happen at places that matter, in every way there is. A plan is unsafe that breaks a promise to somebody (a cell,
//! say) which doing nothing would keep under as many faults of the same kinds, wherever and whenever they happen.
//!
//! * `seen`: the world, made from a snapshot;
//! * `places`: which faults, and when;
//! * `counter_example`: a schedule that speaks against the plan, made small and explained.

mod counter_example;
mod places;
mod seen;

#[cfg(test)]
mod tests;

pub use counter_example::CounterExample;
pub use places::KINDS;
pub use seen::Seen;

use crate::campaign::search::{Found, Search};
use crate::fault::{Fault, Schedule};
use crate::operator::Desired;
use crate::oracle::{Breach, Promise};
use crate::run::{Change, Conditions, Report, Run, Setup, Start, To, Warm};
use crate::world::{Agent, Cell};
use model::plan::Action;
use model::{Address, Duration, Plan};
use planner::plan::Options;
use planner::spec::Spec;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

/// When the plan begins.
pub const BEGIN: Duration = Duration::minutes(2);
/// How long each fault lasts: longer than it takes to evict the pods of a silent node (360 s).
pub const LASTS: Duration = Duration::minutes(9);
/// Schedules of two faults that are run at most, about.
const MOST: usize = 1100;

/// A rehearsal that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRehearsal {
    /// A system could not be looked at.
    #[error("{system} could not be looked at: {why}")]
    NotSeen {
        /// Which.
        system: String,
        /// Why.
        why: String,
    },
    /// What was seen does not come to stand when it is made again.
    #[error("what was seen cannot be made again: {}", .0.first().map(String::as_str).unwrap_or_default())]
    Otherwise(Vec<String>),
    /// In the world that was made, the plan is another one.
    #[error("the plan comes out otherwise where it is rehearsed: {}", .0.iter().next().map(String::as_str).unwrap_or_default())]
    OtherPlan(BTreeSet<String>),
}

/// What is rehearsed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What was seen.
    pub seen: Seen<'a>,
    /// The plan that was made of it.
    pub plan: &'a Plan,
    /// What its spec wants.
    pub desired: &'a Desired,
    /// What was asked for beyond the spec.
    pub options: &'a Options,
}

/// A plan about to be rehearsed.
#[derive(Debug)]
pub struct Rehearsal {
    setup: Setup,
    warm: Warm,
    faults: Vec<Fault>,
    instants: Vec<Duration>,
    /// What is broken where nothing is done, under one fault, and under two. It is only asked for where the plan breaks something.
    anyway: [OnceLock<BTreeSet<Broken>>; 2],
}

/// A promise that was broken, and to whom.
type Broken = (Promise, String);

/// What a part of a rehearsal has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// What was run. Of what broke a promise, only what speaks against the plan.
    pub found: Found,
    /// Schedules that broke what is broken as well where nothing is done.
    pub broken_anyway: u64,
}

impl Tried {
    /// Put together what two parts have found.
    pub fn add(&mut self, other: Tried) {
        self.found.add(other.found);
        self.broken_anyway += other.broken_anyway;
    }
}

impl Rehearsal {
    /// Make the world as it was seen, and carry the plan out in it once without any fault.
    ///
    /// # Errors
    /// [`NoRehearsal`].
    pub fn new(request: Request<'_>) -> Result<Self, NoRehearsal> {
        let Request { seen, plan, desired, options } = request;
        let world = seen::world(seen, &desired.load)?;
        let known = Some(Arc::new(seen::known(seen)));
        let with = |spec: Spec| Desired {
            spec,
            graph: desired.graph.clone(),
            connections: seen.connections.to_vec(),
            options: options.clone(),
            load: desired.load.clone(),
            secrets: desired.secrets.clone(),
            known: known.clone(),
        };
        let first = Arc::new(with(as_served(&desired.spec, &world.cells())));
        let second = Some(Arc::new(with(desired.spec.clone())));
        let warm = Warm { world, ledger: crate::operator::Ledger::default() };
        let setup = Setup { conditions: conditions(Schedule::NONE, BEGIN), first, second };
        let course = places::course(Run::new(setup.clone(), &warm));
        same(plan, course.plan.as_deref())?;
        let instants = places::instants(&course);
        let faults = places::faults(plan, seen.snapshot, seen.connections);
        let last = instants.last().copied().unwrap_or(BEGIN);
        let setup = Setup { conditions: conditions(Schedule::NONE, last + LASTS), ..setup };
        Ok(Rehearsal { setup, warm, faults, instants, anyway: Default::default() })
    }

    /// When faults happen, from the beginning; the plan begins at [`BEGIN`].
    pub fn instants(&self) -> &[Duration] {
        &self.instants
    }

    /// When the faults of a pair happen: at the first, the middle and the last of those instants.
    pub fn instants_of_two(&self) -> Vec<Duration> {
        let all = &self.instants;
        let chosen: BTreeSet<usize> = [0, all.len() / 2, all.len().saturating_sub(1)].into();
        chosen.into_iter().filter_map(|nth| all.get(nth).copied()).collect()
    }

    /// What may happen.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Schedules of no fault, and of one.
    pub fn of_one(&self) -> Search {
        self.search(self.run(&Schedule::NONE), 0..=1)
    }

    /// Schedules of two faults; not all of them if there are very many.
    pub fn of_two(&self) -> Search {
        self.search(self.run(&Schedule::NONE), 2..=2)
    }

    fn search(&self, base: Run, sizes: RangeInclusive<usize>) -> Search {
        let instants = if *sizes.end() > 1 { self.instants_of_two() } else { self.instants.clone() };
        let search = Search::new(base, &self.faults, &instants, LASTS, sizes);
        let pairs = search.sites() * search.sites() / 2;
        search.every(pairs.div_ceil(MOST))
    }

    /// Run a part of a search; of what it finds, only what speaks against the plan.
    pub fn try_part(&self, search: &Search, part: usize) -> Tried {
        let mut found = search.search(part);
        let before = found.broken.len();
        found.broken.retain(|(schedule, report)| self.blamed(schedule, report).is_some());
        Tried { broken_anyway: (before - found.broken.len()) as u64, found }
    }

    /// The first breach by the plan of what doing nothing would keep.
    fn blamed<'a>(&self, schedule: &Schedule, report: &'a Report) -> Option<&'a Breach> {
        let anyway = self.broken_anyway(schedule.injections().len());
        report.breaches.iter().find(|breach| !anyway.contains(&broken(breach)))
    }

    /// What is broken where nothing is done under some schedule of so many faults or fewer.
    fn broken_anyway(&self, faults: usize) -> &BTreeSet<Broken> {
        let [one, two] = &self.anyway;
        let by = |sizes| {
            let search = self.search(self.nothing(), sizes);
            let reports = (0..search.parts()).flat_map(|part| search.search(part).broken);
            reports.flat_map(|(_, report)| report.breaches).map(|breach| broken(&breach)).collect::<BTreeSet<Broken>>()
        };
        let one = one.get_or_init(|| by(0..=1));
        if faults < 2 { one } else { two.get_or_init(|| one.iter().cloned().chain(by(2..=2)).collect()) }
    }

    /// The run of the plan under `schedule`.
    fn run(&self, schedule: &Schedule) -> Run {
        let conditions = Conditions { schedule: schedule.clone(), ..self.setup.conditions.clone() };
        Run::new(Setup { conditions, ..self.setup.clone() }, &self.warm)
    }

    /// The run in which nothing is done.
    fn nothing(&self) -> Run {
        let conditions = Conditions { change: None, operators: Vec::new(), ..self.setup.conditions.clone() };
        Run::new(Setup { conditions, ..self.setup.clone() }, &self.warm)
    }
}

fn broken(breach: &Breach) -> Broken {
    (breach.promise, breach.subject.clone())
}

fn conditions(schedule: Schedule, last: Duration) -> Conditions {
    let mut conditions = Conditions::calm(0, last + Duration::minutes(1));
    for operator in &mut conditions.operators {
        operator.first = BEGIN;
    }
    Conditions { start: Start::Seen, change: Some(Change { at: BEGIN, to: To::Second }), schedule, ..conditions }
}

/// The spec as agents serve it before the plan: of the cells that are there, with the gateways that they have.
fn as_served(spec: &Spec, cells: &[Cell]) -> Spec {
    let mut spec = spec.clone();
    spec.digest.push_str("-as-seen");
    for (tenant, declared) in &mut spec.tenants {
        declared.value.environments.retain(|name, environment| {
            let of_it = |cell: &&Cell| cell.tenant.as_deref() == Some(tenant) && cell.environment.as_deref() == Some(name);
            let cells: Vec<&Cell> = cells.iter().filter(of_it).collect();
            let serving: Vec<&Agent> = cells.iter().flat_map(|cell| &cell.agents).filter(|agent| agent.serving).collect();
            let serves = |agent: &&Agent, gateway: &str| agent.gateways.iter().any(|served| served.as_str() == gateway);
            let by_all = |gateway: &str| !serving.is_empty() && serving.iter().all(|agent| serves(agent, gateway));
            environment.value.gateways.retain(|gateway, _| by_all(gateway));
            if let Some(sink) = cells.iter().find_map(|cell| cell.documents.stored.keys().next()) {
                environment.value.traffic_sink.value = sink.to_string();
            }
            !cells.is_empty()
        });
    }
    spec
}

/// Whether the plan that is made in the rehearsal does the same.
fn same(made: &Plan, rehearsed: Option<&Plan>) -> Result<(), NoRehearsal> {
    let does = |plan: &Plan| -> BTreeSet<(Action, Address)> {
        let acts = plan.steps.iter().filter(|step| !matches!(step.action, Action::Keep | Action::Await));
        acts.map(|step| (step.action, step.address.clone())).collect()
    };
    let (made, rehearsed) = (does(made), rehearsed.map(does).unwrap_or_default());
    let words = |(action, address): &(Action, Address), how: &str| format!("it would {how} {} {address}", action.word());
    let fewer = made.difference(&rehearsed).map(|step| words(step, "not"));
    let more = rehearsed.difference(&made).map(|step| words(step, "also"));
    let differs: BTreeSet<String> = fewer.chain(more).collect();
    if differs.is_empty() { Ok(()) } else { Err(NoRehearsal::OtherPlan(differs)) }
}

/// Whether there is anything to rehearse: a plan that changes nothing breaks nothing.
pub fn is_needed(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| !matches!(step.action, Action::Keep | Action::Await))
}
