//! A scenario: one story of what goes wrong, as a file that a person writes: a spec, an explicit schedule of faults, and what is expected
//! of the platform, as data. The run is the same as every other; a watcher measures it, and what was measured is held against what
//! was expected.
//!
//! * [`written`]: the file as it is written, which is also its JSON Schema; [`forms`]: lengths, faults and bounds in it;
//! * [`read`]: from there to a [`Scenario`], with every complaint at its place; [`code`]: their codes, each with its page;
//! * [`hand`]: what somebody changes past the engine;
//! * [`measure`]: what can be measured; [`bound`]: what is expected of it;
//! * [`watch`]: a run of it, and what was measured; [`tally`]: the counts of one cell; [`story`]: what happened, line by line;
//! * [`outcome`]: what was expected beside what was seen.

pub mod bound;
pub mod code;
pub mod forms;
pub mod hand;
pub mod measure;
pub mod outcome;
pub mod read;
pub mod story;
pub mod tally;
pub mod watch;
pub mod written;

#[cfg(test)]
mod tests;

pub use bound::Bound;
pub use code::explain_error;
pub use hand::Hand;
pub use measure::Measure;
pub use outcome::{Checked, Outcome};
pub use read::{NoSpec, read};

use crate::guard::Guard;
use crate::operator::Desired;
use crate::oracle::Promise;
use crate::oracle::convergence::Excuse;
use crate::run::Conditions;
use model::Duration;
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A scenario, ready to be run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What happens, in a few words.
    pub title: String,
    /// What is expected and why, for people.
    pub says: String,
    /// The spec's path, as it is written.
    pub spec: String,
    /// What it is made of.
    pub conditions: Conditions,
    /// What somebody does by hand meanwhile.
    pub hands: Vec<Hand>,
    /// The spec that is in force at the beginning.
    pub first: Arc<Desired>,
    /// What is asked for later, if anything is.
    pub second: Option<Arc<Desired>>,
    /// What is expected.
    pub expected: Expected,
    /// Guards that it is about, with the promise that breaks without them.
    pub guards: Vec<(BTreeSet<Guard>, Promise)>,
}

/// What is expected of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Promises that break; all others are kept.
    pub broken: BTreeSet<Promise>,
    /// Why the platform does not become what its spec says; it does if there is none.
    pub excuses: BTreeSet<Excuse>,
    /// Rules by which plans leave something out; no others do.
    pub refused: BTreeSet<Text>,
    /// What is measured over the whole run.
    pub whole: Vec<Statement>,
    /// What is measured at some instants, up to which nothing at that instant has happened.
    pub moments: BTreeMap<Duration, Vec<Statement>>,
}

/// One thing that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Of which cell, by cluster and namespace; of the platform as a whole if of none.
    pub cell: Option<(Text, Text)>,
    /// What is measured.
    pub measure: Measure,
    /// What is expected of it.
    pub bound: Bound,
}
