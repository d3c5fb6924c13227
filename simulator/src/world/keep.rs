//! The world as records, for whoever keeps it between two commands.

use super::World;
use crate::kernel::{Damaged, Record};

impl World {
    /// What changed since the last call.
    pub fn drain_changes(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        self.kernel.drain_changes(&mut records);
        self.stores.drain_changes(&mut records);
        records
    }

    /// Put one kept record back.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read, or belongs to nothing.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<(), Damaged> {
        if self.kernel.restore(table, key, value)? || self.stores.restore(table, key, value)? {
            return Ok(());
        }
        Err(Damaged::unknown(table, key))
    }
}
