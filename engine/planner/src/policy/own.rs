//! Rules of a platform's own, in CEL: the expression language in which Kubernetes writes its own policies.
//!
//! * `shape`: the types of what a rule can look at;
//! * `seen`: values of those types, which know where the spec says them;
//! * `view`: how the nouns of the engine look to a rule;
//! * `check`: an expression held against the types, before anything is evaluated;
//! * `program`: an expression that passed, and its evaluation within a budget.

mod check;
mod program;
mod seen;
mod shape;
mod view;

pub use check::Mistake;
pub use program::{BUDGET, Broken, Evidence, Given, Ground, LONGEST, Program, Scope, Verdict};
pub use seen::Seen;
pub use shape::Shape;
pub use view::{Change, Described, Observed, ObservedNode, Viewed};

#[cfg(test)]
mod tests;
