//! What a gateway agent decides. It supervises HAProxy, fetches its configuration from Vault, and sends metadata of the traffic to
//! Elasticsearch. The agent that runs in a pod and the one that the simulator runs are this library; both only carry out effects.
//!
//! * [`machine`]: the whole, as `step(now, input) -> effects`;
//! * [`configuration`]: what is published, what is served, and which text is taken (VGA-8);
//! * [`shipping`]: the bounded buffer of traffic documents, and what of it is lost;
//! * [`state`]: how an agent is seen from outside.
//!
//! What it does differently from the original platform (Vamp 1.0), and why:
//!
//! * a failed log-in is tried again, and a token is replaced before its longest life ends (see `vault-session`);
//! * a text is only loaded if it is newer, not blank, accepted by HAProxy's own check, and loses no gateway that the publisher did not
//!   name as retired in the same entry. The original took a blank text and served nothing (F12);
//! * a text that counts as newer by its version and as older by its time is not taken at once, and is if it stays published
//!   ([`STOOD_BY`]): either it is a copy from the past, which its publisher will put right, or Vault's clock was set back;
//! * what was loaded last is kept in a directory that outlives the container, and serves when the container comes back while Vault is
//!   away. The pod's first start still needs Vault;
//! * being ready means that HAProxy serves a configuration; being alive means that the agent's own loop turns. Neither asks Vault;
//! * documents that could not be sent are counted when they are given up, never silently dropped.

pub mod configuration;
pub mod machine;
pub mod shipping;
pub mod state;

pub use configuration::{Configuration, Rejection, Revision};
pub use machine::{Answer, Effect, Input, Machine, Question, Ticket};
pub use shipping::Shipper;
pub use state::{State, Trouble};
pub use vault_session::{Failure, Lease};

use model::Duration;

/// From one look at Vault to the next (as the original has it).
pub const POLL: Duration = Duration::seconds(5);
/// From the end of HAProxy to its next start (as the original has it).
pub const WATCHDOG: Duration = Duration::seconds(1);
/// How long an answer of Vault is waited for: less than a round, so that rounds never overlap.
pub const PATIENCE: Duration = Duration::seconds(4);
/// How long a text that looks like a copy from the past has to stay published to be taken all the same. A publisher that runs puts such a
/// copy right within minutes (it looks every five), so that what stays for three times as long is meant, and its time is wrong.
pub const STOOD_BY: Duration = Duration::minutes(15);
/// From one bulk request of traffic documents to the next.
pub const SHIPPING: Duration = Duration::seconds(5);
/// Documents that are kept while Elasticsearch is away: 100 MB of lines of about 400 bytes, as much as the original kept.
pub const BUFFER: u64 = 250_000;
/// How long open connections are waited for at the end: HAProxy's longest wait for a client or a server.
pub const DRAIN: Duration = Duration::seconds(50);
/// How late the loop may be before the agent counts as stuck.
pub const STUCK: Duration = Duration::seconds(30);
