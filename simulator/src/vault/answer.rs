//! What Vault answers when it does not do what was asked: the status and the text of a real one (observed on Vault 1.21.0).

use model::Timestamp;
use model::operation::OperationError;

/// An answer other than success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody answers: the server is not there.
    Down,
    /// It was never initialised.
    NotInitialised,
    /// It is sealed.
    Sealed,
    /// It is a standby whose active server is not there.
    Standby,
    /// No token came with the request.
    NoToken,
    /// The token is wrong, expired or revoked: log in again.
    InvalidToken,
    /// The token is good, and its policies do not allow this: ask for the right.
    NotAllowed,
    /// Another version is there than the check-and-set named.
    CheckAndSet,
    /// The entry asks for a check-and-set, and none came.
    CheckAndSetRequired,
    /// Nothing was ever written there.
    NeverWritten,
    /// The latest version was deleted or destroyed; its number is what the next check-and-set names.
    Gone {
        /// The latest version.
        version: u64,
        /// When it was deleted.
        deleted: Option<Timestamp>,
        /// Whether it can never be had back.
        destroyed: bool,
    },
    /// No mount answers for this path.
    NoMount(String),
    /// The storage behind it is away, and the request needs it. A read says what failed, a write does not.
    StorageAway {
        /// Whether it was a write.
        write: bool,
    },
}

impl Refusal {
    /// The HTTP status; nothing if nobody answers.
    pub fn status(&self) -> Option<u16> {
        Some(match self {
            Refusal::Down => return None,
            Refusal::NotInitialised | Refusal::Sealed => 503,
            Refusal::NoToken | Refusal::InvalidToken | Refusal::NotAllowed => 403,
            Refusal::CheckAndSet | Refusal::CheckAndSetRequired => 400,
            Refusal::NeverWritten | Refusal::Gone { .. } | Refusal::NoMount(_) => 404,
            Refusal::Standby | Refusal::StorageAway { .. } => 500,
        })
    }

    /// The list `errors` of the body. A [`Refusal::Gone`] has none: its body is the metadata of the version.
    pub fn errors(&self) -> Vec<String> {
        let text = match self {
            Refusal::Down | Refusal::NeverWritten | Refusal::Gone { .. } => return Vec::new(),
            Refusal::NotInitialised => "Vault is not initialized".to_owned(),
            Refusal::Sealed => "Vault is sealed".to_owned(),
            Refusal::Standby => "local node not active but active cluster node not found".to_owned(),
            Refusal::NoToken => "permission denied".to_owned(),
            Refusal::InvalidToken => "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n".to_owned(),
            Refusal::NotAllowed => "1 error occurred:\n\t* permission denied\n\n".to_owned(),
            Refusal::CheckAndSet => "check-and-set parameter did not match the current version".to_owned(),
            Refusal::CheckAndSetRequired => "check-and-set parameter required for this call".to_owned(),
            Refusal::NoMount(path) => format!("no handler for route \"{path}\". route entry not found."),
            Refusal::StorageAway { write: true } => "internal error".to_owned(),
            Refusal::StorageAway { write: false } => "dial tcp: connect: connection refused".to_owned(),
        };
        vec![text]
    }

    /// What a step has to know of it.
    pub fn into_operation_error(self) -> OperationError {
        let text = match (self.status(), self.errors().pop()) {
            (Some(status), Some(text)) => format!("vault answers {status}: {text}"),
            (Some(status), None) => format!("vault answers {status}"),
            (None, _) => "vault does not answer: connection refused".to_owned(),
        };
        match self {
            Refusal::Down => OperationError::Unreachable(text),
            Refusal::NotInitialised | Refusal::Sealed | Refusal::Standby | Refusal::StorageAway { .. } => {
                OperationError::Busy { message: text, retry_after: None }
            }
            Refusal::NeverWritten | Refusal::Gone { .. } | Refusal::NoMount(_) => OperationError::NotYet(text),
            Refusal::CheckAndSet => OperationError::Stale { expected: "another version".to_owned(), found: text },
            Refusal::NoToken | Refusal::InvalidToken | Refusal::NotAllowed | Refusal::CheckAndSetRequired => {
                OperationError::Refused(text)
            }
        }
    }
}
