//! Opening and making the file.

use super::Database;
use crate::error::EmbeddedError;
use crate::file::{APPLICATION_ID, FORMAT, Found, has_log, inspect};
use port::Entropy;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::path::Path;
use std::time::Duration;

/// The world is one table of records; what the engine asks for by itself has tables of its own.
///
/// Records have a row number: without one, SQLite moves what is longer than a quarter of a page to a page of its own, and a usual
/// Kubernetes object is.
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE records (tbl TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (tbl, key));
    CREATE TABLE runs (run INTEGER PRIMARY KEY, holder TEXT NOT NULL, started INTEGER NOT NULL, verdict TEXT,
                       steps INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
                       ended INTEGER);
    CREATE TABLE journal (sequence INTEGER PRIMARY KEY, run INTEGER NOT NULL, entries TEXT NOT NULL);
    CREATE INDEX journal_of_run ON journal (run);
    CREATE TABLE lock (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL);";

/// Pages of 4 KiB in the write-ahead log before SQLite brings them into the file and waits for the disk, which it does in any case when
/// the file is closed. Its own default of 1,000 is passed every twenty commits of an apply.
const CHECKPOINT: &str = "16384";

/// How long to wait for another process to end its transaction.
const PATIENCE: Duration = Duration::from_secs(5);

impl Database {
    /// Open the file at `path` for reading and writing; make it if it is not there.
    pub(crate) async fn open(path: &Path, entropy: &mut Entropy) -> Result<Self, EmbeddedError> {
        let was_there = path.exists();
        let found = inspect(path)?;
        let opened = Self::open_or_make(path, found, entropy).await;
        if opened.is_err() && !was_there {
            // A file that could not be finished is not left behind; an error on the way says no more than the first.
            drop(std::fs::remove_file(path));
        }
        opened
    }

    async fn open_or_make(path: &Path, found: Found, entropy: &mut Entropy) -> Result<Self, EmbeddedError> {
        if found == Found::Nothing {
            // Asked of the operating system, whose answer says more than SQLite's.
            let made = std::fs::File::options().create(true).append(true).open(path);
            made.map_err(|error| EmbeddedError::io(path, true, error))?;
        }
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).synchronous(SqliteSynchronous::Normal);
        let options = options.pragma("wal_autocheckpoint", CHECKPOINT).pragma("temp_store", "memory");
        let mut database = Self::connect(path, options).await?;
        match database.make_ready(found, entropy).await {
            Ok(()) => Ok(database),
            Err(error) => {
                // Closed in order, so that SQLite takes away what it put beside the file; what it says then says no more.
                drop(database.close().await);
                Err(error)
            }
        }
    }

    async fn make_ready(&mut self, found: Found, entropy: &mut Entropy) -> Result<(), EmbeddedError> {
        if found == Found::Nothing {
            self.make(entropy).await?;
        }
        self.run("PRAGMA journal_mode = WAL").await
    }

    /// Open the file at `path` to look only: nothing is written, not even beside it. Nothing if it is not there.
    pub(crate) async fn open_to_look(path: &Path) -> Result<Option<Self>, EmbeddedError> {
        if inspect(path)? == Found::Nothing {
            return Ok(None);
        }
        // With a write-ahead log the last commits stand there, and SQLite has to share it with whoever writes; without one, the
        // file is all there is, and SQLite needs no file beside it.
        let immutable = !has_log(path);
        let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(immutable).busy_timeout(PATIENCE);
        Self::connect(path, options).await.map(Some)
    }

    /// A file that is nowhere: what is kept in it is gone with it.
    pub(crate) async fn in_memory(entropy: &mut Entropy) -> Result<Self, EmbeddedError> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let mut database = Self::connect(Path::new(":memory:"), options).await?;
        database.make(entropy).await?;
        Ok(database)
    }

    async fn connect(path: &Path, options: SqliteConnectOptions) -> Result<Self, EmbeddedError> {
        let connected = SqliteConnection::connect_with(&options).await;
        let connection = connected.map_err(|source| EmbeddedError::sql(path, source))?;
        Ok(Database { connection, path: path.to_owned(), version: 0, is_behind: false })
    }

    /// Make the tables, in one transaction, so that a process that dies meanwhile leaves an empty file.
    async fn make(&mut self, entropy: &mut Entropy) -> Result<(), EmbeddedError> {
        let (mut identity, mut key) = ([0; 8], [0; 32]);
        entropy(&mut identity);
        entropy(&mut key);
        self.run("BEGIN IMMEDIATE").await?;
        if self.is_made().await? {
            // Another process was faster.
            return self.run("COMMIT").await;
        }
        self.run(TABLES).await?;
        let marks = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}");
        self.connection.execute(AssertSqlSafe(marks)).await.map_err(|source| self.failed(source))?;
        self.set_setting("world", &hex(&identity)).await?;
        self.set_setting("digest-key", &hex(&key)).await?;
        self.run("COMMIT").await
    }

    async fn is_made(&mut self) -> Result<bool, EmbeddedError> {
        let found = self.connection.fetch_optional("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").await;
        Ok(found.map_err(|source| self.failed(source))?.is_some())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
