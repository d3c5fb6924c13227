//! The kinds of fault, by the words under which specs of scenarios, replay files and people know them.

use super::catalogue::{KindInfo, info};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// A kind of fault. What each does stands in [`super::KINDS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the catalogue says what each does, in words that are also shown to people")]
        pub enum Kind {
            $(#[serde(rename = $word)] $name),+
        }

        impl Kind {
            /// Every kind, in the order in which they are listed.
            pub const ALL: &[Kind] = &[$(Kind::$name),+];

            /// Its word: `node-dead`.
            pub const fn word(self) -> &'static str {
                match self { $(Kind::$name => $word),+ }
            }
        }
    };
}

kinds! {
    PodKilled = "pod-killed",
    ContainerKilled = "container-killed",
    HaproxyKilled = "haproxy-killed",
    AgentHung = "agent-hung",
    ImagesAway = "images-away",
    StartsSlow = "starts-slow",
    BackendGone = "backend-gone",
    NodeDead = "node-dead",
    NodeRebooted = "node-rebooted",
    NodePartitioned = "node-partitioned",
    NodePressure = "node-pressure",
    NodeCordoned = "node-cordoned",
    NodeDrained = "node-drained",
    NodeRemoved = "node-removed",
    ZoneDead = "zone-dead",
    ClusterLost = "cluster-lost",
    RegionLost = "region-lost",
    RegionPartitioned = "region-partitioned",
    ApiDown = "api-down",
    ApiSlow = "api-slow",
    ApiThrottled = "api-throttled",
    ApiFailing = "api-failing",
    ApiConflicting = "api-conflicting",
    ApiStale = "api-stale",
    WatchCut = "watch-cut",
    ControllersStopped = "controllers-stopped",
    SchedulerStopped = "scheduler-stopped",
    VaultDown = "vault-down",
    VaultSealed = "vault-sealed",
    VaultRestarted = "vault-restarted",
    VaultLeaderLost = "vault-leader-lost",
    VaultQuorumLost = "vault-quorum-lost",
    VaultEmptied = "vault-emptied",
    VaultSlow = "vault-slow",
    TokensRevoked = "tokens-revoked",
    PolicyLost = "policy-lost",
    EntryBlanked = "entry-blanked",
    EntryBroken = "entry-broken",
    EntryDeleted = "entry-deleted",
    MysqlDown = "mysql-down",
    MysqlFailover = "mysql-failover",
    MysqlReadOnly = "mysql-read-only",
    MysqlEmptied = "mysql-emptied",
    MysqlRestored = "mysql-restored",
    ElasticsearchDown = "elasticsearch-down",
    ElasticsearchRed = "elasticsearch-red",
    ElasticsearchYellow = "elasticsearch-yellow",
    ElasticsearchFull = "elasticsearch-full",
    ElasticsearchReadOnly = "elasticsearch-read-only",
    ElasticsearchSlow = "elasticsearch-slow",
    NetworkCut = "network-cut",
    NetworkCutOneWay = "network-cut-one-way",
    NetworkSlow = "network-slow",
    NetworkLossy = "network-lossy",
    NetworkFlapping = "network-flapping",
    ClockAhead = "clock-ahead",
    ClockStepped = "clock-stepped",
    EngineKilled = "engine-killed",
    EnginePaused = "engine-paused",
    EngineDoubled = "engine-doubled",
    RequestsLost = "requests-lost",
    AnswersLost = "answers-lost",
    AnswersFailed = "answers-failed",
    RequestsDoubled = "requests-doubled",
}

/// A word that is no kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of fault")]
pub struct NoKind(pub String);

impl Kind {
    /// What is known of it.
    pub fn info(self) -> &'static KindInfo {
        info(self)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Kind {
    type Err = NoKind;

    fn from_str(text: &str) -> Result<Self, NoKind> {
        Kind::ALL.iter().copied().find(|kind| kind.word() == text).ok_or_else(|| NoKind(text.to_owned()))
    }
}
