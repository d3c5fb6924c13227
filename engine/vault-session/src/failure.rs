//! What a program makes of an answer of Vault that is not what it asked for (statuses as seen on Vault 1.21.0).

use serde::{Deserialize, Serialize};

/// Why Vault did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Nobody answers in time, or only to say that it cannot: sealed, standby, its storage away (no answer, 429, 5xx).
    /// It says nothing about the token, nor about what is stored.
    #[error("{0}")]
    Away(String),
    /// The token is not taken any more (403 `invalid token`): log in again. Vault says so of an expired token too.
    #[error("vault: the token is not valid any more")]
    Denied,
    /// The token is good, and its policies do not allow this (403 `permission denied`).
    #[error("{0}")]
    Forbidden(String),
    /// There is nothing at that path (404).
    #[error("{0}")]
    Missing(String),
    /// The request is refused for another reason (any other 4xx).
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// Whether it passes by itself when Vault is well again.
    pub fn is_away(&self) -> bool {
        matches!(self, Failure::Away(_))
    }
}
