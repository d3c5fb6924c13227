//! What is ours and no longer wanted. Only a complete look at a system can show that; what could not be looked at stays.

use crate::plan::decide::as_seen;
use crate::plan::{Draft, Request};
use crate::policy::rules::DUR_7;
use model::address::Address;
use model::change::{Cause, CauseKind};
use model::kind::Kind;
use model::observation::{Observed, Owner};
use model::plan::{Action, Note, NoteKind, Step};
use model::resource::Role;
use std::collections::BTreeSet;

/// Add a delete for everything of ours that nothing wants. What holds data needs consent by name (DUR-7).
pub(crate) fn prune(request: &Request<'_>, draft: &mut Draft) {
    let moved: BTreeSet<Address> = draft.steps.iter().filter_map(|step| step.moved_from.clone()).collect();
    for (address, seen) in request.snapshot.objects() {
        if !is_ours(request, seen) || moved.contains(address) {
            continue;
        }
        if !request.options.destroy && request.graph.get(address).is_some() {
            continue;
        }
        if !request.options.targets.is_empty() && !request.options.targets.contains(address) {
            draft.notes.push(left_out(address));
        } else if holds_data(request, address, seen) && !request.options.allow_destroy.contains(address) {
            draft.notes.push(needs_consent(address, &lost(request, address, seen, &moved)));
        } else {
            draft.steps.push(deleted(request, address, seen));
        }
    }
    guard_replacements(request, draft);
}

/// What would be lost with it.
fn lost(request: &Request<'_>, address: &Address, seen: &Observed, moved: &BTreeSet<Address>) -> String {
    let no_longer = if request.options.destroy { "" } else { "is no longer wanted, and " };
    match seen.streams.as_slice() {
        [] if !request.options.destroy && is_emptied(request, address, moved) => {
            "is no longer wanted, and holds nothing once its tables have moved".to_owned()
        }
        [] => format!("{no_longer}holds data that would be lost"),
        [stream] => format!("{no_longer}bears the data stream {stream}, whose documents would be lost"),
        streams => format!("{no_longer}bears the data streams {}, whose documents would be lost", streams.join(", ")),
    }
}

fn is_ours(request: &Request<'_>, seen: &Observed) -> bool {
    matches!(&seen.owner, Owner::Platform(owner) if *owner == request.spec.platform.value.as_str())
}

/// Whether the tables of a schema all move away: then it holds none any more. It still goes by name only: somebody may have made one
/// since anybody looked.
fn is_emptied(request: &Request<'_>, address: &Address, moved: &BTreeSet<Address>) -> bool {
    let prefix = format!("{}/", address.key());
    let inside = |table: &&Address| table.kind() == Kind::Table && table.key().starts_with(&prefix);
    let mut tables = request.snapshot.objects().map(|(table, _)| table).filter(inside).peekable();
    address.kind() == Kind::Schema && tables.peek().is_some() && tables.all(|table| moved.contains(table))
}

/// Whether deleting it loses data.
fn holds_data(request: &Request<'_>, address: &Address, seen: &Observed) -> bool {
    let wanted = request.graph.get(address);
    let role = wanted.map_or_else(|| role_of(address, seen), |resource| resource.role);
    let wanted_as_data = wanted.is_some_and(|resource| resource.holds_data);
    address.kind().holds_data() || wanted_as_data || is_store(address, role) || !seen.streams.is_empty()
}

/// The workload of MySQL, Vault or Elasticsearch: whatever it stores on, its data goes with it.
fn is_store(address: &Address, role: Role) -> bool {
    address.kind() == Kind::StatefulSet && role == Role::Store
}

fn deleted(request: &Request<'_>, address: &Address, seen: &Observed) -> Step {
    let wanted = request.graph.get(address);
    let kind = if request.options.destroy { CauseKind::Destroy } else { CauseKind::Removed };
    Step {
        address: address.clone(),
        action: Action::Delete,
        causes: vec![Cause { kind, source: request.spec.file.as_str().into() }],
        after: Vec::new(),
        expected: as_seen(address, seen),
        scope: wanted.map_or_else(|| seen.scope.clone(), |resource| resource.scope.clone()),
        role: wanted.map_or_else(|| role_of(address, seen), |resource| resource.role),
        changes: Vec::new(),
        document: None,
        moved_from: None,
        deferred: false,
        destroys_data: holds_data(request, address, seen),
    }
}

/// What an object that nothing wants did, by its labels.
fn role_of(address: &Address, seen: &Observed) -> Role {
    match (address.kind(), seen.document.str_at(&["metadata", "labels", "app.kubernetes.io/name"])) {
        (Kind::Deployment, Some("vamp")) => Role::Vamp,
        (Kind::Deployment, Some("gateway-agent")) => Role::GatewayAgent,
        (Kind::Deployment, Some("workflow-agent")) => Role::WorkflowAgent,
        (Kind::StatefulSet, _) => Role::Store,
        _ => Role::Plain,
    }
}

/// Replacing what holds data loses it just as deleting does.
fn guard_replacements(request: &Request<'_>, draft: &mut Draft) {
    let mut notes = Vec::new();
    draft.steps.retain_mut(|step| {
        let wanted_as_data = request.graph.get(&step.address).is_some_and(|resource| resource.holds_data);
        let holds_data = step.action == Action::Replace && (wanted_as_data || is_store(&step.address, step.role));
        step.destroys_data |= holds_data;
        let allowed = !holds_data || request.options.allow_destroy.contains(&step.address);
        if !allowed {
            notes.push(needs_consent(
                &step.address,
                "is no longer wanted in this form, and making it anew loses the data that it holds",
            ));
        }
        allowed
    });
    draft.notes.append(&mut notes);
}

fn needs_consent(address: &Address, message: &str) -> Note {
    Note {
        kind: NoteKind::NeedsConsent,
        subject: address.as_str().into(),
        rule: Some(DUR_7.id.into()),
        message: message.to_owned(),
        help: Some("`--allow-destroy ADDRESS` lets go what it names (repeatable)".to_owned()),
    }
}

fn left_out(address: &Address) -> Note {
    let message = "delete is left out by --target".to_owned();
    Note { kind: NoteKind::NotTargeted, subject: address.as_str().into(), rule: None, message, help: None }
}
