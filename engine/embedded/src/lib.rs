//! The embedded platform: the simulator's world, kept in one SQLite file between commands, behind the same traits as real systems.
//!
//! * [`platform`]: [`EmbeddedPlatform`], which carries out requests in virtual time;
//! * `database`, `file`: the SQLite file, and what may be wrong with it ([`EmbeddedError`]);
//! * `lock`: one run at a time, by a lock that dies with its process;
//! * `secret`: secrets come in, digests go on; the world and its file never hold a secret;
//! * [`witness`]: for tests of what must hold at every moment.

pub mod crash;
mod database;
pub mod error;
mod file;
mod ledger;
mod lock;
mod observe;
pub mod platform;
mod secret;
pub mod witness;

pub use error::EmbeddedError;
pub use platform::{EmbeddedPlatform, Inputs, NEW, WORLD, identities};
