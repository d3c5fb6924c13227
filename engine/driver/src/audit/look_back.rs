//! What the journal tells of the audit chains, and whether they say the same.

use model::Value;
use model::audit::Chain;
use model::audit::backlog::{Head, Lane, lanes};
use model::audit::history::Run;
use model::audit::verify::{self, Account};
use model::observation::Gap;
use model::outcome::{JournalEntry, JournalEvent};
use port::{Ledger, LedgerError, Observe, RunSummary};
use std::collections::BTreeMap;

/// What the journal tells of what is written, and of what was done since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How far each chain is written.
    pub heads: Vec<Head>,
    /// The runs that have to be read to go on from there, in order.
    pub runs: Vec<Run>,
}

/// What is done and no chain holds yet: from the journal, read back as far as it has to be.
///
/// # Errors
/// If the journal cannot be read.
pub async fn backlog<L: Ledger>(ledger: &mut L) -> Result<Backlog, LedgerError> {
    let mut known = 8;
    loop {
        let mut summaries = ledger.runs(known).await?;
        let is_all = summaries.len() < known as usize;
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.run));
        if let Some(backlog) = read_back(ledger, &summaries, is_all).await? {
            return Ok(backlog);
        }
        known = known.saturating_mul(8);
    }
}

/// Read journals, the newest first, until all is known; nothing if these runs are not enough.
async fn read_back<L: Ledger>(ledger: &mut L, newest: &[RunSummary], is_all: bool) -> Result<Option<Backlog>, LedgerError> {
    let mut backlog = Backlog::default();
    let mut from = None;
    for summary in newest {
        if from.is_some_and(|from| summary.run < from) {
            break;
        }
        let run = told(summary, ledger.journal(summary.run).await?);
        if from.is_none()
            && let Some(heads) = heads(&run)
        {
            from = Some(heads.iter().map(|head| head.run).min().unwrap_or(run.number));
            backlog.heads = heads;
        }
        backlog.runs.push(run);
    }
    backlog.runs.reverse();
    let is_enough = is_all || from.is_some_and(|from| backlog.runs.first().is_some_and(|first| first.number <= from));
    Ok(is_enough.then_some(backlog))
}

fn told(summary: &RunSummary, entries: Vec<JournalEntry>) -> Run {
    let actor = format!("{}@{}", summary.holder.name, summary.holder.host);
    Run { number: summary.run, actor: actor.into(), command: summary.holder.command.as_str().into(), entries }
}

/// How far every chain was written, as a run said it last.
fn heads(run: &Run) -> Option<Vec<Head>> {
    run.entries.iter().rev().find_map(|entry| match &entry.event {
        JournalEvent::Audited { heads } => Some(heads.clone()),
        _ => None,
    })
}

/// Read `chains` back, and after them those that earlier runs wrote, elsewhere or for what is no longer there; what each was found to be,
/// or why nobody could look. Their stores were looked at before.
///
/// # Errors
/// If the journal cannot be read.
pub async fn verify<P: Observe + Ledger>(
    platform: &mut P,
    mut chains: Vec<Chain>,
) -> Result<Vec<(Chain, Result<Account, Gap>)>, LedgerError> {
    let known = backlog(platform).await?;
    let lanes = lanes(&known.heads, &known.runs).into_iter();
    let mut lanes: BTreeMap<Chain, Lane> = lanes.map(|lane| (lane.head.chain.clone(), lane)).collect();
    let former: Vec<Chain> = lanes.keys().filter(|chain| !chains.contains(chain)).cloned().collect();
    chains.extend(former);
    let mut found = Vec::with_capacity(chains.len());
    for chain in chains {
        let stored = platform.audit(&chain).await.map_err(LedgerError::Platform)?;
        let lane = lanes.remove(&chain);
        let pending: Vec<Value> = lane.as_ref().map(|lane| lane.documents(usize::MAX)).unwrap_or_default();
        let head = lane.as_ref().map(|lane| &lane.head);
        let account = stored.map(|stored| verify::verify(&chain, &stored, head, &pending));
        found.push((chain, account));
    }
    Ok(found)
}
