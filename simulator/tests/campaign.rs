//! The project's own campaign: many seeds of a platform over several regions keep every promise, and every one of them is the same run
//! whoever runs it, after which other, on which build. It needs no more than the simulator itself, so that an optimised build with every
//! assertion on (the profile `sim`) costs little: `cargo test --profile sim -p simulator --test campaign -- --include-ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::Duration;
use simulator::campaign::{Campaign, DRAWN};
use simulator::operator::Desired;
use simulator::run::{Report, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

/// What is run: a spec in `specs`, its first so many seeds, and how long faults come and go in each run.
struct Seeds {
    spec: &'static str,
    seeds: u64,
    duration: Duration,
}

/// The seeds of `golden/hashes.txt`.
const GOLDEN: Seeds = Seeds { spec: "simulate/reference.yaml", seeds: 32, duration: Duration::minutes(60) };
/// Enough for what happens once in three hundred runs to be as good as certain to happen.
const MANY: Seeds = Seeds { spec: "valid/multi-region.yaml", seeds: 1000, duration: Duration::minutes(30) };

impl Seeds {
    fn campaign(&self) -> Campaign {
        // Causes of steps name the file as it was called: as the command does, from the top of the checkout.
        let file = format!("specs/{}", self.spec);
        let desired = Desired::read(&file, read(&file).as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}"));
        Campaign::new(desired, DRAWN.iter().copied().collect(), self.duration).unwrap()
    }

    fn forward(&self) -> Vec<u64> {
        (1..=self.seeds).collect()
    }

    fn backward(&self) -> Vec<u64> {
        (1..=self.seeds).rev().collect()
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Run the seeds in this order, by so many workers of which each takes the next. How far they are is told now and then.
#[allow(clippy::print_stderr, reason = "it takes minutes")]
fn run(campaign: &Campaign, seeds: Vec<u64>, workers: usize) -> BTreeMap<u64, Report> {
    let all = seeds.len();
    let (next, reports) = (Mutex::new(seeds.into_iter()), Mutex::new(BTreeMap::new()));
    let take = || next.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(seed) = take() {
                    let report = campaign.run(seed);
                    let mut reports = reports.lock().unwrap();
                    reports.insert(seed, report);
                    if reports.len() % 100 == 0 {
                        eprintln!("{} of {all} runs", reports.len());
                    }
                }
            });
        }
    });
    reports.into_inner().unwrap()
}

/// One line a seed, as `golden/hashes.txt` has them.
fn lines(reports: &BTreeMap<u64, Report>) -> String {
    let mut lines = String::new();
    for (seed, report) in reports {
        let _ = writeln!(lines, "{seed} {} {}", report.hash, report.verdict.word());
    }
    lines
}

/// What the seeds broke, and how to see it.
fn broken(seeds: &Seeds, reports: &BTreeMap<u64, Report>) -> String {
    let mut told = String::new();
    for (seed, report) in reports.iter().filter(|(_, report)| report.verdict == Verdict::Broken) {
        let breach = report.breaches.first().unwrap();
        let _ = writeln!(told, "seed {seed}: {} {}: {}", breach.promise, breach.subject, breach.message);
        let minutes = seeds.duration.0 / 60_000;
        let _ = writeln!(told, "  vamp simulate specs/{} --duration {minutes}m --seeds {seed}..{seed}", seeds.spec);
    }
    told
}

#[test]
#[ignore = "an optimised build runs it: without optimisation it takes minutes, and `tests/tests/determinism.rs` does the same there"]
fn every_seed_is_the_golden_run_with_one_and_with_two_workers_in_any_order() {
    let campaign = GOLDEN.campaign();
    let golden = read("golden/hashes.txt");
    assert_eq!(lines(&run(&campaign, GOLDEN.forward(), 1)), golden);
    assert_eq!(lines(&run(&campaign, GOLDEN.backward(), 2)), golden);
}

#[test]
#[ignore = "an optimised build runs it: without optimisation it takes hours"]
fn a_thousand_seeds_of_a_platform_over_several_regions_keep_every_promise_and_are_the_same_again() {
    let campaign = MANY.campaign();
    let reports = run(&campaign, MANY.forward(), 2);
    assert_eq!(reports.len() as u64, MANY.seeds);
    let told = broken(&MANY, &reports);
    assert!(told.is_empty(), "{told}");
    let again = run(&campaign, MANY.backward(), 2);
    for (seed, report) in &reports {
        assert_eq!(Some(report), again.get(seed), "seed {seed} is another run the second time");
    }
}
