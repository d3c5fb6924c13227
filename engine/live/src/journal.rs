//! Where a run writes down what it does.

use model::outcome::JournalEntry;
use port::PlatformError;

/// Writes journal entries, durably and in order.
#[allow(async_fn_in_trait, reason = "the engine runs on one thread; no future leaves it")]
pub trait Journal: 'static {
    /// Write these entries; they are durable when this returns.
    ///
    /// # Errors
    /// [`PlatformError`] when the journal cannot be written: nothing more may be done then.
    async fn record(&mut self, entries: &[JournalEntry]) -> Result<(), PlatformError>;
}
