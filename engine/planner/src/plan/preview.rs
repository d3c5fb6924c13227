//! What a system itself says of the changes that a comparison finds: which of them are asked about, and what is left of them then.
//!
//! A comparison cannot know what an API server fills in, what a webhook rewrites, and which fields go with nobody to apply them. A dry run does.
//! A change counts if the system would make it to a field that we ask for, or take away; what it would do besides is shown with it.

use crate::plan::diff::{Difference, between};
use crate::plan::{Request, causes};
use model::change::{Cause, CauseKind, FieldChange};
use model::kind::Family;
use model::observation::{Observation, Observed};
use model::operation::Mark;
use model::plan::{Action, Note, NoteKind, Step};
use model::preview::{Preview, Proposal};
use model::{Address, Resource, Value};

/// Who changes what neither the spec nor anybody else asked for.
const SERVER: &str = "a default or a webhook of the API server";

/// What the systems are to be asked about before a plan is made: every object of a cluster that it would change in place, or make anew
/// because a field of it cannot be changed.
pub(crate) fn proposals(request: &Request<'_>, drawn_up: &[Step]) -> Vec<Proposal> {
    drawn_up.iter().filter_map(|step| proposal(request, step)).collect()
}

fn proposal(request: &Request<'_>, step: &Step) -> Option<Proposal> {
    let is_change = matches!(step.action, Action::Update | Action::Replace);
    let (true, Observation::Present(seen), Some(document)) =
        (is_change && is_asked(&step.address), request.snapshot.observe(&step.address), &step.document)
    else {
        return None;
    };
    let mark =
        Mark { platform: request.spec.platform.value.as_str().into(), applied: document.digest(), scope: step.scope.clone() };
    Some(Proposal { address: step.address.clone(), document: document.clone(), mark, incarnation: seen.incarnation.clone() })
}

/// Only Kubernetes has dry runs.
fn is_asked(address: &Address) -> bool {
    address.kind().family() == Family::Kubernetes
}

/// What the object would be, if its system said so.
pub(crate) fn of<'a>(request: &Request<'a>, address: &Address) -> Option<&'a Value> {
    match request.previews.get(address) {
        Some(Preview::Becomes(document)) => Some(document),
        Some(Preview::Unsaid(_)) | None => None,
    }
}

/// Whether applying the document would change anything of what it asks for. `differences` is what a comparison finds.
pub(crate) fn matters(resource: &Resource, seen: &Observed, becomes: &Value, differences: &[Difference<'_>]) -> bool {
    let found = between(resource.address.kind(), becomes, &seen.document);
    found.iter().any(|change| change.after.is_none() || is_among(differences, change))
}

fn is_among(differences: &[Difference<'_>], change: &Difference<'_>) -> bool {
    let meets = |other: &Difference<'_>| other.path.contains(&change.path) || change.path.contains(&other.path);
    differences.iter().any(meets)
}

/// Every field that would change, each with its cause. `differences` is what a comparison finds.
pub(crate) fn changes(
    request: &Request<'_>,
    resource: &Resource,
    seen: &Observed,
    becomes: &Value,
    differences: &[Difference<'_>],
) -> Vec<FieldChange> {
    let found = between(resource.address.kind(), becomes, &seen.document);
    found.iter().map(|change| shown(request, resource, seen, differences, change)).collect()
}

fn shown(
    request: &Request<'_>,
    resource: &Resource,
    seen: &Observed,
    wanted: &[Difference<'_>],
    change: &Difference<'_>,
) -> FieldChange {
    if change.after.is_none() {
        return causes::withdrawn(change, causes::asked_for(request, resource));
    }
    let mut told = causes::field_change(request, resource, seen, change);
    if !is_among(wanted, change) {
        told.cause = Cause { kind: CauseKind::Default, source: SERVER.into() };
    }
    told
}

/// For every step whose system did not say what it would make of it: that it did not, and why.
pub(crate) fn unconfirmed(request: &Request<'_>, steps: &[Step]) -> Vec<Note> {
    let note = |step: &Step| match request.previews.get(&step.address) {
        // That it cannot be changed in place is why it is made anew.
        Some(Preview::Unsaid(why)) if step.action == Action::Update => Some(Note {
            kind: NoteKind::Unconfirmed,
            subject: step.address.as_str().into(),
            rule: None,
            message: format!("what it would become could not be had from a dry run: {why}"),
            help: Some("what is shown is what differs; a field that a webhook rewrites may be among it".to_owned()),
        }),
        _ => None,
    };
    steps.iter().filter_map(note).collect()
}
