//! What an operator has under way. Each call is an event in the world's queue; what it is about stands here.

use super::carrier::Lists;
use model::audit::Chain;
use model::operation::{Operation, OperationError, Receipt};
use model::outcome::JournalEntry;
use model::{Address, System, Value};
use port::{Event, Ticket, Until};
use std::sync::Arc;

/// One thing that comes to pass later.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// It is time to look again.
    Turn,
    /// A request to list everything reaches its system.
    List { process: u32, system: System },
    /// The lists of a system arrive, or it is clear that they never will.
    Listed { process: u32, system: System, lists: Lists },
    /// The plan is made.
    Thought { process: u32 },
    /// The request for the lock reaches the ledger.
    Lock { process: u32, tries: u32 },
    /// The lock is to be held for longer.
    Renew { process: u32 },
    /// Lines reach the ledger.
    Record { process: u32, ticket: Ticket, entries: Vec<JournalEntry>, tries: u32 },
    /// An operation reaches its system. It does so even if whoever sent it is dead by then.
    Execute { process: u32, ticket: Ticket, operation: Arc<Operation>, answer: Answering },
    /// Documents of an audit chain reach their store, likewise.
    Append { process: u32, ticket: Ticket, chain: Chain, documents: Vec<Value> },
    /// A watch reaches its system.
    Watch { process: u32, ticket: Ticket, address: Address, until: Until },
    /// Something happened, as far as the machine is concerned.
    Tell { process: u32, event: Event },
}

impl Call {
    /// Whether it comes to pass at a system or at the ledger, and not at the operator itself.
    pub(super) fn is_elsewhere(&self) -> bool {
        matches!(self, Call::List { .. } | Call::Record { .. } | Call::Execute { .. } | Call::Append { .. } | Call::Watch { .. })
    }
}

/// What comes back of an operation.
#[derive(Clone, Debug)]
pub(super) enum Answering {
    /// The true answer, after this long.
    True(model::Duration),
    /// This answer instead, after this long; the operation is carried out all the same.
    Instead(model::Duration, Result<Receipt, OperationError>),
    /// Nothing.
    Nothing,
}
