//! Plans rehearsed in worlds that were made from snapshots.

use super::*;
use crate::digest::digest;
use crate::fault::Kind as FaultKind;
use crate::operator::secrets::Keyring;
use crate::testing::{SMALL, desired, small};
use model::observation::{Gap, Listing, Snapshot};
use model::{Kind, SecretDigest, SecretReference, System, Timestamp};
use planner::plan::plan;
use std::collections::BTreeMap;

/// A platform, what is seen of it, and what its secrets are known by.
struct Stage {
    desired: Arc<Desired>,
    snapshot: Snapshot,
    digests: BTreeMap<SecretReference, SecretDigest>,
}

impl Stage {
    /// What `before` has become, and a change to `after`.
    fn new(before: &Arc<Desired>, after: Arc<Desired>) -> Self {
        let warm = Warm::up(before).unwrap();
        let keyring = Keyring::new(0);
        let known = |reference: &SecretReference| Some((reference.clone(), digest(&warm.world, &keyring, reference).ok()?));
        let digests = after.secrets.iter().filter_map(known).collect();
        Stage { snapshot: look(&after, &warm.world), desired: after, digests }
    }

    fn seen(&self) -> Seen<'_> {
        Seen { snapshot: &self.snapshot, connections: &self.desired.connections, digests: &self.digests }
    }

    fn rehearsal(&self) -> Result<Rehearsal, NoRehearsal> {
        let plan = plan(&planner::plan::Request {
            spec: &self.desired.spec,
            graph: &self.desired.graph,
            snapshot: &self.snapshot,
            connections: &self.desired.connections,
            digests: &self.digests,
            previews: &model::preview::Previews::new(),
            options: &self.desired.options,
            acts_on: &[],
            pinned_to: &Default::default(),
            now: Timestamp(0),
        });
        Rehearsal::new(Request { seen: self.seen(), plan: &plan, desired: &self.desired, options: &self.desired.options })
    }
}

fn look(desired: &Desired, world: &crate::world::World) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for connection in &desired.connections {
        let system = &connection.system;
        for kind in Kind::of(system.family()) {
            snapshot.record(system.clone(), kind, world.list(system, kind));
        }
        snapshot.nodes.extend(world.nodes(system));
    }
    snapshot
}

/// All that does not depend on when and how often something was written.
fn essence(snapshot: &Snapshot) -> Vec<String> {
    let line = |(address, seen): (&Address, &model::observation::Observed)| {
        format!("{address} {:?} {:?} {:?} {:?} {:?}", seen.document, seen.owner, seen.applied, seen.scope, seen.condition)
    };
    snapshot.objects().map(line).collect()
}

fn with_agents(count: u32) -> Arc<Desired> {
    desired(&SMALL.replace("gateways:", &format!("gatewayAgents: {{ replicas: {count} }}\n        gateways:")))
}

fn try_all(rehearsal: &Rehearsal, search: &Search) -> Tried {
    let mut tried = Tried::default();
    (0..search.parts()).for_each(|part| tried.add(rehearsal.try_part(search, part)));
    tried
}

#[test]
fn the_world_is_made_as_it_was_seen() {
    for text in
        [SMALL, include_str!("../../../specs/simulate/reference.yaml"), include_str!("../../../specs/valid/quickstart.yaml")]
    {
        let desired = desired(text);
        let stage = Stage::new(&desired, desired.clone());
        let world = seen::world(stage.seen(), &desired.load).unwrap();
        assert_eq!(essence(&look(&desired, &world)), essence(&stage.snapshot));
    }
}

#[test]
fn a_plan_that_changes_nothing_else_is_the_same_plan_where_it_is_rehearsed() {
    let stage = Stage::new(&small(), Arc::new(small().rolled().unwrap()));
    let rehearsal = stage.rehearsal().unwrap();
    assert_eq!(rehearsal.instants().len(), 5, "{:?}", rehearsal.instants());
    let kinds: BTreeSet<FaultKind> = rehearsal.faults().iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, KINDS.into_iter().collect());
}

#[test]
fn a_roll_out_of_three_agents_bears_any_fault_and_any_two() {
    let rehearsal = Stage::new(&small(), Arc::new(small().rolled().unwrap())).rehearsal().unwrap();
    let (one, two) = (rehearsal.of_one(), rehearsal.of_two());
    let tried = try_all(&rehearsal, &one);
    assert_eq!(tried.found.broken, []);
    assert!(tried.found.schedules > 20 && tried.found.left_out == 0, "{tried:?}");
    let tried = try_all(&rehearsal, &two);
    assert_eq!(tried.found.broken, []);
    assert!(tried.found.schedules > 100, "{} {}", tried.found.schedules, tried.found.left_out);
}

#[test]
fn two_agents_instead_of_three_are_one_lost_node_from_too_few() {
    let rehearsal = Stage::new(&small(), with_agents(2)).rehearsal().unwrap();
    let tried = try_all(&rehearsal, &rehearsal.of_one());
    let (schedule, report) = tried.found.broken.first().unwrap();
    let example = rehearsal.counter_example(schedule, report).unwrap();
    assert_eq!(example.promise, Promise::TwoAgents);
    let [injection] = example.schedule.injections() else { panic!("{:?}", example.schedule) };
    assert_eq!(injection.fault.kind, FaultKind::NodeDead);
    assert!(injection.lasts < Some(Duration::seconds(10)), "{injection:?}");
}

#[test]
fn what_is_broken_anyway_does_not_speak_against_a_plan() {
    let two = with_agents(2);
    let rehearsal = Stage::new(&two, Arc::new(two.rolled().unwrap())).rehearsal().unwrap();
    let tried = try_all(&rehearsal, &rehearsal.of_one());
    assert_eq!(tried.found.broken, []);
    assert!(tried.broken_anyway > 0);
    // And a plan that mends it is not held up by what it mends.
    let rehearsal = Stage::new(&two, small()).rehearsal().unwrap();
    assert_eq!(try_all(&rehearsal, &rehearsal.of_one()).found.broken, []);
}

#[test]
fn what_nobody_could_look_at_is_not_rehearsed() {
    let mut stage = Stage::new(&small(), with_agents(2));
    let gap = Gap::Unavailable("Vault is sealed".to_owned());
    stage.snapshot.record(System::Vault, Kind::Kv, Listing::Unknown(gap));
    assert!(matches!(stage.rehearsal(), Err(NoRehearsal::NotSeen { system, .. }) if system == "vault"));
}
