//! What a step asks of a system, and how the system may answer.

use crate::address::Address;
use crate::resource::Scope;
use crate::time::Duration;
use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The state that an operation expects to find; a system that finds another refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// Nothing is there.
    Absent,
    /// The object is there as it was seen: with this pin ([`crate::observation::Observed::pin`]).
    Version(Text),
    /// Whatever is there: only for what could not be seen when the plan was made (deferred).
    Unseen,
}

/// One request to one system.
///
/// It may be sent again when its answer was lost. One whose effect is there already (the object is as it should be, and carries
/// the mark) succeeds with [`Receipt::changed`] false, whatever it expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Bring the object to this document (server-side apply in Kubernetes, check-and-set in Vault).
    Apply {
        /// Which object.
        address: Address,
        /// What it should be; secrets are references that the adapter resolves.
        document: Arc<Value>,
        /// Mark that the adapter leaves on the object.
        mark: Mark,
        /// What must be there for it to be right.
        expected: Expectation,
        /// Take over what nobody of ours owns (adopt), and fields that another manager holds.
        force: bool,
    },
    /// Take the object away. An object that is gone already is a success.
    Delete {
        /// Which object.
        address: Address,
        /// What must be there for it to be right.
        expected: Expectation,
        /// Whether the data that stands on it may go with it (data streams on an index template): somebody has consented by name.
        with_data: bool,
    },
    /// Give the object, with the data in it, another name.
    Move {
        /// Its name so far.
        from: Address,
        /// Its name from now on.
        to: Address,
        /// What it should be there.
        document: Arc<Value>,
        /// Mark that the adapter leaves on the object.
        mark: Mark,
        /// What must be there for it to be right, at `from`.
        expected: Expectation,
    },
}

impl Operation {
    /// The object that it is about (after it).
    pub fn address(&self) -> &Address {
        match self {
            Operation::Apply { address, .. } | Operation::Delete { address, .. } => address,
            Operation::Move { to, .. } => to,
        }
    }
}

/// What every object of ours carries, in the way its system allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Name of the platform that owns it.
    pub platform: Text,
    /// Digest of the document as we wrote it.
    pub applied: Text,
    /// What it belongs to.
    pub scope: Scope,
}

/// What an operation that succeeded says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The version that is there now; `None` after a delete.
    pub version: Option<Text>,
    /// Whether anything changed; `false` when it was so already.
    pub changed: bool,
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The system does not answer. Whether the operation took effect is not known.
    #[error("{0}")]
    Unreachable(String),
    /// The system asks for patience (429, 503); the operation did not take effect.
    #[error("{message}")]
    Busy {
        /// What it said.
        message: String,
        /// How long to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// Something that it needs is not there yet (a namespace that is being made); the operation did not take effect.
    #[error("{0}")]
    NotYet(String),
    /// Another state was found than the plan expected: the step is stale.
    #[error("expected {expected}, found {found}")]
    Stale {
        /// What the plan expected.
        expected: String,
        /// What was there.
        found: String,
    },
    /// Fields belong to another manager.
    #[error("{} owns {}", .0.iter().map(|(manager, _)| manager.as_str()).collect::<Vec<_>>().join(", "), .0.iter().map(|(_, field)| field.as_str()).collect::<Vec<_>>().join(", "))]
    Conflict(Vec<(String, String)>),
    /// The system refuses it for good.
    #[error("{0}")]
    Refused(String),
    /// A secret that it needs could not be fetched.
    #[error("{0}")]
    Secret(String),
}

impl OperationError {
    /// Whether the same operation may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        matches!(self, OperationError::Unreachable(_) | OperationError::Busy { .. } | OperationError::NotYet(_))
    }
}
