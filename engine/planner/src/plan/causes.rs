//! Why a field differs: the spec says so, somebody else changed it, a default or another resource asks for it.

use crate::plan::diff::Difference;
use crate::plan::{Request, fields};
use model::change::{Cause, CauseKind, FieldChange, SecretState, Shown};
use model::observation::Observed;
use model::path::FieldPath;
use model::resource::Origin;
use model::{Place, Resource, SecretReference, Value};

/// `file:line:column` of a place in the spec.
pub(crate) fn at(request: &Request<'_>, place: Place) -> String {
    if place.is_written() { format!("{}:{place}", request.spec.file) } else { request.spec.file.clone() }
}

/// The cause that the spec asked for the resource as a whole.
pub(crate) fn asked_for(request: &Request<'_>, resource: &Resource) -> Cause {
    Cause { kind: CauseKind::Spec, source: at(request, resource.place).into() }
}

/// One difference as a change with its cause.
pub(crate) fn field_change(
    request: &Request<'_>,
    resource: &Resource,
    seen: &Observed,
    difference: &Difference<'_>,
) -> FieldChange {
    FieldChange {
        path: difference.path.to_string().into(),
        before: shown(difference.before, difference.secret),
        after: shown(difference.after, difference.secret),
        cause: cause(request, resource, seen, difference),
    }
}

/// A field that we wrote before and that is no longer wanted, as a change.
pub(crate) fn withdrawn(gone: &Difference<'_>, cause: Cause) -> FieldChange {
    FieldChange { path: gone.path.to_string().into(), before: shown(gone.before, gone.secret), after: None, cause }
}

/// A value as it may be shown: of a secret only whether it changed, and that of every secret inside.
fn shown(value: Option<&Value>, secret: Option<SecretState>) -> Option<Shown> {
    let value = value?;
    match secret {
        Some(state) => Some(Shown::Secret(state)),
        None if matches!(value, Value::Secret(_) | Value::Digest(_)) => Some(Shown::Secret(SecretState::Changed)),
        None => Some(Shown::Value(without_secrets(value))),
    }
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Secret(_) | Value::Digest(_) => Value::from("(secret)"),
        Value::List(items) => Value::List(items.iter().map(without_secrets).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), without_secrets(value))).collect()),
        open => open.clone(),
    }
}

fn cause(request: &Request<'_>, resource: &Resource, seen: &Observed, difference: &Difference<'_>) -> Cause {
    if let Some(drift) = drift(request, resource, seen, &difference.path) {
        return drift;
    }
    if let Some(Value::Secret(reference)) = difference.after
        && let SecretReference::Vault { path, .. } = reference.as_ref()
    {
        return Cause { kind: CauseKind::Dependency, source: format!("vault/kv/{path}").into() };
    }
    match resource.origin(&difference.path) {
        Origin::Spec(place) => Cause { kind: CauseKind::Spec, source: at(request, place).into() },
        Origin::Default(name) => Cause { kind: CauseKind::Default, source: name.into() },
        Origin::Dependency(address) => Cause { kind: CauseKind::Dependency, source: address.as_str().into() },
    }
}

/// Drift: another manager owns the field, or the object is wanted exactly as it was last written and is no longer so.
fn drift(request: &Request<'_>, resource: &Resource, seen: &Observed, path: &FieldPath) -> Option<Cause> {
    let owner = seen.foreign.iter().find(|(field, _)| field.contains(path) || path.contains(field));
    if let Some((_, manager)) = owner {
        return Some(Cause { kind: CauseKind::Drift, source: manager.clone() });
    }
    fields::is_written(request, resource, seen)
        .then(|| Cause { kind: CauseKind::Drift, source: "changed outside of vamp".into() })
}
