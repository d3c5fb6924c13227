//! What lies in which region, and in which cluster, as a spec says.

use super::Spot;
use crate::fault::Place;
use model::value::Text;
use planner::spec::Spec;
use planner::spec::types::{ClusterRole, Placement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a store lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Home {
    /// Its region.
    pub region: Option<Text>,
    /// The cluster that it runs in; nothing if it runs outside of all.
    pub cluster: Option<Text>,
}

/// What lies where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Geography {
    /// Region of each cluster.
    pub clusters: BTreeMap<Text, Text>,
    /// Where Vault lies.
    pub vault: Home,
    /// Where MySQL lies.
    pub mysql: Home,
    /// Where each Elasticsearch lies.
    pub elasticsearch: BTreeMap<Text, Home>,
    /// Where the engine runs.
    pub engine: Home,
}

impl Geography {
    /// As a spec says. What runs outside of every cluster, and is not said to lie anywhere, lies in the region of the management; so does
    /// the engine.
    pub fn of(spec: &Spec) -> Self {
        let clusters: BTreeMap<Text, Text> = spec
            .clusters
            .iter()
            .map(|(name, cluster)| (Text::from(name.as_str()), cluster.region.value.as_str().into()))
            .collect();
        let manages = |role: ClusterRole| role != ClusterRole::Service;
        let management = spec.clusters.iter().find(|(_, cluster)| manages(cluster.role.value));
        let region: Option<Text> = management.map(|(_, cluster)| cluster.region.value.as_str().into());
        let home = |placement: &Placement| match placement {
            Placement::External { .. } => Home { region: region.clone(), cluster: None },
            Placement::InCluster(name) => {
                Home { region: clusters.get(name.as_str()).cloned(), cluster: Some(name.as_str().into()) }
            }
        };
        let dependencies = &spec.dependencies;
        let elasticsearch = dependencies.elasticsearch.iter().map(|(name, server)| {
            let region = Some(server.region.value.as_str().into());
            (Text::from(name.as_str()), Home { region, ..home(&server.placement.value) })
        });
        Geography {
            vault: home(&dependencies.vault.value.placement.value),
            mysql: home(&dependencies.mysql.value.placement.value),
            elasticsearch: elasticsearch.collect(),
            engine: Home { region: region.clone(), cluster: None },
            clusters,
        }
    }

    /// All regions in which anything lies.
    pub fn regions(&self) -> impl Iterator<Item = &Text> {
        let stores = [&self.vault, &self.mysql, &self.engine].into_iter().chain(self.elasticsearch.values());
        self.clusters.values().chain(stores.filter_map(|home| home.region.as_ref()))
    }

    fn home(&self, spot: &Spot) -> Option<&Home> {
        match spot {
            Spot::Vault => Some(&self.vault),
            Spot::Mysql => Some(&self.mysql),
            Spot::Elasticsearch(name) => self.elasticsearch.get(name),
            Spot::Engine => Some(&self.engine),
            Spot::Node { .. } | Spot::ControlPlane(_) | Spot::Inside(_) | Spot::LoadBalancers(_) => None,
        }
    }

    fn cluster_of<'a>(&'a self, spot: &'a Spot) -> Option<&'a Text> {
        match spot {
            Spot::Node { cluster, .. } | Spot::ControlPlane(cluster) | Spot::Inside(cluster) | Spot::LoadBalancers(cluster) => {
                Some(cluster)
            }
            store => self.home(store)?.cluster.as_ref(),
        }
    }

    /// The region that a spot lies in.
    pub fn region_of<'a>(&'a self, spot: &'a Spot) -> Option<&'a Text> {
        match self.home(spot) {
            Some(home) => home.region.as_ref(),
            None => self.clusters.get(self.cluster_of(spot)?),
        }
    }

    /// Whether a spot lies in a place. A store that runs in a cluster lies in that cluster and its region, and on no node in particular:
    /// its pods may be anywhere there.
    pub fn holds(&self, place: &Place, spot: &Spot) -> bool {
        match (place, spot) {
            (Place::Region(name), _) => self.region_of(spot) == Some(name),
            (Place::Cluster(name), _) => self.cluster_of(spot) == Some(name),
            (Place::ControlPlane(name), Spot::ControlPlane(own)) | (Place::LoadBalancers(name), Spot::LoadBalancers(own)) => {
                name == own
            }
            (Place::Zone(cluster, name), Spot::Node { cluster: own, zone, .. }) => cluster == own && name == zone,
            (Place::Node(cluster, name), Spot::Node { cluster: own, node, .. }) => cluster == own && name == node,
            (Place::Elasticsearch(name), Spot::Elasticsearch(own)) => name == own,
            (Place::Vault, Spot::Vault) | (Place::Mysql, Spot::Mysql) | (Place::Engine, Spot::Engine) => true,
            _ => false,
        }
    }
}
