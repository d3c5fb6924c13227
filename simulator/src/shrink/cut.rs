//! What can be taken away from a platform to make it smaller. A cut is a word, so that a replay file can keep the spec as somebody wrote
//! it and say what of it was not needed.

use planner::spec::Spec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Something that is taken away from a platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// A tenant with all its environments.
    Tenant(String),
    /// An environment.
    Environment(String, String),
    /// One of the clusters of an environment.
    Cell(String, String, String),
    /// A gateway of an environment.
    Gateway(String, String, String),
    /// A cluster, which nothing runs on.
    Cluster(String),
    /// All but so many of the nodes of a cluster.
    Nodes(String, u32),
}

/// Words that are no cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is nothing that can be cut off a platform")]
pub struct NoCut(String);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cut::Tenant(tenant) => write!(f, "tenant {tenant}"),
            Cut::Environment(tenant, name) => write!(f, "environment {tenant}/{name}"),
            Cut::Cell(tenant, name, cluster) => write!(f, "cell {tenant}/{name}/{cluster}"),
            Cut::Gateway(tenant, name, gateway) => write!(f, "gateway {tenant}/{name}/{gateway}"),
            Cut::Cluster(name) => write!(f, "cluster {name}"),
            Cut::Nodes(name, count) => write!(f, "nodes {name}/{count}"),
        }
    }
}

impl FromStr for Cut {
    type Err = NoCut;

    fn from_str(text: &str) -> Result<Self, NoCut> {
        let wrong = || NoCut(text.to_owned());
        let (word, names) = text.split_once(' ').ok_or_else(wrong)?;
        let names: Vec<&str> = names.split('/').collect();
        let own = |name: &str| name.to_owned();
        Ok(match (word, names.as_slice()) {
            ("tenant", [tenant]) => Cut::Tenant(own(tenant)),
            ("environment", [tenant, name]) => Cut::Environment(own(tenant), own(name)),
            ("cell", [tenant, name, cluster]) => Cut::Cell(own(tenant), own(name), own(cluster)),
            ("gateway", [tenant, name, gateway]) => Cut::Gateway(own(tenant), own(name), own(gateway)),
            ("cluster", [name]) => Cut::Cluster(own(name)),
            ("nodes", [name, count]) => Cut::Nodes(own(name), count.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        })
    }
}

impl Serialize for Cut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cut {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// `spec` without what is cut off.
pub fn cut(spec: &Spec, cuts: &[Cut]) -> Spec {
    let mut spec = spec.clone();
    for cut in cuts {
        spec.digest.push_str(&format!("-{cut}"));
        match cut {
            Cut::Tenant(tenant) => drop(spec.tenants.shift_remove(tenant)),
            Cut::Environment(tenant, name) => {
                if let Some(tenant) = spec.tenants.get_mut(tenant) {
                    tenant.value.environments.shift_remove(name);
                }
            }
            Cut::Cell(tenant, name, cluster) => {
                let tenant = spec.tenants.get_mut(tenant);
                if let Some(environment) = tenant.and_then(|tenant| tenant.value.environments.get_mut(name)) {
                    environment.value.clusters.retain(|known| known.value != *cluster);
                }
            }
            Cut::Gateway(tenant, name, gateway) => {
                let tenant = spec.tenants.get_mut(tenant);
                if let Some(environment) = tenant.and_then(|tenant| tenant.value.environments.get_mut(name)) {
                    environment.value.gateways.shift_remove(gateway);
                }
            }
            Cut::Cluster(name) => drop(spec.clusters.shift_remove(name)),
            Cut::Nodes(name, count) => {
                if let Some(cluster) = spec.clusters.get_mut(name) {
                    cluster.value.nodes.count.value = *count;
                }
            }
        }
    }
    spec
}

/// Everything that could be cut off `spec`, the largest parts first. That there is a platform afterwards is not said.
pub fn candidates(spec: &Spec) -> Vec<Cut> {
    let mut cuts = Vec::new();
    if spec.tenants.len() > 1 {
        cuts.extend(spec.tenants.keys().cloned().map(Cut::Tenant));
    }
    for (tenant, declared) in &spec.tenants {
        if declared.value.environments.len() > 1 {
            cuts.extend(declared.value.environments.keys().map(|name| Cut::Environment(tenant.clone(), name.clone())));
        }
    }
    for (tenant, declared) in &spec.tenants {
        for (name, environment) in &declared.value.environments {
            if environment.value.clusters.len() > 1 {
                let cell =
                    |cluster: &model::source::Located<String>| Cut::Cell(tenant.clone(), name.clone(), cluster.value.clone());
                cuts.extend(environment.value.clusters.iter().map(cell));
            }
            if environment.value.gateways.len() > 1 {
                let gateway = |gateway: &String| Cut::Gateway(tenant.clone(), name.clone(), gateway.clone());
                cuts.extend(environment.value.gateways.keys().map(gateway));
            }
        }
    }
    let unused = spec.clusters.keys().filter(|cluster| !is_used(spec, cluster));
    cuts.extend(unused.cloned().map(Cut::Cluster));
    for (name, cluster) in &spec.clusters {
        let count = cluster.value.nodes.count.value;
        cuts.extend((count > 1).then(|| Cut::Nodes(name.clone(), count - 1)));
    }
    cuts
}

/// Whether something runs on a cluster, or is placed there.
fn is_used(spec: &Spec, cluster: &str) -> bool {
    use planner::spec::types::{ClusterRole, Placement};
    let environments = spec.tenants.values().flat_map(|tenant| tenant.value.environments.values());
    let by_environment = environments.flat_map(|environment| &environment.value.clusters).any(|name| name.value == cluster);
    let placed = |placement: &Placement| matches!(placement, Placement::InCluster(name) if name == cluster);
    let dependencies = &spec.dependencies;
    let by_store = placed(&dependencies.mysql.value.placement.value)
        || placed(&dependencies.vault.value.placement.value)
        || dependencies.elasticsearch.values().any(|server| placed(&server.value.placement.value));
    let by_role = spec.clusters.get(cluster).is_some_and(|known| known.value.role.value != ClusterRole::Service);
    by_environment || by_store || by_role
}
