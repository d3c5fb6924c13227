//! What a journal tells, as records that belong into chains.

use super::Chain;
use crate::address::Address;
use crate::index::IndexMap;
use crate::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use crate::plan::Action;
use crate::time::Timestamp;
use crate::value::Text;
use std::collections::BTreeMap;

/// One run as its journal tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub number: u64,
    /// Who: a person or a job, and the machine.
    pub actor: Text,
    /// What it was: `apply`, `destroy`.
    pub command: Text,
    /// Its journal, in order. It is over: nothing but what is said of the audit log itself will follow.
    pub entries: Vec<JournalEntry>,
}

/// What becomes one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When, on the platform's clock.
    pub at: Timestamp,
    /// Which run.
    pub run: u64,
    /// Who.
    pub actor: Text,
    /// What the run was.
    pub command: Text,
    /// What happened.
    pub what: What,
}

/// What a document tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A step acted.
    Step {
        /// On what.
        address: Address,
        /// How.
        action: Action,
        /// What it expected to find: the pin of what was seen; nothing where nothing was.
        before: Option<Text>,
        /// Digest of the document that it wrote; nothing for a delete.
        after: Option<Text>,
        /// What came of it, in a word.
        result: &'static str,
    },
    /// A plan was carried out.
    Apply {
        /// Its digest.
        plan: Text,
        /// Number of its steps.
        steps: u64,
        /// What came of it, in a word.
        result: &'static str,
    },
    /// The store took no documents for a while: those of that time were written afterwards, before this one.
    Gap {
        /// Since when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
}

impl What {
    /// The word for it.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            What::Step { .. } => "step",
            What::Apply { .. } => "apply",
            What::Gap { .. } => "gap",
        }
    }
}

/// Chains whose store took no documents when it was last tried, with the time of the first try in vain.
pub(super) type OpenGaps = BTreeMap<Chain, Timestamp>;

/// What a run adds to each chain, in the order in which it belongs there. `gaps` are those that are open when it begins, and afterwards
/// those that are open when it ends.
pub(super) fn records(run: &Run, gaps: &mut OpenGaps) -> Vec<(Chain, Record)> {
    let mut reader = Reader { run, chains: &[], begun: IndexMap::default(), plan: None, records: Vec::new() };
    for entry in &run.entries {
        reader.read(entry, gaps);
    }
    reader.close();
    reader.records
}

/// A step that began, and how far that is known.
struct Begun<'a> {
    at: Timestamp,
    action: Action,
    chain: Option<&'a Chain>,
    before: &'a Option<Text>,
    after: &'a Option<Text>,
}

struct Reader<'a> {
    run: &'a Run,
    chains: &'a [Chain],
    /// Steps without an end so far.
    begun: IndexMap<&'a Address, Begun<'a>>,
    /// The plan whose end was not read yet: since when, which, how many steps.
    plan: Option<(Timestamp, &'a Text, u64)>,
    records: Vec<(Chain, Record)>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, entry: &'a JournalEntry, gaps: &mut OpenGaps) {
        match &entry.event {
            JournalEvent::RunStarted { steps, plan, audit } => {
                (self.chains, self.plan) = (audit, Some((entry.at, plan, *steps)));
            }
            JournalEvent::StepStarted { address, action, scope, before, after } => {
                let chain = Chain::of(self.chains, scope);
                self.begun.insert(address, Begun { at: entry.at, action: *action, chain, before, after });
            }
            JournalEvent::StepEnded { address, result } => {
                if let Some(begun) = self.begun.shift_remove(address)
                    && let Some(word) = word(result)
                {
                    self.step(entry.at, address, &begun, word);
                }
            }
            JournalEvent::RunEnded { verdict } => self.end(entry.at, verdict_word(*verdict)),
            JournalEvent::AuditGap { chain, .. } => drop(gaps.entry(chain.clone()).or_insert(entry.at)),
            JournalEvent::AuditResumed { chain } => {
                if let Some(from) = gaps.remove(chain) {
                    self.push(chain, entry.at, What::Gap { from, until: entry.at });
                }
            }
            JournalEvent::StepRetried { .. } | JournalEvent::Audited { .. } => {}
        }
    }

    /// What has no end was cut off: what came of it is not known.
    fn close(&mut self) {
        for (address, begun) in std::mem::take(&mut self.begun) {
            self.step(begun.at, address, &begun, "unknown");
        }
        if let Some((at, ..)) = self.plan {
            self.end(at, "unknown");
        }
    }

    fn step(&mut self, at: Timestamp, address: &Address, begun: &Begun<'_>, result: &'static str) {
        // Who only waits changes nothing.
        if matches!(begun.action, Action::Keep | Action::Await) {
            return;
        }
        let (before, after) = (begun.before.clone(), begun.after.clone());
        let what = What::Step { address: address.clone(), action: begun.action, before, after, result };
        if let Some(chain) = begun.chain {
            self.push(chain, at, what);
        }
    }

    fn end(&mut self, at: Timestamp, result: &'static str) {
        let Some((_, plan, steps)) = self.plan.take() else { return };
        if let Some(chain) = Chain::of(self.chains, &crate::resource::Scope::PLATFORM) {
            self.push(chain, at, What::Apply { plan: plan.clone(), steps, result });
        }
    }

    fn push(&mut self, chain: &Chain, at: Timestamp, what: What) {
        let (actor, command) = (self.run.actor.clone(), self.run.command.clone());
        self.records.push((chain.clone(), Record { at, run: self.run.number, actor, command, what }));
    }
}

/// What came of a step that may have acted; nothing for one that never did.
const fn word(result: &StepResult) -> Option<&'static str> {
    match result {
        StepResult::Done { changed: true } => Some("done"),
        StepResult::Done { changed: false } => Some("unchanged"),
        StepResult::Failed(_) => Some("failed"),
        StepResult::Interrupted => Some("unknown"),
        StepResult::Skipped(_) | StepResult::Cancelled => None,
    }
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Converged => "done",
        Verdict::Partial => "partly",
        Verdict::Cancelled => "stopped",
    }
}
