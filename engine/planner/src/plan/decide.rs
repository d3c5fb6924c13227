//! Every wanted resource against what was seen of it: a step, a note why not, or nothing to do.

use crate::plan::causes;
use crate::plan::diff::{Difference, diff};
use crate::plan::immutable::is_immutable;
use crate::plan::withdrawn::withdrawn;
use crate::plan::{Draft, Request, fields, preview, streams};
use model::change::{Cause, CauseKind, FieldChange};
use model::index::IndexMap;
use model::login::signer;
use model::observation::{Condition, Gap, Listing, Observation, Observed, Owner};
use model::operation::Expectation;
use model::plan::{Action, Note, NoteKind, Step};
use model::resource::Role;
use model::value::Text;
use model::{Address, Kind, Resource, System};
use std::collections::BTreeSet;

/// What is decided for every wanted resource on its own, before order and safety.
pub(crate) fn decide(request: &Request<'_>) -> Draft {
    let mut draft = Draft::default();
    if request.options.destroy {
        return draft;
    }
    let chosen = chosen(request);
    let moves: IndexMap<&Address, &Address> = request.options.moved.iter().map(|(from, to)| (to, from)).collect();
    for (resource, seen) in request.graph.resources().zip(seen_of(request)) {
        let decision = match moves.get(&resource.address).and_then(|from| movable(request, from, resource)) {
            Some(step) => Decision::Step(Box::new(step)),
            None => decide_one(request, resource, seen),
        };
        let decision = match decision {
            Decision::Step(step) => unless_signer_is_silent(request, resource, step),
            other => other,
        };
        match decision {
            Decision::Unchanged => draft.unchanged += 1,
            Decision::Step(step) if chosen.as_ref().is_none_or(|chosen| chosen[position(request, &step.address)]) => {
                draft.steps.push(*step)
            }
            Decision::Step(step) if step.action == Action::Await => draft.unchanged += 1,
            Decision::Step(step) => draft.notes.push(not_targeted(&step)),
            Decision::Note(note) => draft.notes.push(note),
        }
    }
    draft
}

enum Decision {
    Unchanged,
    Step(Box<Step>),
    Note(Note),
}

/// What was seen of every wanted resource, in the order of the graph. Read through once, where to look up each on its own would be
/// to go through the tree of its kind.
fn seen_of<'a>(request: &Request<'a>) -> Vec<Option<&'a Observed>> {
    let mut seen = vec![None; request.graph.len()];
    for (address, object) in request.snapshot.objects() {
        if let Some(position) = request.graph.position(address) {
            seen[position] = Some(object);
        }
    }
    seen
}

fn decide_one(request: &Request<'_>, resource: &Resource, seen: Option<&Observed>) -> Decision {
    match seen.map_or_else(|| request.snapshot.observe(&resource.address), Observation::Present) {
        Observation::Absent => step(created(request, resource, Expectation::Absent, false)),
        Observation::Unknown(gap) if comes_up_first(request, gap) => step(created(request, resource, Expectation::Unseen, true)),
        Observation::Unknown(gap) => Decision::Note(unknown(resource, &resource.address.system(), gap)),
        Observation::Present(seen) => present(request, &fields::without_yielded(request, resource, seen), seen),
    }
}

/// Whether the system behind `gap` has never served: it does not exist yet, or comes up for the first time, as an earlier run that
/// was cut off left it. What lies behind it is looked at when its turn comes. A system that is on its way again is another
/// matter: it may hold anything.
pub(crate) fn comes_up_first(request: &Request<'_>, gap: &Gap) -> bool {
    match gap {
        Gap::NotYet { .. } => true,
        Gap::Starting { workload, .. } => request.graph.get(workload).is_some() && !request.options.remembered.contains(workload),
        Gap::Unreachable(_) | Gap::Unavailable(_) => false,
    }
}

/// The step, but for an auth method of a cluster that cannot be looked at: nobody can tell the keys that would be written.
fn unless_signer_is_silent(request: &Request<'_>, resource: &Resource, step: Box<Step>) -> Decision {
    let Some(cluster) = signer(&resource.address, &resource.document) else { return Decision::Step(step) };
    match request.snapshot.listing(&cluster, Kind::Namespace) {
        Some(Listing::Unknown(gap)) => Decision::Note(unknown(resource, &cluster, gap)),
        _ => Decision::Step(step),
    }
}

fn step(step: Step) -> Decision {
    Decision::Step(Box::new(step))
}

