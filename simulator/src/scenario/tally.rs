//! The counts of one cell as a run goes on.

use super::{Measure, bound::Quantity};
use crate::traffic::{Documents, Requests};
use crate::world::Cell;
use model::value::Text;
use model::{Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use workflow_agent::Health;

/// Fewest ready gateway agents of a cell (VGA-1).
const FEWEST: usize = 2;

/// The counts of one cell.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    was_whole: bool,
    fewest_ready: Option<u64>,
    below_two: Clock,
    not_whole: Clock,
    configuration_age: Duration,
    /// Pods that were there at the beginning, and those since.
    first: BTreeSet<Text>,
    made: BTreeSet<Text>,
    requests: Requests,
    documents: Documents,
    workflow_failures: u64,
    /// Log-ins of each pod, and how many there were at the beginning.
    log_ins: BTreeMap<Text, u64>,
    log_ins_before: u64,
}

/// How long something is the case.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    since: Option<Timestamp>,
    longest: Duration,
    sum: Duration,
}

impl Clock {
    fn turn(&mut self, is_so: bool, now: Timestamp) {
        match self.since {
            None if is_so => self.since = Some(now),
            Some(since) if !is_so => {
                *self = Clock { since: None, longest: self.longest.max(now.since(since)), sum: self.sum + now.since(since) };
            }
            _ => {}
        }
    }

    fn at(&self, now: Timestamp) -> Clock {
        let mut clock = *self;
        clock.turn(false, now);
        clock
    }
}

impl Tally {
    /// The counts of a cell that is seen first now. What became of requests before does not count.
    pub fn begin(cell: &Cell, now: Timestamp, from_nothing: bool) -> Self {
        let mut tally = Tally {
            requests: cell.requests,
            documents: cell.documents.clone(),
            workflow_failures: cell.results.failures,
            ..Tally::default()
        };
        if from_nothing {
            tally.made = pods(cell).collect();
        } else {
            tally.first = pods(cell).collect();
        }
        tally.see(cell, now);
        tally.log_ins_before = tally.log_ins.values().sum();
        tally
    }

    /// The cell is like this from now on.
    pub fn see(&mut self, cell: &Cell, now: Timestamp) {
        let ready = cell.ready().count();
        let whole = cell.desired > 0 && ready >= cell.desired as usize;
        self.was_whole |= whole;
        self.made.extend(pods(cell).filter(|pod| !self.first.contains(pod)));
        self.log_ins.extend(cell.agents.iter().filter(|agent| agent.log_ins > 0).map(|agent| (agent.pod.clone(), agent.log_ins)));
        if self.was_whole {
            self.fewest_ready = Some(self.fewest_ready.map_or(ready as u64, |fewest| fewest.min(ready as u64)));
            self.below_two.turn(ready < FEWEST, now);
            self.not_whole.turn(!whole, now);
            self.configuration_age = self.configuration_age.max(cell.configuration_age(now).unwrap_or_default());
        }
    }

    /// What is measured of the cell, which is like this now.
    pub fn measure(&self, measure: Measure, cell: &Cell, now: Timestamp) -> Quantity {
        let requests = cell.requests - self.requests;
        let count = |count: usize| Quantity::Count(count as u64);
        match measure {
            Measure::RequestsLost => Quantity::Count(requests.lost),
            Measure::RequestsFailed => Quantity::Count(requests.failed),
            Measure::RequestsMisrouted => Quantity::Count(requests.misrouted),
            Measure::RequestsStale => Quantity::Count(requests.stale),
            Measure::BelowTwo => Quantity::Length(self.below_two.at(now).sum),
            Measure::FewestReady => self.fewest_ready.map_or(Quantity::Nothing, Quantity::Count),
            Measure::Recovery => Quantity::Length(self.not_whole.at(now).longest),
            Measure::ConfigurationAge => {
                Quantity::Length(self.configuration_age.max(cell.configuration_age(now).unwrap_or_default()))
            }
            Measure::PodsMade => count(self.made.len()),
            Measure::LogsLost => Quantity::Count(cell.documents.lost.saturating_sub(self.documents.lost)),
            Measure::LogsStored => Quantity::Count(stored(&cell.documents).saturating_sub(stored(&self.documents))),
            Measure::Ready => count(cell.ready().count()),
            Measure::Available => count(cell.agents.iter().filter(|agent| agent.available).count()),
            Measure::WorkflowFailures => Quantity::Count(cell.results.failures.saturating_sub(self.workflow_failures)),
            Measure::LogIns => Quantity::Count(self.log_ins.values().sum::<u64>() - self.log_ins_before),
            Measure::Serving => count(cell.agents.iter().filter(|agent| agent.serving).count()),
            Measure::Nodes => count(cell.nodes_of_ready()),
            Measure::Behind => {
                let behind = |agent: &&crate::world::Agent| agent.serving && agent.revision != cell.published;
                count(cell.agents.iter().filter(behind).count())
            }
            Measure::Gateways => {
                let gateways = cell.agents.iter().filter(|agent| agent.serving).map(|agent| agent.gateways.len());
                gateways.min().map_or(Quantity::Nothing, count)
            }
            Measure::Health => Quantity::Word(health(&cell.health).to_owned()),
            Measure::WorkflowAgents => count(cell.workflow_agents.iter().filter(|agent| agent.turning).count()),
            _ => Quantity::Nothing,
        }
    }
}

fn stored(documents: &Documents) -> u64 {
    documents.stored.values().sum()
}

fn pods(cell: &Cell) -> impl Iterator<Item = Text> + use<'_> {
    cell.agents.iter().map(|agent| agent.pod.clone())
}

/// The word of a health.
pub(super) fn health(health: &Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Unhealthy => "unhealthy",
        Health::Unknown => "unknown",
    }
}
