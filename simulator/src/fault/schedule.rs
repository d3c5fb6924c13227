//! What happens when.

use super::{Fault, Lasting};
use model::Duration;
use serde::{Deserialize, Serialize};

/// A fault with its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Injection {
    /// Its number, once in a schedule. Draws of randomness on its account are keyed by it, so it stays when others are taken away.
    pub id: u32,
    /// When it begins, from the beginning of the run, in milliseconds.
    pub at: Duration,
    /// What.
    pub fault: Fault,
    /// How long it lasts, in milliseconds; nothing for what never ends by itself, or has no length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
}

impl Injection {
    /// When it ends, from the beginning of the run.
    pub fn ends(&self) -> Option<Duration> {
        Some(self.at + self.lasts?)
    }

    /// Whether it is still going on, at this time from the beginning of the run.
    pub fn goes_on_at(&self, at: Duration) -> bool {
        let lasting = self.fault.kind.info().lasting == Lasting::AsSaid;
        lasting && self.at <= at && self.ends().is_none_or(|ends| at < ends)
    }
}

/// All injections of a run, in the order in which they begin; at one instant by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Injection>", into = "Vec<Injection>")]
pub struct Schedule(Vec<Injection>);

impl Schedule {
    /// Nothing goes wrong.
    pub const NONE: Schedule = Schedule(Vec::new());

    /// The injections, in order.
    pub fn injections(&self) -> &[Injection] {
        &self.0
    }

    /// Whether nothing goes wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The schedule without one of its injections.
    #[must_use]
    pub fn without(&self, id: u32) -> Self {
        Schedule(self.0.iter().filter(|injection| injection.id != id).cloned().collect())
    }

    /// When the last of its faults begins or ends.
    pub fn last(&self) -> Duration {
        self.0.iter().map(|injection| injection.ends().unwrap_or(injection.at)).max().unwrap_or_default()
    }
}

impl From<Vec<Injection>> for Schedule {
    fn from(mut injections: Vec<Injection>) -> Self {
        injections.sort_by_key(|injection| (injection.at, injection.id));
        Schedule(injections)
    }
}

impl From<Schedule> for Vec<Injection> {
    fn from(schedule: Schedule) -> Self {
        schedule.0
    }
}

impl FromIterator<Injection> for Schedule {
    fn from_iter<I: IntoIterator<Item = Injection>>(injections: I) -> Self {
        Schedule::from(injections.into_iter().collect::<Vec<_>>())
    }
}
