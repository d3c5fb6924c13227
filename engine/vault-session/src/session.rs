//! The session itself: a token with its times, or the pause until the next try.

use crate::{FIRST_PAUSE, Failure, LONGEST_PAUSE, jitter};
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// What Vault says of a token when it gives or renews one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// How long the token lives from now on; zero for one that never ends.
    pub ttl: Duration,
}

/// What to ask Vault for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Log in.
    LogIn,
    /// Renew the token, for this long.
    Renew(Duration),
    /// Nothing: the token is good.
    Use,
    /// Nothing: there is no token, and it is too early to ask for one.
    Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    /// How long it was to live when it was given.
    ttl: Duration,
    renew_at: Timestamp,
    ends: Timestamp,
    /// Vault granted less than was asked for: it nears the end of its longest life.
    ageing: bool,
}

/// How one program is logged in to Vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// What its jitter is drawn from.
    name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    /// Log-ins that were refused in a row.
    refusals: u32,
    /// No log-in before this.
    log_in_at: Timestamp,
    /// Nobody answered the last log-in or renewal.
    away: bool,
}

impl Session {
    /// Not logged in yet. `name` tells this program from others.
    pub fn new(name: &str) -> Self {
        Session { name: name.into(), token: None, refusals: 0, log_in_at: Timestamp(0), away: false }
    }

    /// Whether there is a token that has not ended.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.token.is_some_and(|token| now < token.ends)
    }

    /// Whether there is no token, and nobody answered the log-in that would have brought one.
    pub fn is_unanswered(&self) -> bool {
        self.token.is_none() && self.away
    }

    /// What to ask for in the round of `now`.
    pub fn next(&self, now: Timestamp) -> Next {
        let may_log_in = now >= self.log_in_at;
        match self.token.filter(|token| now < token.ends) {
            None if may_log_in => Next::LogIn,
            None => Next::Wait,
            Some(token) if token.ageing && may_log_in => Next::LogIn,
            Some(token) if !token.ageing && now >= token.renew_at => Next::Renew(token.ttl),
            Some(_) => Next::Use,
        }
    }

    /// What came of the log-in that was asked for in `round`.
    pub fn logged_in(&mut self, round: Timestamp, answer: &Result<Lease, Failure>) {
        match answer {
            Ok(lease) => {
                let ends = if lease.ttl == Duration::ZERO { Timestamp(u64::MAX) } else { round + lease.ttl };
                self.token = Some(Token { ttl: lease.ttl, renew_at: half(round, ends), ends, ageing: false });
                (self.refusals, self.away) = (0, false);
            }
            Err(failure) if failure.is_away() => {
                self.away = true;
                self.log_in_at = later_round(round);
            }
            Err(_) => {
                self.away = false;
                self.refusals = self.refusals.saturating_add(1);
                self.log_in_at = round + self.pause();
            }
        }
    }

    /// What came of the renewal that was asked for in `round`.
    pub fn renewed(&mut self, round: Timestamp, answer: &Result<Lease, Failure>) {
        let Some(token) = &mut self.token else { return };
        match answer {
            Ok(lease) => {
                self.away = false;
                token.ends = round + lease.ttl;
                token.renew_at = half(round, token.ends);
                token.ageing = lease.ttl < token.ttl;
            }
            Err(failure) if failure.is_away() => {
                self.away = true;
                token.renew_at = later_round(round);
            }
            // Vault knows the token no longer, or will not renew it: a new one is needed, and only the old one's use can tell whether
            // it still serves until then.
            Err(Failure::Denied) => self.token = None,
            Err(_) => token.ageing = true,
        }
    }

    /// The token was not taken any more.
    pub fn denied(&mut self) {
        self.token = None;
    }

    /// When the session by itself does anything that another answer than the last could come of, as long as Vault stays as it is.
    /// Nothing while all goes on as it did.
    pub fn due(&self) -> Option<Timestamp> {
        match self.token {
            None if self.away => None,
            None => Some(self.log_in_at),
            Some(token) if self.away => Some(token.ends),
            Some(token) if token.ageing => Some(self.log_in_at.min(token.ends)),
            Some(token) => Some(token.renew_at),
        }
        .filter(|at| *at < Timestamp(u64::MAX))
    }

    /// When the end of the token shows, as long as Vault stays as it is: only a session that cannot renew it lets it end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let failing = self.away || self.refusals > 0;
        self.token.filter(|_| failing).map(|token| token.ends).filter(|at| *at < Timestamp(u64::MAX))
    }

    /// The pause after so many refusals: it doubles, with up to half of it more, until it is as long as it gets.
    fn pause(&self) -> Duration {
        let factor = 1_u64 << self.refusals.saturating_sub(1).min(10);
        let pause = FIRST_PAUSE.times(factor);
        if pause >= LONGEST_PAUSE {
            return LONGEST_PAUSE;
        }
        pause + Duration(jitter::below(&self.name, self.refusals, pause.0 / 2 + 1))
    }
}

fn half(from: Timestamp, ends: Timestamp) -> Timestamp {
    if ends == Timestamp(u64::MAX) { ends } else { from + Duration(ends.since(from).0 / 2) }
}

fn later_round(round: Timestamp) -> Timestamp {
    round + Duration(1)
}

#[cfg(test)]
mod tests;
