//! What a display is told while an apply goes on.

use model::plan::Action;
use model::value::Text;
use model::{Address, Duration, Timestamp};
use port::Stop;

/// Something that happened, and where the run stands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// When, on the platform's clock.
    pub at: Timestamp,
    /// Where the run stands.
    pub counts: Counts,
    /// What happened.
    pub event: ProgressEvent,
}

/// Steps by what has become of them. Steps that only keep something are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: u32,
    /// Begun and not ended, those that wait for readiness or for another try included.
    pub running: u32,
    /// Done.
    pub done: u32,
    /// Failed.
    pub failed: u32,
    /// Never begun, because one before failed.
    pub skipped: u32,
    /// Never begun, or begun and not ended, because the run was stopped.
    pub stopped: u32,
}

impl Counts {
    /// Steps whose turn has not come.
    pub fn pending(&self) -> u32 {
        self.total - self.running - self.done - self.failed - self.skipped - self.stopped
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressEvent {
    /// The run begins.
    RunStarted,
    /// A step begins.
    StepStarted {
        /// Which.
        address: Address,
        /// What it does.
        action: Action,
    },
    /// A try failed, and another follows.
    StepRetrying {
        /// Which.
        address: Address,
        /// How many tries there were.
        attempts: u32,
        /// Why the last one failed.
        reason: String,
        /// When the next one is due.
        at: Timestamp,
    },
    /// The operation is done, and its object is not ready.
    StepWaiting {
        /// Which.
        address: Address,
        /// Why not.
        reason: String,
    },
    /// A step is done.
    StepDone {
        /// Which.
        address: Address,
        /// What it did.
        action: Action,
        /// How long it took.
        took: Duration,
        /// Whether anything changed.
        changed: bool,
    },
    /// A step failed for good.
    StepFailed {
        /// Which.
        address: Address,
        /// What it did.
        action: Action,
        /// How long it took.
        took: Duration,
        /// Why.
        reason: String,
    },
    /// A step is not begun, because one before it failed.
    StepSkipped {
        /// Which.
        address: Address,
        /// The one that failed.
        cause: Address,
    },
    /// A step that had begun is left before its end is known.
    StepInterrupted {
        /// Which.
        address: Address,
    },
    /// A system asked for patience, and gets fewer operations at a time.
    SystemSlowed {
        /// Which, as it stands in an address.
        system: Text,
        /// How many at a time now.
        limit: u32,
    },
    /// The run was asked to stop.
    Stopping(Stop),
}
