//! The configuration of gateways, before the program that has to read and run it.
//!
//! Where `haproxy` is not installed, the tests that need it say so on standard error and check the text alone.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests end a test as tests do, and say what they skip"
)]

mod behaviour;
mod cells;
mod goldens;
mod program;
mod property;
mod targets;
mod world;
