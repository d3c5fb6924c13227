//! What several rules ask of a case: how much traffic there is, how full clusters are, where data lies.

use super::Breach;
use super::case::Case;
use super::subject::{Cell, Cluster, Environment};
use crate::spec::Spec;
use crate::spec::types::{ClusterRole, Durability, Elasticsearch, Lifetime, Purpose};
use model::Value;
use model::source::{Located, Place};
use std::collections::BTreeMap;

/// Sums over all environments, made once for a case.
#[derive(Clone, Debug, Default)]
pub struct Sums<'a> {
    /// Requests per second of all environments.
    pub requests_per_second: u64,
    /// Environments on each cluster.
    pub environments: BTreeMap<&'a str, usize>,
    /// The first environment with the most requests: where its number stands.
    pub busiest: Place,
}

impl<'a> Sums<'a> {
    /// The sums of a spec.
    pub(super) fn of(spec: &'a Spec) -> Self {
        let environments = || spec.tenants.values().flat_map(|tenant| tenant.value.environments.values());
        // Of several `max_by_key` takes the last, and here the first is meant.
        let busiest =
            environments().rev().map(|environment| environment.value.requests_per_second).max_by_key(|requests| requests.value);
        let mut sums = Sums { busiest: busiest.map_or(Place::NOWHERE, |requests| requests.place), ..Sums::default() };
        for environment in environments() {
            sums.requests_per_second += u64::from(environment.value.requests_per_second.value);
            for cluster in &environment.value.clusters {
                *sums.environments.entry(cluster.value.as_str()).or_default() += 1;
            }
        }
        sums
    }
}

impl<'a> Case<'a> {
    /// The cluster that Vamp and Lifter run in.
    pub fn management(&self) -> Option<Cluster<'a>> {
        self.clusters().find(|cluster| cluster.role.value != ClusterRole::Service)
    }

    /// Name of the region that Vamp and Lifter run in.
    pub fn management_region(&self) -> &'a str {
        self.management().map_or("", |cluster| cluster.declared.value.region.value.as_str())
    }

    /// The Elasticsearch of that name.
    pub fn elasticsearch(&self, name: &str) -> Option<&'a Located<Elasticsearch>> {
        self.spec.dependencies.elasticsearch.get(name)
    }

    /// Region that the Elasticsearch of that name keeps its data in.
    pub fn region_of(&self, elasticsearch: &str) -> &'a str {
        self.elasticsearch(elasticsearch).map_or("", |found| found.value.region.value.as_str())
    }

    /// Country of a region.
    pub fn country_of(&self, region: &str) -> &'a str {
        self.spec.regions.get(region).map_or("", |found| found.value.country.value.as_str())
    }

    /// Nodes of a cluster: as they were seen, or else as they are declared.
    pub fn node_count(&self, cluster: &Cluster<'_>) -> u32 {
        let seen = self.nodes(cluster.name).map(|nodes| u32::try_from(nodes.len()).unwrap_or(u32::MAX));
        seen.unwrap_or(cluster.nodes.count.value)
    }

    /// Number of environments on a cluster.
    pub fn environments_on(&self, cluster: &Cluster<'_>) -> usize {
        self.sums.environments.get(cluster.name).copied().unwrap_or_default()
    }

    /// Whether an environment has high volume.
    pub fn is_high(&self, environment: &Environment<'_>) -> bool {
        environment.requests_per_second.value >= self.spec.policies.thresholds.high_volume.value
    }

    /// High volume of a cell that is stored in another region than the one in which it arises.
    pub fn high_volume_away(&self, cell: &Cell<'_>) -> Option<Breach> {
        let (sink, volume) = (&cell.environment.traffic_sink, cell.environment.requests_per_second.value);
        let (here, there) = (cell.region(), self.region_of(&sink.value));
        (here != there && self.is_high(&cell.environment)).then(|| {
            Breach::at(sink.place, format!("{cell} has {volume} requests a second in {here}, and stores them in {there}"))
                .measured("volume", volume, "requests a second")
                .measured("high from", self.spec.policies.thresholds.high_volume.value, "requests a second")
                .saw("region of the cluster", here)
                .saw("region of the Elasticsearch", there)
                .remedy(format!("set `elasticsearch.traffic` to one in {here}"))
        })
    }

    /// Whether all environments together have high volume.
    pub fn total_is_high(&self) -> bool {
        self.sums.requests_per_second >= u64::from(self.spec.policies.thresholds.high_total_volume.value)
    }

    /// Whether the platform may be lost: it is for development, and says that nobody needs its data.
    pub fn may_be_lost(&self) -> bool {
        let spec = self.spec;
        spec.purpose.value == Purpose::Development && spec.durability.value == Durability::None
    }

    /// Whether everything that allows one cluster for all is declared (TOP-4).
    pub fn may_be_all_in_one(&self) -> bool {
        self.may_be_lost() && self.spec.lifetime.value == Lifetime::Short && !self.total_is_high()
    }
}

impl Cell<'_> {
    /// Name of the region that it runs in.
    pub fn region(&self) -> &str {
        &self.cluster.region.value
    }
}

/// The variable `name` of the only container of a Deployment.
pub(super) fn variable<'v>(deployment: &'v Value, name: &str) -> Option<&'v str> {
    let containers = deployment.at(&["spec", "template", "spec", "containers"])?.as_list()?;
    let variables = containers.first()?.get("env")?.as_list()?;
    variables.iter().find(|variable| variable.str_at(&["name"]) == Some(name))?.str_at(&["value"])
}
