//! What is counted in a run.

use crate::fault::Kind;
use crate::traffic::Requests;
use crate::world::Cell;
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest ready gateway agents of a cell (VGA-1).
const FEWEST: usize = 2;

/// What was counted in a run, over all of its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Virtual time that passed.
    pub simulated: Duration,
    /// Events that happened.
    pub events: u64,
    /// What became of requests.
    pub requests: Requests,
    /// Time that cells had fewer than two ready gateway agents, summed over cells.
    pub below_two: Duration,
    /// How long each cell took to have all its gateway agents again, in milliseconds, in the order in which they had.
    pub recoveries: Vec<u64>,
    /// The longest that a configuration was served that was not known to be the published one any more.
    pub configuration_age: Duration,
    /// From the end of the last fault to the platform being what its spec says; nothing if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converged_after: Option<Duration>,
    /// Writes of the engine that changed something.
    pub writes: u64,
    /// Faults that happened, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<Kind, u64>,
    /// Requests that nobody answered well while faults of a kind went on, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unserved_during: BTreeMap<Kind, u64>,
}

/// Counts as a run goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter {
    pub(super) metrics: Metrics,
    cells: BTreeMap<(Text, Text), Since>,
}

#[derive(Clone, Debug, Default)]
struct Since {
    was_whole: bool,
    below_two: Option<Timestamp>,
    not_whole: Option<Timestamp>,
    unserved: u64,
    /// What became of requests before the run.
    before: Requests,
}

impl Counter {
    /// Cells are like this from now on, while faults of these kinds go on.
    pub(super) fn see(&mut self, cells: &[Cell], now: Timestamp, kinds: &BTreeSet<Kind>) {
        for cell in cells {
            let since = self.cells.entry((cell.cluster.clone(), cell.namespace.clone())).or_insert_with(|| Since {
                before: cell.requests,
                unserved: cell.requests.unserved(),
                ..Since::default()
            });
            let ready = cell.ready().count();
            let whole = ready >= (cell.desired as usize).max(1);
            since.was_whole |= whole;
            let unserved = cell.requests.unserved();
            for kind in kinds {
                *self.metrics.unserved_during.entry(*kind).or_default() += unserved - since.unserved.min(unserved);
            }
            since.unserved = unserved;
            if !since.was_whole {
                continue;
            }
            if ready < FEWEST {
                since.below_two.get_or_insert(now);
            } else if let Some(at) = since.below_two.take() {
                self.metrics.below_two = self.metrics.below_two + now.since(at);
            }
            if !whole {
                since.not_whole.get_or_insert(now);
            } else if let Some(at) = since.not_whole.take() {
                self.metrics.recoveries.push(now.since(at).0);
            }
            let age = cell.configuration_age(now).unwrap_or_default();
            self.metrics.configuration_age = self.metrics.configuration_age.max(age);
        }
    }

    /// The run is over.
    pub(super) fn close(&mut self, cells: &[Cell], began: Timestamp, now: Timestamp) {
        self.see(cells, now, &BTreeSet::new());
        for since in self.cells.values() {
            if let Some(at) = since.below_two {
                self.metrics.below_two = self.metrics.below_two + now.since(at);
            }
        }
        self.metrics.simulated = now.since(began);
        for cell in cells {
            let before = self.cells.get(&(cell.cluster.clone(), cell.namespace.clone())).map(|since| since.before);
            self.metrics.requests += cell.requests - before.unwrap_or_default();
        }
    }
}
