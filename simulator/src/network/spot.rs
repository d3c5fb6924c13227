//! An end of a conversation.

use model::System;
use model::value::Text;

/// Where somebody is who asks or answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// On a node.
    Node {
        /// Its cluster.
        cluster: Text,
        /// Its zone.
        zone: Text,
        /// Its name.
        node: Text,
    },
    /// The control plane of a cluster.
    ControlPlane(Text),
    /// Somewhere on the nodes of a cluster.
    Inside(Text),
    /// The load balancers in front of a cluster.
    LoadBalancers(Text),
    /// Vault.
    Vault,
    /// MySQL.
    Mysql,
    /// An Elasticsearch.
    Elasticsearch(Text),
    /// Where the engine runs.
    Engine,
}

impl Spot {
    /// Where requests to a system go.
    pub fn of(system: &System) -> Self {
        match system {
            System::Cluster(name) => Spot::ControlPlane(name.clone()),
            System::Vault => Spot::Vault,
            System::Mysql => Spot::Mysql,
            System::Elasticsearch(name) => Spot::Elasticsearch(name.clone()),
        }
    }
}
