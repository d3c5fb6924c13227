//! What OpenSearch says in other words than Elasticsearch, in which the graph's documents are written: pure translation, both ways.
//!
//! * `roles`: roles of its security plugin;
//! * `policies`: lifecycle policies of its index management (ISM); `phases`: how Elasticsearch's phases are said there;
//!   `explained`: whether indices live by them;
//! * `templates`: index templates, which name no lifecycle policy there.
//!
//! A role and a policy have one place for a text of somebody's own, their description. The mark stands in it.

pub(crate) mod explained;
mod phases;
pub(crate) mod policies;
pub(crate) mod roles;
pub(crate) mod templates;

use model::Value;
use model::operation::Mark;

/// What the description of an object begins with whose mark stands there.
const KEPT: &str = "kept by vamp: ";

/// The description with a mark; it begins with `prefix`.
fn description(prefix: &str, mark: &Mark) -> String {
    format!("{prefix}{}", serde_json::to_string(mark).unwrap_or_default())
}

/// The mark in the description of an object, if that begins with `prefix`.
fn marked(raw: &Value, prefix: &str) -> Option<Mark> {
    let json = raw.str_at(&["description"])?.strip_prefix(prefix)?;
    serde_json::from_str(json).ok()
}
