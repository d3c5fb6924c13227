//! `vamp ledger SPEC`: begin the ledger where SPEC keeps it, with what the one before knew, or, if that is lost, with what is there.
//!
//! At every moment one ledger at most lets a run begin: the new one does once it knows everything, and the old one is closed before that.
//! Who is killed in between begins again: until then the new one is as if it knew nothing ([`crate::ledger::knows`]).

#[cfg(test)]
mod tests;

use super::agreement::Agreement;
use super::{Ended, runtime};
use crate::cli::{Format, Output, SpecFile, World};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ledger::{BEGINS, kept_in, knows, own};
use crate::past;
use crate::platform::{self, AnyPlatform, For};
use crate::prepare::{Prepared, prepare};
use crate::session::{holder, keep_audit, tell_lacking};
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use driver::audit;
use model::audit::Chain;
use model::audit::backlog::Head;
use model::connection::Connection;
use model::observation::{Gap, Snapshot};
use model::outcome::{JournalEntry, JournalEvent, Verdict};
use model::value::Text;
use model::{Address, Kind, System};
use planner::compile::audit::chains;
use planner::render::style::{counted, escape};
use port::{Account, Event, Ledger, LedgerError, Observe, Platform, Request, Ticket};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Begin the ledger anew where the spec keeps it
#[derive(Debug, Args)]
#[command(
    after_help = "The ledger holds the lock, the history, what runs made, and where. It lies in the platform's MySQL, or in the cluster that \
    runs it: a spec that places MySQL elsewhere leads to another one, which knows nothing. The history of the runs before stays where \
    it was; no run can begin there any more."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    with: With,
    #[command(flatten)]
    agreement: Agreement,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What the new ledger begins with.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct With {
    /// With what the ledger of this earlier spec of the platform knows; that one is closed then
    #[arg(long, value_name = "OLD-SPEC")]
    from: Option<PathBuf>,
    /// With what is there: the old one is lost
    #[arg(long)]
    lost: bool,
}

/// What a ledger knows that has to outlive it.
struct Knowledge {
    connections: Vec<Connection>,
    made: BTreeSet<Address>,
    /// How far each audit chain is written.
    heads: Vec<Head>,
}

/// A spec, where it leads, and what is there.
struct Place<'a, P> {
    prepared: &'a Prepared,
    connections: Vec<Connection>,
    platform: P,
}

fn open<'a>(prepared: &'a Prepared, world: &World) -> Result<Place<'a, AnyPlatform>, CommandError> {
    let site = Site::of(prepared, world)?;
    if site.world().is_some() {
        return Err(CommandError::new("an embedded platform keeps its ledger in its own file").usage());
    }
    site.check_credentials()?;
    let platform = runtime()?.block_on(platform::open(&site, For::ChangingWhatIs))?;
    Ok(Place { prepared, connections: site.connections, platform })
}

impl<P> Place<'_, P> {
    fn name(&self) -> &str {
        &self.prepared.spec.platform.value
    }

    fn ledger(&self) -> String {
        kept_in(&self.connections)
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let old = arguments.with.from.as_ref().map(|file| prepare(file, ui)).transpose()?;
    let mut new = open(&prepared, &arguments.world)?;
    let mut old = old.as_ref().map(|old| open(old, &arguments.world)).transpose()?;
    let known = runtime()?.block_on(async {
        match &mut old {
            Some(old) => move_here(old, &mut new, arguments.agreement, ui).await,
            None => begin_anew(&mut new, arguments.agreement, ui).await.map(Some),
        }
    })?;
    tell(known.as_ref(), &new.ledger(), old.map(|old| old.ledger()).as_deref(), ui)
}

/// Take along what the old ledger knows, and close it; nothing if that is done already.
async fn move_here<P: Platform + Observe + Ledger>(
    old: &mut Place<'_, P>,
    new: &mut Place<'_, P>,
    agreement: Agreement,
    ui: &Ui,
) -> Result<Option<Knowledge>, CommandError> {
    if old.name() != new.name() {
        let message = format!("{} is the spec of another platform: {}, not {}", old.prepared.spec.file, old.name(), new.name());
        return Err(CommandError::new(message).usage());
    }
    let (from, to) = (old.ledger(), new.ledger());
    if from == to {
        return Err(CommandError::new(format!("both specs lead to the same ledger, in {to}")).usage());
    }
    let is_closed = old.platform.closed().await?.is_some();
    if !has_room(&mut new.platform).await? {
        if is_closed {
            return Ok(None);
        }
        let message = format!("the ledger in {to} knows of runs already, and that in {from} is not closed");
        return Err(CommandError::new(message).hint("`vamp history` of both specs tells which runs each knows"));
    }
    agreement.ask(&format!("No run can begin in the ledger in {from} any more."), "does it", "changed", ui)?;
    old.platform.observe(&old.connections, &[]).await?;
    if !is_closed {
        keep_audit(&mut old.platform, BEGINS, ui).await?;
    }
    transfer(old, new, ui).await.map(Some)
}

