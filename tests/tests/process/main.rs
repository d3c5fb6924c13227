//! `vamp` as a process among others: killed, stopped by signals, started twice, and watched for secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

mod canary;
mod killed;
mod lock;
mod shell;
mod signals;
mod simulated;
