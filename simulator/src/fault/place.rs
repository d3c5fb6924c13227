//! Places, as far as the network between them goes. A place holds others: a region its clusters and stores, a cluster its nodes.

use super::target::NoTarget;
use model::value::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An end of a way through the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Everything in a region.
    Region(Text),
    /// A cluster: its control plane, its nodes, its load balancers, and what runs there.
    Cluster(Text),
    /// The control plane of a cluster.
    ControlPlane(Text),
    /// All nodes of a zone of a cluster.
    Zone(Text, Text),
    /// A node of a cluster.
    Node(Text, Text),
    /// The load balancers in front of a cluster.
    LoadBalancers(Text),
    /// Vault.
    Vault,
    /// MySQL.
    Mysql,
    /// An Elasticsearch.
    Elasticsearch(Text),
    /// Where the engine runs: beside the management of the platform, outside of every cluster.
    Engine,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Region(name) => write!(f, "region {name}"),
            Place::Cluster(name) => write!(f, "cluster {name}"),
            Place::ControlPlane(name) => write!(f, "control-plane {name}"),
            Place::Zone(cluster, zone) => write!(f, "zone {cluster}/{zone}"),
            Place::Node(cluster, node) => write!(f, "node {cluster}/{node}"),
            Place::LoadBalancers(name) => write!(f, "load-balancers {name}"),
            Place::Vault => f.write_str("vault"),
            Place::Mysql => f.write_str("mysql"),
            Place::Elasticsearch(name) => write!(f, "elasticsearch {name}"),
            Place::Engine => f.write_str("engine"),
        }
    }
}

impl FromStr for Place {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        let wrong = || NoTarget(text.to_owned());
        let (word, name) = text.split_once(' ').map_or((text, None), |(word, name)| (word, Some(name)));
        let one = || name.filter(|name| !name.is_empty() && !name.contains(['/', ' '])).map(Text::from).ok_or_else(wrong);
        let two = || {
            let (first, second) = name.and_then(|name| name.split_once('/')).ok_or_else(wrong)?;
            let fine = |part: &str| !part.is_empty() && !part.contains(['/', ' ']);
            if fine(first) && fine(second) { Ok((Text::from(first), Text::from(second))) } else { Err(wrong()) }
        };
        match (word, name) {
            ("region", _) => one().map(Place::Region),
            ("cluster", _) => one().map(Place::Cluster),
            ("control-plane", _) => one().map(Place::ControlPlane),
            ("zone", _) => two().map(|(cluster, zone)| Place::Zone(cluster, zone)),
            ("node", _) => two().map(|(cluster, node)| Place::Node(cluster, node)),
            ("load-balancers", _) => one().map(Place::LoadBalancers),
            ("vault", None) => Ok(Place::Vault),
            ("mysql", None) => Ok(Place::Mysql),
            ("elasticsearch", _) => one().map(Place::Elasticsearch),
            ("engine", None) => Ok(Place::Engine),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