/// Both locks are held for as long as it takes.
async fn transfer<P: Platform + Observe + Ledger>(
    old: &mut Place<'_, P>,
    new: &mut Place<'_, P>,
    ui: &Ui,
) -> Result<Knowledge, CommandError> {
    let locked = begin(&mut old.platform).await?;
    let transferred = async {
        let known = known_by(&mut old.platform, &old.prepared.spec.platform.value).await?;
        record(&mut old.platform, locked, whole_run(Vec::new(), Vec::new())).await?;
        let run = begin(&mut new.platform).await?;
        let to = new.ledger();
        let written = async {
            old.platform.set_closed(Some(&format!("it was moved to {to}"))).await?;
            write(new, &known, run, ui).await
        };
        let written = written.await;
        let given_back = new.platform.end().await;
        written?;
        given_back?;
        Ok(known)
    };
    let transferred: Result<Knowledge, CommandError> = transferred.await;
    let given_back = old.platform.end().await;
    let known = transferred?;
    given_back?;
    Ok(known)
}

/// Begin with what is there.
async fn begin_anew<P: Platform + Observe + Ledger>(
    new: &mut Place<'_, P>,
    agreement: Agreement,
    ui: &Ui,
) -> Result<Knowledge, CommandError> {
    let to = new.ledger();
    if !has_room(&mut new.platform).await? {
        let message = format!("the ledger in {to} is not lost: it knows of runs");
        return Err(CommandError::new(message).hint(format!("`vamp history {}` shows them", new.prepared.spec.file)));
    }
    let snapshot = new.platform.observe(&new.connections, Kind::ALL).await?;
    let unseen = snapshot.gaps().into_iter().find(|(_, gap)| !matches!(gap, Gap::NotYet { .. }));
    if let Some((system, gap)) = unseen {
        let refused = CommandError::new(format!("nobody can tell what is there: {system}: {gap}"));
        return Err(refused.hint(format!("bring {system} back first; what is in it is not known to anybody else")));
    }
    let mut known = seen(new, &snapshot);
    let taken =
        counted(known.made.len(), "object that is there is taken for theirs", "objects that are there are taken for theirs");
    agreement.ask(&format!("Of what earlier runs made, {taken}, and nothing else is known."), "does it", "changed", ui)?;
    let run = begin(&mut new.platform).await?;
    let written = async {
        known.heads = heads(&mut new.platform, chains(&new.prepared.spec)).await?;
        write(new, &known, run, ui).await
    };
    let written: Result<(), CommandError> = written.await;
    let given_back = new.platform.end().await;
    written?;
    given_back?;
    Ok(known)
}

/// Whether nothing is lost if the ledger begins anew: it knows no run, or it is closed.
async fn has_room<P: Ledger>(platform: &mut P) -> Result<bool, CommandError> {
    Ok(platform.closed().await?.is_some() || !knows(platform).await?)
}

async fn begin<P: Ledger>(platform: &mut P) -> Result<u64, CommandError> {
    let own = holder(BEGINS);
    match platform.begin(own.clone()).await {
        Err(LedgerError::Held(held)) if (&held.host, held.process) == (&own.host, own.process) => {
            Err(CommandError::new("both specs lead to the same ledger").usage())
        }
        begun => Ok(begun?),
    }
}

/// What the ledger of an earlier spec knows; its audit chains have to be written as far as they go.
async fn known_by<P: Ledger>(platform: &mut P, name: &str) -> Result<Knowledge, CommandError> {
    let backlog = audit::backlog(platform).await?;
    if audit::Keeper::new(&backlog).is_some() {
        let refused = CommandError::new("an audit log lacks documents of earlier runs, and the ledger alone knows them");
        return Err(refused.hint("bring its store back first; `vamp audit verify` shows which"));
    }
    let made = past::made(platform).await?;
    Ok(Knowledge { connections: platform.connections(name).await?, made, heads: backlog.heads })
}

