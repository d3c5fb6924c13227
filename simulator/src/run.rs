//! One run: a world with operators in it, a schedule of faults, and oracles that watch. It has two phases: in the first, faults come and
//! go; in the second nothing further goes wrong, what was broken for good stays so, and the platform must become what its spec says.
//!
//! * [`setup`]: everything that a run is made of; the same setup gives the same run, to the last event;
//! * [`warm`]: a platform that was brought up once, for many runs to begin with;
//! * `trouble`: faults of the schedule, carried out;
//! * `course`: the run itself, event by event; `calm`: its second phase;
//! * [`metrics`]: what was counted; [`report`]: what came of it.

mod calm;
mod course;
pub mod metrics;
pub mod report;
pub mod setup;
mod trouble;
pub mod warm;

#[cfg(test)]
mod tests;

pub use course::Run;
pub use metrics::Metrics;
pub use report::{Report, Verdict};
pub use setup::{Change, Conditions, Setup, Start, To};
pub use warm::Warm;
