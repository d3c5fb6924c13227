//! The embedded platform from outside: its file, its lock, its journal, its death at every effect boundary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

#[path = "embedded/common.rs"]
mod common;
#[path = "embedded/crash.rs"]
mod crash;
#[path = "embedded/file.rs"]
mod file;
#[path = "embedded/lock.rs"]
mod lock;
#[path = "embedded/secret.rs"]
mod secret;
#[path = "embedded/time.rs"]
mod time;
