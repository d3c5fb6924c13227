//! The difference between what is wanted and what was seen, field by field, each with its cause.

use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};

/// Why a step, or a field of it, changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// What kind of cause.
    pub kind: CauseKind,
    /// Where it lies: `file:line:column` of the spec, the manager that drifted, the address of the dependency, the default's name.
    pub source: Text,
}

/// The kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The spec says so.
    Spec,
    /// Somebody else changed it.
    Drift,
    /// Another resource changes.
    Dependency,
    /// A default says so.
    Default,
    /// The spec no longer says so: the thing is ours and no longer wanted.
    Removed,
    /// It is to be destroyed because the caller asked for it.
    Destroy,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where in the document.
    pub path: Text,
    /// What was seen; `None` where there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Shown>,
    /// What is wanted; `None` where there should be nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Shown>,
    /// Why it differs.
    pub cause: Cause,
}

/// A value as it may be shown: never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shown {
    /// An open value.
    Value(Value),
    /// A secret, of which only this is said.
    Secret(SecretState),
}

/// What may be said of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretState {
    /// It differs from what was there.
    Changed,
    /// It is what was there.
    Unchanged,
    /// Nobody can tell before it is applied.
    Unknown,
}
