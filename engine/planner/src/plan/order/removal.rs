//! The order of deletes: what uses a thing goes before it, what replaces it comes first, and nothing goes around what must stay.
//!
//! What the graph still knows is deleted along its edges, reversed. What it no longer knows is ordered by rank (workloads before
//! what they use, content before its container), tenant by tenant, so that the number of edges stays linear.

use super::{Table, Waits};
use crate::plan::Request;
use model::kind::Kind;
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
    around_what_stays(table, &deletes, blocked, waits);
    after_what_replaces(table, &deletes);
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

/// A container stays as long as something inside it stays: a namespace around a claim, a schema around a table.
fn around_what_stays(table: &Table, deletes: &[usize], blocked: &BTreeMap<&str, &Note>, waits: &mut Waits) {
    let stays: Vec<&str> = blocked
        .iter()
        .filter(|(_, note)| matches!(note.kind, NoteKind::NeedsConsent | NoteKind::NotTargeted | NoteKind::Refused))
        .map(|(subject, _)| *subject)
        .collect();
    for &index in deletes {
        let address = &table.steps[index].address;
        let inside = |other: &&&str| {
            other.parse::<model::Address>().is_ok_and(|other| {
                other.system_text() == address.system_text()
                    && matches!(address.kind(), Kind::Namespace | Kind::Schema | Kind::Mount)
                    && other.key().strip_prefix(address.key()).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        if let Some(kept) = stays.iter().find(inside) {
            waits.add(index, kept);
        }
    }
}

/// Make before break: within a tenant, and for the platform as a whole, deletes come after creates and updates. Only Vamp is the
/// other way round: two must never run at once (VMP-1), and it starts when old configuration is gone (VMP-3).
fn after_what_replaces(table: &mut Table, deletes: &[usize]) {
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
            let made = leaves.get(&scope.tenant).cloned().unwrap_or_default();
            table.after[index].extend(made);
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
