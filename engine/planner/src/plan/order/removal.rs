//! The order of deletes: what uses a thing goes before it, what replaces it comes first, and nothing goes around what must stay.
//!
//! What the graph still knows is deleted along its edges, reversed. What it no longer knows is ordered by rank (workloads before
//! what they use, content before its container), tenant by tenant, so that the number of edges stays linear.

use super::{Table, Waits};
use crate::plan::{Request, streams};
use model::Address;
use model::kind::Kind;
use model::observation::Observation;
use model::plan::{Action, Note, NoteKind, Step};
use model::resource::{Role, Scope};
use model::value::Text;
use std::collections::BTreeMap;

pub(super) fn link(request: &Request<'_>, table: &mut Table, blocked: &BTreeMap<&str, &Note>, waits: &mut Waits) {
    let deletes: Vec<usize> = (0..table.steps.len()).filter(|&index| table.steps[index].action == Action::Delete).collect();
    if deletes.is_empty() {
        return;
    }
    along_the_graph(request, table, &deletes, blocked, waits);
    by_rank(request, table, &deletes);
    around_what_stays(request, table, &deletes, blocked, waits);
    after_what_replaces(request, table, &deletes);
    after_what_moves_out(table, &deletes);
    table.after.iter_mut().for_each(|after| {
        after.sort_unstable();
        after.dedup();
    });
}

/// Reverse of the graph's edges, for what the graph still knows (destroy).
fn along_the_graph(
    request: &Request<'_>,
    table: &mut Table,
    deletes: &[usize],
    blocked: &BTreeMap<&str, &Note>,
    waits: &mut Waits,
) {
    for &index in deletes {
        let address = table.steps[index].address.clone();
        for (dependent, _) in request.graph.dependents(&address) {
            if let Some(&first) = table.index.get(&dependent.address) {
                table.after[index].push(first);
            } else if blocked.contains_key(dependent.address.as_str()) {
                waits.add(index, dependent.address.as_str());
            }
        }
    }
}

/// Ranks of deletes: lower ones go first.
fn rank(step: &Step) -> u8 {
    match step.address.kind() {
        Kind::Deployment | Kind::Job => 0,
        Kind::Service | Kind::PodDisruptionBudget | Kind::NetworkPolicy => 1,
        Kind::Kv | Kind::Grant | Kind::IndexTemplate => 2,
        Kind::AuthRole | Kind::User | Kind::Table | Kind::SearchRole => 3,
        Kind::Policy | Kind::Schema | Kind::LifecyclePolicy => 4,
        Kind::AuthMethod | Kind::Mount => 5,
        Kind::RoleBinding | Kind::Role | Kind::ServiceAccount | Kind::ConfigMap | Kind::Secret => 6,
        Kind::StatefulSet => 7,
        Kind::PersistentVolumeClaim => 8,
        Kind::Namespace => 9,
    }
}

/// Tenant by tenant, each rank after the one before; the platform's own things after every tenant's.
fn by_rank(request: &Request<'_>, table: &mut Table, deletes: &[usize]) {
    let mut groups: BTreeMap<Option<Text>, BTreeMap<u8, Vec<usize>>> = BTreeMap::new();
    for &index in deletes.iter().filter(|&&index| request.graph.get(&table.steps[index].address).is_none()) {
        let step = &table.steps[index];
        groups.entry(step.scope.tenant.clone()).or_default().entry(rank(step)).or_default().push(index);
    }
    for ranks in groups.values() {
        for (lower, higher) in ranks.values().zip(ranks.values().skip(1)) {
            for &index in higher {
                table.after[index].extend(lower.iter().copied());
            }
        }
    }
    let last: Vec<usize> = groups
        .iter()
        .filter(|(tenant, _)| tenant.is_some())
        .filter_map(|(_, ranks)| ranks.values().next_back())
        .flatten()
        .copied()
        .collect();
    if let Some(first) = groups.get(&None).and_then(|ranks| ranks.values().next()) {
        for &index in first {
            table.after[index].extend(last.iter().copied());
        }
    }
}

/// A container stays as long as something inside it stays: a namespace around a claim, a schema around a table. So does a lifecycle
/// policy whose index template stays: the data streams on that live by it.
fn around_what_stays(
    request: &Request<'_>,
    table: &Table,
    deletes: &[usize],
    blocked: &BTreeMap<&str, &Note>,
    waits: &mut Waits,
) {
    let stays: Vec<(Address, &str)> = blocked
        .iter()
        .filter(|(_, note)| {
            matches!(note.kind, NoteKind::NeedsConsent | NoteKind::NotTargeted | NoteKind::Refused | NoteKind::Contested)
        })
        .filter_map(|(subject, _)| Some((subject.parse().ok()?, *subject)))
        .collect();
    let inside = by_container(stays.iter().map(|(address, subject)| (address, *subject)).collect());
    let ruled = by_policy(request, &stays);
    for &index in deletes {
        let address = &table.steps[index].address;
        let inner = container(address).and_then(|container| inside.get(&container)?.first());
        if let Some(kept) = inner.or_else(|| ruled.get(address)) {
            waits.add(index, kept);
        }
    }
}

