//! The ledger in a cluster, on an API server in memory and in virtual time.
//!
//! * `server`: the API server; `cut_off`: every request that goes wrong; `lock`: who holds it; `past`: what is kept of it, and what goes.

mod cut_off;
mod lock;
mod past;
mod server;

use super::ClusterLedger;
use crate::journal::Journal;
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::plan::Action;
use model::resource::Scope;
use model::{Duration, Timestamp};
use port::{Holder, Ledger};

fn holder(name: &str) -> Holder {
    let since = Timestamp(1_795_000_000_000);
    let expires = since + Duration::minutes(60);
    Holder { name: name.to_owned(), host: "bench".to_owned(), process: 7, command: "apply".to_owned(), since, expires }
}

fn entry(run: u64, event: JournalEvent) -> JournalEntry {
    JournalEntry { at: Timestamp(1_795_000_001_000), run, event }
}

fn started(run: u64, steps: u64) -> Vec<JournalEntry> {
    vec![entry(run, JournalEvent::RunStarted { steps, plan: "p".into(), audit: Vec::new() })]
}

/// A step begins and ends.
fn step(run: u64, number: usize) -> Vec<JournalEntry> {
    let address: model::Address = format!("vault/policy/p{number}").parse().unwrap();
    let (action, scope) = (Action::Create, Scope::PLATFORM);
    let begins = JournalEvent::StepStarted { address: address.clone(), action, scope, before: None, after: None };
    let ends = JournalEvent::StepEnded { address, result: StepResult::Done { changed: true } };
    vec![entry(run, begins), entry(run, ends)]
}

fn ended(run: u64) -> Vec<JournalEntry> {
    vec![entry(run, JournalEvent::RunEnded { verdict: Verdict::Converged })]
}

/// A whole run of so many steps, and what it wrote.
async fn ran(ledger: &mut ClusterLedger, steps: usize) -> (u64, Vec<JournalEntry>) {
    let run = ledger.begin(holder("anna")).await.unwrap();
    let mut all = vec![started(run, steps as u64)];
    all.extend((0..steps).map(|number| step(run, number)));
    all.push(ended(run));
    for batch in &all {
        ledger.record(batch).await.unwrap();
    }
    ledger.end().await.unwrap();
    (run, all.concat())
}
