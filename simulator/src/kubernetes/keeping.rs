//! A cluster as records, so that only what changed is written, and the same cluster comes back.

use super::cluster::Cluster;
use super::key::Key;
use crate::kernel::{Damaged, Record};

const META: &str = "kubernetes.meta";
const OBJECTS: &str = "kubernetes.object";
const WORKLOADS: &str = "kubernetes.workload";
const REVISIONS: &str = "kubernetes.revision";
const PODS: &str = "kubernetes.pod";
const NODES: &str = "kubernetes.node";

impl Cluster {
    /// Append what changed since the last call. Every key begins with the cluster's name and a slash.
    pub fn drain_changes(&mut self, records: &mut Vec<Record>) {
        let prefix = format!("{}/", self.name);
        self.objects.drain_changes(OBJECTS, &prefix, records);
        self.workloads.drain_changes(WORKLOADS, &prefix, records);
        self.revisions.drain_changes(REVISIONS, &prefix, records);
        self.pods.store.drain_changes(PODS, &prefix, records);
        self.nodes.drain_changes(NODES, &prefix, records);
        if std::mem::take(&mut self.meta_changed) {
            records.push(Record { table: META, key: prefix, value: serde_json::to_string(&self.meta).ok() });
        }
    }

    /// Whether `table` is one of a cluster's; the key up to the first slash is then the cluster's name.
    pub fn is_table(table: &str) -> bool {
        matches!(table, META | OBJECTS | WORKLOADS | REVISIONS | PODS | NODES)
    }

    /// A cluster to restore into; [`Cluster::restored`] ends that.
    pub fn to_restore(name: &str) -> Self {
        let mut cluster = Cluster::empty(name);
        cluster.meta_changed = false;
        cluster
    }

    /// Put one kept record back; `key` is without the cluster's name and its slash.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read, or is none of a cluster's.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<(), Damaged> {
        match table {
            OBJECTS => self.objects.restore(table, key, value),
            WORKLOADS => self.workloads.restore(table, key, value),
            REVISIONS => self.revisions.restore(table, key, value),
            PODS => self.pods.store.restore(table, key, value),
            NODES => self.nodes.restore(table, key, value),
            META => {
                self.meta = serde_json::from_str(value).map_err(|source| Damaged {
                    table: table.to_owned(),
                    key: key.to_owned(),
                    source: Some(source),
                })?;
                Ok(())
            }
            _ => Err(Damaged::unknown(table, key)),
        }
    }

    /// All records are back: build what follows from them.
    pub fn restored(&mut self) {
        for (key, revision) in self.revisions.iter() {
            self.revisions_of.entry(revision.owner.clone()).or_default().insert(key.clone());
        }
        let revisions = &self.revisions;
        self.pods.reindex(|pod| revisions.get(&pod.revision).map(|revision| &revision.template));
        let lacking = |(key, pod): (&_, &super::pod::Pod)| pod.is_lacking().then(|| Clone::clone(key));
        self.lacking = self.pods.store.iter().filter_map(lacking).collect();
        let owned = |(key, object): (&Key, &super::object::Object)| object.owners().next().map(|_| key.clone());
        for key in self.objects.iter().filter_map(owned).collect::<Vec<_>>() {
            self.index_owners(&key);
        }
    }
}
