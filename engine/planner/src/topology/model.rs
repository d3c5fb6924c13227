//! Which of the deployment models M0 to M5 a spec amounts to.

use crate::spec::types::{Placement, Spec};
use model::Place;
use std::fmt;

/// A deployment model, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeploymentModel {
    /// Everything in one cluster.
    M0,
    /// A management cluster with all dependencies in it, and service clusters.
    M1,
    /// MySQL outside; Vault in the management cluster.
    M2,
    /// MySQL and Vault outside; Elasticsearch in the management cluster.
    M3,
    /// M3 with regional Elasticsearches.
    M4,
    /// All dependencies outside.
    M5,
}

impl DeploymentModel {
    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            DeploymentModel::M0 => "all in one cluster",
            DeploymentModel::M1 => "split, with the dependencies in the management cluster",
            DeploymentModel::M2 => "split, with MySQL outside",
            DeploymentModel::M3 => "split, with MySQL and Vault outside",
            DeploymentModel::M4 => "split, with MySQL and Vault outside and regional Elasticsearches",
            DeploymentModel::M5 => "split, with all dependencies outside",
        }
    }

    /// What it is for, and what it does not survive, as a sentence without its full stop.
    pub const fn suits(self) -> &'static str {
        match self {
            DeploymentModel::M0 => {
                "It suits development that is short-lived and of low volume; a restart of the cluster loses what all stores in memory hold"
            }
            DeploymentModel::M1 => {
                "It is the weakest split: what is lost with the management cluster is all that the platform knows"
            }
            DeploymentModel::M2 => {
                "It is the least for production; while MySQL is down, so is a Vault that stores in it, and no gateway agent can start"
            }
            DeploymentModel::M3 => "It suits production; Elasticsearch shares the fate of the management cluster",
            DeploymentModel::M4 => {
                "It suits several regions, data that has to stay where it arises, and much traffic far from the management cluster"
            }
            DeploymentModel::M5 => "It suits high volume and audit logs that the law regulates",
        }
    }
}

impl fmt::Display for DeploymentModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What a spec amounts to, and the field that decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The model.
    pub model: DeploymentModel,
    /// Elasticsearches in service clusters beside it: M4 says so itself, M1, M2 and M5 may have them too.
    pub regional: Vec<String>,
    /// Why, as a sentence without its full stop.
    pub because: &'static str,
    /// The field that decides it.
    pub place: Place,
}

/// The model that `spec` amounts to. Questions are asked one after another; the first that is answered decides.
pub fn classify(spec: &Spec) -> Verdict {
    let regional = regional(spec);
    let verdict = |model, because, place| Verdict { model, regional: regional.clone(), because, place };
    if spec.clusters.len() == 1 {
        let place = spec.clusters.values().next().map_or(Place::NOWHERE, |cluster| cluster.place);
        return verdict(DeploymentModel::M0, "there is one cluster", place);
    }
    let mysql = &spec.dependencies.mysql.placement;
    if !is_outside(mysql) {
        return verdict(DeploymentModel::M1, "MySQL runs in a cluster", mysql.place);
    }
    let vault = &spec.dependencies.vault.placement;
    if !is_outside(vault) {
        return verdict(DeploymentModel::M2, "MySQL is outside and Vault runs in a cluster", vault.place);
    }
    let inside = |name: &str, placement: &Placement| !is_outside(placement) && !regional.iter().any(|one| one == name);
    let mut servers = spec.dependencies.elasticsearch.iter();
    match servers.find(|(name, server)| inside(name, &server.placement)) {
        None => verdict(DeploymentModel::M5, "no dependency runs in the management cluster", vault.place),
        Some((_, central)) if regional.is_empty() => {
            verdict(DeploymentModel::M3, "an Elasticsearch runs in the management cluster", central.placement.place)
        }
        Some((_, central)) => {
            let because = "an Elasticsearch runs in the management cluster, and others in service clusters";
            verdict(DeploymentModel::M4, because, central.placement.place)
        }
    }
}

fn is_outside(placement: &Placement) -> bool {
    matches!(placement, Placement::External { .. })
}

/// Elasticsearches that run in a service cluster.
fn regional(spec: &Spec) -> Vec<String> {
    use crate::spec::types::ClusterRole::Service;
    let in_service_cluster = |placement: &Placement| match placement {
        Placement::InCluster(cluster) => spec.clusters.get(cluster).is_some_and(|cluster| cluster.role.value == Service),
        Placement::External { .. } => false,
    };
    let servers = spec.dependencies.elasticsearch.iter();
    servers.filter(|(_, server)| in_service_cluster(&server.placement)).map(|(name, _)| name.clone()).collect()
}
