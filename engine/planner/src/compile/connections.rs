//! Where each system of the platform is, for whoever connects to it.

use super::compiler::Compiler;
use super::stores::{default_secret, elasticsearch, mysql, vault};
use super::topology::{Location, Site};
use crate::spec::types::{Cluster, KubernetesConnection, Storage, VaultStorage};
use model::connection::{Capacity, Connection, Endpoint};
use model::secret::SecretReference;
use model::source::{Located, Place};
use model::system::System;

/// One connection a system: the clusters, Vault, MySQL, each Elasticsearch.
pub(crate) fn connections(compiler: &Compiler) -> Vec<Connection> {
    let clusters = compiler.spec.clusters.iter().map(|(name, declared)| cluster(name, &declared.value));
    clusters.chain([vault_connection(compiler), mysql_connection(compiler)]).chain(elasticsearches(compiler)).collect()
}

fn cluster(name: &str, cluster: &Cluster) -> Connection {
    let endpoint = match &cluster.kubernetes.value {
        KubernetesConnection::Embedded => Endpoint::Embedded,
        KubernetesConnection::Context { context, kubeconfig } => {
            Endpoint::KubeconfigContext { context: context.clone(), kubeconfig: kubeconfig.clone() }
        }
    };
    let nodes = &cluster.nodes;
    let capacity = Capacity {
        nodes: nodes.count.value,
        milli_cpu: nodes.milli_cpu.value,
        memory_bytes: nodes.memory_bytes.value,
        zones: nodes.zones.value,
        durable: true,
        in_mysql: false,
    };
    Connection { place: cluster.kubernetes.place, capacity, ..Connection::new(System::Cluster(name.into()), endpoint) }
}

fn vault_connection(compiler: &Compiler) -> Connection {
    let declared = &compiler.spec.dependencies.vault;
    let site = &compiler.topology.vault;
    let in_memory = declared.storage.value == VaultStorage::Memory && site.workload.is_some();
    let kept = home_of(compiler, site).filter(|_| in_memory).map(|home| vault::token(&home));
    let credentials = credentials(declared.credentials.as_ref(), kept);
    let storage = declared.storage.value;
    let (durable, in_mysql) = (storage != VaultStorage::Memory, storage == VaultStorage::Mysql);
    let capacity = Capacity { nodes: 1, durable, in_mysql, ..Capacity::default() };
    let connection = server(System::Vault, site, credentials, declared.certificate_authority.as_ref());
    Connection { log_in: declared.log_in.clone(), place: declared.placement.place, capacity, ..connection }
}

fn mysql_connection(compiler: &Compiler) -> Connection {
    let declared = &compiler.spec.dependencies.mysql;
    let site = &compiler.topology.mysql;
    let kept = home_of(compiler, site).map(|home| mysql::root_password(&home));
    let credentials = credentials(declared.credentials.as_ref(), kept);
    let capacity = Capacity { nodes: 1, durable: declared.storage.value == Storage::Durable, ..Capacity::default() };
    let connection = server(System::Mysql, site, credentials, declared.certificate_authority.as_ref());
    Connection { place: declared.placement.place, capacity, ..connection }
}

fn elasticsearches(compiler: &Compiler) -> impl Iterator<Item = Connection> {
    compiler.spec.dependencies.elasticsearch.iter().filter_map(|(name, declared)| {
        let site = compiler.topology.elasticsearch.get(name.as_str())?;
        let kept = home_of(compiler, site).map(|home| elasticsearch::password(&home, &site.service));
        let credentials = credentials(declared.credentials.as_ref(), kept);
        let durable = declared.storage.value == Storage::Durable;
        let capacity = Capacity { nodes: declared.nodes.value, durable, ..Capacity::default() };
        let system = System::Elasticsearch(name.as_str().into());
        let connection = server(system, site, credentials, declared.certificate_authority.as_ref());
        Some(Connection { place: declared.placement.place, capacity, ..connection })
    })
}

fn home_of(compiler: &Compiler, site: &Site) -> Option<super::kubernetes::Home> {
    match &site.location {
        Location::Inside { cluster, .. } => Some(super::management::home(compiler, cluster, Place::NOWHERE)),
        Location::Outside(_) => None,
    }
}

/// What the spec gives, otherwise what the platform keeps for a store of its own.
fn credentials(given: Option<&Located<SecretReference>>, kept: Option<SecretReference>) -> Option<SecretReference> {
    match kept {
        Some(kept) => Some(default_secret(given, kept)),
        None => given.map(|given| given.value.clone()),
    }
}

fn server(system: System, site: &Site, credentials: Option<SecretReference>, authority: Option<&Located<String>>) -> Connection {
    let endpoint = match (&site.location, &site.workload) {
        (Location::Outside(Some(address)), _) => Endpoint::Server(address.clone()),
        (_, Some(workload)) => Endpoint::InCluster { workload: workload.clone() },
        (_, None) => Endpoint::Embedded,
    };
    let certificate_authority = authority.map(|file| file.value.clone());
    Connection { credentials, certificate_authority, ..Connection::new(system, endpoint) }
}