fn present(request: &Request<'_>, resource: &Resource, seen: &Observed) -> Decision {
    match &seen.owner {
        Owner::Platform(owner) if *owner == request.spec.platform.value.as_str() => ours(request, resource, seen),
        Owner::Platform(owner) => Decision::Note(foreign(resource, &format!("belongs to the platform {owner}"), None)),
        Owner::Foreign if request.options.adopt.contains(&resource.address) => adopted(request, resource, seen),
        Owner::Foreign => {
            let help = format!("`vamp adopt {} {}` takes it over", request.spec.file, resource.address);
            Decision::Note(foreign(resource, "is there already, and not ours", Some(help)))
        }
    }
}

fn ours(request: &Request<'_>, resource: &Resource, seen: &Observed) -> Decision {
    let differences = diff(resource.address.kind(), &resource.document, &seen.document, request.digests);
    if let Some(contested) = fields::contested(request, resource, seen, &differences) {
        return Decision::Note(contested);
    }
    let written = fields::is_written(request, resource, seen);
    let becomes = preview::of(request, &resource.address);
    let is_as_wanted = becomes.map_or(differences.is_empty(), |becomes| !preview::matters(resource, seen, becomes, &differences));
    if is_as_wanted && written {
        let works = resource.address.kind().runs_pods() || resource.role == Role::Store;
        return match &seen.condition {
            Condition::NotReady(_) if works => step(awaited(resource, seen)),
            Condition::Failed(why) if works => Decision::Note(failing(resource, why)),
            Condition::Failed(why) if resource.address.kind() == Kind::LifecyclePolicy => {
                Decision::Note(ineffective(resource, why))
            }
            _ => Decision::Unchanged,
        };
    }
    // What its system would bring to the document has no field that cannot be changed in place.
    let replace =
        becomes.is_none() && differences.iter().any(|difference| is_immutable(resource.address.kind(), &difference.path));
    let mut changes = match becomes {
        Some(becomes) => preview::changes(request, resource, seen, becomes, &differences),
        None => changes(request, resource, seen, &differences),
    };
    if seen.applied.is_some() && !written {
        let withdrawn = withdrawn(resource.address.kind(), &resource.document, seen);
        let cause = causes::asked_for(request, resource);
        let withdrawn = withdrawn.iter().map(|gone| causes::withdrawn(gone, cause.clone()));
        // A dry run tells of those as well, except of an object that was made and never applied.
        let told: BTreeSet<Text> = changes.iter().map(|change| change.path.clone()).collect();
        changes.extend(withdrawn.filter(|gone| !told.contains(&gone.path)));
    }
    if changes.is_empty() {
        changes.push(no_longer_written(request, resource, seen));
    }
    let action = if replace { Action::Replace } else { Action::Update };
    step(Step { action, causes: causes_of(&changes), changes, expected: as_seen(&resource.address, seen), ..blank(resource) })
}

/// The object has to be found as it was seen.
pub(crate) fn as_seen(address: &Address, seen: &Observed) -> Expectation {
    Expectation::Version(seen.pin(address.kind().family()))
}

fn changes(request: &Request<'_>, resource: &Resource, seen: &Observed, differences: &[Difference<'_>]) -> Vec<FieldChange> {
    differences.iter().map(|difference| causes::field_change(request, resource, seen, difference)).collect()
}

/// Everything that is wanted is there, but it was written from another document: fields that we wrote are no longer wanted, or
/// our mark is gone.
fn no_longer_written(request: &Request<'_>, resource: &Resource, seen: &Observed) -> FieldChange {
    let cause = match &seen.applied {
        Some(_) => causes::asked_for(request, resource),
        None => Cause { kind: CauseKind::Drift, source: "the mark of vamp was taken off".into() },
    };
    FieldChange { path: model::FieldPath::ROOT.to_string().into(), before: None, after: None, cause }
}

fn causes_of(changes: &[FieldChange]) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for change in changes {
        if !causes.contains(&change.cause) {
            causes.push(change.cause.clone());
        }
    }
    causes
}

fn created(request: &Request<'_>, resource: &Resource, expected: Expectation, deferred: bool) -> Step {
    let mut causes = vec![causes::asked_for(request, resource)];
    if request.options.remembered.contains(&resource.address) && !deferred {
        causes.insert(0, Cause { kind: CauseKind::Drift, source: "deleted outside of vamp".into() });
    }
    Step { action: Action::Create, causes, expected, deferred, ..blank(resource) }
}

