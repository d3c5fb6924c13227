//! Which server an answer came from, as every error names it.

use model::System;
use std::fmt;

/// One server: the system that it is to the platform, and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Which system.
    pub system: System,
    /// Where it is, without credentials.
    pub address: String,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.system, self.address)
    }
}