/// The index template that names each lifecycle policy, of those that stay.
fn by_policy<'a>(request: &Request<'_>, stays: &[(Address, &'a str)]) -> BTreeMap<Address, &'a str> {
    let mut ruled = BTreeMap::new();
    for (template, subject) in stays {
        if let Observation::Present(seen) = request.snapshot.observe(template) {
            streams::policy_of(template, seen).into_iter().for_each(|policy| {
                ruled.entry(policy).or_insert(*subject);
            });
        }
    }
    ruled
}

/// System and key of a container, which goes with everything in it.
type Container<'a> = (&'a str, &'a str);

/// `address` as a container, if it is one.
fn container(address: &Address) -> Option<Container<'_>> {
    matches!(address.kind(), Kind::Namespace | Kind::Schema | Kind::Mount).then(|| (address.system_text(), address.key()))
}

/// What is in each container, in the order given: everything whose key begins with that of the container.
fn by_container<'a, T: Copy>(all: Vec<(&'a Address, T)>) -> BTreeMap<Container<'a>, Vec<T>> {
    let mut inside: BTreeMap<Container<'a>, Vec<T>> = BTreeMap::new();
    for (address, one) in all {
        for (at, _) in address.key().match_indices('/') {
            inside.entry((address.system_text(), &address.key()[..at])).or_default().push(one);
        }
    }
    inside
}

/// A container goes after everything that moves out of it: what has not moved yet would go with it.
fn after_what_moves_out(table: &mut Table, deletes: &[usize]) {
    let moves: Vec<(usize, Address)> =
        table.steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.moved_from.clone()?))).collect();
    let inside = by_container(moves.iter().map(|(index, from)| (from, *index)).collect());
    for &index in deletes {
        let within = container(&table.steps[index].address).and_then(|container| inside.get(&container));
        table.after[index].extend(within.into_iter().flatten());
    }
}

/// Tenants that go by another name from now on: the old name, and the new one.
fn renamed(request: &Request<'_>, table: &Table) -> BTreeMap<Option<Text>, Option<Text>> {
    let moved = table.steps.iter().filter_map(|step| Some((step.moved_from.as_ref()?, &step.scope.tenant)));
    let names = moved.filter_map(|(from, new)| match request.snapshot.observe(from) {
        Observation::Present(seen) => Some((seen.scope.tenant.clone(), new.clone())),
        Observation::Absent | Observation::Unknown(_) => None,
    });
    names.collect()
}

/// Make before break: within a tenant, by whichever of its names, and for the platform as a whole, deletes come after creates and
/// updates. Only Vamp is the other way round: two must never run at once (VMP-1), and it starts when old configuration is gone (VMP-3).
fn after_what_replaces(request: &Request<'_>, table: &mut Table, deletes: &[usize]) {
    let renamed = renamed(request, table);
    let mut makes: BTreeMap<Option<Text>, Vec<usize>> = BTreeMap::new();
    let mut vamps = Vec::new();
    for (index, step) in
        table.steps.iter().enumerate().filter(|(_, step)| !matches!(step.action, Action::Delete | Action::Keep | Action::Await))
    {
        match step.role {
            Role::Vamp => vamps.push(index),
            _ => makes.entry(step.scope.tenant.clone()).or_default().push(index),
        }
    }
    let leaves: BTreeMap<Option<Text>, Vec<usize>> =
        makes.into_iter().map(|(tenant, steps)| (tenant, last_of(table, steps))).collect();
    for &index in deletes {
        let step = &table.steps[index];
        let earliest = table.after[index].is_empty();
        let scope: &Scope = &step.scope;
        if step.role != Role::Vamp && earliest {
            let names = [Some(&scope.tenant), renamed.get(&scope.tenant)];
            table.after[index].extend(names.into_iter().flatten().filter_map(|name| leaves.get(name)).flatten());
        }
        let first_for_vamp = step.role == Role::Vamp || matches!(step.address.kind(), Kind::Kv | Kind::Table);
        for &vamp in vamps.iter().filter(|_| first_for_vamp) {
            table.after[vamp].push(index);
        }
    }
}

/// Of some steps, those that no other of them comes after.
fn last_of(table: &Table, steps: Vec<usize>) -> Vec<usize> {
    let members: std::collections::BTreeSet<usize> = steps.iter().copied().collect();
    let followed: std::collections::BTreeSet<usize> =
        steps.iter().flat_map(|&index| table.after[index].iter().copied()).filter(|first| members.contains(first)).collect();
    steps.into_iter().filter(|index| !followed.contains(index)).collect()
}
