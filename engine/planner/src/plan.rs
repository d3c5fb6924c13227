//! What is wanted against what was seen, as a plan: what to do, in which order, and what is not done and why.
//!
//! In the order in which a plan is made:
//!
//! * [`diff`] compares one document with one observation;
//! * `decide` turns every wanted resource into a step, a note, or nothing;
//! * `fields` leaves to others what the spec leaves to them;
//! * [`preview`] asks the systems themselves what would become of what would change;
//! * `prune` finds what is ours and no longer wanted, `streams` what stays because documents stand on it;
//! * [`former`] knows the systems that the spec no longer names, where something of ours may be left;
//! * [`safety`] takes out what a rule of the platform forbids now;
//! * `order` puts steps in order and lets those wait whose ground is missing;
//! * [`saved`] checks a plan that comes back from a file.

mod causes;
mod decide;
pub mod diff;
mod fields;
pub mod former;
mod immutable;
mod lists;
mod moves;
mod order;
mod preview;
mod prune;
pub mod safety;
pub mod saved;
mod streams;
#[cfg(test)]
mod tests;
mod withdrawn;

use crate::spec::Spec;
pub use diff::Digests;
use model::connection::Connection;
use model::graph::Graph;
use model::identity::Identities;
use model::observation::Snapshot;
use model::plan::{FORMAT_VERSION, Note, Plan, Step, Waived};
use model::preview::{Previews, Proposal};
use model::value::Text;
use model::{Address, Timestamp};
pub use moves::moves;
use std::collections::BTreeSet;

/// The published JSON Schema of a saved plan.
pub const PLAN_SCHEMA: &str = include_str!("../../../docs/schemas/plan.schema.json");

/// Everything that a plan is made from. Nothing else goes into it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The spec, for names and what it allows.
    pub spec: &'a Spec,
    /// What is wanted.
    pub graph: &'a Graph,
    /// What was seen.
    pub snapshot: &'a Snapshot,
    /// Every system that was looked at: those of the spec, and those that earlier runs applied to and the spec no longer names.
    pub connections: &'a [Connection],
    /// Digests of the secrets that could be fetched.
    pub digests: &'a Digests,
    /// What the systems said to [`Draft::proposals`]; whoever does not ask hands in nothing.
    pub previews: &'a Previews,
    /// What the caller asks for beyond the spec.
    pub options: &'a Options,
    /// Where the plan acts, in words.
    pub acts_on: &'a [String],
    /// Who those systems say they are.
    pub pinned_to: &'a Identities,
    /// The clock.
    pub now: Timestamp,
}

/// What the caller asks for beyond the spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only these, and what they need; everything if empty.
    pub targets: BTreeSet<Address>,
    /// Things that hold data and may be destroyed.
    pub allow_destroy: BTreeSet<Address>,
    /// Things that are not ours and are to be taken over.
    pub adopt: BTreeSet<Address>,
    /// Nothing is wanted any more.
    pub destroy: bool,
    /// Renamed things that keep their data: (old name, new name).
    pub moved: Vec<(Address, Address)>,
    /// What an earlier apply is known to have made, from the platform's history: tells a deleted object from a new one.
    pub remembered: BTreeSet<Address>,
    /// Rules that are not asked of steps. Only tests leave one out, to show what breaks without it; no command does.
    pub unasked: BTreeSet<&'static str>,
    /// What stands on something unknown does not wait for it. Only tests say so, likewise.
    pub impatient: bool,
}

/// The plan that brings the platform from what was seen to what is wanted.
pub fn plan(request: &Request<'_>) -> Plan {
    Draft::of(request).finish(request)
}

/// The same plan, which is carried out although it breaks rules that are `waived`.
pub fn with_waivers(plan: Plan, waived: Vec<Waived>) -> Plan {
    if plan.waived == waived { plan } else { seal(Plan { waived, ..plan }) }
}

fn platform(spec: &Spec) -> Text {
    spec.platform.value.as_str().into()
}

/// A plan in the making: what is decided for every resource on its own.
#[derive(Debug, Default)]
pub struct Draft {
    /// Steps, not yet in order.
    pub(crate) steps: Vec<Step>,
    /// What is not done.
    pub(crate) notes: Vec<Note>,
    /// Number of resources that are as they should be.
    pub(crate) unchanged: u64,
}

impl Draft {
    /// What is decided of `request`.
    pub fn of(request: &Request<'_>) -> Draft {
        decide::decide(request)
    }

    /// What the systems are to be asked about before the plan is made: with what they say, draw it up anew. Nothing, and this draft stands.
    pub fn proposals(&self, request: &Request<'_>) -> Vec<Proposal> {
        preview::proposals(request, &self.steps)
    }

    /// The plan of the very `request` that this was drawn up of.
    pub fn finish(mut self, request: &Request<'_>) -> Plan {
        prune::prune(request, &mut self);
        self.notes.extend(former::out_of_sight(request));
        safety::check(request, &mut self);
        let (steps, waits) = order::arrange(request, self.steps, &self.notes);
        self.notes.extend(waits);
        self.notes.extend(preview::unconfirmed(request, &steps));
        self.notes.extend(fields::yielded(request));
        self.notes.sort();
        self.notes.dedup();
        seal(Plan {
            format_version: FORMAT_VERSION,
            made_at: model::time::rfc3339(request.now),
            platform: platform(request.spec),
            spec_digest: request.spec.digest.as_str().into(),
            acts_on: request.acts_on.to_vec(),
            connections: request.connections.to_vec(),
            pinned_to: request.pinned_to.clone(),
            audit: crate::compile::audit::chains(request.spec),
            steps,
            report: self.notes,
            waived: Vec::new(),
            unchanged: self.unchanged,
            digest: Text::default(),
        })
    }
}

/// The same plan with its digest, so that an edited file is noticed. When it was made does not count.
fn seal(mut plan: Plan) -> Plan {
    plan.digest = saved::digest(&mut plan);
    plan
}
