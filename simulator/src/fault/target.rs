//! What a fault happens to, written as people write it: `node eu-1/node-1`, `from region eu to vault`.

use super::place::Place;
use model::value::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// What a fault happens to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// One pod of a workload: pods have random names, so it is the `nth` (from 0) of those that are there at that moment and are not
    /// asked to go, the oldest first; numbers that are too high begin anew.
    Pod {
        /// The cluster.
        cluster: Text,
        /// The namespace.
        namespace: Text,
        /// Name of the Deployment or StatefulSet.
        workload: Text,
        /// Which of its pods.
        nth: u32,
    },
    /// One environment on one cluster: its entry in Vault, the policy that lets its agents read it, and their tokens.
    Cell {
        /// The cluster.
        cluster: Text,
        /// The namespace.
        namespace: Text,
    },
    /// What a cell's routes lead to (`HOST:PORT`).
    Backend {
        /// The cluster.
        cluster: Text,
        /// The namespace.
        namespace: Text,
        /// `HOST:PORT`, as it stands in the configuration.
        backend: Text,
    },
    /// A node.
    Node {
        /// Its cluster.
        cluster: Text,
        /// Its name.
        node: Text,
    },
    /// All nodes of a zone.
    Zone {
        /// Its cluster.
        cluster: Text,
        /// Its name.
        zone: Text,
    },
    /// A cluster.
    Cluster(Text),
    /// A region: its clusters, and the stores in it.
    Region(Text),
    /// Vault.
    Vault,
    /// MySQL.
    Mysql,
    /// An Elasticsearch.
    Elasticsearch(Text),
    /// The way between two places.
    Way {
        /// Where requests come from, for what goes one way.
        from: Place,
        /// Where they go.
        to: Place,
    },
    /// One of those who run the engine, by number.
    Engine(u32),
}

/// What kind of thing a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named like the variants of Target, which say it")]
pub enum TargetKind {
    Pod,
    Cell,
    Backend,
    Node,
    Zone,
    Cluster,
    Region,
    Vault,
    Mysql,
    Elasticsearch,
    Way,
    Engine,
}

/// Words that name nothing that can break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names nothing that can break")]
pub struct NoTarget(pub String);

impl TargetKind {
    /// How a target of this kind is written.
    pub const fn form(self) -> &'static str {
        match self {
            TargetKind::Pod => "pod CLUSTER/NAMESPACE/WORKLOAD/N",
            TargetKind::Cell => "cell CLUSTER/NAMESPACE",
            TargetKind::Backend => "backend CLUSTER/NAMESPACE/HOST:PORT",
            TargetKind::Node => "node CLUSTER/NODE",
            TargetKind::Zone => "zone CLUSTER/ZONE",
            TargetKind::Cluster => "cluster NAME",
            TargetKind::Region => "region NAME",
            TargetKind::Vault => "vault",
            TargetKind::Mysql => "mysql",
            TargetKind::Elasticsearch => "elasticsearch NAME",
            TargetKind::Way => "from PLACE to PLACE",
            TargetKind::Engine => "engine N",
        }
    }
}

impl Target {
    /// What kind of thing it is.
    pub fn kind(&self) -> TargetKind {
        match self {
            Target::Pod { .. } => TargetKind::Pod,
            Target::Cell { .. } => TargetKind::Cell,
            Target::Backend { .. } => TargetKind::Backend,
            Target::Node { .. } => TargetKind::Node,
            Target::Zone { .. } => TargetKind::Zone,
            Target::Cluster(_) => TargetKind::Cluster,
            Target::Region(_) => TargetKind::Region,
            Target::Vault => TargetKind::Vault,
            Target::Mysql => TargetKind::Mysql,
            Target::Elasticsearch(_) => TargetKind::Elasticsearch,
            Target::Way { .. } => TargetKind::Way,
            Target::Engine(_) => TargetKind::Engine,
        }
    }

    /// The cluster that it lies in, or is.
    pub fn cluster(&self) -> Option<&Text> {
        match self {
            Target::Pod { cluster, .. }
            | Target::Cell { cluster, .. }
            | Target::Backend { cluster, .. }
            | Target::Node { cluster, .. }
            | Target::Zone { cluster, .. }
            | Target::Cluster(cluster) => Some(cluster),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Pod { cluster, namespace, workload, nth } => write!(f, "pod {cluster}/{namespace}/{workload}/{nth}"),
            Target::Cell { cluster, namespace } => write!(f, "cell {cluster}/{namespace}"),
            Target::Backend { cluster, namespace, backend } => write!(f, "backend {cluster}/{namespace}/{backend}"),
            Target::Node { cluster, node } => write!(f, "node {cluster}/{node}"),
            Target::Zone { cluster, zone } => write!(f, "zone {cluster}/{zone}"),
            Target::Cluster(name) => write!(f, "cluster {name}"),
            Target::Region(name) => write!(f, "region {name}"),
            Target::Vault => f.write_str("vault"),
            Target::Mysql => f.write_str("mysql"),
            Target::Elasticsearch(name) => write!(f, "elasticsearch {name}"),
            Target::Way { from, to } => write!(f, "from {from} to {to}"),
            Target::Engine(number) => write!(f, "engine {number}"),
        }
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        let wrong = || NoTarget(text.to_owned());
        let (word, name) = text.split_once(' ').map_or((text, None), |(word, name)| (word, Some(name)));
        if word == "from" {
            let (from, to) = name.and_then(|ways| ways.split_once(" to ")).ok_or_else(wrong)?;
            return Ok(Target::Way { from: from.parse()?, to: to.parse()? });
        }
        let parts: Vec<&str> = name.map(|name| name.split('/').collect()).unwrap_or_default();
        if parts.iter().any(|part| part.is_empty() || part.contains(' ')) {
            return Err(wrong());
        }
        Ok(match (word, parts.as_slice()) {
            ("pod", [cluster, namespace, workload, nth]) => Target::Pod {
                cluster: (*cluster).into(),
                namespace: (*namespace).into(),
                workload: (*workload).into(),
                nth: nth.parse().map_err(|_| wrong())?,
            },
            ("cell", [cluster, namespace]) => Target::Cell { cluster: (*cluster).into(), namespace: (*namespace).into() },
            ("backend", [cluster, namespace, backend]) => {
                Target::Backend { cluster: (*cluster).into(), namespace: (*namespace).into(), backend: (*backend).into() }
            }
            ("node", [cluster, node]) => Target::Node { cluster: (*cluster).into(), node: (*node).into() },
            ("zone", [cluster, zone]) => Target::Zone { cluster: (*cluster).into(), zone: (*zone).into() },
            ("cluster", [name]) => Target::Cluster((*name).into()),
            ("region", [name]) => Target::Region((*name).into()),
            ("vault", []) => Target::Vault,
            ("mysql", []) => Target::Mysql,
            ("elasticsearch", [name]) => Target::Elasticsearch((*name).into()),
            ("engine", [number]) => Target::Engine(number.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        })
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
