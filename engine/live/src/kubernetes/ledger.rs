//! The lock, the journal and the history of a platform, kept by the API server of one of its clusters: where the platform runs its own
//! MySQL there, that is not there before the first run, and gone after the last.
//!
//! A Lease is the lock, and has the end of the journal in it; what no longer fits is put away in ConfigMaps, and so are the account and the
//! connections. All of it lies in a namespace of `vamp`'s own, so that it outlives the platform. Nothing is made before a run begins, and
//! nothing secret is in it. Every part that a run writes may be written again, by itself or by whoever comes next.
//!
//! * `lease`: the lock as data; `take`: taking it; `hold`: writing while it is ours, and the heartbeat;
//! * `summary`, `chunk`: what is told of a run, and its journal in pieces; `account`, `known`: what runs made, and where;
//! * `closed`: that it was moved, and no run may begin here;
//! * `put`, `keep`, `history`: pieces that are written, and that go after a while;
//! * `store`: the requests; `failure`: what can go wrong with them, and when they are tried again.

mod account;
mod chunk;
mod closed;
mod failure;
mod history;
mod hold;
mod keep;
mod known;
mod lease;
mod put;
mod store;
mod summary;
mod take;

#[cfg(test)]
mod tests;

pub use store::NAMESPACE;

use crate::journal::{Journal, without_lock};
use crate::kubernetes::connect::{NotConnected, connect};
use crate::traffic::Traffic;
use crate::wire::{Limits, Wire};
use chunk::{JOURNAL, PART, RUN};
use failure::Failed;
use hold::{Hold, Rhythm};
use lease::{Batches, Claim};
use model::connection::{Connection, Endpoint};
use model::outcome::JournalEntry;
use model::value::Text;
use model::{Duration, Place, System};
use port::{Account, Holder, Ledger, LedgerError, PlatformError, RunSummary};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use store::Store;
use take::Taken;

/// How long the lock holds without being renewed, which is how long a holder that was killed is waited for: as long as a node's does
/// (`nodeLeaseDurationSeconds` of kubelets).
const LASTS: std::time::Duration = std::time::Duration::from_secs(40);

/// Says to whoever waits what is waited for, in one line.
pub type Tell = Box<dyn Fn(&str)>;

/// The ledger of one platform.
pub struct ClusterLedger {
    way: Way,
    tell: Tell,
    platform: Text,
    rhythm: Rhythm,
    hold: Option<Hold>,
}

/// How its cluster is reached.
enum Way {
    /// Nobody has looked yet.
    Context { system: System, context: String, files: Vec<PathBuf>, traffic: Traffic, limits: Limits },
    /// Somebody has.
    Store(Store),
}

impl fmt::Debug for ClusterLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterLedger").field("platform", &self.platform).finish_non_exhaustive()
    }
}

impl ClusterLedger {
    /// The ledger of `platform` in the cluster that `connection` leads to, by a context of the file that it names, or of `files`. Nothing is
    /// connected yet, and nothing is made before a run begins.
    ///
    /// # Errors
    /// [`NotConnected`] if that is no cluster that can be reached from here, or the platform's name cannot be that of an object there.
    pub fn of(
        connection: &Connection,
        platform: &str,
        files: &[PathBuf],
        traffic: Traffic,
        limits: Limits,
    ) -> Result<Self, NotConnected> {
        let system = connection.system.clone();
        let (System::Cluster(_), Endpoint::KubeconfigContext { context, kubeconfig }) = (&system, &connection.endpoint) else {
            return Err(NotConnected(format!("{system} is no cluster that vamp can reach")));
        };
        if !is_plain(platform) {
            return Err(NotConnected(format!("{system}: {platform:?} cannot be the name of an object there")));
        }
        let files = kubeconfig.as_ref().map_or_else(|| files.to_vec(), |file| vec![file.into()]);
        let way = Way::Context { system, context: context.clone(), files, traffic, limits };
        Ok(ClusterLedger { way, tell: Box::new(|_| {}), platform: platform.into(), rhythm: Rhythm::of(LASTS), hold: None })
    }

    /// The same, which says so while it waits for a holder of the lock who may be dead.
    #[must_use]
    pub fn telling(self, tell: Tell) -> Self {
        ClusterLedger { tell, ..self }
    }

    /// The same with a lock that holds so long without being renewed, instead of 40 seconds: a dead holder is waited for as long. The lock of
    /// somebody else holds as long as that one says.
    #[must_use]
    pub fn lasting(self, lasts: std::time::Duration) -> Self {
        ClusterLedger { rhythm: Rhythm::of(lasts), ..self }
    }

    async fn store(&mut self) -> Result<Store, PlatformError> {
        let store = match &self.way {
            Way::Store(store) => return Ok(store.clone()),
            Way::Context { system, context, files, traffic, limits } => {
                let (client, server) = connect(system, context, files).await.map_err(|why| self.not_connected(why))?;
                Store::new(Wire::new(client, server, traffic.clone(), *limits), self.platform.clone())
            }
        };
        self.way = Way::Store(store.clone());
        Ok(store)
    }

    fn not_connected(&self, why: NotConnected) -> PlatformError {
        let message = format!("the ledger of the platform {} cannot be reached", self.platform);
        PlatformError { message, help: None, source: Some(Box::new(why)) }
    }

    /// The store of a platform that may be another one.
    async fn store_of(&mut self, platform: &str) -> Result<Store, PlatformError> {
        let store = self.store().await?;
        if is_plain(platform) {
            return Ok(store.of(platform));
        }
        let message = format!("{}: {platform:?} cannot be the name of an object there", store.server());
        Err(PlatformError { message, help: None, source: None })
    }

