//! What an operator did, as oracles are told. They judge by it, and by the world itself; never by what the engine thinks of it.

use model::observation::Snapshot;
use model::operation::{Operation, OperationError, Receipt};
use model::outcome::Verdict;
use model::plan::Plan;
use std::sync::Arc;

/// Something that an operator did, or that was done to it.
#[derive(Clone, Debug)]
pub enum Fact {
    /// It has looked, and made a plan from what it saw.
    Planned {
        /// Which operator.
        operator: u32,
        /// What it saw.
        snapshot: Arc<Snapshot>,
        /// What it is going to do, and what not.
        plan: Arc<Plan>,
    },
    /// It has the lock, and begins to carry out its latest plan.
    Began {
        /// Which operator.
        operator: u32,
        /// Number of the run.
        run: u64,
    },
    /// A request of it reached its system and was answered; secrets are digests by now.
    Carried {
        /// Which operator.
        operator: u32,
        /// What it asked for.
        operation: Arc<Operation>,
        /// Whether a journal had said by then that this would be done.
        announced: bool,
        /// What the system answered, whether that arrives or not.
        result: Result<Receipt, OperationError>,
    },
    /// A run of it ended, with or without a verdict.
    Ended {
        /// Which operator.
        operator: u32,
        /// How; nothing if the ledger failed it, or the lock was taken over.
        verdict: Option<Verdict>,
    },
    /// Its process was killed.
    Killed {
        /// Which operator.
        operator: u32,
    },
}
