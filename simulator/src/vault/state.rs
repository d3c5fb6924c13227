//! The states that Vault can be in, and what it says of them.

use super::{Refusal, Vault};
use model::observation::Gap;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// Where Vault keeps what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// In memory: gone with the process (a dev server).
    Memory,
    /// In the platform's MySQL: it shares its fate.
    Mysql,
    /// On disks of its own, replicated (integrated storage).
    #[default]
    Raft,
}

/// What is kept of Vault beside its objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VaultState {
    /// Counts the changes of everything but KV entries, which have versions of their own.
    pub revision: u64,
    /// Where it keeps what it holds.
    pub storage: Storage,
    /// Whether what it holds outlives a restart.
    pub durable: bool,
    /// Whether it was initialised: an empty storage has no keys and no root token.
    pub initialised: bool,
    /// It is sealed: a person, or its auto-unseal, has to open it.
    pub sealed: bool,
    /// It opens itself after a restart.
    pub auto_unseal: bool,
    /// The server that answers is a standby, and there is no active one.
    pub standby: bool,
    /// Nobody answers.
    pub unavailable: bool,
    /// The MySQL behind it does not answer.
    pub storage_away: bool,
    /// The MySQL behind it takes no writes.
    pub storage_read_only: bool,
    /// It is a fault that has sealed it.
    pub sealed_by_fault: bool,
    /// How much longer every answer takes.
    pub delay: Duration,
    /// By how many milliseconds its clock is ahead of all others; it tells by it when tokens end.
    pub clock_ahead: i64,
    /// Number of restarts so far.
    pub restarts: u64,
    /// How often it has lost all it held: tokens of an earlier generation are not known any more.
    pub generation: u64,
}

impl Default for VaultState {
    fn default() -> Self {
        VaultState {
            revision: 0,
            storage: Storage::Raft,
            durable: true,
            initialised: true,
            sealed: false,
            auto_unseal: true,
            standby: false,
            unavailable: false,
            storage_away: false,
            storage_read_only: false,
            sealed_by_fault: false,
            delay: Duration::ZERO,
            clock_ahead: 0,
            restarts: 0,
            generation: 0,
        }
    }
}

impl Vault {
    /// The status of `GET sys/health`, in the order of Vault's own checks (`http/sys_health.go`: initialised, sealed, standby);
    /// nothing if nobody answers. An active Vault whose storage is away still says 200.
    pub fn health(&self) -> Option<u16> {
        let state = self.state();
        if state.unavailable {
            return None;
        }
        Some(match (state.initialised, state.sealed, state.standby) {
            (false, ..) => 501,
            (_, true, _) => 503,
            (_, _, true) if state.storage_away => 500,
            (_, _, true) => 429,
            _ => 200,
        })
    }

    /// Whether requests are looked at.
    ///
    /// # Errors
    /// Why they are not.
    pub fn serving(&self) -> Result<(), Refusal> {
        let state = self.state();
        match state {
            VaultState { unavailable: true, .. } => Err(Refusal::Down),
            VaultState { initialised: false, .. } => Err(Refusal::NotInitialised),
            VaultState { sealed: true, .. } => Err(Refusal::Sealed),
            VaultState { standby: true, .. } => Err(Refusal::Standby),
            _ => Ok(()),
        }
    }

    /// Whether a request is answered that needs the storage.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn stored(&self, write: bool) -> Result<(), Refusal> {
        self.serving()?;
        let state = self.state();
        let away = state.storage_away || (write && state.storage_read_only);
        if away { Err(Refusal::StorageAway { write }) } else { Ok(()) }
    }

    /// Whether a request is answered that writes to the storage, as a log-in and a renewal do.
    ///
    /// # Errors
    /// Why it is not.
    pub fn writable(&self) -> Result<(), Refusal> {
        self.stored(true)
    }

    /// What its own clock says at `now`.
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_add_signed(self.state().clock_ahead))
    }

    /// Why nobody can look at it now, if nobody can.
    pub fn gap(&self) -> Option<Gap> {
        let refusal = self.stored(false).err()?;
        let text = refusal.clone().into_operation_error().to_string();
        Some(if refusal == Refusal::Down { Gap::Unreachable(text) } else { Gap::Unavailable(text) })
    }
}