fn awaited(resource: &Resource, seen: &Observed) -> Step {
    let expected = as_seen(&resource.address, seen);
    Step { action: Action::Await, expected, document: None, ..blank(resource) }
}

fn adopted(request: &Request<'_>, resource: &Resource, seen: &Observed) -> Decision {
    let differences = diff(resource.address.kind(), &resource.document, &seen.document, request.digests);
    if let Some(contested) = fields::contested(request, resource, seen, &differences) {
        return Decision::Note(contested);
    }
    step(Step {
        action: Action::Adopt,
        causes: vec![causes::asked_for(request, resource)],
        changes: changes(request, resource, seen, &differences),
        expected: as_seen(&resource.address, seen),
        ..blank(resource)
    })
}

/// A move, if the old name is there and ours and the new one is free.
fn movable(request: &Request<'_>, from: &Address, resource: &Resource) -> Option<Step> {
    let (Observation::Present(seen), Observation::Absent) =
        (request.snapshot.observe(from), request.snapshot.observe(&resource.address))
    else {
        return None;
    };
    let ours = matches!(&seen.owner, Owner::Platform(owner) if *owner == request.spec.platform.value.as_str());
    // A data stream has one name for good: what it needs stays with it, and is made anew under the new name.
    let stays = streams::needs(request, from, seen);
    (ours && !stays).then(|| Step {
        action: Action::Move,
        causes: vec![causes::asked_for(request, resource)],
        expected: as_seen(from, seen),
        moved_from: Some(from.clone()),
        ..blank(resource)
    })
}

fn blank(resource: &Resource) -> Step {
    Step {
        address: resource.address.clone(),
        action: Action::Keep,
        causes: Vec::new(),
        after: Vec::new(),
        expected: Expectation::Unseen,
        scope: resource.scope.clone(),
        role: resource.role,
        changes: Vec::new(),
        document: Some(resource.document.clone()),
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}

/// What `source` would tell cannot be known.
fn unknown(resource: &Resource, source: &System, gap: &Gap) -> Note {
    Note {
        kind: NoteKind::Unknown,
        subject: resource.address.as_str().into(),
        rule: None,
        message: format!("{source} cannot be looked at: {gap}"),
        help: Some("it is left as it is; plan again when the system answers".to_owned()),
    }
}

fn failing(resource: &Resource, why: &str) -> Note {
    without_work(
        NoteKind::Failing,
        resource,
        why,
        "find out from its pods what keeps it; when that is gone, it goes on by itself",
    )
}

fn ineffective(resource: &Resource, why: &str) -> Note {
    let help = "documents stay beyond their time until its server goes on: POST /_ilm/start, or mend what fails";
    without_work(NoteKind::Ineffective, resource, why, help)
}

/// It is there, and nothing that is ours to do would help.
fn without_work(kind: NoteKind, resource: &Resource, why: &str, help: &str) -> Note {
    Note {
        kind,
        subject: resource.address.as_str().into(),
        rule: None,
        message: format!("is as it was asked for, and does not do its work: {why}"),
        help: Some(help.to_owned()),
    }
}

fn foreign(resource: &Resource, why: &str, help: Option<String>) -> Note {
    let message = format!("{why}; it is left as it is");
    Note { kind: NoteKind::Foreign, subject: resource.address.as_str().into(), rule: None, message, help }
}

fn not_targeted(step: &Step) -> Note {
    let message = format!("{} is left out by --target", step.action.word());
    Note { kind: NoteKind::NotTargeted, subject: step.address.as_str().into(), rule: None, message, help: None }
}

fn position(request: &Request<'_>, address: &Address) -> usize {
    request.graph.position(address).unwrap_or_default()
}

/// With targets: for every resource whether it is a target or needed by one. `None` without targets.
fn chosen(request: &Request<'_>) -> Option<Vec<bool>> {
    if request.options.targets.is_empty() {
        return None;
    }
    let mut chosen = vec![false; request.graph.len()];
    let mut queue: Vec<&Address> = request.options.targets.iter().filter(|target| request.graph.get(target).is_some()).collect();
    while let Some(address) = queue.pop() {
        let index = position(request, address);
        if !std::mem::replace(&mut chosen[index], true) {
            queue.extend(request.graph.dependencies(address).map(|(resource, _)| &resource.address));
        }
    }
    Some(chosen)
}
