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
use std::collections::BTreeSet;
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
    println!("{}", count(&files, &simulated, &real));
    for (took, case) in real.took.iter().rev().take(5) {
        println!("{:5.1} s on the real arm: {case}", took.as_secs_f64());
    }
    let failures: Vec<String> = simulated.failures.into_iter().chain(real.failures).collect();
    assert!(failures.is_empty(), "{}\n{} failed", failures.join("\n"), failures.len());
}

/// What was asked of whom. Every case is asked of both arms, or says why not: nothing else can be left out.
fn count(files: &[File], simulated: &Report, real: &Report) -> String {
    let all = BTreeSet::from_iter(files.iter().flat_map(|file| &file.cases).map(|case| case.case.as_str()));
    assert_eq!(simulated.asked(), asked_of(files, "simulated"), "what the simulated arm was asked, and what it should be");
    if !real.up {
        return format!("{} cases, none on the real arm: the bench is not up", all.len());
    }
    assert_eq!(real.asked(), asked_of(files, "real"), "what the real arm was asked, and what it should be");
    let said = format!("{} cases, {} on the real arm", all.len(), real.asked().len());
    let left_out = |arm: &str, asked: usize| format!("{} not on the {arm} arm, as they say why", all.len() - asked);
    format!("{said} ({}; {})", left_out("real", real.asked().len()), left_out("simulated", simulated.asked().len()))
}

/// The cases that do not say why this arm cannot be asked.
fn asked_of<'a>(files: &'a [File], arm: &str) -> BTreeSet<&'a str> {
    let all = files.iter().flat_map(|file| &file.cases);
    all.filter(|case| !case.not.contains_key(arm)).map(|case| case.case.as_str()).collect()
}

/// What cannot be asked of one arm says why, in words, and is asked of the other.
#[test]
fn a_case_is_left_out_of_one_arm_at_most_and_says_why() {
    for case in case::files(None).iter().flat_map(|file| &file.cases) {
        assert!(case.not.len() < 2, "{} is asked of nobody", case.case);
        for (arm, why) in &case.not {
            assert!(["simulated", "real"].contains(&arm.as_str()), "{}: {arm} is no arm", case.case);
            assert!(why.split_whitespace().count() > 3, "{}: why not on the {arm} arm?", case.case);
        }
    }
}

#[test]
fn no_two_cases_have_the_same_name_and_every_one_asks_something() {
    let mut seen = BTreeSet::new();
    for file in case::files(None) {
        for case in &file.cases {
            assert!(seen.insert(case.case.clone()), "{} twice", case.case);
            assert!(!case.steps.is_empty(), "{} asks nothing", case.case);
        }
    }
}
