//! The lock, the journal and the history of the embedded platform, in its file.

use crate::database::Transaction;
use crate::lock;
use crate::platform::EmbeddedPlatform;
use model::connection::Connection;
use model::outcome::JournalEntry;
use model::{Place, System, Timestamp};
use port::{Account, Holder, Ledger, LedgerError, PlatformError, RunSummary};
use simulator::world::World;
use std::collections::BTreeMap;

impl EmbeddedPlatform {
    /// Change the world by hand, under the lock, as a command of a person does. What `change` gives back is given back.
    ///
    /// # Errors
    /// [`LedgerError::Held`] while a run holds the lock.
    pub async fn alter<T>(&mut self, holder: Holder, change: impl FnOnce(&mut World) -> T) -> Result<T, LedgerError> {
        let within_run = self.has_lock();
        self.acquire(holder).await?;
        let answer = change(self.world_mut());
        self.commit_used().await?;
        if !within_run {
            self.release().await?;
        }
        Ok(answer)
    }

    async fn acquire(&mut self, holder: Holder) -> Result<(), LedgerError> {
        if self.is_for_looking() {
            return Err(LedgerError::Platform(looking_only()));
        }
        if self.has_lock() {
            return Ok(());
        }
        let path = self.database_mut().path().to_owned();
        if path.as_os_str() != ":memory:" {
            match lock::take(&path).map_err(PlatformError::from)? {
                Some(lock) => self.set_lock(Some(lock)),
                None => return Err(self.held_by().await?),
            }
        }
        self.refresh().await.map_err(PlatformError::from)?;
        self.database_mut().set_holder(Some(&holder)).await.map_err(PlatformError::from)?;
        Ok(())
    }

    /// The error that names who holds the lock.
    async fn held_by(&mut self) -> Result<LedgerError, LedgerError> {
        let holder = self.database_mut().holder().await.map_err(PlatformError::from)?;
        // The lock is taken before its holder is written down; who looks in between knows only that somebody has it.
        Ok(LedgerError::Held(Box::new(holder.unwrap_or(Holder {
            name: "somebody".to_owned(),
            host: "this machine".to_owned(),
            process: 0,
            command: "starting".to_owned(),
            since: Timestamp::default(),
            expires: Timestamp::default(),
        }))))
    }

    /// Commit the world, which is no new one from now on.
    async fn commit_used(&mut self) -> Result<(), PlatformError> {
        let mut transaction = Transaction::new();
        transaction.set_setting("used", "yes");
        Ok(self.commit(transaction).await?)
    }

    async fn release(&mut self) -> Result<(), PlatformError> {
        self.database_mut().set_holder(None).await?;
        self.set_lock(None);
        Ok(())
    }
}

fn looking_only() -> PlatformError {
    PlatformError { message: "the embedded platform was opened to look at it only".to_owned(), help: None, source: None }
}

/// The place in a spec says nothing once the spec is another.
fn without_place(connection: Connection) -> Connection {
    Connection { place: Place::NOWHERE, ..connection }
}

impl Ledger for EmbeddedPlatform {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        self.acquire(holder.clone()).await?;
        let now = self.world().now();
        let run = self.database_mut().open_run(&holder, now).await.map_err(PlatformError::from)?;
        self.commit_used().await?;
        Ok(run)
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        self.commit_world().await.map_err(PlatformError::from)?;
        Ok(self.release().await?)
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        Ok(self.database_mut().runs(limit).await.map_err(PlatformError::from)?)
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        Ok(self.database_mut().runs_after(run).await.map_err(PlatformError::from)?)
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        Ok(self.database_mut().account().await.map_err(PlatformError::from)?)
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        Ok(self.database_mut().set_account(account).await.map_err(PlatformError::from)?)
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        Ok(self.database_mut().journal(run).await.map_err(PlatformError::from)?)
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        Ok(self.database_mut().connections(platform).await.map_err(PlatformError::from)?)
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        let known = self.connections(platform).await?;
        let mut all: BTreeMap<&System, &Connection> = known.iter().map(|known| (&known.system, known)).collect();
        all.extend(connections.iter().map(|connection| (&connection.system, connection)));
        let all: Vec<Connection> = all.into_values().cloned().map(without_place).collect();
        if all != known {
            self.database_mut().set_connections(platform, &all).await.map_err(PlatformError::from)?;
        }
        Ok(())
    }

    /// It lies in the file of what it tells, and goes where that goes.
    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        Ok(None)
    }

    async fn set_closed(&mut self, _: Option<&str>) -> Result<(), LedgerError> {
        let message = "an embedded platform keeps its ledger in its own file".to_owned();
        Err(LedgerError::Platform(PlatformError { message, help: None, source: None }))
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        let within_run = self.has_lock();
        self.acquire(holder).await?;
        let mut known = self.connections(platform).await?;
        known.retain(|known| known.system != *system);
        self.database_mut().set_connections(platform, &known).await.map_err(PlatformError::from)?;
        if !within_run {
            self.release().await?;
        }
        Ok(())
    }
}
