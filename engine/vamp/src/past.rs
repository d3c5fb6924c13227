//! What earlier runs made and did not take away again: from the account that was kept last, and the journals of the runs after it.
//!
//! A look asks for it where something that is wanted is not there. It must not cost more from run to run, so whoever holds the lock keeps
//! a new account once as much was done after the last one as is in it, or there were many runs: a journal is read for that once, and a look
//! never reads more than about twice what there is.

use crate::error::CommandError;
use model::Address;
use port::{Account, Ledger, RunSummary};
use std::collections::BTreeSet;

/// Steps after the last account from which on a new one is kept, at least.
const ENOUGH: u64 = 1_000;
/// Runs after the last account from which on a new one is kept, however little they did: each is read by itself, and a ledger may let go of
/// journals that an account takes in, and of no others.
const MANY: usize = 50;

/// What runs made and did not take away again.
///
/// # Errors
/// If the ledger cannot be read.
pub(crate) async fn made<P: Ledger>(platform: &mut P) -> Result<BTreeSet<Address>, CommandError> {
    let account = platform.account().await?;
    let runs = platform.runs_after(account.through).await?;
    Ok(added_up(platform, account, &runs).await?.made)
}

/// Keep a new account of the runs before `run`, which holds the lock, if it is time to.
///
/// # Errors
/// If the ledger cannot be read or written.
pub(crate) async fn settle<P: Ledger>(platform: &mut P, run: u64) -> Result<(), CommandError> {
    let account = platform.account().await?;
    let mut runs = platform.runs_after(account.through).await?;
    runs.retain(|before| before.run < run);
    if is_time(&account, &runs) {
        let account = added_up(platform, account, &runs).await?;
        platform.keep_account(&account).await?;
    }
    Ok(())
}

fn is_time(account: &Account, runs: &[RunSummary]) -> bool {
    let done: u64 = runs.iter().map(|run| run.done).sum();
    runs.len() >= MANY || done >= ENOUGH.max(account.made.len() as u64)
}

