//! A plan: an immutable value that leaves execution nothing to decide, and beside it a report of what is *not* done and why.

use crate::address::Address;
use crate::audit::Chain;
use crate::change::{Cause, FieldChange};
use crate::connection::Connection;
use crate::identity::Identities;
use crate::operation::Expectation;
use crate::resource::{Role, Scope};
use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Version of the plan's format. A newer one is refused by name.
pub const FORMAT_VERSION: u32 = 1;

/// What it takes to bring a platform from what was seen to what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// [`FORMAT_VERSION`] of the `vamp` that made it.
    pub format_version: u32,
    /// When it was made (RFC 3339, UTC). The only field in which two plans of the same may differ.
    pub made_at: String,
    /// The platform's name.
    pub platform: Text,
    /// Digest of the spec's text.
    pub spec_digest: Text,
    /// Where it acts, in words, one line a place.
    pub acts_on: Vec<String>,
    /// Every system that was looked at, and where it is: the plan is carried out without its spec.
    pub connections: Vec<Connection>,
    /// Who the systems are that it was made for: others refuse it ([`crate::identity::another`]).
    pub pinned_to: Identities,
    /// Where the audit documents of what it does belong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audit: Vec<Chain>,
    /// Steps in an order in which they could be carried out one by one.
    pub steps: Vec<Step>,
    /// What is not done, and why.
    pub report: Vec<Note>,
    /// Rules of weight must that it breaks, each let pass for a time: without that, nobody would have saved it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<Waived>,
    /// Number of resources that are wanted and already as they should be.
    pub unchanged: u64,
    /// Digest of all the rest: a plan that was edited is refused.
    pub digest: Text,
}

/// A rule of weight must that a plan breaks, let pass by a waiver of the spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waived {
    /// Id of the rule.
    pub rule: Text,
    /// Whom it is about.
    pub subject: String,
    /// The last day on which the waiver holds, as in `2027-03-31`.
    pub expires: String,
    /// Who answers for it.
    pub owner: String,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The object that it is about.
    pub address: Address,
    /// What is done to it.
    pub action: Action,
    /// Why.
    pub causes: Vec<Cause>,
    /// Addresses of the steps that come before it.
    pub after: Vec<Address>,
    /// The state that it expects to find.
    pub expected: Expectation,
    /// What it belongs to.
    pub scope: Scope,
    /// What it does for the platform.
    pub role: Role,
    /// The fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// What it should be; nothing for a delete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Arc<Value>>,
    /// For a move: where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Address>,
    /// Its system does not exist yet: it is looked at again when its turn comes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
    /// Deleting or replacing it loses data, and the caller named it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destroys_data: bool,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Make what is absent.
    Create,
    /// Change what is there.
    Update,
    /// Delete and make anew, because the system cannot change it in place.
    Replace,
    /// Take away what is ours and no longer wanted.
    Delete,
    /// Take over what is there and not ours.
    Adopt,
    /// Give it another name, with the data in it.
    Move,
    /// It is as wanted, and does not do its work yet: wait until it does. A run that was cut off leaves such things behind.
    Await,
    /// Leave it; it stands in the plan because others wait for it.
    Keep,
}

impl Action {
    /// All actions, in the order in which a summary names them.
    pub const ALL: [Action; 8] = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Adopt,
        Action::Move,
        Action::Delete,
        Action::Await,
        Action::Keep,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Adopt => "adopt",
            Action::Move => "move",
            Action::Await => "await",
            Action::Keep => "keep",
        }
    }

    /// The sign before it in a plan for people.
    pub const fn sign(self) -> &'static str {
        match self {
            Action::Create => "+",
            Action::Update => "~",
            Action::Replace => "±",
            Action::Delete => "-",
            Action::Adopt => "&",
            Action::Move => ">",
            Action::Await => "…",
            Action::Keep => "=",
        }
    }
}

/// Something that is not done, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Note {
    /// What kind of reason.
    pub kind: NoteKind,
    /// The object, or the system, that it is about.
    pub subject: Text,
    /// The rule that forbids it, if one does (`VGA-5`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Text>,
    /// The reason, as a sentence without its full stop.
    pub message: String,
    /// What a person can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Nobody could look, so nothing is decided.
    Unknown,
    /// It waits for something that is unknown, refused or waiting itself.
    Waits,
    /// A safety rule forbids it now.
    Refused,
    /// It would lose data, and nobody named it.
    NeedsConsent,
    /// It is as it was asked for, and has failed: nothing that is ours to do would help.
    Failing,
    /// It is as it was asked for, and its system does not act on it now: somebody stopped that, or it fails there. What comes after it goes on.
    Ineffective,
    /// It is there, and not ours.
    Foreign,
    /// `--target` leaves it out.
    NotTargeted,
    /// It is done, and its system did not say beforehand what it would make of it.
    Unconfirmed,
    /// Somebody else owns a field of it, and the spec says to leave the object as it is then.
    Contested,
    /// Somebody else owns a field of it, and the spec leaves the field to them: it is as wanted.
    Yielded,
}

impl NoteKind {
    /// Whether something that is wanted is not done, against the will of whoever asked for the plan.
    pub const fn withholds(self) -> bool {
        !matches!(self, NoteKind::NotTargeted | NoteKind::Unconfirmed | NoteKind::Yielded)
    }
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.action == Action::Keep)
    }

    /// Whether carrying it out changes nothing: it only waits.
    pub fn only_waits(&self) -> bool {
        self.steps.iter().all(|step| matches!(step.action, Action::Keep | Action::Await))
    }

    /// Number of steps with `action`.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }
}
