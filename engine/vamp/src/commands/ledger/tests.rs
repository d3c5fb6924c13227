//! Moving a ledger, killed before and after each change that it makes.

use super::*;
use crate::cli::ColorWhen;
use crate::prepare::prepare_bytes;
use model::audit::Stored;
use model::connection::Endpoint;
use model::identity::Identities;
use model::outcome::StepResult;
use model::plan::Action;
use model::preview::{Previews, Proposal};
use model::resource::Scope;
use model::{SecretDigest, SecretReference, Timestamp, Value};
use port::{Holder, PlatformError, RunSummary, Tally};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// What outlives a process: a ledger, and the audit documents of the platform.
#[derive(Clone, Default)]
struct Kept {
    runs: Vec<(Holder, Vec<JournalEntry>)>,
    account: Account,
    connections: Vec<Connection>,
    closed: Option<String>,
    written: BTreeMap<u64, Value>,
}

/// Kills a process at one of the changes that it makes.
struct Fuse {
    left: Cell<u32>,
    /// The change is made, and nobody hears of it.
    is_after: bool,
    is_burnt: Cell<bool>,
}

impl Fuse {
    fn at(left: u32, is_after: bool) -> Rc<Self> {
        Rc::new(Fuse { left: Cell::new(left), is_after, is_burnt: Cell::new(false) })
    }

    fn alive(&self) -> Result<(), PlatformError> {
        let message = "killed".to_owned();
        if self.is_burnt.get() { Err(PlatformError { message, help: None, source: None }) } else { Ok(()) }
    }
}

/// A platform of which nothing is but its ledger.
struct Fake {
    kept: Rc<RefCell<Kept>>,
    fuse: Rc<Fuse>,
    answers: Vec<Result<Event, PlatformError>>,
}

impl Fake {
    fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> Result<T, PlatformError> {
        self.fuse.alive()?;
        let left = self.fuse.left.get();
        self.fuse.left.set(left.saturating_sub(1));
        self.fuse.is_burnt.set(left == 0);
        if left == 0 && !self.fuse.is_after {
            self.fuse.alive()?;
        }
        let made = change(&mut self.kept.borrow_mut());
        self.fuse.alive().map(|()| made)
    }

    fn look<T>(&self, look: impl FnOnce(&Kept) -> T) -> Result<T, PlatformError> {
        self.fuse.alive().map(|()| look(&self.kept.borrow()))
    }
}

impl Platform for Fake {
    fn now(&self) -> Timestamp {
        Timestamp(7)
    }

    fn submit(&mut self, request: Request) {
        let answer = match request {
            Request::Record { ticket, entries } => {
                let record = |kept: &mut Kept| kept.runs[entries[0].run as usize - 1].1.extend(entries);
                self.change(record).map(|()| Event::Recorded { ticket })
            }
            Request::Append { ticket, documents, .. } => {
                let position = |document: &Value| document.integer_at(&["position"]).unwrap() as u64;
                let append = |kept: &mut Kept| kept.written.extend(documents.into_iter().map(|one| (position(&one), one)));
                self.change(append).map(|()| Event::Appended { ticket, result: Ok(()) })
            }
            other => panic!("{other:?}"),
        };
        self.answers.push(answer);
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.answers.drain(..).collect()
    }
}

impl Observe for Fake {
    async fn observe(&mut self, _: &[Connection], _: &[Kind]) -> Result<Snapshot, PlatformError> {
        self.look(|_| Snapshot::default())
    }
    async fn preview(&mut self, _: &[Proposal]) -> Result<Previews, PlatformError> {
        Ok(Previews::new())
    }
    async fn digests(&mut self, _: &[SecretReference]) -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError> {
        Ok(BTreeMap::new())
    }
    async fn audit(&mut self, _: &Chain) -> Result<Result<Vec<Stored>, Gap>, PlatformError> {
        let stored =
            |(position, document): (&u64, &Value)| Stored { id: position.to_string().into(), document: document.clone() };
        self.look(|kept| Ok(kept.written.iter().map(stored).collect()))
    }
    fn identities(&self) -> Identities {
        Identities::default()
    }
}

