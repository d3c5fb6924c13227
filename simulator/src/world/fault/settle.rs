//! What is wrong now, as it follows from all faults that go on: at the network first, then at clusters and their nodes, then at the stores.
//! Each part goes from what was wrong with it to what is; a fault that another one covers makes no difference until that one ends.

use super::{Active, World};
use crate::agents::Change;
use crate::elasticsearch::Health;
use crate::fault::{Fault, Kind, Target};
use crate::kubernetes::{Affliction, NodeAffliction, NodeFault};
use crate::network::{Rule, Scope, Spot, Trouble};
use model::value::Text;
use model::{Duration, System};

/// A kubelet gives up a renewal of its lease that takes longer (`pkg/kubelet/kubelet.go`: the timeout of its lease client is
/// `nodeStatusUpdateFrequency`, 10 s).
const LEASE_TIMEOUT: Duration = Duration::seconds(10);

impl World {
    /// Let the network be as the faults say that go on now. Whether that is a change.
    pub(in crate::world) fn rewire(&mut self) -> bool {
        let rules = self.faults.active.iter().filter_map(|(id, active)| Some((*id, rule(active)?))).collect();
        self.stores.network.set_rules(rules, self.kernel.seed())
    }

    /// Let all parts of the world be as the faults say that go on now.
    pub(in crate::world) fn settle_faults(&mut self) {
        let rewired = self.rewire();
        for name in self.clusters.keys().cloned().collect::<Vec<_>>() {
            let wanted = self.affliction_of(&name);
            self.in_cluster(&name, |cluster, context| cluster.afflict(&wanted, context));
        }
        let stores = self.settle_vault() | self.settle_mysql() | self.settle_elasticsearch();
        self.stores.settle();
        self.look_at_hosts();
        if rewired {
            self.steady_agents();
        }
        if rewired || stores {
            self.everything_looks_again();
        }
        self.ledger.touch_all();
        self.settle_traffic();
    }

    /// Whatever anybody asks for may be answered otherwise now.
    pub(in crate::world) fn everything_looks_again(&mut self) {
        self.stores.settle();
        self.stores_changed(Some(Change::Anything));
        self.ledger.touch_all();
    }

    /// Kinds of the faults that go on at `system` itself, with the region that it lies in.
    fn at(&self, system: &System) -> impl Iterator<Item = &Active> {
        let spot = Spot::of(system);
        let region = self.stores.network.geography().region_of(&spot).cloned();
        let outside = self.stores.host(system).is_some_and(|host| host.workload.is_none());
        let system = system.clone();
        self.faults.active.values().filter(move |active| match (&active.fault().target, &system) {
            (Target::Vault, System::Vault) | (Target::Mysql, System::Mysql) => true,
            (Target::Elasticsearch(name), System::Elasticsearch(own)) => name == own,
            // What runs in a cluster of the region goes with that cluster.
            (Target::Region(name), _) => active.fault().kind == Kind::RegionLost && outside && region.as_ref() == Some(name),
            _ => false,
        })
    }

    fn settle_vault(&mut self) -> bool {
        let clock = self.faults.clock_of(&Target::Vault);
        let before = self.stores.vault.state();
        let mut wanted = before.clone();
        let faults: Vec<Active> = self.at(&System::Vault).cloned().collect();
        let goes_on = |kinds: &[Kind]| faults.iter().any(|active| kinds.contains(&active.fault().kind));
        let away =
            |active: &Active| matches!(active.fault().kind, Kind::VaultRestarted | Kind::VaultLeaderLost) && active.turns == 0;
        wanted.unavailable = goes_on(&[Kind::VaultDown, Kind::RegionLost]) || faults.iter().any(away);
        wanted.standby = goes_on(&[Kind::VaultQuorumLost]);
        let sealed = goes_on(&[Kind::VaultSealed]);
        if sealed != before.sealed_by_fault {
            (wanted.sealed, wanted.sealed_by_fault) = (sealed, sealed);
        }
        wanted.delay = delay_of(&faults, Kind::VaultSlow);
        wanted.clock_ahead = clock;
        let changed = wanted != before;
        if wanted.clock_ahead != before.clock_ahead {
            self.fleet.watch_all();
        }
        self.stores.vault.change(|state| *state = wanted);
        changed
    }

    fn settle_mysql(&mut self) -> bool {
        let faults: Vec<Active> = self.at(&System::Mysql).cloned().collect();
        let before = self.stores.mysql.state();
        let away = |active: &Active| match active.fault().kind {
            Kind::MysqlDown | Kind::RegionLost => true,
            Kind::MysqlFailover => active.turns == 0,
            _ => false,
        };
        let unavailable = faults.iter().any(away);
        let read_only = faults.iter().any(|active| active.fault().kind == Kind::MysqlReadOnly);
        self.stores.mysql.change(|state| (state.unavailable, state.read_only) = (unavailable, read_only));
        self.stores.mysql.state() != before
    }

