//! Dying on purpose: a test names an effect boundary, and the platform dies there as a killed process would; or it looks at what a
//! process that is killed at this boundary would leave behind.

use port::PlatformError;

/// Is told the number of every boundary, counted from 1, while the platform stands there.
pub type Coroner = Box<dyn FnMut(u64)>;

/// Counts the effect boundaries that a platform passes, and says when it dies.
#[derive(Default)]
pub(crate) struct CrashPoints {
    /// Boundaries passed so far.
    pub(crate) passed: u64,
    /// The boundary at which the platform dies, counted from 1.
    pub(crate) at: Option<u64>,
    pub(crate) coroner: Option<Coroner>,
}

impl CrashPoints {
    /// Pass one boundary.
    pub(crate) fn boundary(&mut self) -> Result<(), PlatformError> {
        self.passed += 1;
        if let Some(coroner) = &mut self.coroner {
            coroner(self.passed);
        }
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

impl std::fmt::Debug for CrashPoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrashPoints").field("passed", &self.passed).field("at", &self.at).finish_non_exhaustive()
    }
}
