//! The lock, the journal and the history of a platform, in a schema of `vamp`'s own on the platform's MySQL.
//!
//! The lock is two things. A row says who it is, until when, and carries a number that grows with each holder: whoever writes the journal
//! proves with that number that nobody took over meanwhile, so a holder that was only cut off cannot go on. The holder's connection has a
//! lock of MySQL's own, of that number: it goes with the process, so a dead holder is never waited for, and as each holder has another,
//! one that was taken over and goes later is not taken for the one that took over.
//!
//! A journal that cannot be written is tried again for a while, on a new connection; a batch that was written before its answer was
//! lost is not written twice.

use super::connect::{MysqlServer, is_lost, is_missing};
use super::line::Line;
use crate::journal::{Journal, overtaken, without_lock};
use crate::kubernetes::connect::NotConnected;
use crate::systems::authority;
use crate::traffic::Traffic;
use model::connection::{Connection, Endpoint};
use model::outcome::JournalEntry;
use model::value::Text;
use model::{Address, Place, System, Timestamp};
use port::{Account, Holder, Ledger, LedgerError, PlatformError, RunSummary, SecretSource, Tally};
use sqlx::Row;
use sqlx::mysql::MySqlRow;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a write is tried again, and the pause between two tries.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// Made where they are missing. Times are milliseconds; a batch is one write of the journal.
const TABLES: [&str; 5] = [
    "CREATE DATABASE IF NOT EXISTS vamp CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS vamp.locks (platform VARCHAR(190) PRIMARY KEY, fence BIGINT UNSIGNED NOT NULL, holder TEXT,
        expires BIGINT UNSIGNED NOT NULL) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS vamp.runs (run BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, platform VARCHAR(190) NOT NULL,
        holder TEXT NOT NULL, started BIGINT UNSIGNED NOT NULL, verdict TEXT, steps BIGINT UNSIGNED NOT NULL DEFAULT 0,
        done BIGINT UNSIGNED NOT NULL DEFAULT 0, failed BIGINT UNSIGNED NOT NULL DEFAULT 0, ended BIGINT UNSIGNED,
        KEY of_platform (platform, run)) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS vamp.journal (run BIGINT UNSIGNED, batch BIGINT UNSIGNED, entries LONGTEXT NOT NULL,
        PRIMARY KEY (run, batch)) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS vamp.settings (platform VARCHAR(190), name VARCHAR(190), value LONGTEXT NOT NULL,
        PRIMARY KEY (platform, name)) ENGINE = InnoDB",
];
const CONNECTIONS: &str = "connections";
/// Why no run may begin here.
const CLOSED: &str = "closed";
/// What the names of the parts of an account begin with, and how much of it is one part: a statement may have 16 MiB
/// (`max_allowed_packet` of MariaDB), and an address some hundred bytes.
const ACCOUNT: &str = "account ";
const PART: usize = 20_000;

/// The ledger of one platform.
#[derive(Debug)]
pub struct MysqlLedger {
    server: MysqlServer,
    platform: Text,
    traffic: Traffic,
    line: Option<Line>,
    held: Option<Held>,
}

/// The lock, while it is ours.
#[derive(Clone, Copy, Debug)]
struct Held {
    fence: u64,
    /// How long the row holds after it was last written.
    lease: u64,
    run: u64,
    batch: u64,
}

/// Why a write failed.
enum Trouble {
    Sql(sqlx::Error),
    Platform(PlatformError),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Trouble::Sql(error)
    }
}

/// Why the lock is not ours.
enum NotTaken {
    Sql(sqlx::Error),
    /// Somebody holds it, as it is written down.
    Held(String),
}

