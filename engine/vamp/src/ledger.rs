//! Whether the ledger that a spec leads to is the one that knows the platform. It lies in the platform's MySQL, or in the cluster that runs
//! that: a spec that places MySQL elsewhere leads to another one, and a server that lost its data to an empty one. Whoever planned from
//! that would take what is lost for new, and leave what lies in systems that the spec no longer names.

use crate::error::CommandError;
use model::connection::{Connection, Endpoint};
use model::observation::{Owner, Snapshot};
use model::{Address, System};
use planner::render::style::counted;
use port::{Ledger, RunSummary};

/// The ledger, in words.
pub(crate) fn kept_in(connections: &[Connection]) -> String {
    let mysql = connections.iter().find(|connection| connection.system == System::Mysql);
    match mysql.map(|mysql| &mysql.endpoint) {
        Some(Endpoint::InCluster { workload }) => workload.system().to_string(),
        Some(Endpoint::Server(address)) => format!("MySQL ({address})"),
        Some(Endpoint::Embedded | Endpoint::KubeconfigContext { .. }) | None => "MySQL".to_owned(),
    }
}

/// What was seen that is `platform`'s own.
pub(crate) fn own<'a>(snapshot: &'a Snapshot, platform: &'a str) -> impl Iterator<Item = &'a Address> {
    let is_own = move |owner: &Owner| matches!(owner, Owner::Platform(owner) if owner == platform);
    snapshot.objects().filter(move |(_, seen)| is_own(&seen.owner)).map(|(address, _)| address)
}

/// What the command is called that begins a ledger.
pub(crate) const BEGINS: &str = "ledger";

/// Whether the ledger knows of a run. One that only began the ledger, and did not come to its end, tells nothing.
///
/// # Errors
/// That the ledger cannot be read.
pub(crate) async fn knows<P: Ledger>(platform: &mut P) -> Result<bool, CommandError> {
    let tells = |run: &RunSummary| run.holder.command != BEGINS || run.verdict.is_some();
    match platform.runs(1).await?.first() {
        Some(run) if !tells(run) => Ok(platform.runs(u32::MAX).await?.iter().any(tells)),
        newest => Ok(newest.is_some()),
    }
}

/// Refuse a ledger in which no run may begin.
///
/// # Errors
/// Why none may, or that the ledger cannot be read.
pub(crate) async fn refuse_closed<P: Ledger>(platform: &mut P) -> Result<(), CommandError> {
    match platform.closed().await? {
        None => Ok(()),
        Some(why) => Err(CommandError::new(format!("the ledger that the spec leads to is closed: {why}"))),
    }
}

/// Refuse a ledger that is closed, or that knows nothing of what is there. `file` is the spec that leads to it, by its `connections`.
///
/// # Errors
/// What is wrong with it, and what can be done about it.
pub(crate) async fn check<P: Ledger>(
    platform: &mut P,
    name: &str,
    file: &str,
    connections: &[Connection],
    snapshot: &Snapshot,
) -> Result<(), CommandError> {
    refuse_closed(platform).await?;
    let Some(first) = own(snapshot, name).next() else { return Ok(()) };
    if knows(platform).await? {
        return Ok(());
    }
    let there = counted(own(snapshot, name).count(), "object is", "objects are");
    let message =
        format!("the ledger of {name}, in {}, knows of no run, and yet {there} there, {first} among them", kept_in(connections));
    let refused = CommandError::new(message);
    Err(refused
        .hint(format!("it was kept elsewhere before: `vamp ledger {file} --from OLD-SPEC` takes along what is known there"))
        .hint(format!("it is lost: `vamp ledger {file} --lost` begins a new one with what is there")))
}
