//! What the engine asks of the outside world, as plain values, and the few traits behind which the outside stands.
//!
//! * [`platform`]: carry out requests and say what happened ([`Platform`]); the driver lives on this alone;
//! * [`observe`]: look at what is there ([`Observe`]);
//! * [`ledger`]: the lock, the journal and the history of a platform ([`Ledger`]);
//! * [`secret`]: secrets in memory, and where they come from.
//!
//! The simulator, the embedded platform and the real systems stand behind the same traits.

pub mod ledger;
pub mod observe;
pub mod platform;
pub mod secret;

pub use ledger::{Account, Holder, Ledger, LedgerError, RunSummary, Tally};
pub use observe::Observe;
pub use platform::{Event, Nobody, Platform, PlatformError, Request, Stop, Stops, Ticket, Until};
pub use secret::{Entropy, Secret, SecretSource};
