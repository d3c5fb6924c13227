//! Why a platform cannot become what its spec says, as far as that is not the engine's fault. Not converged and not excused is a breach.

use super::{Lack, Unmet};
use crate::kubernetes::Key;
use crate::operator::Desired;
use crate::world::World;
use model::inventory::inventory;
use model::login::signer;
use model::observation::{Gap, Owner};
use model::resource::{Role, Scope};
use model::value::Text;
use model::{Address, Kind, Resource, System, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why something cannot become as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excuse {
    /// Vault is sealed, and nobody unseals it.
    VaultSealed,
    /// Vault does not answer, or cannot serve.
    VaultAway,
    /// MySQL does not answer; without its lock and its journal nothing is carried out.
    MysqlAway,
    /// An Elasticsearch does not answer, or takes no writes.
    ElasticsearchAway,
    /// The API server of a cluster does not answer.
    ClusterAway,
    /// A cluster has fewer nodes that take pods than the cell is to have gateway agents, each on one of its own.
    NoDistinctNode,
    /// A cluster has no node to spare for a new gateway agent, so none is rolled (VGA-4).
    NoNodeToRoll,
    /// A cluster has no node that takes the pod at all.
    NoNode,
    /// A node that is not heard of any more holds the name of a pod of a StatefulSet: no second pod is made under that name until somebody
    /// takes the node away (`kubectl delete node`), who alone can say that the first one is gone.
    HeldByNode,
    /// The spec lacks a gateway that is served and that nobody has retired (VGA-8).
    NotRetired,
    /// What the spec wants is there already, and not the platform's own: nobody takes it over unasked.
    SomebodyElses,
    /// What it needs is excused.
    Behind,
    /// Whoever runs the engine is dead for good.
    NoOperator,
}

impl Excuse {
    /// All of them.
    pub const ALL: [Excuse; 13] = [
        Excuse::VaultSealed,
        Excuse::VaultAway,
        Excuse::MysqlAway,
        Excuse::ElasticsearchAway,
        Excuse::ClusterAway,
        Excuse::NoDistinctNode,
        Excuse::NoNodeToRoll,
        Excuse::NoNode,
        Excuse::HeldByNode,
        Excuse::NotRetired,
        Excuse::SomebodyElses,
        Excuse::Behind,
        Excuse::NoOperator,
    ];

    /// Its word, as it stands in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Excuse::VaultSealed => "vault-sealed",
            Excuse::VaultAway => "vault-away",
            Excuse::MysqlAway => "mysql-away",
            Excuse::ElasticsearchAway => "elasticsearch-away",
            Excuse::ClusterAway => "cluster-away",
            Excuse::NoDistinctNode => "no-distinct-node",
            Excuse::NoNodeToRoll => "no-node-to-roll",
            Excuse::NoNode => "no-node",
            Excuse::HeldByNode => "held-by-node",
            Excuse::NotRetired => "not-retired",
            Excuse::SomebodyElses => "somebody-elses",
            Excuse::Behind => "behind",
            Excuse::NoOperator => "no-operator",
        }
    }

    /// What is the matter, as a clause.
    pub const fn sentence(self) -> &'static str {
        match self {
            Excuse::VaultSealed => "Vault is sealed for good",
            Excuse::VaultAway => "Vault is away for good",
            Excuse::MysqlAway => "MySQL is away for good",
            Excuse::ElasticsearchAway => "an Elasticsearch is away for good",
            Excuse::ClusterAway => "a cluster is away for good",
            Excuse::NoDistinctNode => "a cluster has fewer nodes than a cell is to have gateway agents",
            Excuse::NoNodeToRoll => "a cluster has no node to spare for rolling gateway agents",
            Excuse::NoNode => "a cluster has no node for a pod",
            Excuse::HeldByNode => {
                "a node that is not heard of holds the name of a pod of a StatefulSet until somebody takes the node away"
            }
            Excuse::NotRetired => "the spec lacks a gateway that is served and that nobody has retired",
            Excuse::SomebodyElses => "what the spec wants is there already, and somebody else's",
            Excuse::Behind => "what it needs is excused",
            Excuse::NoOperator => "whoever runs the engine is dead for good",
        }
    }
}

/// What is excused, and what is not.
#[derive(Clone, Debug, Default)]
pub struct Excused {
    /// Excuses by what they are for.
    pub excused: BTreeMap<Address, Excuse>,
    /// What nothing excuses.
    pub inexcusable: Vec<Unmet>,
}

