//! The declared load: requests of each cell, and the address of each Elasticsearch, for whoever lets a platform live in virtual time.

use super::names::Names;
use super::topology::Topology;
use crate::spec::Spec;
use crate::spec::types::Environment;
use model::Diagnostic;
use model::load::{CellLoad, Load, Sink};

/// What a spec declares of its traffic. An environment's requests are spread evenly over its cells; what does not divide goes to the
/// first.
///
/// # Errors
/// As [`super::compile`], for names that lead nowhere.
pub fn load(spec: &Spec) -> Result<Load, Vec<Diagnostic>> {
    let topology = Topology::of(spec)?;
    let names = Names::of(spec);
    let environments = spec.tenants.iter().flat_map(|(tenant, declared)| {
        declared.environments.iter().map(move |(name, environment)| (tenant.as_str(), name.as_str(), &environment.value))
    });
    let cells = environments.flat_map(|(tenant, name, environment)| {
        let namespace = names.environment(tenant, name);
        environment.clusters.iter().enumerate().map(move |(index, cluster)| CellLoad {
            tenant: tenant.into(),
            environment: name.into(),
            cluster: cluster.as_str().into(),
            namespace: namespace.as_str().into(),
            millirequests_per_second: share(environment, index),
            traffic_sink: environment.traffic_sink.as_str().into(),
            audit_sink: environment.audit_sink.as_str().into(),
        })
    });
    let sinks = spec.clusters.keys().flat_map(|cluster| {
        let seen = |(name, site): (&&str, &super::topology::Site)| Sink {
            cluster: cluster.as_str().into(),
            url: site.url(cluster).into(),
            name: (*name).into(),
        };
        topology.elasticsearch.iter().map(seen).collect::<Vec<_>>()
    });
    Ok(Load { cells: cells.collect(), sinks: sinks.collect() })
}

fn share(environment: &Environment, index: usize) -> u64 {
    let (all, cells) = (u64::from(environment.requests_per_second.value) * 1000, environment.clusters.len().max(1) as u64);
    all / cells + if index == 0 { all % cells } else { 0 }
}