/// What a complete look shows of a platform whose ledger is lost.
fn seen<P>(place: &Place<'_, P>, snapshot: &Snapshot) -> Knowledge {
    let made: BTreeSet<Address> = own(snapshot, place.name()).cloned().collect();
    let systems: BTreeSet<System> = made.iter().map(Address::system).collect();
    let connections = place.connections.iter().filter(|connection| systems.contains(&connection.system)).cloned();
    Knowledge { connections: connections.collect(), made, heads: Vec::new() }
}

/// How far `chains` are written, as they say themselves. Their stores were looked at before.
async fn heads<P: Observe>(platform: &mut P, chains: Vec<Chain>) -> Result<Vec<Head>, CommandError> {
    let mut heads = Vec::new();
    for chain in chains {
        let stored = match platform.audit(&chain).await? {
            Ok(stored) => stored,
            Err(Gap::NotYet { .. }) => continue,
            Err(gap) => return Err(CommandError::new(format!("{chain} cannot be read: {gap}"))),
        };
        let position = |document: &model::Value| document.integer_at(&["position"]).and_then(|at| u64::try_from(at).ok());
        let last = stored.iter().filter_map(|one| Some((position(&one.document)?, one.document.str_at(&["digest"])?))).max();
        heads.extend(last.map(|(position, digest)| Head { chain, position, digest: digest.into(), run: 0, taken: 0, gap: None }));
    }
    Ok(heads)
}

/// Write down what is known as what came before `run`, and let runs begin.
async fn write<P: Platform + Observe + Ledger>(
    place: &mut Place<'_, P>,
    known: &Knowledge,
    run: u64,
    ui: &Ui,
) -> Result<(), CommandError> {
    let name = place.prepared.spec.platform.value.clone();
    let platform = &mut place.platform;
    platform.remember(&name, &known.connections).await?;
    platform.keep_account(&Account { through: run.saturating_sub(1), made: known.made.clone() }).await?;
    let heads = known.heads.iter().map(|head| Head { run, taken: 0, gap: None, ..head.clone() }).collect();
    record(platform, run, whole_run(chains(&place.prepared.spec), heads)).await?;
    platform.set_closed(None).await?;
    platform.observe(&place.connections, &[]).await?;
    tell_lacking(&audit::keep(platform).await?, ui);
    Ok(())
}

/// What is told of a run that does nothing else, whose audit documents belong into these chains, which are so far written.
fn whole_run(audit: Vec<Chain>, heads: Vec<Head>) -> Vec<JournalEvent> {
    let started = JournalEvent::RunStarted { steps: 0, plan: Text::default(), audit };
    let audited = (!heads.is_empty()).then_some(JournalEvent::Audited { heads });
    let ended = JournalEvent::RunEnded { verdict: Verdict::Converged };
    [Some(started), audited, Some(ended)].into_iter().flatten().collect()
}

/// Write this into the journal of `run`, as a whole or not at all.
async fn record<P: Platform>(platform: &mut P, run: u64, events: Vec<JournalEvent>) -> Result<(), CommandError> {
    let (at, ticket) = (platform.now(), Ticket(0));
    let entries = events.into_iter().map(|event| JournalEntry { at, run, event }).collect();
    platform.submit(Request::Record { ticket, entries });
    loop {
        platform.ready().await;
        if platform.next().await?.contains(&Event::Recorded { ticket }) {
            return Ok(());
        }
    }
}

fn tell(known: Option<&Knowledge>, to: &str, from: Option<&str>, ui: &mut Ui) -> Ended {
    let systems: Option<Vec<String>> =
        known.map(|known| known.connections.iter().map(|connection| connection.system.to_string()).collect());
    if ui.format() == Format::Json {
        let made = known.map(|known| known.made.len());
        ui.json(&serde_json::json!({ "ledger": to, "from": from, "made": made, "systems": systems }))?;
        return Ok(Exit::Done);
    }
    let closed = from.map(|from| format!(" No run begins in {from} any more.")).unwrap_or_default();
    let line = match (known, systems) {
        (Some(known), Some(systems)) => {
            let made = counted(known.made.len(), "object", "objects");
            format!(
                "The ledger is in {to}, and knows {made} of earlier runs, in {}.",
                counted(systems.len(), "system", "systems")
            )
        }
        _ => format!("Nothing to do: the ledger is in {to} already."),
    };
    ui.line(&escape(&(line + &closed)));
    Ok(Exit::Done)
}
