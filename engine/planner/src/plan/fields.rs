//! Fields that somebody else owns and that the platform would write as well: left to their owner, taken back, or in the way, as the spec says.
//!
//! What is yielded is left out of the document that is applied, so it is neither compared nor forced. The mark of an object may be that of the
//! whole document or that of what is left of it: somebody who takes a field over is nothing to apply.

use crate::plan::causes::at;
use crate::plan::diff::Difference;
use crate::plan::{Request, lists};
use crate::spec::types::{Conflict, FieldRule};
use model::observation::{Observation, Observed, Owner};
use model::path::{FieldPath, Segment};
use model::plan::{Note, NoteKind};
use model::value::Text;
use model::{Kind, Resource, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A field of somebody else, who that is, and the rule about it.
type Claim<'a> = (&'a FieldPath, &'a Text, &'a FieldRule);

/// The fields of others that a rule is about with this outcome.
fn claims<'a>(request: &Request<'a>, kind: Kind, seen: &'a Observed, outcome: Conflict) -> impl Iterator<Item = Claim<'a>> {
    let rules = &request.spec.fields;
    let owned = if rules.is_empty() { &[] } else { seen.foreign.as_slice() };
    let ruled = owned.iter().filter_map(move |(field, manager)| {
        let rule = rules.iter().find(|rule| rule.fits(kind, field, manager))?;
        Some((field, manager, rule))
    });
    ruled.filter(move |(_, _, rule)| rule.conflict.value == outcome)
}

/// What is wanted of an object, without what is left to others.
pub(crate) fn without_yielded<'r>(request: &Request<'_>, resource: &'r Resource, seen: &Observed) -> Cow<'r, Resource> {
    let (left, yielded) = left(request, resource, seen);
    if yielded.is_empty() {
        Cow::Borrowed(resource)
    } else {
        Cow::Owned(Resource { document: Arc::new(left), ..resource.clone() })
    }
}

/// What is left of the document, and what of it is not: each field, once, with its owners.
fn left(request: &Request<'_>, resource: &Resource, seen: &Observed) -> (Value, BTreeSet<(FieldPath, Text)>) {
    let kind = resource.address.kind();
    let mut yielded = BTreeSet::new();
    let mut claims = claims(request, kind, seen, Conflict::Yield).peekable();
    if claims.peek().is_none() {
        return (Value::Null, yielded);
    }
    let mut document = (*resource.document).clone();
    for (field, manager, _) in claims {
        if take(kind, &mut document, &field.0, None) || yielded.iter().any(|(known, _)| known == field) {
            yielded.insert((field.clone(), manager.clone()));
        }
    }
    (document, yielded)
}

/// Whether the object was last written from what is wanted now, or from what is left of it.
pub(crate) fn is_written(request: &Request<'_>, resource: &Resource, seen: &Observed) -> bool {
    let Some(applied) = seen.applied.as_deref() else { return false };
    let is_of = |resource: &Resource| applied == resource.document.digest().as_str();
    is_of(resource) || (!request.spec.fields.is_empty() && request.graph.get(&resource.address).is_some_and(is_of))
}

/// The object is left as it is, because somebody owns a field of it that differs and the spec says to fail.
pub(crate) fn contested(
    request: &Request<'_>,
    resource: &Resource,
    seen: &Observed,
    differences: &[Difference<'_>],
) -> Option<Note> {
    let differs = |(field, _, _): &Claim<'_>| {
        differences.iter().any(|difference| difference.path.contains(field) || field.contains(&difference.path))
    };
    let mut found: Vec<Claim<'_>> = claims(request, resource.address.kind(), seen, Conflict::Fail).filter(differs).collect();
    found.dedup_by(|one, other| (one.0, one.1) == (other.0, other.1));
    let (_, _, rule) = found.first()?;
    let owned: Vec<String> = found.iter().map(|(field, manager, _)| format!("{manager} owns {field}")).collect();
    let place = at(request, rule.place);
    Some(Note {
        kind: NoteKind::Contested,
        subject: resource.address.as_str().into(),
        rule: None,
        message: format!("{}, with another value than is wanted; it is left as it is ({place})", owned.join(", ")),
        help: Some("let its owner give the field up, or say `take` or `yield` there".to_owned()),
    })
}

/// For every object of ours that leaves a field to somebody else: which, and to whom.
pub(crate) fn yielded(request: &Request<'_>) -> Vec<Note> {
    if request.spec.fields.is_empty() || request.options.destroy {
        return Vec::new();
    }
    let note = |resource: &Resource| {
        let Observation::Present(seen) = request.snapshot.observe(&resource.address) else { return None };
        let ours = matches!(&seen.owner, Owner::Platform(owner) if *owner == request.spec.platform.value.as_str());
        let (_, yielded) = if ours { left(request, resource, seen) } else { return None };
        let told: Vec<String> = yielded.iter().map(|(field, manager)| format!("{field} is left to {manager}")).collect();
        (!told.is_empty()).then(|| Note {
            kind: NoteKind::Yielded,
            subject: resource.address.as_str().into(),
            rule: None,
            message: told.join(", "),
            help: None,
        })
    };
    request.graph.resources().filter_map(note).collect()
}

/// Take a field out of what is wanted, and every map that is left empty around it. Whether it was there. What tells the item of a list from others
/// stays as long as the item does.
fn take(kind: Kind, value: &mut Value, way: &[Segment], list: Option<&str>) -> bool {
    match (way, value) {
        ([Segment::Key(key)], Value::Map(map)) => map.remove(key).is_some(),
        ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
            let Some(inner) = map.get_mut(key) else { return false };
            let taken = take(kind, inner, rest, Some(key));
            if taken && *inner == Value::EMPTY_MAP {
                map.remove(key);
            }
            taken
        }
        ([Segment::Item(name), rest @ ..], Value::List(items)) => {
            let Some(keys) = list.and_then(|list| lists::merge_keys(kind, list)) else { return false };
            let Some(index) = items.iter().position(|item| lists::identity(keys, item) == *name) else { return false };
            match rest {
                [] => {
                    items.remove(index);
                    true
                }
                [Segment::Key(key)] if keys.contains(&key.as_str()) => false,
                rest => items.get_mut(index).is_some_and(|item| take(kind, item, rest, None)),
            }
        }
        _ => false,
    }
}
