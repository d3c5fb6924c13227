//! Runs with their journal, where they acted, and who holds the lock.

use super::Database;
use crate::error::EmbeddedError;
use model::Timestamp;
use model::connection::Connection;
use model::outcome::JournalEntry;
use port::{Account, Holder, RunSummary};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// SQLite's integers have a sign.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &SqliteRow, column: usize) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

/// The setting that holds the systems that `platform` was applied to.
fn connections_of(platform: &str) -> String {
    format!("connections of {platform}")
}

/// The setting that holds the account of what runs made.
const ACCOUNT: &str = "account";

impl Database {
    /// Open a run; gives back its number.
    pub(crate) async fn open_run(&mut self, holder: &Holder, started: Timestamp) -> Result<u64, EmbeddedError> {
        let text = serde_json::to_string(holder).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
        let insert = "INSERT INTO runs (holder, started) VALUES (?1, ?2) RETURNING run";
        let insert = sqlx::query(insert).bind(text).bind(number(started.0));
        let row = insert.fetch_one(&mut self.connection).await.map_err(|source| self.failed(source))?;
        unsigned(&row, 0).map_err(|source| self.failed(source))
    }

    /// Write down who holds the lock, or that nobody does.
    pub(crate) async fn set_holder(&mut self, holder: Option<&Holder>) -> Result<(), EmbeddedError> {
        let Some(holder) = holder else { return self.run("DELETE FROM lock").await };
        let text = serde_json::to_string(holder).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
        let insert = sqlx::query("INSERT OR REPLACE INTO lock (one, holder) VALUES (1, ?1)").bind(text);
        insert.execute(&mut self.connection).await.map_err(|source| self.failed(source))?;
        Ok(())
    }

    /// Who holds the lock, or held it last and died.
    pub(crate) async fn holder(&mut self) -> Result<Option<Holder>, EmbeddedError> {
        let query = sqlx::query("SELECT holder FROM lock");
        let row = query.fetch_optional(&mut self.connection).await.map_err(|source| self.failed(source))?;
        let Some(row) = row else { return Ok(None) };
        let text: &str = row.try_get(0).map_err(|source| self.failed(source))?;
        serde_json::from_str(text).map(Some).map_err(|source| EmbeddedError::damaged(&self.path, source))
    }

    /// The systems that a platform was applied to.
    pub(crate) async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, EmbeddedError> {
        let Some(text) = self.setting(&connections_of(platform)).await? else { return Ok(Vec::new()) };
        serde_json::from_str(&text).map_err(|source| EmbeddedError::damaged(&self.path, source))
    }

    /// Change which systems a platform was applied to.
    pub(crate) async fn set_connections(&mut self, platform: &str, all: &[Connection]) -> Result<(), EmbeddedError> {
        let text = serde_json::to_string(all).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
        self.set_setting(&connections_of(platform), &text).await
    }

    /// The account that was kept last; an empty one if it cannot be read.
    pub(crate) async fn account(&mut self) -> Result<Account, EmbeddedError> {
        let text = self.setting(ACCOUNT).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Keep an account instead.
    pub(crate) async fn set_account(&mut self, account: &Account) -> Result<(), EmbeddedError> {
        let text = serde_json::to_string(account).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
        self.set_setting(ACCOUNT, &text).await
    }

    /// The latest runs, newest first.
    pub(crate) async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, EmbeddedError> {
        self.summaries(0, limit).await
    }

    /// The runs after one, oldest first.
    pub(crate) async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, EmbeddedError> {
        let mut runs = self.summaries(run, u32::MAX).await?;
        runs.reverse();
        Ok(runs)
    }

    /// So many of the latest runs after one, newest first.
    async fn summaries(&mut self, after: u64, limit: u32) -> Result<Vec<RunSummary>, EmbeddedError> {
        let select = "SELECT run, holder, started, verdict, steps, done, failed, ended FROM runs WHERE run > ?1 \
                      ORDER BY run DESC LIMIT ?2";
        let query = sqlx::query(select).bind(number(after)).bind(limit);
        let rows = query.fetch_all(&mut self.connection).await.map_err(|source| self.failed(source))?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    fn summary(&self, row: &SqliteRow) -> Result<RunSummary, EmbeddedError> {
        let failed = |source| self.failed(source);
        let damaged = |source: serde_json::Error| EmbeddedError::damaged(&self.path, source);
        let started = Timestamp(unsigned(row, 2).map_err(failed)?);
        let verdict: Option<&str> = row.try_get(3).map_err(failed)?;
        let ended: Option<i64> = row.try_get(7).map_err(failed)?;
        Ok(RunSummary {
            run: unsigned(row, 0).map_err(failed)?,
            holder: serde_json::from_str(row.try_get(1).map_err(failed)?).map_err(damaged)?,
            started,
            verdict: verdict.map(serde_json::from_str).transpose().map_err(damaged)?,
            steps: unsigned(row, 4).map_err(failed)?,
            done: unsigned(row, 5).map_err(failed)?,
            failed: unsigned(row, 6).map_err(failed)?,
            took: ended.and_then(|ended| u64::try_from(ended).ok()).map(|ended| Timestamp(ended).since(started)),
        })
    }

    /// The journal of one run, in order.
    pub(crate) async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, EmbeddedError> {
        let query = sqlx::query("SELECT entries FROM journal WHERE run = ?1 ORDER BY sequence").bind(number(run));
        let rows = query.fetch_all(&mut self.connection).await.map_err(|source| self.failed(source))?;
        let mut journal = Vec::new();
        for row in rows {
            let text: &str = row.try_get(0).map_err(|source| self.failed(source))?;
            let entries: Vec<JournalEntry> =
                serde_json::from_str(text).map_err(|source| EmbeddedError::damaged(&self.path, source))?;
            journal.extend(entries);
        }
        Ok(journal)
    }
}
