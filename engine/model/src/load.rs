//! What is declared of a platform's traffic: how many requests reach each cell, and where documents of it go.

use crate::value::Text;
use serde::{Deserialize, Serialize};

/// The declared load of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// One for each cell.
    pub cells: Vec<CellLoad>,
    /// Where each Elasticsearch is, as seen from each cluster.
    pub sinks: Vec<Sink>,
}

/// The declared load of one environment on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CellLoad {
    /// Tenant.
    pub tenant: Text,
    /// Environment of the tenant.
    pub environment: Text,
    /// Cluster.
    pub cluster: Text,
    /// Namespace of the environment.
    pub namespace: Text,
    /// Its share of the environment's requests, in thousandths of a request per second.
    pub millirequests_per_second: u64,
    /// The Elasticsearch that is to hold metadata of its traffic.
    pub traffic_sink: Text,
    /// The Elasticsearch that is to hold its audit log.
    pub audit_sink: Text,
}

/// An Elasticsearch, as seen from a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sink {
    /// The cluster that it is seen from.
    pub cluster: Text,
    /// Its URL there.
    pub url: Text,
    /// Its name.
    pub name: Text,
}
