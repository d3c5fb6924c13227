//! Eventually stable reconciliation: after faults clear, the world becomes what the spec says, or a coded excuse says why it cannot.
//!
//! What is not as wanted is found by comparing the world with the documents that the spec wants, without the planner's own comparison.

mod compare;
mod excuse;
mod unmet;

pub use compare::holds;
pub use excuse::{Circumstances, Excuse, Excused, excuses};
pub use unmet::{Lack, Unmet, unmet};
