//! The lock, the journal and the history of a platform, and where it was applied to. In MySQL for real platforms, in SQLite for the
//! embedded one.

use crate::platform::PlatformError;
use model::connection::Connection;
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::plan::Action;
use model::{Address, Duration, System, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Who holds the lock of a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Person or job.
    pub name: String,
    /// Machine.
    pub host: String,
    /// Process on that machine.
    pub process: u32,
    /// What it does: `apply`, `destroy`.
    pub command: String,
    /// Since when, on the wall clock.
    pub since: Timestamp,
    /// Until when it holds if it is not heard of again.
    pub expires: Timestamp,
}

/// Why the lock was not given.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Somebody else has it.
    #[error("{} on {} holds the lock (process {}, {} since {})", .0.name, .0.host, .0.process, .0.command, model::time::rfc3339(.0.since))]
    Held(Box<Holder>),
    /// The ledger itself failed.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

/// One run in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSummary {
    /// Its number.
    pub run: u64,
    /// Who.
    pub holder: Holder,
    /// When it began, on the platform's clock.
    pub started: Timestamp,
    /// How it ended; nothing if its end was never recorded (killed, or still running).
    pub verdict: Option<Verdict>,
    /// Number of steps in its plan.
    pub steps: u64,
    /// Number of steps that were done.
    pub done: u64,
    /// Number of steps that failed.
    pub failed: u64,
    /// How long it took.
    pub took: Option<Duration>,
}

/// What a batch of journal entries adds to the summary of its run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of steps, if the run begins here.
    pub steps: u64,
    /// Number of steps that were done.
    pub done: u64,
    /// Number of steps that failed.
    pub failed: u64,
    /// How it ended, if it ends here.
    pub verdict: Option<Verdict>,
    /// When.
    pub ended: Option<Timestamp>,
}

impl Tally {
    /// What these entries add.
    pub fn of(entries: &[JournalEntry]) -> Self {
        let mut tally = Tally::default();
        for entry in entries {
            match &entry.event {
                JournalEvent::RunStarted { steps, .. } => tally.steps = *steps,
                JournalEvent::StepEnded { result: StepResult::Done { .. }, .. } => tally.done += 1,
                JournalEvent::StepEnded { result: StepResult::Failed(_), .. } => tally.failed += 1,
                JournalEvent::StepEnded { .. }
                | JournalEvent::StepStarted { .. }
                | JournalEvent::StepRetried { .. }
                | JournalEvent::AuditGap { .. }
                | JournalEvent::AuditResumed { .. }
                | JournalEvent::Audited { .. } => {}
                JournalEvent::RunEnded { verdict } => (tally.verdict, tally.ended) = (Some(*verdict), Some(entry.at)),
            }
        }
        tally
    }
}

/// What runs made and did not take away again, as their journals say. It is kept now and then, so that not every journal there ever was is
/// read again; what came after it was kept is read and added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The last run that it takes in; 0 if none.
    pub through: u64,
    /// What was made.
    pub made: BTreeSet<Address>,
}

impl Account {
    /// Take in the journal of the run that came next.
    pub fn take_in(&mut self, run: u64, journal: Vec<JournalEntry>) {
        let mut begun = BTreeMap::new();
        for entry in journal {
            match entry.event {
                JournalEvent::StepStarted { address, action, .. } => {
                    begun.insert(address, action);
                }
                JournalEvent::StepEnded { address, result: StepResult::Done { .. } } => {
                    if begun.get(&address) == Some(&Action::Delete) {
                        self.made.remove(&address);
                    } else {
                        self.made.insert(address);
                    }
                }
                _ => {}
            }
        }
        self.through = run;
    }
}

/// The lock, the journal and the history of one platform.
#[allow(async_fn_in_trait, reason = "the engine runs on one thread; no future leaves it")]
pub trait Ledger {
    /// Take the lock and open a run. A lock whose holder is dead or expired is taken over.
    ///
    /// # Errors
    /// [`LedgerError::Held`] names the holder.
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError>;

    /// Give the lock back.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn end(&mut self) -> Result<(), LedgerError>;

    /// The latest runs, newest first.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError>;

    /// The runs after that of this number, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError>;

    /// The account that was kept last: an empty one if none was, or if it cannot be read, since the journals say the same.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn account(&mut self) -> Result<Account, LedgerError>;

    /// Keep an account instead of the one that was kept last. Only whoever holds the lock may, for runs before his own: nobody writes
    /// their journals any more.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError>;

    /// The journal of one run, in order.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError>;

    /// The systems that runs of `platform` acted on and that were not forgotten since, in the order of their names. A spec that no
    /// longer names one does not make go away what was applied there.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError>;

    /// Remember, under the lock and before anything is done there, that a run of `platform` acts on these systems.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError>;

    /// Why no run may begin here, in a sentence: it was moved away, or is being moved here; nothing while it counts.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn closed(&mut self) -> Result<Option<String>, LedgerError>;

    /// Let no run begin here any more, and say why; or, without a reason, let them again. Only whoever holds the lock may.
    ///
    /// # Errors
    /// [`LedgerError::Platform`].
    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError>;

    /// Forget a system of `platform`: it is not looked at any more once no spec names it. Takes the lock for as long as that takes if
    /// this process does not hold it already.
    ///
    /// # Errors
    /// [`LedgerError::Held`] names whoever holds the lock.
    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError>;
}
