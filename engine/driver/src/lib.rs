//! Ordered apply: a state machine that decides everything, and a thin loop that carries out what it asks for.
//!
//! In reading order:
//!
//! * [`consent`]: permission to change a platform, as a value that only an explicit answer makes;
//! * [`settings`] and [`retry`]: how many operations at a time, what is tried again, how often and how long, as data;
//! * [`operation`]: the operations that a plan's step consists of;
//! * [`machine`]: events in, effects out; no await, no clock, no randomness;
//! * [`progress`]: what a display is told;
//! * [`run`]: the loop around the machine;
//! * [`audit`]: what the journal tells goes into audit chains, before and after a run.
//!
//! The driver knows no system: it sees requests and events ([`port::platform`]). The simulator runs this very crate.

pub mod audit;
pub mod consent;
pub mod machine;
pub mod operation;
pub mod progress;
pub mod retry;
pub mod run;
pub mod settings;

mod journal;
mod lane;
mod refusal;
mod tasks;
mod timers;

#[cfg(test)]
mod tests;

pub use consent::{Answer, Consent, NotGiven};
pub use machine::{Effect, Input, Machine};
pub use progress::{Counts, Progress, ProgressEvent};
pub use refusal::Refusal;
pub use run::{run, run_until};
pub use settings::Settings;
