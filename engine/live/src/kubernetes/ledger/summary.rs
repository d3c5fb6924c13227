//! What is told of a run without its journal being read: it stands beside every part of the journal, each time of all that was written
//! until then.

use model::Timestamp;
use model::outcome::{JournalEntry, JournalEvent, Verdict};
use port::{Holder, RunSummary, Tally};
use serde::{Deserialize, Serialize};

/// What is told of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) run: u64,
    holder: Holder,
    started: Timestamp,
    #[serde(default)]
    steps: u64,
    #[serde(default)]
    done: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Timestamp>,
    /// Number of batches that it takes in: of two summaries of a run, the one with more is the later one.
    pub(super) batches: u64,
    /// Size of them all, in bytes.
    pub(super) bytes: u64,
    /// Whether audit documents are made of it.
    #[serde(default)]
    pub(super) is_audited: bool,
    /// The first run whose journal was still needed for audit documents when this run said so last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) audited_from: Option<u64>,
}

impl Summary {
    /// Of a run that has only begun.
    pub(super) fn new(run: u64, holder: &Holder) -> Self {
        Summary {
            run,
            holder: holder.clone(),
            started: holder.since,
            steps: 0,
            done: 0,
            failed: 0,
            verdict: None,
            ended: None,
            batches: 0,
            bytes: 0,
            is_audited: false,
            audited_from: None,
        }
    }

    /// The same with one more batch, of these entries and so many bytes.
    #[must_use]
    pub(super) fn with(mut self, entries: &[JournalEntry], bytes: usize) -> Self {
        let tally = Tally::of(entries);
        self.steps += tally.steps;
        self.done += tally.done;
        self.failed += tally.failed;
        self.verdict = tally.verdict.or(self.verdict);
        self.ended = tally.ended.or(self.ended);
        self.batches += 1;
        self.bytes += bytes as u64;
        for entry in entries {
            match &entry.event {
                JournalEvent::RunStarted { audit, .. } => self.is_audited |= !audit.is_empty(),
                JournalEvent::Audited { heads } => {
                    self.audited_from = Some(heads.iter().map(|head| head.run).min().unwrap_or(self.run));
                }
                _ => {}
            }
        }
        self
    }

    /// For the history.
    pub(super) fn told(self) -> RunSummary {
        RunSummary {
            run: self.run,
            took: self.ended.map(|ended| ended.since(self.started)),
            holder: self.holder,
            started: self.started,
            verdict: self.verdict,
            steps: self.steps,
            done: self.done,
            failed: self.failed,
        }
    }
}