/// What an excuse may depend on beside the world.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Whether anybody is left who runs the engine.
    pub operators: bool,
    /// When the last plan was made that rolls these gateway agents.
    pub rolled: &'a BTreeMap<Address, Timestamp>,
}

/// Judge what is unmet.
pub fn excuses(world: &World, desired: &Desired, unmet: &[Unmet], around: Circumstances<'_>) -> Excused {
    let mut excused: BTreeMap<Address, Excuse> = BTreeMap::new();
    for lack in unmet {
        if let Some(excuse) = of_its_own(world, desired, lack, around) {
            excused.insert(lack.address.clone(), excuse);
        }
    }
    let behind = behind(desired, &excused);
    for lack in unmet.iter().filter(|lack| behind.contains(&lack.address)) {
        excused.entry(lack.address.clone()).or_insert(Excuse::Behind);
    }
    let inexcusable = unmet.iter().filter(|lack| !excused.contains_key(&lack.address)).cloned().collect();
    Excused { excused, inexcusable }
}

/// An excuse that lies in the thing itself and in its system.
fn of_its_own(world: &World, desired: &Desired, unmet: &Unmet, around: Circumstances<'_>) -> Option<Excuse> {
    let system = unmet.address.system();
    if let Some(excuse) = away(world, &system) {
        return Some(excuse);
    }
    // The keys that an auth method is to hold nobody else can tell.
    let signer = desired.graph.get(&unmet.address).and_then(|resource| signer(&resource.address, &resource.document));
    if let Some(excuse) = signer.and_then(|cluster| away(world, &cluster)) {
        return Some(excuse);
    }
    if let Lack::NotReady(_) = &unmet.lack
        && let Some(excuse) = cannot_run(world, desired, &unmet.address)
    {
        return Some(excuse);
    }
    let is_to_roll = unmet.lack == Lack::Differs || lost_its_node(world, &unmet.address, around.rolled);
    if is_to_roll && cannot_roll(world, desired, &unmet.address) {
        return Some(Excuse::NoNodeToRoll);
    }
    if unmet.lack == Lack::Differs && would_shrink(world, desired, &unmet.address) {
        return Some(Excuse::NotRetired);
    }
    if unmet.lack == Lack::Differs && is_somebody_elses(world, desired, &unmet.address) {
        return Some(Excuse::SomebodyElses);
    }
    let needs_an_engine = !matches!(unmet.lack, Lack::NotReady(_));
    if needs_an_engine && !around.operators {
        return Some(Excuse::NoOperator);
    }
    // The lock and the journal are kept there: while it is away, nobody carries anything out.
    let ledger_away = world.stores().gap(&System::Mysql).is_some();
    (needs_an_engine && ledger_away).then_some(Excuse::MysqlAway)
}

/// Whether an object is not the platform's own: only a person can say what is to become of it.
fn is_somebody_elses(world: &World, desired: &Desired, address: &Address) -> bool {
    let platform = desired.spec.platform.value.as_str();
    let seen = world.find(address).ok().flatten();
    seen.is_some_and(|seen| !matches!(&seen.owner, Owner::Platform(owner) if owner == platform))
}

/// Why nothing can be done in `system` at all.
fn away(world: &World, system: &System) -> Option<Excuse> {
    match system {
        System::Cluster(name) => world.cluster(name).is_none_or(|cluster| !cluster.is_reachable()).then_some(Excuse::ClusterAway),
        System::Vault => match world.stores().gap(system)? {
            Gap::Unavailable(_) if world.stores().vault.state().sealed => Some(Excuse::VaultSealed),
            _ => Some(Excuse::VaultAway),
        },
        System::Mysql => world.stores().gap(system).map(|_| Excuse::MysqlAway),
        System::Elasticsearch(_) => world.stores().gap(system).map(|_| Excuse::ElasticsearchAway),
    }
}

/// Why the pods of a workload cannot run.
fn cannot_run(world: &World, desired: &Desired, address: &Address) -> Option<Excuse> {
    let resource = desired.graph.get(address)?;
    let System::Cluster(name) = address.system() else { return None };
    let free = schedulable(world, &name);
    if free == 0 {
        return Some(Excuse::NoNode);
    }
    let replicas = resource.document.integer_at(&["spec", "replicas"]).unwrap_or(1);
    if resource.role == Role::GatewayAgent && i64::try_from(free).is_ok_and(|free| free < replicas) {
        return Some(Excuse::NoDistinctNode);
    }
    if holds_a_member(world, &name, address) {
        return Some(Excuse::HeldByNode);
    }
    let asks_vault = matches!(resource.role, Role::GatewayAgent | Role::WorkflowAgent | Role::Vamp) || address.name() == "lifter";
    if asks_vault && let Some(excuse) = away(world, &System::Vault) {
        return Some(excuse);
    }
    if resource.role == Role::Vamp { away(world, &System::Mysql) } else { None }
}