async fn added_up<P: Ledger>(platform: &mut P, mut account: Account, runs: &[RunSummary]) -> Result<Account, CommandError> {
    for run in runs {
        account.take_in(run.run, platform.journal(run.run).await?);
    }
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::connection::Connection;
    use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
    use model::plan::Action;
    use model::resource::Scope;
    use model::{System, Timestamp};
    use port::{Holder, LedgerError};

    /// A ledger of runs that have ended, which counts the lines that are read.
    #[derive(Default)]
    struct Runs {
        journals: Vec<Vec<JournalEntry>>,
        account: Account,
        read: usize,
    }

    fn holder() -> Holder {
        let (name, since) = (String::new(), Timestamp(0));
        Holder { host: name.clone(), process: 1, command: name.clone(), since, expires: since, name }
    }

    impl Runs {
        /// A run that does this to each, if it succeeds.
        fn ran(&mut self, action: Action, names: &[String], succeeds: bool) {
            let run = self.journals.len() as u64 + 1;
            let entry = |event| JournalEntry { at: Timestamp(0), run, event };
            let step = |name: &String| {
                let address: Address = format!("vault/policy/{name}").parse().unwrap();
                let result = match succeeds {
                    true => StepResult::Done { changed: true },
                    false => StepResult::Cancelled,
                };
                let begun = JournalEvent::StepStarted {
                    address: address.clone(),
                    action,
                    scope: Scope::PLATFORM,
                    before: None,
                    after: None,
                };
                [entry(begun), entry(JournalEvent::StepEnded { address, result })]
            };
            self.journals.push(names.iter().flat_map(step).collect());
        }

        /// Everything, from the beginning.
        fn all(&self) -> BTreeSet<Address> {
            let mut account = Account::default();
            for (index, journal) in self.journals.iter().enumerate() {
                account.take_in(index as u64 + 1, journal.clone());
            }
            account.made
        }
    }

    impl Ledger for Runs {
        async fn begin(&mut self, _: Holder) -> Result<u64, LedgerError> {
            Ok(self.journals.len() as u64 + 1)
        }
        async fn end(&mut self) -> Result<(), LedgerError> {
            Ok(())
        }
        async fn runs(&mut self, _: u32) -> Result<Vec<RunSummary>, LedgerError> {
            self.runs_after(0).await
        }
        async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
            let summary = |(index, journal): (usize, &Vec<JournalEntry>)| {
                let is_done = |entry: &&JournalEntry| {
                    matches!(&entry.event, JournalEvent::StepEnded { result: StepResult::Done { .. }, .. })
                };
                let done = journal.iter().filter(is_done).count() as u64;
                let (started, verdict) = (Timestamp(0), Some(Verdict::Converged));
                RunSummary { run: index as u64 + 1, holder: holder(), started, verdict, steps: done, done, failed: 0, took: None }
            };
            Ok(self.journals.iter().enumerate().map(summary).filter(|summary| summary.run > run).collect())
        }
        async fn account(&mut self) -> Result<Account, LedgerError> {
            Ok(self.account.clone())
        }
        async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
            self.account = account.clone();
            Ok(())
        }
        async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
            let journal = self.journals[run as usize - 1].clone();
            self.read += journal.len();
            Ok(journal)
        }
        async fn connections(&mut self, _: &str) -> Result<Vec<Connection>, LedgerError> {
            Ok(Vec::new())
        }
        async fn remember(&mut self, _: &str, _: &[Connection]) -> Result<(), LedgerError> {
            Ok(())
        }
        async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
            Ok(None)
        }
        async fn set_closed(&mut self, _: Option<&str>) -> Result<(), LedgerError> {
            Ok(())
        }
        async fn forget(&mut self, _: Holder, _: &str, _: &System) -> Result<(), LedgerError> {
            Ok(())
        }
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    fn names(from: usize, to: usize) -> Vec<String> {
        (from..to).map(|number| format!("p{number}")).collect()
    }

    #[test]
    fn what_a_look_reads_does_not_grow_with_the_number_of_runs() {
        const SIZE: usize = 3_000;
        let mut runs = Runs::default();
        let mut most = 0;
        for turn in 0..40 {
            let run = block_on(runs.begin(holder())).unwrap();
            block_on(settle(&mut runs, run)).unwrap();
            match turn % 4 {
                0 => runs.ran(Action::Create, &names(0, SIZE), true),
                1 => runs.ran(Action::Update, &names(100, 900), true),
                2 => runs.ran(Action::Delete, &names(0, 200 + turn), true),
                _ => runs.ran(Action::Delete, &names(0, SIZE), false),
            }
            runs.read = 0;
            assert_eq!(block_on(made(&mut runs)).unwrap(), runs.all(), "turn {turn}");
            most = most.max(runs.read);
        }
        // Two lines a step: what is in the account, what was done after it, and the last run.
        assert!(most > SIZE && most <= 2 * 3 * SIZE, "{most}");
        assert!(runs.account.through > 30, "{}", runs.account.through);
    }

    #[test]
    fn the_run_that_holds_the_lock_is_not_added_before_it_has_ended() {
        let mut runs = Runs::default();
        runs.ran(Action::Create, &names(0, 2_000), true);
        runs.ran(Action::Create, &names(2_000, 4_000), true);
        block_on(settle(&mut runs, 2)).unwrap();
        assert_eq!((runs.account.through, runs.account.made.len()), (1, 2_000));
        assert_eq!(block_on(made(&mut runs)).unwrap().len(), 4_000);
    }

    #[test]
    fn of_many_runs_that_did_nothing_an_account_is_kept() {
        let mut runs = Runs::default();
        runs.ran(Action::Create, &names(0, 3_000), true);
        block_on(settle(&mut runs, 2)).unwrap();
        for turn in 2..=MANY as u64 + 1 {
            assert_eq!(runs.account.through, 1, "turn {turn}");
            runs.ran(Action::Update, &names(0, 3_000), false);
            block_on(settle(&mut runs, turn + 1)).unwrap();
        }
        assert_eq!((runs.account.through, runs.account.made.len()), (MANY as u64 + 1, 3_000));
    }

    #[test]
    fn of_little_no_account_is_kept() {
        let mut runs = Runs::default();
        runs.ran(Action::Create, &names(0, 999), true);
        block_on(settle(&mut runs, 2)).unwrap();
        assert_eq!(runs.account, Account::default());
        runs.ran(Action::Create, &names(999, 1_000), true);
        block_on(settle(&mut runs, 3)).unwrap();
        assert_eq!(runs.account.made.len(), 1_000);
    }
}
