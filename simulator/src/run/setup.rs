//! Everything that a run is made of.

use crate::fault::{Known, KnownCluster, Schedule};
use crate::operator::{Desired, Settings};
use model::value::Text;
use model::{Duration, System};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the world is at the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// As the first spec says, and ready.
    #[default]
    Converged,
    /// Machines and outside stores, and nothing on them.
    Empty,
    /// As it is, whoever brought it about: operators begin when their settings say so.
    Seen,
}

impl Start {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Start::Converged => "converged",
            Start::Empty => "empty",
            Start::Seen => "seen",
        }
    }
}

/// What is asked for later in a run, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// When, from the beginning.
    pub at: Duration,
    /// What.
    pub to: To,
}

/// What is asked for later in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// The first spec with another image of the gateway agents: every cell is rolled out anew.
    Roll,
    /// A second spec.
    Second,
}

/// What of a run is numbers and words: beside it, a run needs its specs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conditions {
    /// Seed of all randomness of the run itself.
    pub seed: u64,
    /// What the world is at the beginning.
    #[serde(default)]
    pub start: Start,
    /// How long faults come and go.
    pub safety: Duration,
    /// What is asked for later, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Those who run the engine.
    pub operators: Vec<Settings>,
    /// What goes wrong.
    pub schedule: Schedule,
}

impl Conditions {
    /// A run without faults, with one operator.
    pub fn calm(seed: u64, safety: Duration) -> Self {
        Conditions {
            seed,
            start: Start::Converged,
            safety,
            change: None,
            operators: vec![Settings::default()],
            schedule: Schedule::NONE,
        }
    }
}

/// Everything that a run is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Numbers and words.
    pub conditions: Conditions,
    /// The spec that is in force at the beginning.
    pub first: Arc<Desired>,
    /// What is asked for later, if anything is.
    pub second: Option<Arc<Desired>>,
}

/// What a spec has that something can happen to.
pub fn known(desired: &Desired, operators: u32) -> Known {
    let mut known = Known { engines: Some(operators), ..Known::default() };
    known.regions = desired.spec.regions.keys().map(|name| Text::from(name.as_str())).collect();
    for connection in &desired.connections {
        match &connection.system {
            System::Vault => known.vault = true,
            System::Mysql => known.mysql = true,
            System::Elasticsearch(name) => drop(known.elasticsearch.insert(name.clone())),
            System::Cluster(name) => {
                let (nodes, zones) = (connection.capacity.nodes, connection.capacity.zones.max(1));
                let cluster = KnownCluster {
                    nodes: (1..=nodes).map(|number| format!("node-{number}").into()).collect(),
                    zones: (1..=zones.min(nodes)).map(|number| format!("zone-{number}").into()).collect(),
                };
                known.clusters.insert(name.clone(), cluster);
            }
        }
    }
    known
}
