//! One object as the API server keeps it.

use super::defaulting::with_defaults;
use super::managers::{Managers, Written};
use crate::kernel::Document;
use model::operation::Mark;
use model::{Kind, Timestamp, Value, mark};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An object: what is written of it (defaults are added when somebody looks), and what the server keeps beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) document: Document,
    pub(super) managers: Managers,
    /// Whose it is. On a real server these are a label and annotations; here they stand beside the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<Mark>,
    /// Counts the writes of the cluster. Writes into the status stand elsewhere (`Workload::status_version`).
    pub(super) resource_version: u64,
    pub(super) uid: u64,
    /// Counts the changes of the spec.
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    /// When it was asked to go; finalizers, or what is in it, keep it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<Timestamp>,
    /// It goes after what it owns (`propagationPolicy: Foreground`), not before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) foreground: bool,
}

impl Object {
    /// The document as the server shows it: with defaults, without marks.
    pub(super) fn live(&self, kind: Kind) -> Arc<Value> {
        self.document.shown(|document| with_defaults(kind, document))
    }

    pub(super) fn written(&self) -> Written {
        Written { document: Arc::clone(self.document.value()), managers: self.managers.clone() }
    }

    /// The finalizers that keep it.
    pub(super) fn finalizers(&self) -> &[Value] {
        self.document.value().at(&["metadata", "finalizers"]).and_then(Value::as_list).unwrap_or_default()
    }

    /// The uid as others refer to it.
    pub(super) fn uid_text(&self) -> String {
        uid_text(self.uid)
    }

    /// The owner with this uid is one no more.
    pub(super) fn disown(&mut self, uid: &str) {
        let document = self.document.value_mut();
        let owners = document.at(&["metadata", "ownerReferences"]).and_then(Value::as_list).unwrap_or_default();
        let left: Vec<Value> = owners.iter().filter(|owner| owner.str_at(&["uid"]) != Some(uid)).cloned().collect();
        if left.is_empty() {
            document.remove(&["metadata", "ownerReferences"]);
        } else {
            document.set(&["metadata", "ownerReferences"], Value::List(left));
        }
    }

    /// Uids of its owners.
    pub(super) fn owners(&self) -> impl Iterator<Item = &str> {
        let references = self.document.value().at(&["metadata", "ownerReferences"]).and_then(Value::as_list);
        references.unwrap_or_default().iter().filter_map(|reference| reference.str_at(&["uid"]))
    }
}

/// A uid in the form of a UUID.
pub(super) fn uid_text(uid: u64) -> String {
    format!("00000000-0000-4000-8000-{uid:012x}")
}

/// `document` with the mark as a person who edits it sees it.
pub(super) fn with_mark(document: &Value, own: Option<&Mark>) -> Value {
    let mut document = document.clone();
    if let Some(own) = own {
        mark::put(&mut document, own);
    }
    document
}
