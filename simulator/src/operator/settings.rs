//! How an operator goes about its work, as plain data that a run carries and a replay file keeps.

use driver::settings::InFlight;
use model::Duration;
use serde::{Deserialize, Serialize};

/// One operator: a person or a job that runs `vamp plan` and `vamp apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// When it first looks, from the beginning of the run.
    pub first: Duration,
    /// How long it waits before it looks again, while anything differs or is unknown.
    pub every: Duration,
    /// How long one message takes on its way, in milliseconds: at least and at most.
    pub latency: (u64, u64),
    /// How long the lock of a run that is not heard of again holds.
    pub lock: Duration,
    /// How many operations it has under way in one system at most.
    pub in_flight: u32,
    /// What happens to its messages.
    pub mishaps: Mishaps,
}

/// How often in a million something happens to a request of an operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mishaps {
    /// It never arrives.
    pub request_lost: u32,
    /// It is carried out, and the answer never arrives.
    pub answer_lost: u32,
    /// It arrives twice.
    pub doubled: u32,
    /// Its answer comes when it is no longer waited for.
    pub late: u32,
    /// It is refused with 409: somebody else has just written.
    pub conflict: u32,
    /// It is refused with 429: the system asks for patience.
    pub busy: u32,
    /// It is carried out and answered with 500.
    pub failed: u32,
}

impl Mishaps {
    /// Nothing ever goes wrong on the way.
    pub const NONE: Mishaps = Mishaps { request_lost: 0, answer_lost: 0, doubled: 0, late: 0, conflict: 0, busy: 0, failed: 0 };
}

/// How long an answer is waited for (`--request-timeout` of a careful `kubectl`; the others are given the same).
pub const PATIENCE: Duration = Duration::seconds(30);
/// How long planning takes: far more than it does, so that the world can change meanwhile.
pub const THOUGHT: Duration = Duration::seconds(1);

impl Default for Settings {
    /// Every five minutes, as reconcilers commonly do; a lock of two minutes, which its holder renews.
    fn default() -> Self {
        Settings {
            first: Duration::seconds(1),
            every: Duration::minutes(5),
            latency: (2, 40),
            lock: Duration::minutes(2),
            in_flight: 16,
            mishaps: Mishaps::NONE,
        }
    }
}

impl Settings {
    /// The driver's own settings.
    pub fn driver(&self) -> driver::Settings {
        driver::Settings { in_flight: InFlight::everywhere(self.in_flight), ..driver::Settings::default() }
    }
}
