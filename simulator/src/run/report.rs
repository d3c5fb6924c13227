//! What came of a run.

use super::Metrics;
use crate::oracle::convergence::Excuse;
use crate::oracle::{Breach, Promise};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every promise was kept, and the platform is what its spec says.
    Kept,
    /// Every promise was kept; what keeps the platform from what its spec says is no fault of the engine.
    Excused,
    /// A promise was broken.
    Broken,
}

impl Verdict {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Kept => "kept",
            Verdict::Excused => "excused",
            Verdict::Broken => "broken",
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// The rolling hash over everything that happened in it.
    pub hash: String,
    /// How it ended.
    pub verdict: Verdict,
    /// The first breach of each promise that was broken, in the order in which they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breach>,
    /// Why the platform is not what its spec says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excuses: BTreeSet<Excuse>,
    /// What was counted.
    pub metrics: Metrics,
}

impl Report {
    /// Whether this promise was broken.
    pub fn breaks(&self, promise: Promise) -> bool {
        self.breaches.iter().any(|breach| breach.promise == promise)
    }
}
