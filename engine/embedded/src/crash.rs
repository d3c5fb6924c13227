//! Dying on purpose: a test names an effect boundary, and the platform dies there as a killed process would.

use port::PlatformError;

/// Counts the effect boundaries that a platform passes, and says when it dies.
#[derive(Debug, Default)]
pub(crate) struct CrashPoints {
    /// Boundaries passed so far.
    pub(crate) passed: u64,
    /// The boundary at which the platform dies, counted from 1.
    pub(crate) at: Option<u64>,
}

impl CrashPoints {
    /// Pass one boundary.
    pub(crate) fn boundary(&mut self) -> Result<(), PlatformError> {
        self.passed += 1;
        self.alive()
    }

    /// Whether the platform has not died yet.
    pub(crate) fn alive(&self) -> Result<(), PlatformError> {
        match self.at {
            Some(at) if self.passed >= at => Err(PlatformError {
                message: format!("the embedded platform was killed at effect boundary {at}"),
                help: None,
                source: None,
            }),
            _ => Ok(()),
        }
    }
}
