//! A run of a scenario, watched: what is measured at its instants and at its end, and what happened.

use super::bound::Quantity;
use super::outcome::{Outcome, judge};
use super::story::Story;
use super::tally::Tally;
use super::{Hand, Measure, Scenario, Statement};
use crate::guard::Guard;
use crate::kubernetes::{Cluster, Key, PodState};
use crate::operator::Fact;
use crate::run::{Run, Setup, Start, Warm};
use crate::world::{Cell, World};
use model::operation::{Operation, Receipt};
use model::outcome::Verdict;
use model::plan::NoteKind;
use model::resource::Role;
use model::value::Text;
use model::{Address, Duration, System, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How often cells are looked at where nothing happens: what is counted and shown goes on meanwhile.
const LOOKS: Duration = Duration::seconds(30);
/// How often at most.
const MOST_LOOKS: u64 = 500;

/// What was measured at one time, in the order of the statements.
pub type Measured = Vec<Quantity>;

/// A run, and what was seen of it.
pub(super) struct Watch {
    vamp: Vec<Address>,
    hands: Vec<Hand>,
    tallies: BTreeMap<(Text, Text), Tally>,
    /// Whether cells come up in the run.
    from_nothing: bool,
    vamps: BTreeSet<Text>,
    vamp_starts: u64,
    writes: u64,
    writes_failed: u64,
    runs_partial: u64,
    runs_broken_off: u64,
    deletes: u64,
    /// Audit events that were lost before.
    audit_lost: u64,
    pub(super) refused: BTreeSet<Text>,
    began: Timestamp,
}

impl Scenario {
    /// Run it without these guards: none, but to show what one is for.
    pub fn run(&self, warm: &Warm, without: &BTreeSet<Guard>) -> Outcome {
        let setup = Setup { conditions: self.conditions.clone(), first: self.first.clone(), second: self.second.clone() };
        let mut run = Run::new(setup, warm).without(without);
        let vamp = vamps(self);
        let mut story = Story::begin(&run, vamp.clone(), self.hands.clone());
        let mut watch = Watch::begin(&run, vamp, self.conditions.start == Start::Empty);
        watch.hands.clone_from(&self.hands);
        for hand in &self.hands {
            run.edit_at(hand.at, hand.object.clone(), hand.edit.clone());
        }
        let mut moments: BTreeMap<Duration, Measured> = BTreeMap::new();
        let every = Duration(LOOKS.0.max(self.conditions.safety.0 / MOST_LOOKS));
        for look in 1..=self.conditions.safety.0 / every.0 {
            run.look_at(every.times(look));
        }
        for (at, statements) in &self.expected.moments {
            let before = Duration(at.0.saturating_sub(1));
            run.look_at(before);
            while run.world().now() < run.began() + before && run.step() {
                watch.see(&run);
                story.see(&run);
            }
            moments.insert(*at, watch.measure_all(statements, run.world(), None));
        }
        while run.step() {
            watch.see(&run);
            story.see(&run);
        }
        let (report, by_hand) = (run.report(), run.by_hand());
        let converged = report.metrics.converged_after;
        let whole = watch.measure_all(&self.expected.whole, run.world(), converged);
        judge(self, report, &watch.refused, &whole, &moments, by_hand, story.lines())
    }
}

impl Watch {
    fn begin(run: &Run, vamp: Vec<Address>, from_nothing: bool) -> Self {
        let mut watch = Watch {
            tallies: BTreeMap::new(),
            from_nothing,
            hands: Vec::new(),
            vamps: at_work(run.world(), &vamp),
            vamp,
            vamp_starts: 0,
            writes: 0,
            writes_failed: 0,
            runs_partial: 0,
            runs_broken_off: 0,
            deletes: 0,
            audit_lost: audit_lost(run.world()),
            refused: BTreeSet::new(),
            began: run.began(),
        };
        watch.see(run);
        watch
    }

    fn see(&mut self, run: &Run) {
        let now = run.world().now();
        for cell in run.fresh_cells() {
            match self.tallies.get_mut(&key(cell)) {
                Some(tally) => tally.see(cell, now),
                None => drop(self.tallies.insert(key(cell), Tally::begin(cell, now, self.from_nothing))),
            }
        }
        let vamps = at_work(run.world(), &self.vamp);
        self.vamp_starts += vamps.difference(&self.vamps).count() as u64;
        self.vamps = vamps;
        for fact in run.facts() {
            match fact {
                Fact::Planned { plan, .. } => {
                    let refused = plan.report.iter().filter(|note| note.kind == NoteKind::Refused);
                    self.refused.extend(refused.filter_map(|note| note.rule.clone()));
                }
                Fact::Carried { operation, result: Ok(Receipt { changed: true, .. }), .. } => {
                    self.writes += 1;
                    self.deletes += u64::from(matches!(&**operation, Operation::Delete { .. }));
                }
                Fact::Carried { result: Err(_), .. } => self.writes_failed += 1,
                Fact::Ended { verdict: Some(Verdict::Partial), .. } => self.runs_partial += 1,
                Fact::Ended { verdict: None, .. } => self.runs_broken_off += 1,
                _ => {}
            }
        }
    }

    fn measure_all(&self, statements: &[Statement], world: &World, converged: Option<Duration>) -> Measured {
        let cells = world.cells();
        statements.iter().map(|statement| self.measure(statement, &cells, world, converged)).collect()
    }

    fn measure(&self, statement: &Statement, cells: &[Cell], world: &World, converged: Option<Duration>) -> Quantity {
        let now = world.now();
        let of = |cell: &Cell| self.tallies.get(&key(cell)).map(|tally| tally.measure(statement.measure, cell, now));
        match (&statement.cell, statement.measure) {
            (Some(wanted), _) => cells.iter().find(|cell| key(cell) == *wanted).and_then(of).unwrap_or(Quantity::Nothing),
            (None, Measure::Vamps) => Quantity::Count(self.vamps.len() as u64),
            (None, Measure::Restarts) => Quantity::Count(self.vamp_starts),
            (None, Measure::Entries) => Quantity::Count(cells.iter().filter(|cell| cell.published.is_some()).count() as u64),
            (None, Measure::ByHand) => {
                let hold = self.hands.iter().filter(|hand| self.began + hand.at <= now && hand.holds(world));
                Quantity::Count(hold.count() as u64)
            }
            (None, Measure::Writes) => Quantity::Count(self.writes),
            (None, Measure::WritesFailed) => Quantity::Count(self.writes_failed),
            (None, Measure::RunsPartial) => Quantity::Count(self.runs_partial),
            (None, Measure::RunsBrokenOff) => Quantity::Count(self.runs_broken_off),
            (None, Measure::Deletes) => Quantity::Count(self.deletes),
            (None, Measure::AuditLost) => Quantity::Count(audit_lost(world).saturating_sub(self.audit_lost)),
            (None, Measure::AuditGap) => Quantity::Length(audit_gap(world, self.began, now)),
            (None, Measure::Converged) => converged.map_or(Quantity::Nothing, Quantity::Length),
            (None, measure) => {
                cells.iter().filter_map(of).reduce(|one, other| together(measure, one, other)).unwrap_or(Quantity::Nothing)
            }
        }
    }
}

/// What is said of two cells together: the worst where it is an extreme, the sum otherwise.
fn together(measure: Measure, one: Quantity, other: Quantity) -> Quantity {
    match (measure, one, other) {
        (_, Quantity::Nothing, value) | (_, value, Quantity::Nothing) => value,
        (Measure::FewestReady, one, other) => one.min(other),
        (Measure::Recovery | Measure::ConfigurationAge, one, other) => one.max(other),
        (_, Quantity::Count(one), Quantity::Count(other)) => Quantity::Count(one + other),
        (_, Quantity::Length(one), Quantity::Length(other)) => Quantity::Length(one + other),
        (_, one, _) => one,
    }
}

pub(super) fn key(cell: &Cell) -> (Text, Text) {
    (cell.cluster.clone(), cell.namespace.clone())
}

/// Deployments of Vamp that a spec of the scenario wants.
pub(super) fn vamps(scenario: &Scenario) -> Vec<Address> {
    let specs = scenario.second.iter().chain([&scenario.first]);
    let vamps = specs.flat_map(|desired| desired.graph.resources()).filter(|resource| resource.role == Role::Vamp);
    vamps.map(|resource| resource.address.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Pods of Vamp that serve.
pub(super) fn at_work(world: &World, vamps: &[Address]) -> BTreeSet<Text> {
    let pods = vamps.iter().flat_map(|address| {
        let cluster = if let System::Cluster(name) = address.system() { world.cluster(&name) } else { None };
        cluster.map(|cluster| serving(cluster, &Key::new(address.kind(), address.key()))).unwrap_or_default()
    });
    pods.collect()
}

fn serving(cluster: &Cluster, workload: &Key) -> Vec<Text> {
    let broken: BTreeSet<&str> = cluster.faults().filter(|(_, fault)| fault.is_some()).map(|(node, _)| node).collect();
    let serves = |pod: &PodState| pod.serving && !pod.node.as_deref().is_some_and(|node| broken.contains(node));
    cluster.pods_of(workload).into_iter().filter(serves).map(|pod| pod.key).collect()
}

fn audit_lost(world: &World) -> u64 {
    world.audit().map(|(_, log)| log.lost.values().sum::<u64>()).sum()
}

fn audit_gap(world: &World, began: Timestamp, now: Timestamp) -> Duration {
    let gaps = world.audit().flat_map(|(_, log)| &log.gaps);
    let lengths = gaps.map(|gap| gap.until.unwrap_or(now).min(now).since(gap.from.max(began)));
    lengths.fold(Duration::ZERO, |sum, length| sum + length)
}
