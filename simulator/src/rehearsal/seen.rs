//! The world made from a snapshot: the machines and stores that its connections name, and in them every object as it was seen, with the
//! mark that it carries. What a snapshot does not say (pods, leases, what an agent holds) follows from it as time passes.
//!
//! It is made in the order in which it could have come to be: what needs no program, then the stores that clusters run, then what is in
//! stores, then all other workloads.

use super::NoRehearsal;
use crate::digest::held;
use crate::fault::{Fault, Kind as FaultKind, Target};
use crate::operator::secrets::Known;
use crate::world::{Edit, World};
use model::connection::Connection;
use model::load::{CellLoad, Load};
use model::observation::{Condition, Gap, Listing, Observation, Observed, Owner, Snapshot};
use model::operation::{Expectation, Mark, Operation};
use model::{Address, Duration, Kind, SecretDigest, SecretReference, System, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest that one part of a platform takes to be as it was seen.
const PATIENCE: Duration = Duration::minutes(60);
/// How often it is looked whether it is.
const LOOK: Duration = Duration::seconds(10);
/// How long the platform is left alone after that, so that load balancers know of every agent.
const SETTLING: Duration = Duration::minutes(2);

/// What the server of an object writes into it, and nobody else (`metadata`).
const BOOKKEEPING: [&str; 5] = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

/// What was seen, and where.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What.
    pub snapshot: &'a Snapshot,
    /// Every system that was looked at.
    pub connections: &'a [Connection],
    /// Digests of the secrets that could be fetched, as they stand in what was seen.
    pub digests: &'a BTreeMap<SecretReference, SecretDigest>,
}

/// The world as it was seen, with the part of `load` that reaches cells which are there.
///
/// # Errors
/// [`NoRehearsal`] if a system could not be looked at, or what was seen cannot be made again.
pub(super) fn world(seen: Seen<'_>, load: &Load) -> Result<World, NoRehearsal> {
    let snapshot = seen.snapshot;
    all_was_seen(snapshot)?;
    let mut world = World::new(0);
    world.furnish(seen.connections);
    lose_nodes(&mut world, snapshot);
    let hosts: BTreeSet<Address> = world.stores().hosts().filter_map(|(_, host)| host.workload.clone()).collect();
    let is_program = |address: &Address| address.kind().runs_pods() && !hosts.contains(address);
    let in_cluster = |address: &Address| matches!(address.system(), System::Cluster(_));
    write(&mut world, snapshot, |address| in_cluster(address) && !address.kind().runs_pods())?;
    write(&mut world, snapshot, |address| hosts.contains(address))?;
    wait(&mut world, |world| stores_away(world, snapshot))?;
    write(&mut world, snapshot, |address| !in_cluster(address))?;
    write(&mut world, snapshot, is_program)?;
    world.declare(&of_cells_seen(load, snapshot));
    wait(&mut world, |world| behind(world, snapshot))?;
    world.advance(SETTLING);
    world.touched();
    Ok(world)
}

/// Nothing can be said of what nobody could look at.
fn all_was_seen(snapshot: &Snapshot) -> Result<(), NoRehearsal> {
    match snapshot.gaps().into_iter().find(|(_, gap)| !matches!(gap, Gap::NotYet { .. })) {
        None => Ok(()),
        Some((system, gap)) => Err(NoRehearsal::NotSeen { system: system.to_string(), why: gap.to_string() }),
    }
}

/// A node that takes no pods is taken for lost.
fn lose_nodes(world: &mut World, snapshot: &Snapshot) {
    for (cluster, nodes) in &snapshot.nodes {
        for node in nodes.iter().filter(|node| !node.schedulable) {
            // A node that this world has not is none that it could place pods on either.
            let node = Target::Node { cluster: cluster.clone(), node: node.name.clone() };
            let _ = world.inject(&Fault::new(FaultKind::NodeDead, node));
        }
    }
}