impl From<sqlx::Error> for NotTaken {
    fn from(error: sqlx::Error) -> Self {
        NotTaken::Sql(error)
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl MysqlLedger {
    /// The ledger of `platform`; nothing is connected yet, and nothing is made before a run begins.
    pub fn new(server: MysqlServer, platform: &str, traffic: Traffic) -> Self {
        MysqlLedger { server, platform: platform.into(), traffic, line: None, held: None }
    }

    /// The ledger of `platform` in the MySQL that `connection` leads to.
    ///
    /// # Errors
    /// [`NotConnected`] if that is no server that can be reached from here.
    pub fn of(connection: &Connection, platform: &str, secrets: SecretSource, traffic: Traffic) -> Result<Self, NotConnected> {
        let system = &connection.system;
        let address = match &connection.endpoint {
            Endpoint::Server(address) => address,
            // The cluster keeps the ledger of a platform that runs its MySQL itself.
            Endpoint::InCluster { .. } | Endpoint::Embedded | Endpoint::KubeconfigContext { .. } => {
                return Err(NotConnected(format!("{system} has no address")));
            }
        };
        let Some(reference) = connection.credentials.clone() else {
            return Err(NotConnected(format!("{system} ({address}): the spec names no credentials for it")));
        };
        let credentials = Box::new(move || secrets(&reference));
        let authority = authority(connection).map_err(NotConnected)?;
        let server = MysqlServer::new(address, credentials, authority).map_err(|error| NotConnected(error.to_string()))?;
        Ok(MysqlLedger::new(server, platform, traffic))
    }

    async fn line(&mut self) -> Result<&mut Line, PlatformError> {
        let line = match self.line.take().filter(Line::is_whole) {
            Some(line) => line,
            None => {
                let mut line = Line::new(self.server.connect().await?, self.server.server(), self.traffic.clone());
                if let Some(held) = self.held {
                    // A holder that was cut off takes MySQL's own lock up again; whether it still is the holder the fence tells.
                    let lock = sqlx::query("SELECT GET_LOCK(?, 0)").bind(lock_name(&self.platform, held.fence));
                    drop(line.row(lock).await);
                }
                line
            }
        };
        Ok(self.line.insert(line))
    }

    fn told(&self, trouble: Trouble) -> PlatformError {
        match trouble {
            Trouble::Sql(error) => self.server.failed(error),
            Trouble::Platform(error) => error,
        }
    }

    fn damaged(&self, what: &str, error: serde_json::Error) -> PlatformError {
        let message = format!("{}: {what} in the schema `vamp` cannot be read", self.server);
        PlatformError {
            message,
            help: Some("use the vamp that wrote it, or a later one".to_owned()),
            source: Some(Box::new(error)),
        }
    }

    async fn make_tables(&mut self) -> Result<(), PlatformError> {
        for statement in TABLES {
            let made = self.line().await?.say(statement).await;
            made.map_err(|error| self.server.failed(error))?;
        }
        Ok(())
    }

    /// Take the lock.
    async fn take(&mut self, holder: &Holder) -> Result<(), LedgerError> {
        self.make_tables().await?;
        let platform = self.platform.clone();
        let lease = holder.expires.since(holder.since).0;
        let line = self.line().await?;
        match take(line, &platform, holder, lease).await {
            Ok(fence) => {
                self.held = Some(Held { fence, lease, run: 0, batch: 0 });
                Ok(())
            }
            Err(NotTaken::Held(text)) => {
                self.line = None;
                let present = serde_json::from_str(&text).map_err(|error| self.damaged("the holder of the lock", error))?;
                Err(LedgerError::Held(Box::new(present)))
            }
            Err(NotTaken::Sql(error)) => {
                self.line = None;
                Err(self.server.failed(error).into())
            }
        }
    }

    fn held(&self) -> Result<Held, PlatformError> {
        self.held.ok_or_else(without_lock)
    }

    async fn write(&mut self, held: Held, entries: &[JournalEntry]) -> Result<(), Trouble> {
        let platform = self.platform.clone();
        let line = self.line().await.map_err(Trouble::Platform)?;
        line.at_once(async |line| write(line, &platform, held, entries).await).await
    }

    async fn known(&mut self, platform: &str) -> Result<Vec<Connection>, PlatformError> {
        let select = sqlx::query("SELECT value FROM vamp.settings WHERE platform = ? AND name = ?");
        let row = self.line().await?.row(select.bind(platform).bind(CONNECTIONS)).await;
        let text = match row {
            Ok(None) => return Ok(Vec::new()),
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            row => row.and_then(|row| row.map(|row| row.try_get::<String, _>(0)).transpose()),
        };
        let text = text.map_err(|error| self.server.failed(error))?.unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| self.damaged("where the platform was applied to", error))
    }

    async fn keep(&mut self, platform: &str, all: &[Connection]) -> Result<(), PlatformError> {
        let replace = sqlx::query("REPLACE INTO vamp.settings (platform, name, value) VALUES (?, ?, ?)");
        let replace = replace.bind(platform).bind(CONNECTIONS).bind(json(all));
        let replaced = self.line().await?.run(replace).await;
        replaced.map(drop).map_err(|error| self.server.failed(error))
    }

    /// So many of the latest runs after one, newest first.
    async fn summaries(&mut self, after: u64, limit: u32) -> Result<Vec<RunSummary>, PlatformError> {
        let platform = self.platform.clone();
        let select = "SELECT run, holder, started, verdict, steps, done, failed, ended FROM vamp.runs \
                      WHERE platform = ? AND run > ? ORDER BY run DESC LIMIT ?";
        let select = sqlx::query(select).bind(platform.as_str()).bind(after).bind(limit);
        let rows = self.line().await?.rows(select).await;
        let rows = match rows {
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            rows => rows.map_err(|error| self.server.failed(error))?,
        };
        let all: Result<Vec<RunSummary>, Trouble> = rows.iter().map(|row| self.summary(row)).collect();
        all.map_err(|trouble| self.told(trouble))
    }

    fn summary(&self, row: &MySqlRow) -> Result<RunSummary, Trouble> {
        let read = |error| Trouble::Platform(self.damaged("a run", error));
        let started = Timestamp(row.try_get(2)?);
        let (holder, verdict): (String, Option<String>) = (row.try_get(1)?, row.try_get(3)?);
        Ok(RunSummary {
            run: row.try_get(0)?,
            holder: serde_json::from_str(&holder).map_err(read)?,
            started,
            verdict: verdict.map(|text| serde_json::from_str(&text)).transpose().map_err(read)?,
            steps: row.try_get(4)?,
            done: row.try_get(5)?,
            failed: row.try_get(6)?,
            took: row.try_get::<Option<u64>, _>(7)?.map(|ended| Timestamp(ended).since(started)),
        })
    }
}

/// Now, on the server's clock, which all who may hold the lock share.
const NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)";

