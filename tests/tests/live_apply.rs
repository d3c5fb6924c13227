//! `vamp` end to end on the real servers of the test bench: applied, changed by others, killed, cut off, brought back. Where the bench is not
//! up each test says so and is passed over: `tests/bench/up` starts it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may take for granted what it is not about, runs in real time, and says why it is passed over"
)]

mod live_apply {
    mod alone;
    mod audit;
    mod bad_answers;
    mod bad_input;
    mod cells;
    mod cells_search;
    mod drift;
    mod false_drift;
    mod faults;
    mod fields;
    mod inside;
    mod killed;
    mod kubelet;
    mod lacking;
    mod least;
    mod log_in;
    mod moved;
    mod platform;
    mod rights;
    mod search;
    mod shapes;
    mod specs;
    mod stores;
}

#[path = "live/bench.rs"]
#[allow(dead_code, reason = "the other tests on the bench use the rest of it")]
mod bench;
