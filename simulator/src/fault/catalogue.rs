//! What kinds of fault there are: what each does, to what, with which numbers, and whether it ends.

use super::kind::Kind;
use super::target::TargetKind as T;

/// What is known of a kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// Which.
    pub kind: Kind,
    /// What happens, in one line.
    pub line: &'static str,
    /// What it can happen to.
    pub targets: &'static [T],
    /// How bad it can be.
    pub parameters: &'static [Parameter],
    /// Whether it ends.
    pub lasting: Lasting,
    /// Whether somebody can make it happen by hand in a world that is kept: engines of a simulation are not in there.
    pub by_hand: bool,
}

/// Whether a fault ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lasting {
    /// It lasts as long as its injection says, and then all is as it would have been; for good if that says nothing.
    AsSaid,
    /// It is over at once, and the world comes back by itself. It has no length.
    Instant,
    /// It is over at once, and nothing brings back what it took away, except the engine or a person. It has no length.
    Forever,
}

/// A number that says how bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub line: &'static str,
    /// In what it is counted.
    pub unit: Unit,
    /// The least that it may be.
    pub low: i64,
    /// The most that it may be.
    pub high: i64,
    /// What it is if nobody says.
    pub usual: i64,
}

/// In what a parameter is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Thousandths of a second.
    Milliseconds,
    /// Times in a million.
    PerMillion,
    /// A plain number.
    Count,
}

impl Unit {
    /// What stands after the number, for people.
    pub const fn suffix(self) -> &'static str {
        match self {
            Unit::Milliseconds => " ms",
            Unit::PerMillion => " in a million",
            Unit::Count => "",
        }
    }
}

const fn milliseconds(name: &'static str, line: &'static str, (low, usual, high): (i64, i64, i64)) -> Parameter {
    Parameter { name, line, unit: Unit::Milliseconds, low, high, usual }
}

const fn rate(usual: i64) -> Parameter {
    let line = "how often it happens";
    Parameter { name: "rate", line, unit: Unit::PerMillion, low: 1_000, high: 1_000_000, usual }
}

const fn delay(high: i64, usual: i64) -> Parameter {
    milliseconds("delay", "how much longer every answer takes", (10, usual, high))
}

const fn ahead(line: &'static str) -> Parameter {
    milliseconds("by", line, (-86_400_000, 60_000, 86_400_000))
}

const fn back(usual: i64) -> Parameter {
    milliseconds("back", "when it is there again", (0, usual, 3_600_000))
}

const fn info_of(kind: Kind, targets: &'static [T], lasting: Lasting, line: &'static str) -> KindInfo {
    KindInfo { kind, line, targets, parameters: &[], lasting, by_hand: true }
}

impl KindInfo {
    const fn with(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    const fn only_simulated(mut self) -> Self {
        self.by_hand = false;
        self
    }
}

/// What is known of one kind.
pub fn info(kind: Kind) -> &'static KindInfo {
    // The list is in the order of the kinds; a test holds it to that.
    &KINDS[kind as usize]
}

use Kind as K;
use Lasting::{AsSaid, Forever, Instant};

