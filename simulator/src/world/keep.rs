//! The world as records, for whoever keeps it between two commands.

use super::World;
use crate::kernel::{Damaged, Record};
use crate::kubernetes::Cluster;

impl World {
    /// What changed since the last call.
    pub fn drain_changes(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        self.kernel.drain_changes(&mut records);
        self.clusters.values_mut().for_each(|cluster| cluster.drain_changes(&mut records));
        self.stores.drain_changes(&mut records);
        self.fleet.drain_changes(&mut records);
        self.ledger.drain_changes(&mut records);
        self.faults.drain_changes(&mut records);
        records
    }

    /// Put one kept record back.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read, or belongs to nothing.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<(), Damaged> {
        if Cluster::is_table(table) {
            let (name, key) = key.split_once('/').ok_or_else(|| Damaged::unknown(table, key))?;
            let cluster = self.clusters.entry(name.into()).or_insert_with(|| Cluster::to_restore(name));
            return cluster.restore(table, key, value);
        }
        let known = self.kernel.restore(table, key, value)?
            || self.stores.restore(table, key, value)?
            || self.fleet.restore(table, key, value)?
            || self.ledger.restore(table, key, value)?
            || self.faults.restore(table, key, value)?;
        if known {
            return Ok(());
        }
        Err(Damaged::unknown(table, key))
    }

    /// All records are back: from now on only what changes is a change.
    pub fn restored(&mut self) {
        self.clusters.values_mut().for_each(Cluster::restored);
        self.fleet.restored();
        self.rewire();
        // What a part of the world holds from its beginning counts as changed, and is there already.
        self.drain_changes();
    }
}
