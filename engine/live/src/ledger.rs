//! The ledger of a platform of real systems is that of its journal: in its MySQL, or, where it runs that itself, in the cluster that does.

mod kept;

pub use kept::{LedgerInputs, PlatformLedger};

use crate::journal::Journal;
use crate::platform::LivePlatform;
use model::System;
use model::connection::Connection;
use model::outcome::JournalEntry;
use port::{Account, Holder, Ledger, LedgerError, PlatformError, RunSummary};

impl<J: Journal + Ledger> LivePlatform<J> {
    fn ledger(&mut self) -> Result<&mut J, LedgerError> {
        let message = "the journal is being written".to_owned();
        self.journal_mut().ok_or(LedgerError::Platform(PlatformError { message, help: None, source: None }))
    }
}

impl<J: Journal + Ledger> Ledger for LivePlatform<J> {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        self.ledger()?.begin(holder).await
    }

    async fn end(&mut self) -> Result<(), LedgerError> {
        self.ledger()?.end().await
    }

    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        self.ledger()?.runs(limit).await
    }

    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        self.ledger()?.runs_after(run).await
    }

    async fn account(&mut self) -> Result<Account, LedgerError> {
        self.ledger()?.account().await
    }

    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        self.ledger()?.keep_account(account).await
    }

    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        self.ledger()?.journal(run).await
    }

    async fn connections(&mut self, platform: &str) -> Result<Vec<Connection>, LedgerError> {
        self.ledger()?.connections(platform).await
    }

    async fn remember(&mut self, platform: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        self.ledger()?.remember(platform, connections).await
    }

    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        self.ledger()?.closed().await
    }

    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        self.ledger()?.set_closed(why).await
    }

    async fn forget(&mut self, holder: Holder, platform: &str, system: &System) -> Result<(), LedgerError> {
        self.ledger()?.forget(holder, platform, system).await
    }
}