/// Every kind of fault, in the order of [`Kind::ALL`].
pub const KINDS: &[KindInfo] = &[
    info_of(K::PodKilled, &[T::Pod], Instant, "a pod is deleted without grace, past every disruption budget"),
    info_of(
        K::ContainerKilled,
        &[T::Pod],
        Instant,
        "the container of a pod is killed, as when it is out of memory; its volumes stay",
    ),
    info_of(K::HaproxyKilled, &[T::Pod], Instant, "the HAProxy of a gateway agent dies; the agent itself does not"),
    info_of(
        K::AgentHung,
        &[T::Pod],
        Instant,
        "the process of an agent hangs; only its liveness probe can tell, and starts it anew",
    ),
    info_of(K::ImagesAway, &[T::Cluster, T::Node], AsSaid, "no image can be pulled: pods that are new on a node do not start"),
    info_of(K::StartsSlow, &[T::Cluster, T::Node], AsSaid, "pulling images and starting containers takes longer")
        .with(&[Parameter { name: "factor", line: "how many times as long", unit: Unit::Count, low: 2, high: 200, usual: 20 }]),
    info_of(K::BackendGone, &[T::Backend], AsSaid, "what a route leads to is gone, as when a tenant's pods move"),
    info_of(K::NodeDead, &[T::Node], AsSaid, "a machine is off, and all that ran on it"),
    info_of(K::NodeRebooted, &[T::Node], Instant, "a machine restarts, and all that ran on it").with(&[back(60_000)]),
    info_of(K::NodePartitioned, &[T::Node], AsSaid, "the control plane does not hear of a node; what runs there runs on"),
    info_of(
        K::NodePressure,
        &[T::Node],
        AsSaid,
        "a node is short of memory: it evicts pods, past every budget, and gets no new ones",
    )
    .with(&[Parameter { name: "pods", line: "how many it evicts", unit: Unit::Count, low: 1, high: 110, usual: 1 }]),
    info_of(K::NodeCordoned, &[T::Node], AsSaid, "a node gets no new pods"),
    info_of(K::NodeDrained, &[T::Node], AsSaid, "a node is cordoned, and its pods are evicted as disruption budgets allow"),
    info_of(K::NodeRemoved, &[T::Node], Forever, "a node is taken out of its cluster for good"),
    info_of(K::ZoneDead, &[T::Zone], AsSaid, "all machines of a zone are off"),
    info_of(K::ClusterLost, &[T::Cluster], AsSaid, "a cluster is gone: its control plane and all its machines"),
    info_of(K::RegionLost, &[T::Region], AsSaid, "a region is gone: its clusters, and the stores in it"),
    info_of(K::RegionPartitioned, &[T::Region], AsSaid, "nothing gets into a region or out of it; inside all goes on"),
    info_of(K::ApiDown, &[T::Cluster], AsSaid, "the API server of a cluster does not answer; what runs there runs on"),
    info_of(K::ApiSlow, &[T::Cluster], AsSaid, "the API server of a cluster answers late").with(&[delay(120_000, 2_000)]),
    info_of(K::ApiThrottled, &[T::Cluster], AsSaid, "the API server of a cluster sheds load with 429").with(&[rate(500_000)]),
    info_of(
        K::ApiFailing,
        &[T::Cluster],
        AsSaid,
        "the API server of a cluster answers with 500, half the time after it did what was asked",
    )
    .with(&[rate(200_000)]),
    info_of(K::ApiConflicting, &[T::Cluster], AsSaid, "writes to a cluster meet others: 409").with(&[rate(500_000)]),
    info_of(K::ApiStale, &[T::Cluster], AsSaid, "reads from a cluster are answered from a cache that stands still")
        .only_simulated(),
    info_of(K::WatchCut, &[T::Cluster], AsSaid, "watches of a cluster break with 410 and cannot be opened again"),
    info_of(
        K::ControllersStopped,
        &[T::Cluster],
        AsSaid,
        "the controller manager of a cluster stands still: nothing is replaced, tainted or collected",
    ),
    info_of(K::SchedulerStopped, &[T::Cluster], AsSaid, "the scheduler of a cluster stands still: new pods stay pending"),
    info_of(K::VaultDown, &[T::Vault], AsSaid, "Vault does not answer"),
    info_of(K::VaultSealed, &[T::Vault], AsSaid, "Vault is sealed: it answers 503 until somebody unseals it"),
    info_of(
        K::VaultRestarted,
        &[T::Vault],
        AsSaid,
        "Vault restarts; without auto-unseal it stays sealed until somebody unseals it",
    )
    .with(&[
        back(5_000),
        Parameter {
            name: "sealed",
            line: "1 if its auto-unseal is away as well: it stays sealed for as long",
            unit: Unit::Count,
            low: 0,
            high: 1,
            usual: 0,
        },
    ]),
    info_of(K::VaultLeaderLost, &[T::Vault], Instant, "the active Vault dies, and a standby takes over").with(&[milliseconds(
        "back",
        "how long until a standby is active",
        (100, 500, 10_000),
    )]),
    info_of(K::VaultQuorumLost, &[T::Vault], AsSaid, "Vault has no leader: its servers are unsealed standbys"),
    info_of(K::VaultEmptied, &[T::Vault], Forever, "Vault comes back with nothing in it"),
    info_of(K::VaultSlow, &[T::Vault], AsSaid, "Vault answers late").with(&[delay(120_000, 5_000)]),
    info_of(K::TokensRevoked, &[T::Cell], Instant, "the tokens of a cell's agents are revoked; they can log in again"),
    info_of(K::PolicyLost, &[T::Cell], AsSaid, "the policy that lets a cell's agents read is emptied by a stranger"),
    info_of(K::EntryBlanked, &[T::Cell], AsSaid, "the configuration of a cell is overwritten with nothing by a stranger"),
    info_of(
        K::EntryBroken,
        &[T::Cell],
        AsSaid,
        "the configuration of a cell is overwritten with what HAProxy refuses by a stranger",
    ),
    info_of(K::EntryDeleted, &[T::Cell], AsSaid, "the configuration of a cell is deleted by a stranger"),
    info_of(K::MysqlDown, &[T::Mysql], AsSaid, "MySQL does not answer; a Vault that stores in it is half alive"),
    info_of(K::MysqlFailover, &[T::Mysql], Instant, "MySQL fails over: connections drop, and nobody answers for a while")
        .with(&[milliseconds("back", "how long until the new primary answers", (500, 10_000, 600_000))]),
    info_of(K::MysqlReadOnly, &[T::Mysql], AsSaid, "MySQL takes no writes"),
    info_of(K::MysqlEmptied, &[T::Mysql], Forever, "MySQL comes back with nothing in it; so does a Vault that stores in it"),
    info_of(
        K::MysqlRestored,
        &[T::Mysql],
        Forever,
        "MySQL comes back as it was when the run began; so does a Vault that stores in it",
    )
    .only_simulated(),
    info_of(K::ElasticsearchDown, &[T::Elasticsearch], AsSaid, "an Elasticsearch does not answer"),
    info_of(K::ElasticsearchRed, &[T::Elasticsearch], AsSaid, "an Elasticsearch lacks primaries: it takes nothing"),
    info_of(
        K::ElasticsearchYellow,
        &[T::Elasticsearch],
        AsSaid,
        "an Elasticsearch lacks replicas: it works, and a further loss would be worse",
    ),
    info_of(
        K::ElasticsearchFull,
        &[T::Elasticsearch],
        AsSaid,
        "the disks of an Elasticsearch are past the flood stage: indices take no documents",
    ),
    info_of(K::ElasticsearchReadOnly, &[T::Elasticsearch], AsSaid, "an Elasticsearch was made read-only by a person"),
    info_of(K::ElasticsearchSlow, &[T::Elasticsearch], AsSaid, "an Elasticsearch answers late").with(&[delay(120_000, 5_000)]),
    info_of(K::NetworkCut, &[T::Way], AsSaid, "nothing gets from one place to another, nor back"),
    info_of(
        K::NetworkCutOneWay,
        &[T::Way],
        AsSaid,
        "no connection can be opened from one place to another; the other way all goes through",
    ),
    info_of(K::NetworkSlow, &[T::Way], AsSaid, "all that goes between two places takes longer").with(&[milliseconds(
        "delay",
        "how much longer one way takes",
        (1, 500, 60_000),
    )]),
    info_of(K::NetworkLossy, &[T::Way], AsSaid, "some requests between two places are never answered").with(&[rate(200_000)]),
    info_of(K::NetworkFlapping, &[T::Way], AsSaid, "the way between two places comes and goes").with(&[
        milliseconds("down", "how long it is gone, about", (100, 10_000, 600_000)),
        milliseconds("up", "how long it is there, about", (100, 10_000, 600_000)),
    ]),
    info_of(K::ClockAhead, &[T::Vault, T::Engine], AsSaid, "a clock goes ahead of all others, or behind")
        .with(&[ahead("by how much it is ahead; behind where below zero")]),
    info_of(K::ClockStepped, &[T::Vault, T::Engine], Forever, "a clock is set anew, once")
        .with(&[ahead("by how much it jumps; back where below zero")]),
    info_of(K::EngineKilled, &[T::Engine], Instant, "an engine is killed instead of sending a request, and started again")
        .with(&[
            Parameter {
                name: "effect",
                line: "which request from now on; 0 at once",
                unit: Unit::Count,
                low: 0,
                high: 100_000,
                usual: 0,
            },
            back(30_000),
        ])
        .only_simulated(),
    info_of(K::EnginePaused, &[T::Engine], AsSaid, "an engine stands still: it hears and does nothing, and knows nothing of it")
        .only_simulated(),
    info_of(K::EngineDoubled, &[T::Engine], Instant, "somebody else starts an engine as well").only_simulated(),
    info_of(K::RequestsLost, &[T::Engine], AsSaid, "requests of an engine never arrive").with(&[rate(100_000)]).only_simulated(),
    info_of(K::AnswersLost, &[T::Engine], AsSaid, "requests of an engine are carried out, and the answers never arrive")
        .with(&[rate(100_000)])
        .only_simulated(),
    info_of(K::AnswersFailed, &[T::Engine], AsSaid, "requests of an engine are carried out and answered with 500")
        .with(&[rate(100_000)])
        .only_simulated(),
    info_of(K::RequestsDoubled, &[T::Engine], AsSaid, "requests of an engine arrive twice")
        .with(&[rate(100_000)])
        .only_simulated(),
];