/// MySQL's own lock of one holder, which lives as long as its connection. Its name may have 64 characters.
fn lock_name(platform: &str, fence: u64) -> String {
    format!("vamp:{}:{fence}", &model::Value::from(platform).digest())
}

/// What the row says of its holder: as it is written down, and whether it counts still. It does while its connection lives, until it
/// expires: then it may be alive and count no more.
async fn present(line: &mut Line, platform: &str, lock: &str) -> Result<Option<String>, sqlx::Error> {
    let select = format!("SELECT holder, expires < {NOW}, fence FROM vamp.locks WHERE platform = ? {lock}");
    let row = line.row(sqlx::query(sqlx::AssertSqlSafe(select)).bind(platform)).await?;
    let Some(row) = row else { return Ok(None) };
    let (holder, expired, fence): (Option<String>, i64, u64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let Some(holder) = holder.filter(|_| expired == 0) else { return Ok(None) };
    let free = sqlx::query("SELECT IS_FREE_LOCK(?)").bind(lock_name(platform, fence));
    let free: Option<i64> = line.one(free).await?.try_get(0)?;
    Ok((free != Some(1)).then_some(holder))
}

/// Take the lock: the number of the holder.
async fn take(line: &mut Line, platform: &str, holder: &Holder, lease: u64) -> Result<u64, NotTaken> {
    // First without waiting for the row, which the holder may have in its hands for long: a process that sleeps in the middle of a write.
    free(line, platform, "").await?;
    // The row is made before it is locked: who locks one that is not there keeps others from making theirs, and the other way round.
    let row = sqlx::query("INSERT IGNORE INTO vamp.locks (platform, fence, holder, expires) VALUES (?, 0, NULL, 0)");
    line.run(row.bind(platform)).await?;
    line.at_once(async |line| {
        free(line, platform, "FOR UPDATE").await?;
        Ok(next(line, platform, holder, lease).await?)
    })
    .await
}

/// Nothing, unless somebody holds the lock.
async fn free(line: &mut Line, platform: &str, lock: &str) -> Result<(), NotTaken> {
    present(line, platform, lock).await?.map_or(Ok(()), |holder| Err(NotTaken::Held(holder)))
}

/// Become the next holder of a lock that is free: its number.
async fn next(line: &mut Line, platform: &str, holder: &Holder, lease: u64) -> Result<u64, sqlx::Error> {
    let update = format!("UPDATE vamp.locks SET fence = fence + 1, holder = ?, expires = {NOW} + ? WHERE platform = ?");
    let update = sqlx::query(sqlx::AssertSqlSafe(update)).bind(json(holder)).bind(lease).bind(platform);
    line.run(update).await?;
    let fence = sqlx::query("SELECT fence FROM vamp.locks WHERE platform = ?").bind(platform);
    let fence: u64 = line.one(fence).await?.try_get(0)?;
    // Before anybody can read that number: a holder without it is taken for dead.
    line.row(sqlx::query("SELECT GET_LOCK(?, 0)").bind(lock_name(platform, fence))).await?;
    Ok(fence)
}

/// One batch of the journal, if the lock is still that of `held`, which holds for longer then.
async fn write(line: &mut Line, platform: &str, held: Held, entries: &[JournalEntry]) -> Result<(), Trouble> {
    let row = sqlx::query("SELECT fence FROM vamp.locks WHERE platform = ? FOR UPDATE").bind(platform);
    let fence: u64 = line.one(row).await?.try_get(0)?;
    if fence != held.fence {
        return Err(Trouble::Platform(overtaken()));
    }
    let insert = sqlx::query("INSERT IGNORE INTO vamp.journal (run, batch, entries) VALUES (?, ?, ?)");
    let insert = insert.bind(held.run).bind(held.batch).bind(json(entries));
    // One that is there already was written before its answer was lost.
    if line.run(insert).await?.rows_affected() > 0 {
        let tally = Tally::of(entries);
        let update = "UPDATE vamp.runs SET steps = steps + ?, done = done + ?, failed = failed + ?, \
                      verdict = COALESCE(?, verdict), ended = COALESCE(?, ended) WHERE run = ?";
        let update = sqlx::query(update).bind(tally.steps).bind(tally.done).bind(tally.failed);
        let update = update.bind(tally.verdict.as_ref().map(json)).bind(tally.ended.map(|at| at.0)).bind(held.run);
        line.run(update).await?;
    }
    let extend = format!("UPDATE vamp.locks SET expires = {NOW} + ? WHERE platform = ?");
    let extend = sqlx::query(sqlx::AssertSqlSafe(extend)).bind(held.lease).bind(platform);
    line.run(extend).await?;
    Ok(())
}

/// An account of its parts, which are of one run.
fn joined<E>(mut parts: impl Iterator<Item = Result<Account, E>>) -> Result<Account, E> {
    parts.try_fold(Account::default(), |mut whole, part| {
        let Account { through, made } = part?;
        whole.through = through;
        whole.made.extend(made);
        Ok(whole)
    })
}

/// Keep an account instead of the last.
async fn keep_account(line: &mut Line, platform: &str, account: &Account) -> Result<(), sqlx::Error> {
    let delete = sqlx::query("DELETE FROM vamp.settings WHERE platform = ? AND name LIKE CONCAT(?, '%')");
    line.run(delete.bind(platform).bind(ACCOUNT)).await?;
    let made: Vec<&Address> = account.made.iter().collect();
    // The number of its run is kept also where nothing is left.
    let parts = made.chunks(PART).chain(made.is_empty().then_some(&[][..]));
    for (number, part) in parts.enumerate() {
        let part = Account { through: account.through, made: part.iter().copied().cloned().collect() };
        let insert = sqlx::query("INSERT INTO vamp.settings (platform, name, value) VALUES (?, ?, ?)");
        line.run(insert.bind(platform).bind(format!("{ACCOUNT}{number}")).bind(json(&part))).await?;
    }
    Ok(())
}

impl Journal for MysqlLedger {
    async fn record(&mut self, entries: &[JournalEntry]) -> Result<(), PlatformError> {
        let held = self.held()?;
        let mut tries = 1;
        loop {
            match self.write(held, entries).await {
                Ok(()) => break,
                Err(Trouble::Sql(error)) if is_lost(&error) && tries < TRIES => {}
                Err(trouble @ Trouble::Platform(_)) if self.line.is_none() && tries < TRIES => drop(trouble),
                Err(trouble) => return Err(self.told(trouble)),
            }
            self.line = None;
            tries += 1;
            tokio::time::sleep(PAUSE).await;
        }
        self.held = Some(Held { batch: held.batch + 1, ..held });
        Ok(())
    }
}

impl Ledger for MysqlLedger {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        self.take(&holder).await?;
        let platform = self.platform.clone();
        let insert = sqlx::query("INSERT INTO vamp.runs (platform, holder, started) VALUES (?, ?, ?)");
        let insert = insert.bind(platform.as_str()).bind(json(&holder)).bind(holder.since.0);
        let inserted = self.line().await?.run(insert).await;
        let run = inserted.map_err(|error| self.server.failed(error))?.last_insert_id();
        self.held = self.held.map(|held| Held { run, ..held });
        Ok(run)
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let update = sqlx::query("UPDATE vamp.locks SET holder = NULL, expires = 0 WHERE platform = ? AND fence = ?");
        let platform = self.platform.clone();
        let updated = self.line().await?.run(update.bind(platform.as_str()).bind(held.fence)).await;
        // MySQL's own lock goes with the connection.
        if let Some(line) = self.line.take() {
            line.close().await;
        }
        updated.map_err(|error| self.server.failed(error))?;
        Ok(())
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        Ok(self.summaries(0, limit).await?)
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        let mut runs = self.summaries(run, u32::MAX).await?;
        runs.reverse();
        Ok(runs)
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        let select = sqlx::query("SELECT value FROM vamp.settings WHERE platform = ? AND name LIKE CONCAT(?, '%')");
        let platform = self.platform.clone();
        let parts = match self.line().await?.rows(select.bind(platform.as_str()).bind(ACCOUNT)).await {
            Err(error) if is_missing(&error) => return Ok(Account::default()),
            rows => rows.and_then(|rows| rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()),
        };
        let parts = parts.map_err(|error| self.server.failed(error))?;
        Ok(joined(parts.iter().map(|part| serde_json::from_str(part))).unwrap_or_default())
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        self.held()?;
        let platform = self.platform.clone();
        let kept = self.line().await?.at_once(async |line| keep_account(line, &platform, account).await).await;
        Ok(kept.map_err(|error| self.server.failed(error))?)
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        let platform = self.platform.clone();
        let select = "SELECT journal.entries FROM vamp.journal JOIN vamp.runs USING (run) WHERE runs.platform = ? AND run = ? \
                      ORDER BY batch";
        let rows = self.line().await?.rows(sqlx::query(select).bind(platform.as_str()).bind(run)).await;
        let rows = match rows {
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            rows => rows.map_err(|error| self.server.failed(error))?,
        };
        let mut entries = Vec::new();
        for row in rows {
            let text: String = row.try_get(0).map_err(|error| self.server.failed(error))?;
            let batch: Vec<JournalEntry> = serde_json::from_str(&text).map_err(|error| self.damaged("a journal", error))?;
            entries.extend(batch);
        }
        Ok(entries)
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        Ok(self.known(platform).await?)
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        let known = self.known(platform).await?;
        let mut all: BTreeMap<System, Connection> = known.iter().map(|known| (known.system.clone(), known.clone())).collect();
        let placeless = |one: &Connection| (one.system.clone(), Connection { place: Place::NOWHERE, ..one.clone() });
        all.extend(connections.iter().map(placeless));
        let all: Vec<Connection> = all.into_values().collect();
        if all != known {
            self.keep(platform, &all).await?;
        }
        Ok(())
    }

    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        let select = sqlx::query("SELECT value FROM vamp.settings WHERE platform = ? AND name = ?");
        let platform = self.platform.clone();
        let row = self.line().await?.row(select.bind(platform.as_str().to_owned()).bind(CLOSED)).await;
        let why = match row {
            Err(error) if is_missing(&error) => return Ok(None),
            row => row.and_then(|row| row.map(|row| row.try_get::<String, _>(0)).transpose()),
        };
        Ok(why.map_err(|error| self.server.failed(error))?)
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        self.held()?;
        let platform = self.platform.clone();
        let statement = match why {
            Some(_) => "REPLACE INTO vamp.settings (platform, name, value) VALUES (?, ?, ?)",
            None => "DELETE FROM vamp.settings WHERE platform = ? AND name = ?",
        };
        let query = sqlx::query(statement).bind(platform.as_str().to_owned()).bind(CLOSED);
        let query = why.into_iter().fold(query, |query, why| query.bind(why.to_owned()));
        let written = self.line().await?.run(query).await;
        written.map_err(|error| self.server.failed(error))?;
        Ok(())
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        let within_run = self.held.is_some();
        if !within_run {
            self.take(&holder).await?;
        }
        let mut known = self.known(platform).await?;
        known.retain(|known| known.system != *system);
        self.keep(platform, &known).await?;
        if !within_run {
            self.end().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
