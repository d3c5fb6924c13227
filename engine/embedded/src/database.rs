//! The SQLite file: the world as records, the runs with their journal, and who holds the lock.

mod open;
mod runs;
mod transaction;

pub(crate) use transaction::Transaction;

use crate::error::EmbeddedError;
use simulator::world::World;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Executor, Row};
use std::path::{Path, PathBuf};

/// An open file.
#[derive(Debug)]
pub(crate) struct Database {
    connection: SqliteConnection,
    path: PathBuf,
    /// SQLite's count of commits by others, as of the last load.
    version: i64,
    /// A commit failed.
    is_behind: bool,
}

/// Some records in one row, each as `LENGTH:LENGTH:LENGTH:TABLEKEYVALUE` with lengths in bytes: a row for each record would cost a
/// hand-over between two threads each, and one for all of them the memory of all.
const LOAD: &str = "SELECT max(id), group_concat(length(CAST(tbl AS BLOB)) || ':' || length(CAST(key AS BLOB)) || ':' || \
                    length(CAST(value AS BLOB)) || ':' || tbl || key || value, '') \
                    FROM (SELECT rowid AS id, tbl, key, value FROM records WHERE rowid > ?1 ORDER BY rowid LIMIT 256)";

impl Database {
    fn failed(&self, source: sqlx::Error) -> EmbeddedError {
        EmbeddedError::sql(&self.path, source)
    }

    /// The file's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Close the file, so that nothing is left beside it.
    pub(crate) async fn close(self) -> Result<(), EmbeddedError> {
        let path = self.path;
        self.connection.close().await.map_err(|source| EmbeddedError::sql(&path, source))
    }

    /// The world as it was last kept.
    pub(crate) async fn load(&mut self, seed: u64) -> Result<World, EmbeddedError> {
        self.version = self.data_version().await?;
        // One transaction: what others commit meanwhile is seen whole or not at all.
        self.run("BEGIN").await?;
        let world = self.read_world(seed).await;
        self.run("COMMIT").await?;
        world
    }

    async fn read_world(&mut self, seed: u64) -> Result<World, EmbeddedError> {
        let mut world = World::new(seed);
        let mut last = 0;
        loop {
            let row = sqlx::query(LOAD).bind(last).fetch_one(&mut self.connection).await.map_err(|source| self.failed(source))?;
            let read: Option<i64> = row.try_get(0).map_err(|source| self.failed(source))?;
            let Some(read) = read else { break };
            let records: &str = row.try_get(1).map_err(|source| self.failed(source))?;
            restore(&mut world, records).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
            last = read;
        }
        if !world.is_new() {
            world.restored();
        }
        Ok(world)
    }

    async fn data_version(&mut self) -> Result<i64, EmbeddedError> {
        let row = self.connection.fetch_one("PRAGMA data_version").await.map_err(|source| self.failed(source))?;
        row.try_get(0).map_err(|source| self.failed(source))
    }

    /// Whether another process has written since the world was loaded.
    pub(crate) async fn is_outdated(&mut self) -> Result<bool, EmbeddedError> {
        Ok(self.data_version().await? != self.version)
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), EmbeddedError> {
        self.connection.execute(statement).await.map_err(|source| self.failed(source))?;
        Ok(())
    }

    /// One value of the file's own settings.
    pub(crate) async fn setting(&mut self, key: &str) -> Result<Option<String>, EmbeddedError> {
        let query = sqlx::query("SELECT value FROM meta WHERE key = ?1").bind(key.to_owned());
        let row = query.fetch_optional(&mut self.connection).await.map_err(|source| self.failed(source))?;
        row.map(|row| row.try_get(0).map_err(|source| self.failed(source))).transpose()
    }

    /// Change one value of the file's own settings.
    pub(crate) async fn set_setting(&mut self, key: &str, value: &str) -> Result<(), EmbeddedError> {
        let query =
            sqlx::query("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)").bind(key.to_owned()).bind(value.to_owned());
        query.execute(&mut self.connection).await.map_err(|source| self.failed(source))?;
        Ok(())
    }
}

/// Put records back.
fn restore(world: &mut World, mut records: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    while !records.is_empty() {
        let ([table, key, value], rest) = split_record(records).ok_or("its records cannot be told apart")?;
        world.restore(table, key, value)?;
        records = rest;
    }
    Ok(())
}

/// The first record of what [`LOAD`] gives, and the rest.
fn split_record(text: &str) -> Option<([&str; 3], &str)> {
    let (table_length, text) = text.split_once(':')?;
    let (key_length, text) = text.split_once(':')?;
    let (value_length, text) = text.split_once(':')?;
    let (table, text) = text.split_at_checked(table_length.parse().ok()?)?;
    let (key, text) = text.split_at_checked(key_length.parse().ok()?)?;
    let (value, text) = text.split_at_checked(value_length.parse().ok()?)?;
    Some(([table, key, value], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_apart_by_their_lengths() {
        assert_eq!(split_record("1:3:4:tä:12:31:1:1:tkv"), Some((["t", "ä:", "12:3"], "1:1:1:tkv")));
        assert_eq!(split_record("1:1:1:tkv"), Some((["t", "k", "v"], "")));
        for damaged in ["", "1", "1:1:", "1:1:9:tkv", "x:1:1:tkv", "1:1:1:tä"] {
            assert_eq!(split_record(damaged), None, "{damaged}");
        }
    }
}
