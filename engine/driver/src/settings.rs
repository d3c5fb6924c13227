//! What a caller may set of an apply. Plain data, so that a test or a simulation can have its own.

use crate::retry::{Backoff, Retry};
use model::Duration;
use model::kind::Family;

/// How an apply goes about its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many operations may run at a time in one system.
    pub in_flight: InFlight,
    /// After how many successes a system that was slowed gets one more operation at a time.
    pub successes_to_grow: u32,
    /// What is tried again, how often and how long.
    pub retry: Retry,
    /// How long a step waits for its object to become ready.
    pub readiness: Duration,
}

/// How many operations may run at a time in one system, by the family of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// In each Kubernetes cluster.
    pub kubernetes: u32,
    /// In Vault.
    pub vault: u32,
    /// In MySQL.
    pub mysql: u32,
    /// In each Elasticsearch.
    pub elasticsearch: u32,
}

impl InFlight {
    /// The same number everywhere.
    pub const fn everywhere(count: u32) -> Self {
        InFlight { kubernetes: count, vault: count, mysql: count, elasticsearch: count }
    }

    /// The number for a system of this family; never zero, which would be a standstill.
    pub fn of(self, family: Family) -> u32 {
        let count = match family {
            Family::Kubernetes => self.kubernetes,
            Family::Vault => self.vault,
            Family::Mysql => self.mysql,
            Family::Elasticsearch => self.elasticsearch,
        };
        count.max(1)
    }
}

impl Default for Settings {
    /// Thirty-two writes at a time are two thirds of what an API server gives to all who have no priority of their own (49 of 600 requests:
    /// `--max-requests-inflight` 400, `--max-mutating-requests-inflight` 200, and 20 of 245 shares of the level `global-default`), so that one
    /// apply never takes it all; the others are single servers.
    /// Fifteen minutes for readiness is more than the ten that a Deployment has to make progress
    /// (`progressDeadlineSeconds`, 600), so that the system's own verdict comes first.
    fn default() -> Self {
        Settings {
            in_flight: InFlight { kubernetes: 32, vault: 16, mysql: 8, elasticsearch: 8 },
            successes_to_grow: 10,
            retry: Retry {
                unreachable: Backoff { first: Duration::milliseconds(500), factor: 2, cap: Duration::seconds(30), tries: 10 },
                busy: Backoff { first: Duration::seconds(1), factor: 2, cap: Duration::minutes(1), tries: 30 },
                not_yet: Backoff { first: Duration::milliseconds(250), factor: 2, cap: Duration::seconds(5), tries: 60 },
                deadline: Duration::minutes(10),
            },
            readiness: Duration::minutes(15),
        }
    }
}