impl Ledger for Fake {
    async fn begin(&mut self, holder: Holder) -> Result<u64, LedgerError> {
        Ok(self.change(|kept| {
            kept.runs.push((holder, Vec::new()));
            kept.runs.len() as u64
        })?)
    }
    async fn end(&mut self) -> Result<(), LedgerError> {
        Ok(self.fuse.alive()?)
    }
    async fn runs(&mut self, limit: u32) -> Result<Vec<RunSummary>, LedgerError> {
        let mut runs = self.runs_after(0).await?;
        runs.reverse();
        runs.truncate(limit as usize);
        Ok(runs)
    }
    async fn runs_after(&mut self, run: u64) -> Result<Vec<RunSummary>, LedgerError> {
        let summary = |(index, (holder, journal)): (usize, &(Holder, Vec<JournalEntry>))| {
            let Tally { steps, done, failed, verdict, .. } = Tally::of(journal);
            let (holder, started) = (holder.clone(), Timestamp(0));
            RunSummary { run: index as u64 + 1, holder, started, verdict, steps, done, failed, took: None }
        };
        let all = self.look(|kept| kept.runs.iter().enumerate().map(summary).collect::<Vec<_>>())?;
        Ok(all.into_iter().filter(|summary| summary.run > run).collect())
    }
    async fn account(&mut self) -> Result<Account, LedgerError> {
        Ok(self.look(|kept| kept.account.clone())?)
    }
    async fn keep_account(&mut self, account: &Account) -> Result<(), LedgerError> {
        Ok(self.change(|kept| kept.account = account.clone())?)
    }
    async fn journal(&mut self, run: u64) -> Result<Vec<JournalEntry>, LedgerError> {
        Ok(self.look(|kept| kept.runs[run as usize - 1].1.clone())?)
    }
    async fn connections(&mut self, _: &str) -> Result<Vec<Connection>, LedgerError> {
        Ok(self.look(|kept| kept.connections.clone())?)
    }
    async fn remember(&mut self, _: &str, connections: &[Connection]) -> Result<(), LedgerError> {
        Ok(self.change(|kept| kept.connections = connections.to_vec())?)
    }
    async fn closed(&mut self) -> Result<Option<String>, LedgerError> {
        Ok(self.look(|kept| kept.closed.clone())?)
    }
    async fn set_closed(&mut self, why: Option<&str>) -> Result<(), LedgerError> {
        Ok(self.change(|kept| kept.closed = why.map(ToOwned::to_owned))?)
    }
    async fn forget(&mut self, _: Holder, _: &str, _: &System) -> Result<(), LedgerError> {
        Ok(())
    }
}

const SPEC: &[u8] = include_bytes!("../../../../../specs/valid/quickstart.yaml");

