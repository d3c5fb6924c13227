//! Likeness of behaviour: the same scenario on the control planes of the bench, with KWOK nodes, and in the simulator, event by event.
//!
//! `docs/likeness.md` keeps both side by side. `LIKENESS=write cargo test -p tests --test likeness` on a bench that is up runs all scenarios
//! there and writes it. Without the variable the simulator is held against what the page says of the real control plane
//! (`UPDATE_GOLDEN=1` takes the simulator's side anew), and, where the bench is up, the short scenarios run there again.

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
#[allow(dead_code, reason = "the contract uses the rest")]
mod contract;

mod likeness {
    pub(crate) mod arms;
    pub(crate) mod compare;
    pub(crate) mod course;
    pub(crate) mod page;
    pub(crate) mod scenario;
    pub(crate) mod scenarios;
    pub(crate) mod timeline;
}

use contract::case::Subject;
use contract::real::{Real, Servers};
use contract::simulated::Simulated;
use likeness::arms::Bench;
use likeness::compare::{Comparison, compare};
use likeness::course;
use likeness::page;
use likeness::scenario::{Lane, Scenario};
use likeness::scenarios::SCENARIOS;
use likeness::timeline::Timeline;
use std::collections::BTreeMap;
use std::rc::Rc;

fn in_the_world(scenario: &Scenario) -> Timeline {
    tests::block_on(async {
        let (nodes, zones) = scenario.lane.nodes();
        course::run(&mut Simulated::with_nodes(nodes, zones).await, scenario, "shop").await
    })
}

fn on_the_bench(scenario: &Scenario) -> Timeline {
    tests::block_on(async {
        let servers = Rc::new(Servers::of_cluster(scenario.lane.cluster()).await.unwrap());
        let name = format!("{}-{}", bench::unique("likeness"), scenario.key);
        let mut arm = Bench::new(Real::new(servers, &name, Subject::Kubernetes, BTreeMap::new()).await);
        let timeline = course::run(&mut arm, scenario, &name).await;
        arm.real.leave().await;
        timeline
    })
}

/// Run scenarios on the bench: those of a lane one after the other, the lanes at once.
fn all_on_the_bench(scenarios: &[&'static Scenario]) -> BTreeMap<&'static str, Timeline> {
    std::thread::scope(|scope| {
        let lanes = Lane::ALL.map(|lane| {
            let own = scenarios.iter().copied().filter(move |scenario| scenario.lane == lane);
            scope.spawn(move || own.map(|scenario| (scenario.key, on_the_bench(scenario))).collect::<Vec<_>>())
        });
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    })
}

fn compared(scenario: &'static Scenario, real: &Timeline) -> Comparison {
    compare(scenario, &real.instants(), &real.end, &in_the_world(scenario))
}

/// Whether `LIKENESS` says that the page is to be written.
fn writes() -> bool {
    std::env::var_os("LIKENESS").is_some_and(|mode| mode == "write")
}

fn chosen(scenario: &&&'static Scenario) -> bool {
    std::env::var("SCENARIO").map_or(true, |part| scenario.key.contains(&part))
}

/// What does not fit, in lines that say where.
fn complaints(comparisons: &[Comparison]) -> String {
    comparisons.iter().flat_map(Comparison::complaints).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_simulator_does_what_a_real_control_plane_did() {
    let path = tests::root().join("docs/likeness.md");
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let comparisons: Vec<Comparison> = if writes() {
        let real = all_on_the_bench(&SCENARIOS.iter().collect::<Vec<_>>());
        SCENARIOS.iter().map(|scenario| compared(scenario, &real[scenario.key])).collect()
    } else {
        let recorded = |scenario: &'static Scenario| {
            let (instants, end) = page::recorded(&known, scenario);
            compare(scenario, &instants, &end, &in_the_world(scenario))
        };
        SCENARIOS.iter().map(recorded).collect()
    };
    let written = page::page(&comparisons);
    if writes() || std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let complaints = complaints(&comparisons);
    assert!(complaints.is_empty(), "{complaints}");
    let stale = "docs/likeness.md says something else of the simulator; UPDATE_GOLDEN=1 writes what it does now";
    assert!(written == std::fs::read_to_string(&path).unwrap(), "{stale}");
}

#[test]
fn the_real_control_plane_does_it_again() {
    if writes() || bench::Bench::with("VAMP_BENCH_KUBECONFIG").is_none() {
        return;
    }
    let short: Vec<&Scenario> =
        SCENARIOS.iter().collect::<Vec<_>>().iter().filter(chosen).filter(|scenario| !scenario.long).copied().collect();
    let began = std::time::Instant::now();
    let real = all_on_the_bench(&short);
    let comparisons: Vec<Comparison> = short.iter().map(|scenario| compared(scenario, &real[scenario.key])).collect();
    println!("{}", page::page(&comparisons));
    println!("{} scenarios on the bench in {:.0} s", short.len(), began.elapsed().as_secs_f64());
    let complaints = complaints(&comparisons);
    assert!(complaints.is_empty(), "{complaints}");
}