    /// Take the lock; the number of the last run, or of the one that begins.
    async fn take(&mut self, holder: Holder, is_run: bool) -> Result<u64, LedgerError> {
        self.hold = None;
        let store = self.store().await?;
        let lasts = Duration::milliseconds(u64::try_from(self.rhythm.lasts.as_millis()).unwrap_or(u64::MAX));
        let claim = Claim { holder, lasts, is_run };
        match take::take(&store, &claim, self.rhythm, &self.tell).await.map_err(|failed| written(failed, &store))? {
            Taken::Ours(lease) => {
                let run = lease.run;
                self.hold = Some(Hold::new(&store, *lease, claim, self.rhythm));
                Ok(run)
            }
            Taken::Held(text) => {
                let holder: Result<Holder, _> = serde_json::from_str(&text);
                let damaged = |error| read(Failed::damaged("the holder of the lock", error), &store);
                // It lives, and so it has just renewed it.
                Err(LedgerError::Held(Box::new(Holder { expires: store.now() + lasts, ..holder.map_err(damaged)? })))
            }
        }
    }

    /// What is told of each run, in their order. The Lease is read first: what moves from there meanwhile is read twice, and not never.
    async fn told(&mut self) -> Result<BTreeMap<u64, summary::Summary>, PlatformError> {
        let store = self.store().await?;
        let told = async || {
            let running = store.lease().await?.and_then(|lease| lease.summary);
            let pieces = store.config_maps(&[(PART, JOURNAL)], true).await?;
            Ok(history::latest(pieces.iter().filter_map(|piece| chunk::read(piece).1).chain(running)))
        };
        told().await.map_err(|failed: Failed| read(failed, &store))
    }
}

/// Whether it can be the name of an object, and stand in a path: what a plan's file holds may have been written by anybody.
fn is_plain(platform: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_within = (1..=63).contains(&platform.len()) && platform.bytes().all(fits);
    is_within && !platform.starts_with('-') && !platform.ends_with('-')
}

fn written(failed: Failed, store: &Store) -> PlatformError {
    failed.told(store.server(), store.platform(), "written")
}

fn read(failed: Failed, store: &Store) -> PlatformError {
    failed.told(store.server(), store.platform(), "read")
}

impl Journal for ClusterLedger {
    async fn record(&mut self, entries: &[JournalEntry]) -> Result<(), PlatformError> {
        let store = self.store().await?;
        let hold = self.hold.as_ref().filter(|hold| hold.is_run()).ok_or_else(without_lock)?;
        hold.record(&store, entries).await.map_err(|failed| written(failed, &store))
    }
}

impl Ledger for ClusterLedger {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        self.take(holder, true).await
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        let Some(hold) = self.hold.take() else { return Ok(()) };
        let store = self.store().await?;
        Ok(hold.give_back(&store).await.map_err(|failed| written(failed, &store))?)
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.told().await?.into_values().rev().take(limit).map(summary::Summary::told).collect())
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        let after = self.told().await?.into_values().filter(|told| told.run > run);
        Ok(after.map(summary::Summary::told).collect())
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        let store = self.store().await?;
        let parts = store.config_maps(&[(PART, account::ACCOUNT)], false).await;
        Ok(account::read(&parts.map_err(|failed| read(failed, &store))?))
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        if self.hold.is_none() {
            return Err(without_lock().into());
        }
        let store = self.store().await?;
        Ok(keep::keep(&store, account).await.map_err(|failed| written(failed, &store))?)
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        let store = self.store().await?;
        let read = |failed: Failed| read(failed, &store);
        let lease = store.lease().await.map_err(read)?;
        let is_its_own = |lease: &lease::Lease| lease.summary.as_ref().is_some_and(|told| told.run == run);
        let mut batches: Batches = lease.filter(is_its_own).map(|lease| lease.tail).unwrap_or_default();
        let pieces = store.config_maps(&[(PART, JOURNAL), (RUN, &run.to_string())], false).await.map_err(read)?;
        batches.extend(pieces.iter().flat_map(|piece| chunk::read(piece).0));
        let mut entries = Vec::new();
        for text in batches.values() {
            let batch: Vec<JournalEntry> =
                serde_json::from_str(text).map_err(|error| read(Failed::damaged("a journal", error)))?;
            entries.extend(batch);
        }
        Ok(entries)
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        let store = self.store_of(platform).await?;
        Ok(known::known(&store).await.map_err(|failed| read(failed, &store))?)
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        let store = self.store_of(platform).await?;
        let placeless = |one: &Connection| (one.system.clone(), Connection { place: Place::NOWHERE, ..one.clone() });
        let and_these = |known: Vec<Connection>| {
            let mut all: BTreeMap<System, Connection> = known.iter().map(placeless).collect();
            all.extend(connections.iter().map(placeless));
            all.into_values().collect()
        };
        Ok(known::change(&store, and_these).await.map_err(|failed| written(failed, &store))?)
    }

    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        let store = self.store().await?;
        Ok(closed::why(&store).await.map_err(|failed| read(failed, &store))?)
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        if self.hold.is_none() {
            return Err(without_lock().into());
        }
        let store = self.store().await?;
        Ok(closed::close(&store, why).await.map_err(|failed| written(failed, &store))?)
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        let within_run = self.hold.is_some();
        if !within_run {
            self.take(holder, false).await?;
        }
        let store = self.store_of(platform).await?;
        let without = |known: Vec<Connection>| known.into_iter().filter(|known| known.system != *system).collect();
        let forgotten = known::change(&store, without).await.map_err(|failed| written(failed, &store));
        if !within_run {
            self.end().await?;
        }
        Ok(forgotten?)
    }
}
