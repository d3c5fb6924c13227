//! What an agent remembers of its runs: the last ones for its page, how many there were, and the gaps in what it found.

use crate::REMEMBERED;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What it found is written.
    Done {
        /// Number of findings, each a document.
        findings: u64,
        /// Whether a gap before it was written down with them.
        gap: bool,
    },
    /// It did not come to an end for this reason.
    Failed(String),
    /// It took longer than it may.
    TimedOut,
}

impl Outcome {
    /// Whether what it found is written.
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done { .. })
    }

    /// Number of documents that it wrote.
    pub fn documents(&self) -> u64 {
        match self {
            Outcome::Done { findings, gap } => findings + u64::from(*gap),
            _ => 0,
        }
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
}

/// A time without results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Beginning of the first run that failed.
    pub from: Timestamp,
    /// Beginning of the first run that came to an end again.
    pub until: Timestamp,
}

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The last runs that came to an end, oldest first.
    pub done: VecDeque<Run>,
    /// The last runs that did not, oldest first.
    pub failed: VecDeque<Run>,
    /// Runs that came to an end.
    pub runs: u64,
    /// Runs that did not.
    pub failures: u64,
    /// Runs that did not begin because the one before had not ended.
    pub skipped: u64,
    /// Documents that were written.
    pub documents: u64,
    /// Since when there are no results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_since: Option<Timestamp>,
}

impl History {
    /// The last run, if there was one.
    pub fn last(&self) -> Option<&Run> {
        self.done.back().into_iter().chain(self.failed.back()).max_by_key(|run| run.began)
    }

    /// The gap that a run which began at `now` would end.
    pub fn gap(&self, now: Timestamp) -> Option<Gap> {
        self.gap_since.map(|from| Gap { from, until: now })
    }

    /// A run has ended.
    pub(crate) fn ended(&mut self, run: Run) {
        match &run.outcome {
            Outcome::Done { .. } => {
                self.runs += 1;
                self.documents += run.outcome.documents();
                self.gap_since = None;
                remember(&mut self.done, run);
            }
            _ => {
                self.failures += 1;
                self.gap_since.get_or_insert(run.began);
                remember(&mut self.failed, run);
            }
        }
    }

    /// So many runs, `period` apart, have ended as the last one did, the last of them begun at `began`. A gap is written down once.
    pub(crate) fn ended_alike(&mut self, count: u64, began: Timestamp, period: Duration) {
        let Some(Run { outcome, .. }) = self.last().cloned().filter(|_| count > 0) else { return };
        let outcome = match outcome {
            Outcome::Done { findings, .. } => Outcome::Done { findings, gap: false },
            other => other,
        };
        let shown = count.min(REMEMBERED as u64);
        if outcome.is_done() {
            self.runs += count - shown;
            self.documents += outcome.documents() * (count - shown);
        } else {
            self.failures += count - shown;
            self.gap_since.get_or_insert(Timestamp(began.0.saturating_sub(period.times(count - 1).0)));
        }
        for back in (0..shown).rev() {
            let began = Timestamp(began.0.saturating_sub(period.times(back).0));
            self.ended(Run { began, outcome: outcome.clone() });
        }
    }
}

fn remember(runs: &mut VecDeque<Run>, run: Run) {
    if runs.len() == REMEMBERED {
        runs.pop_front();
    }
    runs.push_back(run);
}
