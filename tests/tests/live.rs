//! The adapters of `engine/live` against the real servers of the test bench. Where the bench is not up each test says so and is passed
//! over: `tests/bench/up` starts it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may take for granted what it is not about, runs in real time, and says why it is passed over"
)]

mod live {
    #[allow(dead_code, reason = "the end-to-end tests on the bench use the rest of it")]
    pub(crate) mod bench;
    mod cluster_ledger;
    mod crowd;
    mod kubernetes;
    mod ledger;
    mod mysql;
    mod vault;
}
