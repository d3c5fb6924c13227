//! What the API server says when it does not do what was asked (`apimachinery/pkg/api/errors`).

use super::Route;
use super::resource::Resource;
use crate::server::Answer;
use model::Value;

fn status(code: u16, reason: &str, message: &str, details: Value) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["apiVersion"], "v1");
    body.set(&["kind"], "Status");
    body.set(&["metadata"], Value::EMPTY_MAP);
    body.set(&["status"], "Failure");
    body.set(&["message"], message);
    if !reason.is_empty() {
        body.set(&["reason"], reason);
    }
    body.set(&["code"], i64::from(code));
    if details != Value::EMPTY_MAP {
        body.set(&["details"], details);
    }
    Answer::new(code, body)
}

fn about(group: &str, kind: &str, name: &str) -> Value {
    let mut details = Value::EMPTY_MAP;
    for (key, text) in [("group", group), ("kind", kind), ("name", name)] {
        if !text.is_empty() {
            details.set(&[key], text);
        }
    }
    details
}

fn with_causes(mut details: Value, causes: &[(&str, String, String)]) -> Value {
    let cause = |(reason, message, field): &(&str, String, String)| {
        let mut cause = Value::EMPTY_MAP;
        for (key, text) in [("reason", *reason), ("message", message), ("field", field)] {
            if !text.is_empty() {
                cause.set(&[key], text);
            }
        }
        cause
    };
    details.set(&["causes"], Value::List(causes.iter().map(cause).collect()));
    details
}

fn of(resource: &Resource, name: &str) -> Value {
    about(resource.group(), resource.plural, name)
}

pub(super) fn no_such_path() -> Answer {
    status(404, "NotFound", "the server could not find the requested resource", Value::EMPTY_MAP)
}

pub(super) fn not_allowed() -> Answer {
    let message = "the server does not allow this method on the requested resource";
    status(405, "MethodNotAllowed", message, Value::EMPTY_MAP)
}

pub(super) fn unknown_format(content_type: &str) -> Answer {
    let known = "accepted media types include: application/json-patch+json, application/merge-patch+json, \
                 application/apply-patch+yaml";
    let message = format!("the body of the request was in an unknown format - {known}; it was {content_type}");
    status(415, "UnsupportedMediaType", &message, Value::EMPTY_MAP)
}

/// The storage refuses it, in its own words.
pub(super) fn storage_refuses(message: &str) -> Answer {
    status(500, "", message, Value::EMPTY_MAP)
}

pub(super) fn bad_request(message: &str) -> Answer {
    status(400, "BadRequest", message, Value::EMPTY_MAP)
}

pub(super) fn not_found(resource: &Resource, name: &str) -> Answer {
    let message = format!("{} {name:?} not found", resource.plural_with_group());
    status(404, "NotFound", &message, of(resource, name))
}

pub(super) fn no_pod(name: &str) -> Answer {
    status(404, "NotFound", &format!("pods {name:?} not found"), about("", "pods", name))
}

pub(super) fn no_node(name: &str) -> Answer {
    status(404, "NotFound", &format!("nodes {name:?} not found"), about("", "nodes", name))
}

pub(super) fn no_namespace(namespace: &str) -> Answer {
    status(404, "NotFound", &format!("namespaces {namespace:?} not found"), about("", "namespaces", namespace))
}

/// `plugin/pkg/admission/namespace/lifecycle`.
pub(super) fn namespace_terminating(route: &Route<'_>, name: &str, namespace: &str) -> Answer {
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let message = format!("{} {name:?} is forbidden: {why}", route.resource.plural_with_group());
    let cause = ("NamespaceTerminating", format!("namespace {namespace} is being terminated"), "metadata.namespace".to_owned());
    status(403, "Forbidden", &message, with_causes(of(route.resource, name), &[cause]))
}

pub(super) fn already_exists(resource: &Resource, name: &str) -> Answer {
    let message = format!("{} {name:?} already exists", resource.plural_with_group());
    status(409, "AlreadyExists", &message, of(resource, name))
}

/// Somebody was quicker.
pub(super) fn overtaken(resource: &Resource, name: &str) -> Answer {
    let why = "the object has been modified; please apply your changes to the latest version and try again";
    conflict(resource, name, why)
}

pub(super) fn conflict(resource: &Resource, name: &str, why: &str) -> Answer {
    let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", resource.plural_with_group());
    status(409, "Conflict", &message, of(resource, name))
}

/// What a deletion asks to hold does not. Here the kind is named, not its plural.
pub(super) fn not_as_asked(resource: &Resource, name: &str, why: &str) -> Answer {
    let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", resource.name_with_group());
    status(409, "Conflict", &message, about(resource.group(), resource.name, name))
}

/// Fields that other managers own: who (with the version that he wrote in, if he did not apply), and the field in the API's notation.
pub(super) fn owned(fields: &[(String, String)]) -> Answer {
    let causes: Vec<_> =
        fields.iter().map(|(who, field)| ("FieldManagerConflict", format!("conflict with {who}"), field.clone())).collect();
    let said: Vec<String> = fields.iter().map(|(who, field)| format!("conflict with {who}: {field}")).collect();
    let plural = if fields.len() == 1 { "" } else { "s" };
    let message = format!("Apply failed with {} conflict{plural}: {}", fields.len(), said.join("; "));
    status(409, "Conflict", &message, with_causes(Value::EMPTY_MAP, &causes))
}

pub(super) fn invalid(resource: &Resource, name: &str, why: &str) -> Answer {
    let message = format!("{} {name:?} is invalid: {why}", resource.name_with_group());
    status(422, "Invalid", &message, about(resource.group(), resource.name, name))
}

pub(super) fn expired(message: &str) -> Answer {
    status(410, "Expired", message, Value::EMPTY_MAP)
}

pub(super) fn beyond_budget(message: &str, why: &str) -> Answer {
    let cause = ("DisruptionBudget", why.to_owned(), String::new());
    status(429, "TooManyRequests", message, with_causes(Value::EMPTY_MAP, &[cause]))
}

/// All is well.
pub(super) fn success(code: u16, resource: Option<(&Resource, &str, &str)>) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["apiVersion"], "v1");
    body.set(&["kind"], "Status");
    body.set(&["metadata"], Value::EMPTY_MAP);
    body.set(&["status"], "Success");
    if let Some((resource, name, uid)) = resource {
        let mut details = of(resource, name);
        details.set(&["uid"], uid);
        body.set(&["details"], details);
    } else {
        body.set(&["code"], i64::from(code));
    }
    Answer::new(code, body)
}
