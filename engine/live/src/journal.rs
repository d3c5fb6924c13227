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

/// Why a run that was overtaken writes nothing more.
pub(crate) fn overtaken() -> PlatformError {
    PlatformError {
        message: "another run has taken the lock of this platform over".to_owned(),
        help: Some("`vamp history` says which; plan again when it has ended".to_owned()),
        source: None,
    }
}

/// Why whoever holds no lock writes nothing.
pub(crate) fn without_lock() -> PlatformError {
    let message = "the journal is written without the lock of the platform".to_owned();
    PlatformError { message, help: None, source: None }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A journal that nobody will read.
    pub(crate) struct Nowhere;

    impl Journal for Nowhere {
        async fn record(&mut self, _: &[JournalEntry]) -> Result<(), PlatformError> {
            Ok(())
        }
    }
}
