//! The lock, the journal and the history of a platform, in a schema of `vamp`'s own on the platform's MySQL.
//!
//! The lock is two things. A row says who it is, until when, and carries a number that grows with each holder: whoever writes the journal
//! proves with that number that nobody took over meanwhile, so a holder that was only cut off cannot go on. The holder's connection has a
//! lock of MySQL's own, of that number: it goes with the process, so a dead holder is never waited for, and as each holder has another,
//! one that was taken over and goes later is not taken for the one that took over.
//!
//! A journal that cannot be written is tried again for a while, on a new connection; a batch that was written before its answer was
//! lost is not written twice.

mod lock;

use super::connect::{MysqlServer, is_lost, is_missing};
use super::line::Line;
use crate::journal::{Journal, overtaken, without_lock};
use crate::kubernetes::connect::NotConnected;
use crate::systems::authority;
use crate::traffic::Traffic;
use lock::{NOW, lock_name, take};
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

/// Why something was not done: the server failed, or for a reason of ours.
enum Stopped<T> {
    Sql(sqlx::Error),
    Because(T),
}

impl<T> From<sqlx::Error> for Stopped<T> {
    fn from(error: sqlx::Error) -> Self {
        Stopped::Sql(error)
    }
}

type Trouble = Stopped<PlatformError>;

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
            Stopped::Sql(error) => self.server.failed(error),
            Stopped::Because(error) => error,
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
            Err(Stopped::Because(text)) => {
                self.line = None;
                let present = serde_json::from_str(&text).map_err(|error| self.damaged("the holder of the lock", error))?;
                Err(LedgerError::Held(Box::new(present)))
            }
            Err(Stopped::Sql(error)) => {
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
        let line = self.line().await.map_err(Stopped::Because)?;
        line.at_once(async |line| write(line, &platform, held, entries).await).await
    }

    /// One entry of the settings of `platform`, if it has it.
    async fn setting(&mut self, platform: &str, name: &'static str) -> Result<Option<String>, PlatformError> {
        let select = sqlx::query("SELECT value FROM vamp.settings WHERE platform = ? AND name = ?");
        let row = match self.line().await?.row(select.bind(platform).bind(name)).await {
            Err(error) if is_missing(&error) => return Ok(None),
            row => row.and_then(|row| row.map(|row| row.try_get(0)).transpose()),
        };
        row.map_err(|error| self.server.failed(error))
    }

    async fn set(&mut self, platform: &str, name: &'static str, value: String) -> Result<(), PlatformError> {
        let replace = sqlx::query("REPLACE INTO vamp.settings (platform, name, value) VALUES (?, ?, ?)");
        let replaced = self.line().await?.run(replace.bind(platform).bind(name).bind(value)).await;
        replaced.map(drop).map_err(|error| self.server.failed(error))
    }

    async fn unset(&mut self, platform: &str, name: &'static str) -> Result<(), PlatformError> {
        let delete = sqlx::query("DELETE FROM vamp.settings WHERE platform = ? AND name = ?");
        let deleted = self.line().await?.run(delete.bind(platform).bind(name)).await;
        deleted.map(drop).map_err(|error| self.server.failed(error))
    }

    async fn known(&mut self, platform: &str) -> Result<Vec<Connection>, PlatformError> {
        let Some(text) = self.setting(platform, CONNECTIONS).await? else { return Ok(Vec::new()) };
        serde_json::from_str(&text).map_err(|error| self.damaged("where the platform was applied to", error))
    }

    async fn keep(&mut self, platform: &str, all: &[Connection]) -> Result<(), PlatformError> {
        self.set(platform, CONNECTIONS, json(all)).await
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
        let read = |error| Stopped::Because(self.damaged("a run", error));
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

/// One batch of the journal, if the lock is still that of `held`, which holds for longer then.
async fn write(line: &mut Line, platform: &str, held: Held, entries: &[JournalEntry]) -> Result<(), Trouble> {
    let row = sqlx::query("SELECT fence FROM vamp.locks WHERE platform = ? FOR UPDATE").bind(platform);
    let fence: u64 = line.one(row).await?.try_get(0)?;
    if fence != held.fence {
        return Err(Stopped::Because(overtaken()));
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
                Err(Stopped::Sql(error)) if is_lost(&error) && tries < TRIES => {}
                Err(trouble @ Stopped::Because(_)) if self.line.is_none() && tries < TRIES => drop(trouble),
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
        let platform = self.platform.clone();
        Ok(self.setting(&platform, CLOSED).await?)
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        self.held()?;
        let platform = self.platform.clone();
        match why {
            Some(why) => self.set(&platform, CLOSED, why.to_owned()).await?,
            None => self.unset(&platform, CLOSED).await?,
        }
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
