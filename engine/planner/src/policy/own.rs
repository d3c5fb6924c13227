//! Rules of a platform's own, in CEL: the expression language in which Kubernetes writes its own policies.
//!
//! * `shape`: the types of what a rule can look at;
//! * `seen`: values of those types, which know where the spec says them;
//! * `view`: how the nouns of the engine look to a rule;
//! * `check`: an expression held against the types, before anything is evaluated;
//! * `program`: an expression that passed, and its evaluation within a budget;
//! * `rule`: such an expression as a rule; `ask`: rules asked of everything that they are about;
//! * `trial`, `sample`: the tests that stand beside a rule, and what they are given;
//! * `origin`: where a stretch of an expression stands in the file that holds it.

mod ask;
mod check;
pub(crate) mod origin;
mod program;
mod rule;
mod sample;
mod seen;
mod shape;
mod trial;
mod view;

pub use ask::{BUDGET_OF_A_RULE, ask};
pub use check::Mistake;
pub use program::{BUDGET, Broken, Evidence, Given, Ground, LONGEST, Program, Scope, Verdict};
pub use rule::{On, Rule, Trial, is_of_catalogue};
pub use sample::{Misfit, fit};
pub use seen::Seen;
pub use shape::Shape;
pub use trial::{Outcome, try_all};
pub use view::{Change, Described, Observed, ObservedNode, Viewed};

#[cfg(test)]
mod tests;