    fn settle_elasticsearch(&mut self) -> bool {
        let mut changed = false;
        for name in self.stores.elasticsearch.keys().cloned().collect::<Vec<_>>() {
            let faults: Vec<Active> = self.at(&System::Elasticsearch(name.clone())).cloned().collect();
            let goes_on = |kind: Kind| faults.iter().any(|active| active.fault().kind == kind);
            let health = match (goes_on(Kind::ElasticsearchRed), goes_on(Kind::ElasticsearchYellow)) {
                (true, _) => Health::Red,
                (_, true) => Health::Yellow,
                _ => Health::Green,
            };
            let Some(server) = self.stores.elasticsearch.get_mut(&name) else { continue };
            let before = server.state();
            server.change(|state| {
                state.unavailable = goes_on(Kind::ElasticsearchDown) || goes_on(Kind::RegionLost);
                state.health = health;
                state.flooded = goes_on(Kind::ElasticsearchFull);
                state.read_only = goes_on(Kind::ElasticsearchReadOnly);
                state.delay = delay_of(&faults, Kind::ElasticsearchSlow);
            });
            changed |= server.state() != before;
        }
        changed
    }

    /// What is wrong with a cluster now.
    fn affliction_of(&self, cluster: &Text) -> Affliction {
        let region = self.stores.network.geography().clusters.get(cluster);
        let of_cluster = |fault: &&Fault| match &fault.target {
            Target::Cluster(name) => name == cluster,
            Target::Region(name) => Some(name) == region,
            _ => false,
        };
        let goes_on = |kinds: &[Kind]| {
            self.faults.active.values().map(Active::fault).filter(of_cluster).any(|fault| kinds.contains(&fault.kind))
        };
        let Some(known) = self.clusters.get(cluster) else { return Affliction::default() };
        Affliction {
            api_down: goes_on(&[Kind::ApiDown, Kind::ClusterLost, Kind::RegionLost]),
            controllers_stopped: goes_on(&[Kind::ControllersStopped]),
            scheduler_stopped: goes_on(&[Kind::SchedulerStopped]),
            nodes: known.places().map(|(node, zone)| (node.clone(), self.affliction_of_node(cluster, zone, node))).collect(),
        }
    }

    fn affliction_of_node(&self, cluster: &Text, zone: &Text, node: &Text) -> NodeAffliction {
        let region = self.stores.network.geography().clusters.get(cluster);
        let concerns = |target: &Target| match target {
            Target::Node { cluster: own, node: name } => own == cluster && name == node,
            Target::Zone { cluster: own, zone: name } => own == cluster && name == zone,
            Target::Cluster(name) => name == cluster,
            Target::Region(name) => Some(name) == region,
            _ => false,
        };
        let mut wanted = NodeAffliction::default();
        for fault in self.faults.active.values().map(Active::fault).filter(|fault| concerns(&fault.target)) {
            match fault.kind {
                Kind::NodeDead | Kind::NodeRebooted | Kind::ZoneDead | Kind::ClusterLost | Kind::RegionLost => {
                    wanted.fault = Some(NodeFault::Dead);
                }
                Kind::NodePartitioned if wanted.fault.is_none() => wanted.fault = Some(NodeFault::Partitioned),
                Kind::NodeCordoned => wanted.cordoned = true,
                Kind::NodeDrained => wanted.drained = true,
                Kind::NodePressure => wanted.pressure = Some(fault.count("pods")),
                Kind::ImagesAway => wanted.images_away = true,
                Kind::StartsSlow => wanted.slow_starts = wanted.slow_starts.max(Some(fault.count("factor"))),
                _ => {}
            }
        }
        let spot = Spot::Node { cluster: cluster.clone(), zone: zone.clone(), node: node.clone() };
        let heard = self.stores.network.way(&spot, &Spot::ControlPlane(cluster.clone())).answers_within(LEASE_TIMEOUT);
        if wanted.fault.is_none() && !heard {
            wanted.fault = Some(NodeFault::Partitioned);
        }
        wanted
    }
}

fn delay_of(faults: &[Active], kind: Kind) -> Duration {
    let delays = faults.iter().map(Active::fault).filter(|fault| fault.kind == kind).map(|fault| fault.count("delay"));
    Duration(delays.sum())
}

/// What a fault means for the network.
fn rule(active: &Active) -> Option<Rule> {
    let fault = active.fault();
    let (scope, trouble) = match (&fault.target, fault.kind) {
        (Target::Region(name), Kind::RegionPartitioned) => (Scope::Across(name.clone()), Trouble::Cut),
        (Target::Region(name), Kind::RegionLost) => (Scope::Touching(name.clone()), Trouble::Cut),
        (Target::Way { from, to }, Kind::NetworkCutOneWay) => (Scope::From(from.clone(), to.clone()), Trouble::Cut),
        (Target::Way { from, to }, kind) => {
            let trouble = match kind {
                Kind::NetworkSlow => Trouble::Slow(Duration(fault.count("delay"))),
                Kind::NetworkLossy => Trouble::Lossy(u32::try_from(fault.count("rate")).unwrap_or(1_000_000)),
                Kind::NetworkFlapping if active.turns % 2 == 1 => return None,
                _ => Trouble::Cut,
            };
            (Scope::Between(from.clone(), to.clone()), trouble)
        }
        _ => return None,
    };
    Some(Rule { scope, trouble })
}
