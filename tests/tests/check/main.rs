//! `vamp check` as a process, in a folder of its own: on a change of the spec, with rules of a platform's own, on a saved plan.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "a process is waited for")]
#![cfg(unix)]

mod against;
mod ci;
mod models;
mod own;
mod plan;
#[path = "../bad_input/program.rs"]
#[allow(dead_code, reason = "it is shared, and not everybody needs all of it")]
mod program;
mod repository;
mod schema;
