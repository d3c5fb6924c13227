//! The network between places: whether a request gets from one to another, how much longer it takes, and how often it is lost.
//!
//! * [`geography`]: what lies in which region, as a spec says;
//! * [`Spot`]: an end of a conversation;
//! * [`Network`]: what is wrong on which way now.
//!
//! As long as nothing is wrong, nothing is asked and nothing is drawn. A message is no event: whoever converses asks for the way, and draws
//! by what the message is whether it is lost.

pub mod geography;
mod spot;

#[cfg(test)]
mod tests;

pub use geography::Geography;
pub use spot::Spot;

use crate::fault::Place;
use crate::kernel::random;
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is wrong on a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trouble {
    /// Nothing gets through.
    Cut,
    /// Each direction takes this much longer.
    Slow(Duration),
    /// So many requests in a million are never answered.
    Lossy(u32),
}

/// Which requests something is wrong with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Those from one place to another.
    From(Place, Place),
    /// Those between two places, whoever begins.
    Between(Place, Place),
    /// Those that go into a region, or out of it.
    Across(Text),
    /// Those that go into a region, out of it, or stay inside.
    Touching(Text),
}

/// Something that is wrong, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// With which requests.
    pub scope: Scope,
    /// What.
    pub trouble: Trouble,
}

/// How a request fares between two spots now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Nothing gets through.
    pub cut: bool,
    /// How much longer the request and its answer take together.
    pub delay: Duration,
    /// How many in a million are lost.
    pub loss: u32,
}

impl Way {
    /// Nothing is wrong.
    pub const CLEAR: Way = Way { cut: false, delay: Duration::ZERO, loss: 0 };

    /// Whether an answer is there within `patience`, losses apart.
    pub fn answers_within(&self, patience: Duration) -> bool {
        !self.cut && self.delay < patience
    }
}

/// The network of a world.
#[derive(Clone, Debug, Default)]
pub struct Network {
    geography: Geography,
    /// What is wrong, by the injection that is to blame.
    rules: BTreeMap<u32, Rule>,
    seed: u64,
}

impl Network {
    /// What lies where.
    pub fn geography(&self) -> &Geography {
        &self.geography
    }

    /// Say what lies where.
    pub fn settle(&mut self, geography: Geography) {
        self.geography = geography;
    }

    /// Whether nothing is wrong anywhere.
    pub fn is_clear(&self) -> bool {
        self.rules.is_empty()
    }

    /// Let this be wrong from now on, and nothing else. Whether that is a change.
    pub fn set_rules(&mut self, rules: BTreeMap<u32, Rule>, seed: u64) -> bool {
        let changed = self.rules != rules;
        (self.rules, self.seed) = (rules, seed);
        changed
    }

    /// Whether the request that `who` sends at this instant on this way is lost, or its answer.
    pub fn loses(&self, way: &Way, who: &str, now: Timestamp) -> bool {
        way.loss > 0 && random::chance(self.seed, who, "message lost", now.0, way.loss)
    }

    /// How a request fares from one spot to another now. What is wrong in several ways adds up.
    pub fn way(&self, from: &Spot, to: &Spot) -> Way {
        let mut way = Way::CLEAR;
        for rule in self.rules.values().filter(|rule| self.concerns(&rule.scope, from, to)) {
            match rule.trouble {
                Trouble::Cut => way.cut = true,
                Trouble::Slow(delay) => way.delay = way.delay + delay.times(2),
                // Both have to let it through.
                Trouble::Lossy(rate) => {
                    let through =
                        u64::from(1_000_000 - way.loss.min(1_000_000)) * u64::from(1_000_000 - rate.min(1_000_000)) / 1_000_000;
                    way.loss = 1_000_000 - u32::try_from(through).unwrap_or(0);
                }
            }
        }
        way
    }

    fn lies_in(&self, spot: &Spot, region: &Text) -> bool {
        self.geography.region_of(spot) == Some(region)
    }

    fn concerns(&self, scope: &Scope, from: &Spot, to: &Spot) -> bool {
        let holds = |place: &Place, spot: &Spot| self.geography.holds(place, spot);
        match scope {
            Scope::From(first, second) => holds(first, from) && holds(second, to),
            Scope::Between(first, second) => {
                (holds(first, from) && holds(second, to)) || (holds(first, to) && holds(second, from))
            }
            Scope::Across(region) => self.lies_in(from, region) != self.lies_in(to, region),
            Scope::Touching(region) => self.lies_in(from, region) || self.lies_in(to, region),
        }
    }
}
