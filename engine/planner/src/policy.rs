//! Policy: what a spec, a plan, and a change of a spec are held against.
//!
//! * [`rule`]: a rule as data; `rules` has one file a rule, [`catalogue`] names them all in order;
//! * [`case`]: what rules are given to judge; `subject`: the parts of a platform that a rule is about, one by one;
//! * [`older`]: what of the spec before is what in this one;
//! * [`facts`], [`residency`], `capacity`: what several rules ask of a case;
//! * [`judge`]: every rule on a case; [`waiver`]: what the spec lets pass for a time;
//! * [`finding`]: what a rule found: where, with which numbers, and how it is mended;
//! * [`own`]: rules of a platform's own, in CEL.

mod capacity;
pub mod case;
pub mod catalogue;
pub mod facts;
pub mod finding;
pub mod judge;
pub mod older;
pub mod own;
pub mod residency;
pub mod rule;
pub(crate) mod rules;
pub mod subject;
#[cfg(test)]
mod tests;
pub mod waiver;

pub use case::{Case, Older};
pub use finding::{Breach, Evidence, Finding, Quantity};
pub use judge::{Judgement, judge};
pub use rule::{Check, Rule, Severity};
