//! What a workflow agent decides. It runs quantification: once a minute it makes health and metrics of the last minutes of traffic
//! metadata. The agent that runs in a pod and the one that the simulator runs are this library.
//!
//! * [`machine`]: the whole, as `step(now, input) -> effects`;
//! * [`quantify`]: from counts of log lines to health and metrics;
//! * [`history`]: its last runs, and the gaps in what it found.
//!
//! What it does differently from the original platform (Vamp 1.0), and why:
//!
//! * no lines mean that health is *unknown*; the original said healthy;
//! * a time without results is a gap with a beginning and an end, and is written down as soon as anything can be written again;
//! * the workflow is read anew before every run, and a failed read means that the last one goes on; the original never took over a
//!   changed script before a restart;
//! * its page on port 8080 says whether its loop turns, so that a liveness probe finds an agent that has died in a living container
//!   (F35).
//!
//! Exactly one runs in a cell (WFA-1): the platform sees to that; two would count every request twice.

pub mod history;
pub mod machine;
pub mod quantify;

pub use history::{Gap, History, Outcome, Run};
pub use machine::{Answer, Effect, Input, Machine, Question, State, Ticket, Workflow};
pub use quantify::{Finding, Health, Subject, Tally, quantify};
pub use vault_session::{Failure, Lease};

use model::Duration;

/// From one look for its workflow to the next, as long as it has none (as the original has it).
pub const POLL: Duration = Duration::seconds(5);
/// How long an answer of Vault is waited for.
pub const PATIENCE: Duration = Duration::seconds(4);
/// Runs, and failed runs, that its page shows.
pub const REMEMBERED: usize = 16;
/// How late the loop may be before the agent counts as stuck.
pub const STUCK: Duration = Duration::seconds(30);
