//! Clusters with their nodes and stores outside of clusters are there as soon as a spec names them; the engine does not buy machines.

use super::World;
use crate::kubernetes::Cluster;
use crate::network::Geography;
use crate::vault::Storage;
use model::System;
use model::connection::{Capacity, Connection, Endpoint};
use model::value::Text;

impl World {
    /// Let everything be there that `connections` lead to. What is there already stays as it is; nothing is taken away.
    /// Whether anything was added.
    pub fn furnish(&mut self, connections: &[Connection]) -> bool {
        let mut added = false;
        for connection in connections {
            let fresh = self.furnish_one(connection);
            if fresh {
                self.kernel.note(&format!("furnish {}", connection.system));
            }
            added |= fresh;
        }
        self.stores.settle();
        self.look_at_hosts();
        added
    }

    /// Say what lies in which region, as a spec does. Whether that is a change.
    pub fn locate(&mut self, geography: Geography) -> bool {
        let changed = self.stores.settle_geography(geography);
        if changed {
            self.kernel.note("the places of things are known");
            self.settle_faults();
            self.steady_agents();
        }
        changed
    }

    fn furnish_one(&mut self, connection: &Connection) -> bool {
        let workload = match &connection.endpoint {
            Endpoint::InCluster { workload } => Some(workload.clone()),
            _ => None,
        };
        let system = &connection.system;
        if let System::Cluster(name) = system {
            return self.furnish_cluster(name, &connection.capacity);
        }
        if !self.stores.add(system, workload) {
            return false;
        }
        let durable = connection.capacity.durable;
        match system {
            System::Vault => {
                let storage = match (connection.capacity.in_mysql, durable) {
                    (true, _) => Storage::Mysql,
                    (false, true) => Storage::Raft,
                    (false, false) => Storage::Memory,
                };
                self.stores.vault.change(|state| (state.storage, state.durable) = (storage, durable));
            }
            System::Mysql => self.stores.mysql.change(|state| state.durable = durable),
            System::Elasticsearch(name) => {
                if let Some(server) = self.stores.elasticsearch.get_mut(name) {
                    server.change(|state| state.durable = durable);
                }
            }
            System::Cluster(_) => {}
        }
        true
    }

    /// A cluster that is there gets the nodes that it lacks; a node is never taken away, because what it runs may be somebody's.
    fn furnish_cluster(&mut self, name: &Text, capacity: &Capacity) -> bool {
        let Some(cluster) = self.clusters.get_mut(name) else {
            self.clusters.insert(name.clone(), Cluster::new(name, capacity));
            return true;
        };
        let nodes = cluster.faults().count();
        let lacks = usize::try_from(capacity.nodes).is_ok_and(|wanted| wanted > nodes);
        if lacks {
            cluster.resize(capacity);
        }
        lacks
    }
}