/// Whether a pod of a StatefulSet is asked to go and cannot say that it has, because its node is not heard of.
fn holds_a_member(world: &World, cluster: &Text, address: &Address) -> bool {
    let (Kind::StatefulSet, Some(cluster)) = (address.kind(), world.cluster(cluster)) else { return false };
    let silent: BTreeSet<&str> = cluster.faults().filter(|(_, fault)| fault.is_some()).map(|(node, _)| node).collect();
    let members = cluster.pods_of(&Key::new(address.kind(), address.key()));
    members.iter().any(|pod| pod.terminating && pod.node.as_deref().is_some_and(|node| silent.contains(node)))
}

/// Whether a node was lost after the plan that rolls these agents was made: it counted on that one.
fn lost_its_node(world: &World, address: &Address, rolled: &BTreeMap<Address, Timestamp>) -> bool {
    let (System::Cluster(name), Some(planned)) = (address.system(), rolled.get(address)) else { return false };
    world.cluster(&name).is_some_and(|cluster| cluster.lost_a_node_since(*planned))
}

/// Whether gateway agents have no node to roll to: each of the free ones has one already.
fn cannot_roll(world: &World, desired: &Desired, address: &Address) -> bool {
    let (Some(resource), System::Cluster(name)) = (desired.graph.get(address), address.system()) else { return false };
    let replicas = resource.document.integer_at(&["spec", "replicas"]).unwrap_or(1);
    let makes_first = resource.document.integer_at(&["spec", "strategy", "rollingUpdate", "maxUnavailable"]) == Some(0);
    let free = i64::try_from(schedulable(world, &name)).unwrap_or(i64::MAX);
    resource.role == Role::GatewayAgent && makes_first && free <= replicas
}

/// Whether what is wanted lacks a gateway that is published now and that its environment does not name as retired; of a door, whether that
/// is so of the configuration behind it.
fn would_shrink(world: &World, desired: &Desired, address: &Address) -> bool {
    let Some(resource) = desired.graph.get(address) else { return false };
    let scope = &resource.scope;
    let same = |other: &&Resource| other.scope.tenant == scope.tenant && other.scope.environment == scope.environment;
    let mut configurations = desired.graph.resources().filter(|other| other.role == Role::GatewayConfiguration).filter(same);
    configurations.any(|wanted| {
        let Ok(Some(live)) = world.find(&wanted.address) else { return false };
        let gateways = |document: &Value| document.str_at(&["data", "configuration"]).map(inventory).unwrap_or_default();
        let (live, wanted) = (gateways(&live.document), gateways(&wanted.document));
        live.lost_in(&wanted).any(|gateway| !is_retired(desired, scope, gateway))
    })
}

fn is_retired(desired: &Desired, scope: &Scope, gateway: &str) -> bool {
    let (Some(tenant), Some(environment)) = (&scope.tenant, &scope.environment) else { return false };
    let tenant = desired.spec.tenants.get(tenant.as_str());
    let environment = tenant.and_then(|tenant| tenant.value.environments.get(environment.as_str()));
    environment.is_some_and(|environment| environment.value.retired_gateways.iter().any(|retired| retired.value == gateway))
}

fn schedulable(world: &World, cluster: &Text) -> usize {
    let nodes = world.cluster(cluster).and_then(|cluster| cluster.nodes().ok()).unwrap_or_default();
    nodes.iter().filter(|node| node.schedulable).count()
}

/// Everything that comes after something excused: the engine begins nothing whose ground is missing. What an Elasticsearch lacks holds
/// up what is behind it as well.
fn behind(desired: &Desired, excused: &BTreeMap<Address, Excuse>) -> BTreeSet<Address> {
    let mut behind: BTreeSet<Address> = BTreeSet::new();
    let mut left: Vec<Address> = excused.keys().cloned().collect();
    while let Some(address) = left.pop() {
        if desired.graph.get(&address).is_none() {
            continue;
        }
        for (dependent, _) in desired.graph.dependents(&address) {
            if behind.insert(dependent.address.clone()) {
                left.push(dependent.address.clone());
            }
        }
    }
    behind
}
