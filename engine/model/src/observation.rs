//! What was seen. Three-valued: present, absent, or unknown; a failed look is never an empty one.

mod objects;
mod pin;

pub use objects::Objects;

use crate::address::Address;
use crate::kind::Kind;
use crate::operation::Mark;
use crate::path::FieldPath;
use crate::resource::Scope;
use crate::system::System;
use crate::value::{Text, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One object as its system shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The object as a whole, with what the system and others added. Secrets are digests.
    pub document: Arc<Value>,
    /// The version that the system gives it: `resourceVersion`, KV version, row version, `_seq_no`.
    pub version: Text,
    /// What tells it from another of the same name that was made after it went: the `uid` in Kubernetes, nothing elsewhere.
    pub incarnation: Text,
    /// Whose it is.
    pub owner: Owner,
    /// Digest of the document that we last wrote, as the object's own mark says; tells drift from a change of the spec.
    pub applied: Option<Text>,
    /// What it belongs to, as the object's own mark says; the platform as a whole if it has none.
    pub scope: Scope,
    /// Fields that another manager owns, where the system keeps account (Kubernetes managed fields).
    pub foreign: Vec<(FieldPath, Text)>,
    /// Whether it does its work now.
    pub condition: Condition,
    /// Data streams that stand on it, if it is an index template: their documents go with it, or it does not go.
    pub streams: Vec<Text>,
}

impl Observed {
    /// An object that does its work by being there, whose it is by its mark.
    pub fn marked(document: Arc<Value>, version: Text, mark: Option<&Mark>) -> Self {
        Observed {
            document,
            version,
            incarnation: Text::default(),
            owner: mark.map_or(Owner::Foreign, |mark| Owner::Platform(mark.platform.clone())),
            applied: mark.map(|mark| mark.applied.clone()),
            scope: mark.map_or(Scope::PLATFORM, |mark| mark.scope.clone()),
            foreign: Vec::new(),
            condition: Condition::Ready,
            streams: Vec::new(),
        }
    }
}

/// Whose an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The platform of this name, which `vamp` keeps.
    Platform(Text),
    /// Nobody that we know; never touched without `vamp adopt`.
    Foreign,
}

/// Whether an object does its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It does.
    Ready,
    /// Not yet, or no longer, for this reason.
    NotReady(String),
    /// It never will unless somebody acts (a progress deadline passed, a Job failed for good).
    Failed(String),
}

/// Why a system, or a kind in it, could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It did not answer, or with an error. What is there is unknown.
    Unreachable(String),
    /// It does not exist yet: the workload that will run it was looked for, and is absent.
    NotYet {
        /// The workload that will run it.
        workload: Address,
    },
    /// It does not answer, because the workload that runs it is there and not ready: it is on its way, for the first time or again.
    Starting {
        /// The workload that runs it.
        workload: Address,
        /// What is known of it.
        why: String,
    },
    /// It answers, but cannot serve (a sealed Vault).
    Unavailable(String),
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Gap::Unreachable(why) | Gap::Unavailable(why) | Gap::Starting { why, .. } => f.write_str(why),
            Gap::NotYet { workload } => write!(f, "does not exist yet; {workload} will run it"),
        }
    }
}

/// The three values of a look at one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation<'a> {
    /// It is there.
    Present(&'a Observed),
    /// A complete, successful look did not find it.
    Absent,
    /// Nobody could look.
    Unknown(&'a Gap),
}

/// What is known of one kind in one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// A complete, successful list: what is not in it is absent.
    Complete(Objects),
    /// Nobody could look.
    Unknown(Gap),
}

/// Everything that was seen in one look at the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    listings: BTreeMap<(System, Kind), Listing>,
    /// Nodes of each cluster that could be looked at: what safety rules need to know of capacity.
    pub nodes: BTreeMap<Text, Vec<Node>>,
}

/// What safety rules need to know of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name.
    pub name: Text,
    /// Zone.
    pub zone: Text,
    /// Whether new pods may go there: ready, not cordoned, no taint that keeps pods away.
    pub schedulable: bool,
}

static NEVER_LOOKED: Gap = Gap::Unreachable(String::new());

impl Snapshot {
    /// Record what a look at one kind in one system gave.
    pub fn record(&mut self, system: System, kind: Kind, listing: Listing) {
        self.listings.insert((system, kind), listing);
    }

    /// What is known of one kind in one system.
    pub fn listing(&self, system: &System, kind: Kind) -> Option<&Listing> {
        self.listings.get(&(system.clone(), kind))
    }

    /// What is known of one address. What was never looked at is unknown.
    pub fn observe(&self, address: &Address) -> Observation<'_> {
        match self.listings.get(&(address.system(), address.kind())) {
            Some(Listing::Complete(objects)) => objects.get(address).map_or(Observation::Absent, Observation::Present),
            Some(Listing::Unknown(gap)) => Observation::Unknown(gap),
            None => Observation::Unknown(&NEVER_LOOKED),
        }
    }

    /// Every listing, by system and kind.
    pub fn listings(&self) -> impl Iterator<Item = (&System, Kind, &Listing)> {
        self.listings.iter().map(|((system, kind), listing)| (system, *kind, listing))
    }

    /// Every object that was seen.
    pub fn objects(&self) -> impl Iterator<Item = (&Address, &Observed)> {
        self.listings
            .values()
            .flat_map(|listing| match listing {
                Listing::Complete(objects) => Some(objects.iter()),
                Listing::Unknown(_) => None,
            })
            .flatten()
    }

    /// The systems that could not be looked at, each once, with the first reason.
    pub fn gaps(&self) -> BTreeMap<&System, &Gap> {
        let mut gaps = BTreeMap::new();
        for ((system, _), listing) in &self.listings {
            if let Listing::Unknown(gap) = listing {
                gaps.entry(system).or_insert(gap);
            }
        }
        gaps
    }
}
