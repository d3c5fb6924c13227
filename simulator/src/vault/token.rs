//! Tokens: whose they are, what they may, and when they end.

use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// A token, as Vault knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The policies that say what it may.
    pub policies: Vec<Text>,
    /// The role that it was given for.
    pub role: Text,
    /// When it ends if it is not renewed.
    pub ends: Timestamp,
    /// The end of its longest life.
    pub life_ends: Timestamp,
    /// Tokens of a Vault that has lost all it held since are not known any more.
    pub generation: u64,
}

impl Token {
    /// It means nothing any more.
    pub fn revoke(&mut self) {
        self.ends = Timestamp(0);
    }

    /// Whether a change of this policy or role could make a difference to it.
    pub fn hangs_on(&self, name: &str) -> bool {
        self.role == name || self.policies.iter().any(|policy| policy == name)
    }

    /// Whether Vault, in its `generation`, still knows it.
    pub fn is_valid(&self, generation: u64, now: Timestamp) -> bool {
        now < self.ends && self.generation == generation
    }

    /// Let it live for so long from now, or to the end of its longest life. How long that is.
    pub fn renew(&mut self, asked: Duration, now: Timestamp) -> Duration {
        let ttl = asked.min(self.life_ends.since(now));
        self.ends = now + ttl;
        ttl
    }
}
