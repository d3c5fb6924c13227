//! How an agent is seen from outside: the states of the original platform's agent, with those that draining adds.

use crate::configuration::{Rejection, Revision};
use serde::{Deserialize, Serialize};
use std::fmt;
use vault_session::Failure;

/// How an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its process is up and has not heard of Vault yet.
    Starting,
    /// It has nothing to serve, and asks for it.
    Fetching,
    /// It serves what is published.
    Serving,
    /// It serves what is published, and that has no gateway.
    Empty,
    /// It serves what it has, and cannot see whether that is still what is published.
    Stale,
    /// It serves what it has, and does not take what is published.
    Rejecting,
    /// It has a configuration, and HAProxy is not up: the watchdog is about to start it.
    Restarting,
    /// It finishes what it has begun, and then ends.
    Draining,
    /// Its process has ended.
    Ended,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Starting => "starting",
            State::Fetching => "fetching",
            State::Serving => "serving",
            State::Empty => "empty",
            State::Stale => "stale",
            State::Rejecting => "rejecting",
            State::Restarting => "restarting",
            State::Draining => "draining",
            State::Ended => "ended",
        })
    }
}

/// Why an agent does not serve what is published, or cannot know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Vault did not give it.
    Unread(Failure),
    /// This one is published, and it is not taken.
    Rejected(Revision, Rejection),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Unread(failure) => failure.fmt(f),
            Trouble::Rejected(revision, rejection) => write!(f, "{revision} is not taken: {rejection}"),
        }
    }
}
