//! HAProxy under supervision: started again a second after it ended, from the text that is in place, with or without Vault.

use super::{Effect, Life, Machine, Ticket};
use crate::WATCHDOG;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// How HAProxy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Haproxy {
    /// It was never up: there is nothing to serve yet.
    Absent,
    /// It serves what was loaded last.
    Up,
    /// It ended, and is started at this instant.
    Down(Timestamp),
    /// Its start was asked for.
    Starting(Ticket),
}

impl Haproxy {
    pub(super) fn is_up(self) -> bool {
        self == Haproxy::Up
    }

    pub(super) fn starts_at(self) -> Option<Timestamp> {
        match self {
            Haproxy::Down(at) => Some(at),
            _ => None,
        }
    }
}

impl Machine {
    pub(super) fn haproxy_ended(&mut self, now: Timestamp) {
        if self.haproxy.is_up() {
            self.haproxy = Haproxy::Down(now + WATCHDOG);
        }
        if self.is_draining() {
            // There will be no further line: what waits goes now, and in the rounds that are left where it is not taken.
            self.shipper.hurry(now);
        }
    }

    /// Start HAProxy if it is time to.
    pub(super) fn watch(&mut self, now: Timestamp) {
        if self.life == Life::Running && self.haproxy.starts_at().is_some_and(|at| now >= at) {
            let ticket = self.ticket();
            self.haproxy = Haproxy::Starting(ticket);
            self.effects.push(Effect::Start { ticket });
        }
    }

    /// The start that was asked for has come to an end. Whether `ticket` was its.
    pub(super) fn started_again(&mut self, now: Timestamp, ticket: Ticket, result: &Result<(), String>) -> bool {
        if self.haproxy != Haproxy::Starting(ticket) {
            return false;
        }
        self.haproxy = if result.is_ok() { Haproxy::Up } else { Haproxy::Down(now + WATCHDOG) };
        true
    }
}