/// Let time pass until nothing is left to wait for.
fn wait(world: &mut World, left: impl Fn(&World) -> Vec<String>) -> Result<(), NoRehearsal> {
    let end = world.now() + PATIENCE;
    loop {
        let missing = left(world);
        if missing.is_empty() {
            return Ok(());
        }
        if world.now() >= end {
            return Err(NoRehearsal::Otherwise(missing));
        }
        world.advance(LOOK);
    }
}

/// Stores that answered whoever looked, and do not answer here yet.
fn stores_away(world: &World, snapshot: &Snapshot) -> Vec<String> {
    let answered = |(system, _, listing): (&System, Kind, &Listing)| match listing {
        Listing::Complete(_) if !matches!(system, System::Cluster(_)) => Some(system.clone()),
        _ => None,
    };
    let answered: BTreeSet<System> = snapshot.listings().filter_map(answered).collect();
    answered.iter().filter_map(|system| Some(format!("{system}: {}", world.stores().gap(system)?))).collect()
}

/// What did its work when it was seen, and does not here yet.
fn behind(world: &World, snapshot: &Snapshot) -> Vec<String> {
    let ready = snapshot.objects().filter(|(_, seen)| seen.condition == Condition::Ready);
    let behind = |address: &Address| match world.condition(address) {
        Condition::Ready => None,
        Condition::NotReady(why) | Condition::Failed(why) => Some(format!("{address}: {why}")),
    };
    ready.filter_map(|(address, _)| behind(address)).collect()
}

/// Load of the cells that have gateway agents.
fn of_cells_seen(load: &Load, snapshot: &Snapshot) -> Load {
    let cell = |cell: &&CellLoad| {
        let key = format!("{}/gateway-agent", cell.namespace);
        let agents = Address::new(&System::Cluster(cell.cluster.clone()), Kind::Deployment, &key);
        matches!(snapshot.observe(&agents), Observation::Present(_))
    };
    Load { cells: load.cells.iter().filter(cell).cloned().collect(), sinks: load.sinks.clone() }
}

/// Make all objects that `which` chooses, in the order of their kinds.
fn write(world: &mut World, snapshot: &Snapshot, which: impl Fn(&Address) -> bool) -> Result<(), NoRehearsal> {
    let mut objects: Vec<(&Address, &Observed)> = snapshot.objects().filter(|(address, _)| which(address)).collect();
    objects.sort_by_key(|(address, _)| (address.kind(), (*address).clone()));
    for (address, observed) in objects {
        let why = |error: &dyn std::fmt::Display| NoRehearsal::Otherwise(vec![format!("{address}: {error}")]);
        let document = written(&observed.document);
        match &observed.owner {
            Owner::Platform(platform) => {
                let applied = observed.applied.clone().unwrap_or_default();
                let mark = Mark { platform: platform.clone(), applied, scope: observed.scope.clone() };
                let (document, expected) = (Arc::new(document), Expectation::Unseen);
                let operation = Operation::Apply { address: address.clone(), document, mark, expected, force: true };
                world.execute(&operation).map_err(|error| why(&error))?;
            }
            Owner::Foreign => world.edit(address, &Edit::Create { document }).map_err(|error| why(&error))?,
        }
    }
    Ok(())
}

/// What somebody wrote of a document.
fn written(document: &Value) -> Value {
    let mut document = document.clone();
    document.remove(&["status"]);
    for field in BOOKKEEPING {
        document.remove(&["metadata", field]);
    }
    document
}

/// What the secrets of a platform are known by: digests as they stand in what was seen.
pub(super) fn known(seen: Seen<'_>) -> Known {
    let text = |(reference, digest): (&SecretReference, &SecretDigest)| {
        let (address, parts, field) = held(reference)?;
        let Observation::Present(seen) = seen.snapshot.observe(&address) else { return None };
        let text = parts.iter().find_map(|part| seen.document.at(&[part, field]).and_then(Value::as_str))?;
        Some((text.to_owned(), *digest))
    };
    Known { references: seen.digests.clone(), texts: seen.digests.iter().filter_map(text).collect() }
}
