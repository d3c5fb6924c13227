//! What a platform has that something can happen to, by kind of target, in a fixed order.

use crate::fault::{Known, Place, Target, TargetKind};
use crate::operator::Desired;
use crate::run::setup::known;
use model::resource::Role;
use model::value::Text;
use model::{Kind, System};

/// Pods of a workload that are told apart by their number.
const PODS: u32 = 3;

/// All targets of a platform.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    all: Vec<Target>,
    known: Known,
}

impl Targets {
    /// The targets of a platform with one operator.
    pub fn of(desired: &Desired) -> Self {
        let known = known(desired, 1);
        let mut all = vec![Target::Engine(0)];
        machines(&known, &mut all);
        ways(&known, &mut all);
        workloads(desired, &mut all);
        Targets { all, known }
    }

    /// The targets of one kind.
    pub fn of_kind(&self, kind: TargetKind) -> impl Iterator<Item = &Target> {
        self.all.iter().filter(move |target| target.kind() == kind)
    }

    /// What is known to be there.
    pub fn known(&self) -> &Known {
        &self.known
    }
}

fn machines(known: &Known, all: &mut Vec<Target>) {
    for (name, cluster) in &known.clusters {
        all.push(Target::Cluster(name.clone()));
        all.extend(cluster.nodes.iter().map(|node| Target::Node { cluster: name.clone(), node: node.clone() }));
        if cluster.zones.len() > 1 {
            all.extend(cluster.zones.iter().map(|zone| Target::Zone { cluster: name.clone(), zone: zone.clone() }));
        }
    }
    if known.regions.len() > 1 {
        all.extend(known.regions.iter().cloned().map(Target::Region));
    }
    all.extend(known.vault.then_some(Target::Vault));
    all.extend(known.mysql.then_some(Target::Mysql));
    all.extend(known.elasticsearch.iter().cloned().map(Target::Elasticsearch));
}

/// Ways that requests take: from clusters to stores, from the engine to everything, from load balancers to their clusters.
fn ways(known: &Known, all: &mut Vec<Target>) {
    let mut stores: Vec<Place> = known.elasticsearch.iter().cloned().map(Place::Elasticsearch).collect();
    stores.extend(known.vault.then_some(Place::Vault));
    stores.extend(known.mysql.then_some(Place::Mysql));
    let way = |from: &Place, to: &Place| Target::Way { from: from.clone(), to: to.clone() };
    for name in known.clusters.keys() {
        let cluster = Place::Cluster(name.clone());
        all.extend(stores.iter().map(|store| way(&cluster, store)));
        all.push(way(&Place::Engine, &Place::ControlPlane(name.clone())));
    }
    all.extend(stores.iter().map(|store| way(&Place::Engine, store)));
}

fn workloads(desired: &Desired, all: &mut Vec<Target>) {
    for resource in desired.graph.resources().filter(|resource| resource.address.kind().runs_pods()) {
        let address = &resource.address;
        let (System::Cluster(cluster), Some(namespace)) = (address.system(), address.namespace()) else { continue };
        if address.kind() == Kind::Job {
            continue;
        }
        let (namespace, workload) = (Text::from(namespace), Text::from(address.name()));
        let replicas = resource.document.integer_at(&["spec", "replicas"]).unwrap_or(1);
        let pods = u32::try_from(replicas).unwrap_or(1).min(PODS);
        all.extend((0..pods).map(|nth| Target::Pod {
            cluster: cluster.clone(),
            namespace: namespace.clone(),
            workload: workload.clone(),
            nth,
        }));
        if resource.role == Role::GatewayAgent {
            all.push(Target::Cell { cluster, namespace });
        }
    }
    for (tenant, name, environment) in environments(desired) {
        let targets = environment.gateways.values().flat_map(|gateway| gateway.value.routes.values());
        let targets = targets.flat_map(|route| &route.value.targets);
        for target in targets {
            let planner::spec::types::Target::Service { name: service, port } = &target.value else { continue };
            let cells = desired.load.cells.iter().filter(|cell| cell.tenant == tenant && cell.environment == name);
            all.extend(cells.map(|cell| Target::Backend {
                cluster: cell.cluster.clone(),
                namespace: cell.namespace.clone(),
                backend: format!("{service}:{port}").into(),
            }));
        }
    }
}

fn environments(desired: &Desired) -> impl Iterator<Item = (&str, &str, &planner::spec::types::Environment)> {
    desired.spec.tenants.iter().flat_map(|(tenant, declared)| {
        let environments = declared.value.environments.iter();
        environments.map(move |(name, environment)| (tenant.as_str(), name.as_str(), &environment.value))
    })
}
