//! What keeps the platform from harm, by name, so that a test can take one away and show that a promise breaks without it. Nothing but
//! [`crate::run::Run::without`] takes one away, which only tests call: neither a command nor a file can.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! guards {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// Something that keeps the platform from harm.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Guard {
            $($(#[doc = $doc])* #[serde(rename = $word)] $name),+
        }

        impl Guard {
            /// All of them.
            pub const ALL: &[Guard] = &[$(Guard::$name),+];

            /// Its word.
            pub const fn word(self) -> &'static str {
                match self { $(Guard::$name => $word),+ }
            }
        }
    };
}

guards! {
    /// No plan takes a cell below two ready gateway agents.
    Vga4 = "VGA-4",
    /// No plan touches gateway agents while Vault cannot be read.
    Vga5 = "VGA-5",
    /// No plan publishes a configuration that loses a gateway unasked.
    Vga8 = "VGA-8",
    /// No gateway agent takes a configuration that is blank or loses a gateway unasked.
    AgentVga8 = "agent-VGA-8",
    /// No plan starts Vamp while another may run.
    Vmp1 = "VMP-1",
    /// No plan starts Vamp while its stores cannot be read.
    Vmp2 = "VMP-2",
    /// A system that does not answer is unknown, and never taken for empty.
    Unknown = "unknown-is-not-absent",
    /// What stands on something unknown waits for it.
    Waiting = "what-stands-on-unknown-waits",
    /// What comes after a step that failed is not begun.
    Order = "order",
    /// One run at a time.
    Lock = "lock",
}

impl Guard {
    /// The rule of the catalogue that a plan asks, if it is one.
    pub const fn rule(self) -> Option<&'static str> {
        match self {
            Guard::Vga4 | Guard::Vga5 | Guard::Vga8 | Guard::Vmp1 | Guard::Vmp2 => Some(self.word()),
            Guard::AgentVga8 | Guard::Unknown | Guard::Waiting | Guard::Order | Guard::Lock => None,
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
