//! What can break, and be made whole again.

use super::{Event, World};
use crate::agents::Change;
use crate::elasticsearch::Health;
use crate::kernel::{EventId, Priority};
use crate::kubernetes::NodeFault;
use model::value::Text;
use model::{System, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What breaks, or is made whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// A node: its kubelet and its containers stop.
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
    /// A whole cluster: its API does not answer, and all its nodes stop.
    Cluster(Text),
    /// The API of a cluster does not answer; what runs there goes on.
    Api(Text),
    /// Vault does not answer.
    Vault,
    /// MySQL does not answer.
    Mysql,
    /// An Elasticsearch does not answer.
    Elasticsearch(Text),
}

/// A fault that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The words name nothing that can break.
    #[error(
        "{0:?} is nothing that can fail; it is one of node CLUSTER/NODE, zone CLUSTER/ZONE, cluster NAME, api NAME, vault, mysql, elasticsearch NAME"
    )]
    Words(String),
    /// This world has no such thing.
    #[error("there is no {0} in this world")]
    Missing(String),
}

impl Target {
    /// What `word` and `name` mean: `node eu-1/node-1`, `zone eu-1/zone-1`, `cluster eu-1`, `api eu-1`, `vault`, `mysql`, `elasticsearch central`.
    ///
    /// # Errors
    /// [`FaultError::Words`] if they mean nothing.
    pub fn parse(word: &str, name: Option<&str>) -> Result<Self, FaultError> {
        let wrong = || FaultError::Words(name.map_or_else(|| word.to_owned(), |name| format!("{word} {name}")));
        let pair = || {
            let (cluster, part) = name.and_then(|name| name.split_once('/')).ok_or_else(wrong)?;
            Ok((Text::from(cluster), Text::from(part)))
        };
        match (word, name) {
            ("node", _) => pair().map(|(cluster, node)| Target::Node { cluster, node }),
            ("zone", _) => pair().map(|(cluster, zone)| Target::Zone { cluster, zone }),
            ("cluster", Some(name)) => Ok(Target::Cluster(name.into())),
            ("api", Some(name)) => Ok(Target::Api(name.into())),
            ("vault", None) => Ok(Target::Vault),
            ("mysql", None) => Ok(Target::Mysql),
            ("elasticsearch", Some(name)) => Ok(Target::Elasticsearch(name.into())),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Node { cluster, node } => write!(f, "node {cluster}/{node}"),
            Target::Zone { cluster, zone } => write!(f, "zone {cluster}/{zone}"),
            Target::Cluster(name) => write!(f, "cluster {name}"),
            Target::Api(name) => write!(f, "api {name}"),
            Target::Vault => f.write_str("vault"),
            Target::Mysql => f.write_str("mysql"),
            Target::Elasticsearch(name) => write!(f, "elasticsearch {name}"),
        }
    }
}

fn describe(target: &Target, broken: bool) -> String {
    format!("{} {target}", if broken { "fail" } else { "heal" })
}

impl World {
    /// Let `target` break now.
    ///
    /// # Errors
    /// [`FaultError::Missing`] if it is not there.
    pub fn fail(&mut self, target: &Target) -> Result<(), FaultError> {
        self.set_broken(target, true)
    }

    /// Make `target` whole now.
    ///
    /// # Errors
    /// [`FaultError::Missing`] if it is not there.
    pub fn heal(&mut self, target: &Target) -> Result<(), FaultError> {
        self.set_broken(target, false)
    }

    /// Let `event` happen at `at`.
    pub fn schedule(&mut self, at: Timestamp, event: Event) -> EventId {
        self.kernel.schedule_at(at, Priority::FAULT, event)
    }

    fn set_broken(&mut self, target: &Target, broken: bool) -> Result<(), FaultError> {
        let missing = || FaultError::Missing(target.to_string());
        self.catch_up();
        let system = match target {
            Target::Vault => System::Vault,
            Target::Mysql => System::Mysql,
            Target::Elasticsearch(name) => System::Elasticsearch(name.clone()),
            Target::Node { cluster, .. } | Target::Zone { cluster, .. } | Target::Cluster(cluster) | Target::Api(cluster) => {
                self.break_in_cluster(cluster, target, broken).ok_or_else(missing)?;
                self.kernel.note(&describe(target, broken));
                self.look_at_hosts();
                self.ledger.touch_all();
                self.settle_traffic();
                return Ok(());
            }
        };
        self.stores.host(&system).ok_or_else(missing)?;
        match &system {
            System::Vault => self.stores.vault.change(|state| state.unavailable = broken),
            System::Mysql => self.stores.mysql.change(|state| state.unavailable = broken),
            System::Elasticsearch(name) => {
                if let Some(server) = self.stores.elasticsearch.get_mut(name) {
                    server.change(|state| {
                        state.unavailable = broken;
                        if !broken {
                            (state.health, state.read_only) = (Health::Green, false);
                        }
                    });
                }
            }
            System::Cluster(_) => {}
        }
        self.stores.settle();
        self.kernel.note(&describe(target, broken));
        self.stores_changed(Some(Change::Anything));
        self.ledger.touch_all();
        self.settle_traffic();
        Ok(())
    }

    /// Nothing if the cluster, or the part of it, is not there. What is broken already stays so.
    fn break_in_cluster(&mut self, name: &str, target: &Target, broken: bool) -> Option<()> {
        let cluster = self.clusters.get(name)?;
        let known = match target {
            Target::Node { node, .. } => cluster.faults().any(|(name, _)| name == node.as_str()),
            Target::Zone { zone, .. } => cluster.nodes().map_or(true, |nodes| nodes.iter().any(|node| node.zone == *zone)),
            _ => true,
        };
        if !known {
            return None;
        }
        self.in_cluster(name, |cluster, context| match (target, broken) {
            (Target::Node { node, .. }, true) => cluster.fail_node(node, NodeFault::Dead, context),
            (Target::Node { node, .. }, false) => cluster.heal_node(node, context),
            (Target::Zone { zone, .. }, true) => cluster.fail_zone(zone, context),
            (Target::Zone { zone, .. }, false) => cluster.heal_zone(zone, context),
            (Target::Cluster(_), true) => cluster.fail_all(context),
            (Target::Cluster(_), false) => cluster.heal_all(context),
            (_, true) => cluster.fail_api(),
            (_, false) => cluster.heal_api(context),
        })?;
        Some(())
    }

    /// Seal Vault.
    ///
    /// # Errors
    /// [`FaultError::Missing`] if there is none.
    pub fn seal(&mut self) -> Result<(), FaultError> {
        self.set_sealed(true)
    }

    /// Unseal Vault.
    ///
    /// # Errors
    /// [`FaultError::Missing`] if there is none.
    pub fn unseal(&mut self) -> Result<(), FaultError> {
        self.set_sealed(false)
    }

    fn set_sealed(&mut self, sealed: bool) -> Result<(), FaultError> {
        self.stores.host(&System::Vault).ok_or_else(|| FaultError::Missing(Target::Vault.to_string()))?;
        self.catch_up();
        self.stores.vault.change(|state| state.sealed = sealed);
        self.kernel.note(if sealed { "seal vault" } else { "unseal vault" });
        self.stores_changed(Some(Change::Anything));
        Ok(())
    }
}
