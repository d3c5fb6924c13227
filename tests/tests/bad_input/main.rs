//! Bad input of every kind, given to `vamp` as a process: the right exit code, a clear word on standard error with a remedy,
//! JSON for programs, no panic, no file left half-written, and the platform as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "the surroundings of a process are what is tested")]
#![cfg(unix)]

mod arguments;
mod disks;
mod escapes;
mod outputs;
mod plans;
mod program;
mod specs;
mod streams;
mod surroundings;
mod worlds;
