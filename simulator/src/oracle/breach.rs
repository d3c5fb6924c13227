//! A promise, and how it was broken.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the platform promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// Two ready gateway agents on two nodes, wherever the fault budget allows (VGA-1, VGA-2).
    TwoAgents,
    /// The engine takes no running gateway agent, nor Vamp, away while a new one cannot start (VGA-4, VGA-5, VMP-2).
    NoneTakenAway,
    /// Requests are lost only when no agent is ready or no target lives.
    Requests,
    /// What agents serve never goes backward, nor loses a gateway unasked (VGA-8).
    Configuration,
    /// Nothing is deleted that was not seen.
    NoBlindDelete,
    /// Nothing is written over that was not seen, or is no longer as it was seen.
    NoBlindWrite,
    /// Nothing is changed that the journal had not said before.
    WrittenAhead,
    /// One run at a time changes the platform.
    OneRun,
    /// There are never two Vamps (VMP-1).
    OneVamp,
    /// Documents of an environment are in its own Elasticsearch only.
    Residency,
    /// No secret reaches any system in the open.
    Secrets,
    /// A platform that is as it should be is not written to.
    Quiet,
    /// After faults clear, the platform becomes what its spec says.
    Convergence,
}

impl Promise {
    /// All of them.
    pub const ALL: [Promise; 13] = [
        Promise::TwoAgents,
        Promise::NoneTakenAway,
        Promise::Requests,
        Promise::Configuration,
        Promise::NoBlindDelete,
        Promise::NoBlindWrite,
        Promise::WrittenAhead,
        Promise::OneRun,
        Promise::OneVamp,
        Promise::Residency,
        Promise::Secrets,
        Promise::Quiet,
        Promise::Convergence,
    ];

    /// Its word, as it stands in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Promise::TwoAgents => "two-agents",
            Promise::NoneTakenAway => "none-taken-away",
            Promise::Requests => "requests",
            Promise::Configuration => "configuration",
            Promise::NoBlindDelete => "no-blind-delete",
            Promise::NoBlindWrite => "no-blind-write",
            Promise::WrittenAhead => "written-ahead",
            Promise::OneRun => "one-run",
            Promise::OneVamp => "one-vamp",
            Promise::Residency => "residency",
            Promise::Secrets => "secrets",
            Promise::Quiet => "quiet",
            Promise::Convergence => "convergence",
        }
    }

    /// What is promised, as a sentence without its full stop.
    pub const fn sentence(self) -> &'static str {
        match self {
            Promise::TwoAgents => "every cell has two ready gateway agents on two nodes, after any one loss",
            Promise::NoneTakenAway => "no running gateway agent, nor Vamp, is taken away while a new one cannot start",
            Promise::Requests => "requests are lost only when no gateway agent is ready or no target lives",
            Promise::Configuration => "what gateway agents serve never goes backward, nor loses a gateway unasked",
            Promise::NoBlindDelete => "nothing is deleted that was not seen",
            Promise::NoBlindWrite => "nothing is written over that was not seen, or is no longer as it was seen",
            Promise::WrittenAhead => "nothing is changed that the journal had not said before",
            Promise::OneRun => "one run at a time changes the platform",
            Promise::OneVamp => "there are never two Vamps",
            Promise::Residency => "documents of an environment are in its own Elasticsearch only",
            Promise::Secrets => "no secret reaches any system in the open",
            Promise::Quiet => "a platform that is as it should be is not written to",
            Promise::Convergence => "after faults clear, the platform becomes what its spec says",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How a promise was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Breach {
    /// Which promise.
    pub promise: Promise,
    /// When.
    pub at: Timestamp,
    /// What it is about: a cell, an address.
    pub subject: String,
    /// How, as a sentence without its full stop.
    pub message: String,
    /// The event during which it was broken, where events are remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<u64>,
}
