//! How a program in a cluster stays logged in to Vault with its service account: when it logs in, renews its token, and logs in anew.
//!
//! A pure state machine that both agents share. Whoever runs it asks [`Session::next`] at the start of each of its rounds what to ask
//! Vault for, and says what came of it. What it does better than the original platform (Vamp 1.0; scenarios F21 to F23):
//!
//! * a log-in that failed is tried again: in the next round if nobody answered, after a growing pause if it was refused;
//! * a token is renewed at half of its time. Vault grants less than was asked for only when the token nears the end of its longest life:
//!   then the program logs in anew, hours before that end, and keeps the old token until it has the new one;
//! * a token that is not taken any more is thrown away, and the program logs in in the same round.
//!
//! It does not look its token up: what a look-up would tell stands in the answers to log-in and renewal.

mod failure;
mod jitter;
mod session;

pub use failure::Failure;
pub use session::{Lease, Next, Session};

use model::Duration;

/// Pause after the first refused log-in; it doubles with each further one.
pub const FIRST_PAUSE: Duration = Duration::seconds(5);
/// Longest pause between two log-ins that are refused.
pub const LONGEST_PAUSE: Duration = Duration::seconds(60);