fn connection(system: &str, server: &str) -> Connection {
    Connection::new(system.parse().unwrap(), Endpoint::Server(server.to_owned()))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Run the command on these two, until the fuse burns.
fn moved(old: &Rc<RefCell<Kept>>, new: &Rc<RefCell<Kept>>, fuse: &Rc<Fuse>) -> Result<Option<Knowledge>, CommandError> {
    let ui = Ui::new(ColorWhen::Never, Format::Text);
    let prepared = prepare_bytes(Path::new("acme.yaml"), SPEC.to_vec(), &ui).unwrap();
    let place = |server: &str, kept: &Rc<RefCell<Kept>>| Place {
        prepared: &prepared,
        connections: vec![connection("mysql", server)],
        platform: Fake { kept: kept.clone(), fuse: fuse.clone(), answers: Vec::new() },
    };
    block_on(move_here(&mut place("old", old), &mut place("new", new), Agreement { yes: true }, &ui))
}

/// The ledger of a platform that was applied once, and whose audit log is written.
fn with_history() -> Kept {
    let address: Address = "vault/policy/shop".parse().unwrap();
    let begun = JournalEvent::StepStarted {
        address: address.clone(),
        action: Action::Create,
        scope: Scope::PLATFORM,
        before: None,
        after: None,
    };
    let ended = JournalEvent::StepEnded { address, result: StepResult::Done { changed: true } };
    let kept = Rc::new(RefCell::new(Kept { connections: vec![connection("vault", "v")], ..Kept::default() }));
    let mut fake = Fake { kept: kept.clone(), fuse: Fuse::at(u32::MAX, false), answers: Vec::new() };
    let ui = Ui::new(ColorWhen::Never, Format::Text);
    let chains = chains(&prepare_bytes(Path::new("acme.yaml"), SPEC.to_vec(), &ui).unwrap().spec);
    assert!(!chains.is_empty());
    block_on(async {
        let run = fake.begin(Holder { command: "apply".to_owned(), ..holder("apply") }).await.unwrap();
        let mut events = whole_run(chains, Vec::new());
        events.splice(1..1, [begun, ended]);
        record(&mut fake, run, events).await.unwrap();
        audit::keep(&mut fake).await.unwrap();
    });
    let kept = kept.borrow().clone();
    assert_eq!(kept.written.len(), 2);
    kept
}

/// Whether somebody could plan and apply by this ledger, where something of the platform is there.
fn lets_runs_begin(kept: &Rc<RefCell<Kept>>) -> bool {
    let mut fake = Fake { kept: kept.clone(), fuse: Fuse::at(u32::MAX, false), answers: Vec::new() };
    block_on(async { fake.closed().await.unwrap().is_none() && knows(&mut fake).await.unwrap() })
}

/// Kill the move of `from` into `to` at each change, and finish it: the number of changes.
fn killed_at_each_change(from: &Kept, to: &Kept) -> u32 {
    for change in 0.. {
        for is_after in [false, true] {
            let (old, new) = (Rc::new(RefCell::new(from.clone())), Rc::new(RefCell::new(to.clone())));
            let fuse = Fuse::at(change, is_after);
            let ended = moved(&old, &new, &fuse);
            let context = format!("change {change}, after it: {is_after}");
            assert!(!(lets_runs_begin(&old) && lets_runs_begin(&new)), "{context}");
            if !fuse.is_burnt.get() {
                assert!(ended.is_ok(), "{context}: {}", ended.err().unwrap().sentence());
                return change;
            }
            assert!(ended.is_err(), "{context}");
            // Once more, and a last time with nothing left to do.
            for _ in 0..2 {
                let again = moved(&old, &new, &Fuse::at(u32::MAX, false));
                assert!(again.is_ok(), "{context}: {}", again.err().unwrap().sentence());
            }
            assert!(!lets_runs_begin(&old) && lets_runs_begin(&new), "{context}");
            // As the next apply does.
            let mut next = Fake { kept: new.clone(), fuse: Fuse::at(u32::MAX, false), answers: Vec::new() };
            block_on(audit::keep(&mut next)).unwrap();
            let new = new.borrow();
            assert_eq!((new.account.made.len(), &new.connections), (1, &from.connections), "{context}");
            assert_eq!(old.borrow().closed.as_deref(), Some("it was moved to MySQL (new)"), "{context}");
            // The audit log goes on where it ended.
            let all: BTreeMap<u64, Value> = from.written.clone().into_iter().chain(new.written.clone()).collect();
            let said = |document: &Value, key: &str| document.str_at(&[key]).unwrap().to_owned();
            assert!(all.len() > from.written.len() && all.keys().copied().eq(1..=all.len() as u64), "{context}");
            assert!(all.values().zip(all.values().skip(1)).all(|(one, next)| said(one, "digest") == said(next, "previous")));
        }
    }
    unreachable!("some change is the last")
}

#[test]
fn killed_at_each_change_no_two_ledgers_let_runs_begin_and_the_next_try_ends_it() {
    let changes = killed_at_each_change(&with_history(), &Kept::default());
    assert!(changes >= 7, "{changes}");
}

#[test]
fn so_it_does_on_the_way_back() {
    let (old, new) = (Rc::new(RefCell::new(with_history())), Rc::new(RefCell::new(Kept::default())));
    moved(&old, &new, &Fuse::at(u32::MAX, false)).unwrap();
    // The audit log is one, wherever the ledger lies.
    let (mut back, mut gone) = (new.borrow().clone(), old.borrow().clone());
    back.written.extend(gone.written.clone());
    gone.written = back.written.clone();
    killed_at_each_change(&back, &gone);
}

#[test]
fn a_ledger_that_knows_of_runs_takes_no_other_in() {
    let (old, new) = (Rc::new(RefCell::new(with_history())), Rc::new(RefCell::new(with_history())));
    let refused = moved(&old, &new, &Fuse::at(u32::MAX, false)).err().unwrap();
    assert_eq!(refused.sentence(), "the ledger in MySQL (new) knows of runs already, and that in MySQL (old) is not closed");
    assert!(old.borrow().closed.is_none());
}
