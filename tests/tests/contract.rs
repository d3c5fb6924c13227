//! One contract, two arms: what the simulated systems answer, the real ones answer too.
//!
//! The cases are data: `tests/contract/*.yaml`, a file a subject. Each runs against the world of the simulator, always, and against the
//! servers of the test bench where it is up (`tests/bench/up`). What only one of the two can be asked says why, in the case.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may take for granted what it is not about, runs in real time, and says what it did"
)]

#[path = "live/bench.rs"]
#[allow(dead_code, reason = "the tests of the adapters use the rest")]
mod bench;

#[path = "contract/mod.rs"]
mod contract;

use contract::case::{self, File};
use contract::run::{self, Report};
use tests::block_on;

fn report(files: &[File]) -> (Report, Report) {
    block_on(async {
        let simulated = run::simulated(files).await;
        let real = run::real(files).await;
        (simulated, real)
    })
}

/// `CASE` in the environment picks cases by a part of their name.
#[test]
fn both_arms_answer_alike() {
    let files = case::files(std::env::var("CASE").ok().as_deref());
    let (simulated, real) = report(&files);
    println!("{} cases, {} on the real arm", simulated.passed + simulated.failures.len(), real.passed + real.failures.len());
    for (took, case) in real.took.iter().rev().take(5) {
        println!("{:5.1} s on the real arm: {case}", took.as_secs_f64());
    }
    let failures: Vec<String> = simulated.failures.into_iter().chain(real.failures).collect();
    assert!(failures.is_empty(), "{}\n{} failed", failures.join("\n"), failures.len());
}

#[test]
fn no_two_cases_have_the_same_name_and_every_one_asks_something() {
    let mut seen = std::collections::BTreeSet::new();
    for file in case::files(None) {
        for case in &file.cases {
            assert!(seen.insert(case.case.clone()), "{} twice", case.case);
            assert!(!case.steps.is_empty(), "{} asks nothing", case.case);
        }
    }
}
