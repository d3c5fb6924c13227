//! What whoever runs `vamp` needs in each system, and no more: read off the graph, as plain data.
//!
//! It is what `engine/live` asks for: it looks at every kind in every cluster as a whole, reads, writes and takes away what the platform
//! is made of, and keeps lock and journal in MySQL, or in the cluster that runs it, and marks in MySQL. What the spec no longer names is not in its graph: it can be taken
//! away for as long as the rights of the spec before are still there.
//!
//! * `kubernetes`, `vault`, `mysql`, `elasticsearch`: what is needed in one of each.

pub mod elasticsearch;
pub mod kubernetes;
pub mod mysql;
pub mod vault;

#[cfg(test)]
mod tests;

use crate::compile::audit::chains;
use crate::spec::Spec;
use model::connection::{Connection, Endpoint};
use model::{Address, Graph, SecretReference, System};
use std::collections::BTreeSet;

/// What is needed in all systems of a platform.
#[derive(Clone, Debug, PartialEq)]
pub struct Permissions {
    /// The platform.
    pub platform: String,
    /// The user that `vamp` is, in clusters and in MySQL.
    pub user: String,
    /// What roles and policies are called.
    pub name: String,
    /// System by system, in the order of the spec.
    pub systems: Vec<(System, Needs)>,
}

/// What is needed in one system.
#[derive(Clone, Debug, PartialEq)]
pub enum Needs {
    /// In a cluster.
    Kubernetes(kubernetes::Rights),
    /// In Vault.
    Vault(Vec<vault::Rule>),
    /// In MySQL.
    Mysql(Vec<mysql::Grant>),
    /// In an Elasticsearch.
    Elasticsearch(elasticsearch::Rights),
}

/// What everything here is read off.
pub(crate) struct Wanted<'a> {
    pub(crate) platform: &'a str,
    pub(crate) graph: &'a Graph,
    /// Where things were that keep their data through a renaming.
    pub(crate) former: Vec<&'a Address>,
    /// Secrets that documents refer to, or that log in to a system.
    pub(crate) secrets: BTreeSet<SecretReference>,
    /// Stores that the platform runs itself, and the workload of each.
    pub(crate) hosts: Vec<(&'a System, &'a Address)>,
}

impl Wanted<'_> {
    /// Every address in `system`: what is wanted, and what moves from there.
    pub(crate) fn addresses<'b>(&'b self, system: &'b System) -> impl Iterator<Item = &'b Address> {
        let wanted = self.graph.resources().map(|resource| &resource.address);
        wanted.chain(self.former.iter().copied()).filter(move |address| address.system() == *system)
    }

    /// Whether stores of the platform run in `cluster`.
    pub(crate) fn runs_stores(&self, cluster: &System) -> bool {
        self.hosts.iter().any(|(_, workload)| workload.system() == *cluster)
    }

    /// Whether `cluster` keeps the ledger: the one that runs the platform's MySQL does.
    pub(crate) fn keeps_ledger(&self, cluster: &System) -> bool {
        self.hosts.iter().any(|(store, workload)| **store == System::Mysql && workload.system() == *cluster)
    }
}

/// What the user `user`, or one that is called as the roles are, needs for everything that `vamp` does with the platform of `spec`.
/// `moved` are old and new addresses of what is renamed.
pub fn permissions(
    spec: &Spec,
    graph: &Graph,
    connections: &[Connection],
    moved: &[(Address, Address)],
    user: Option<&str>,
) -> Permissions {
    let platform = spec.platform.value.as_str();
    let of_connections =
        connections.iter().flat_map(|one| one.credentials.iter().chain(one.log_in.iter().flat_map(|log_in| log_in.secrets())));
    let secrets = graph.secrets().into_iter().chain(of_connections.cloned()).collect();
    let hosts = connections.iter().filter_map(|connection| match &connection.endpoint {
        Endpoint::InCluster { workload } => Some((&connection.system, workload)),
        _ => None,
    });
    let former = moved.iter().map(|(from, _)| from).collect();
    let wanted = Wanted { platform, graph, former, secrets, hosts: hosts.collect() };
    let needs = |system: &System| match system {
        System::Cluster(name) => Needs::Kubernetes(kubernetes::needs(&wanted, system, name)),
        System::Vault => Needs::Vault(vault::needs(&wanted)),
        System::Mysql => Needs::Mysql(mysql::needs(&wanted)),
        System::Elasticsearch(_) => Needs::Elasticsearch(elasticsearch::needs(&wanted, system, chains(spec))),
    };
    let name = format!("vamp-{platform}");
    Permissions {
        platform: platform.to_owned(),
        user: user.unwrap_or(&name).to_owned(),
        name,
        systems: connections.iter().map(|one| (one.system.clone(), needs(&one.system))).collect(),
    }
}
