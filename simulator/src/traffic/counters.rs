//! What became of the requests of a cell, as counts.

use serde::{Deserialize, Serialize};

/// Requests of a cell, by what became of them. Every one of `offered` is in exactly one of `served`, `failed`, `lost` and `misrouted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Requests {
    /// Those that arrived.
    pub offered: u64,
    /// Those that a target answered.
    pub served: u64,
    /// Those of `served` that went by a configuration that was not the published one any more.
    pub stale: u64,
    /// Those that an agent answered with 503, because no target of their route lived.
    pub failed: u64,
    /// Those that the load balancer had no agent for.
    pub lost: u64,
    /// Those that the load balancer sent to an agent that had gone, because it had not noticed yet.
    pub misrouted: u64,
}

impl Requests {
    /// Those that nobody answered well.
    pub fn unserved(&self) -> u64 {
        self.failed + self.lost + self.misrouted
    }
}

impl std::ops::AddAssign for Requests {
    fn add_assign(&mut self, other: Requests) {
        self.offered += other.offered;
        self.served += other.served;
        self.stale += other.stale;
        self.failed += other.failed;
        self.lost += other.lost;
        self.misrouted += other.misrouted;
    }
}

impl std::ops::Sub for Requests {
    type Output = Requests;

    /// What came since `before`.
    fn sub(self, before: Requests) -> Requests {
        Requests {
            offered: self.offered.saturating_sub(before.offered),
            served: self.served.saturating_sub(before.served),
            stale: self.stale.saturating_sub(before.stale),
            failed: self.failed.saturating_sub(before.failed),
            lost: self.lost.saturating_sub(before.lost),
            misrouted: self.misrouted.saturating_sub(before.misrouted),
        }
    }
}
