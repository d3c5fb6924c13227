//! What every part of the world stands on: virtual time, an ordered queue of events, keyed randomness, a rolling hash over all
//! that happened, and stores that remember what changed since it was last kept.

mod agenda;
mod document;
mod queue;
pub mod random;
mod record;
mod rolling_hash;
mod store;
mod trace;

pub use agenda::{Agenda, View};
pub use document::Document;
pub use queue::{EventId, Kernel, Priority};
pub use record::{Damaged, Record};
pub use rolling_hash::RollingHash;
pub use store::Store;
pub use trace::{Difference, Happening, Trace, first_difference};

use model::Timestamp;

/// The instant at which every new world begins: 2026-01-01T00:00:00Z.
pub const EPOCH: Timestamp = Timestamp(1_767_225_600_000);
