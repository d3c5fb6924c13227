//! What came of a plan, step by step, and the journal's words for it.

use crate::address::Address;
use crate::audit::Chain;
use crate::audit::backlog::Head;
use crate::plan::Action;
use crate::resource::Scope;
use crate::time::{Duration, Timestamp};
use crate::value::Text;
use serde::{Deserialize, Serialize};

/// One line of the write-ahead journal. A step is recorded before its first effect and after its last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// When, on the platform's clock.
    pub at: Timestamp,
    /// Which run.
    pub run: u64,
    /// What happened.
    pub event: JournalEvent,
}

/// What the journal records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum JournalEvent {
    /// The run begins with this many steps.
    RunStarted {
        /// Number of steps.
        steps: u64,
        /// Digest of the plan.
        plan: Text,
        /// Where its audit documents belong.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        audit: Vec<Chain>,
    },
    /// A step is about to act. If no end follows, its effect is not known.
    StepStarted {
        /// Which.
        address: Address,
        /// What it does.
        action: Action,
        /// What its object belongs to.
        #[serde(default, skip_serializing_if = "Scope::is_platform")]
        scope: Scope,
        /// The pin of what it expects to find; nothing where it expects nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Text>,
        /// Digest of the document that it writes; nothing if it writes none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Text>,
    },
    /// A step is about to be tried once more. Who was overtaken since the last try hears so, because this line is refused.
    StepRetried {
        /// Which.
        address: Address,
        /// Tries of it that have failed so far.
        attempts: u32,
    },
    /// A step ended.
    StepEnded {
        /// Which.
        address: Address,
        /// How.
        result: StepResult,
    },
    /// The run ended.
    RunEnded {
        /// How.
        verdict: Verdict,
    },
    /// A store took no audit documents; none was written to this chain since. Recorded once until it takes them again.
    AuditGap {
        /// Which chain.
        chain: Chain,
        /// Why not.
        why: String,
    },
    /// It takes them again, and what it lacked is written.
    AuditResumed {
        /// Which chain.
        chain: Chain,
    },
    /// How far every chain is written.
    Audited {
        /// Each of them.
        heads: Vec<Head>,
    },
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepResult {
    /// Done, and ready where that can be said.
    Done {
        /// Whether anything changed; a repeated step changes nothing.
        changed: bool,
    },
    /// Failed for good; what depends on it was not begun.
    Failed(String),
    /// Never begun, because this step before it failed or was stopped.
    Skipped(Address),
    /// Never begun, because the run was stopped.
    Cancelled,
    /// Begun, and the run was stopped before its end was known.
    Interrupted,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step was done.
    Converged,
    /// Some steps failed; the rest was done.
    Partial,
    /// A person or a signal stopped it.
    Cancelled,
}

/// What came of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// Every step, in the plan's order.
    pub steps: Vec<StepOutcome>,
    /// How long it took on the platform's clock.
    pub took: Duration,
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepOutcome {
    /// Which.
    pub address: Address,
    /// What it did.
    pub action: Action,
    /// How it ended.
    pub result: StepResult,
    /// Number of tries.
    pub attempts: u32,
    /// How long it took on the platform's clock, readiness included.
    pub took: Duration,
}
