//! The same seed is the same run: in any order, whoever built the program (that threads do not matter is in `simulate.rs`). And what would break that is noticed: a
//! map without an order, a look at the clock and a choice by chance are planted here, and each is found by its first event.
//!
//! `golden/hashes.txt` holds the rolling hashes of some seeds. Whatever changes what happens in the world changes them:
//! `UPDATE_GOLDEN=1` writes them anew. `simulator/tests/campaign.rs` holds an optimised build against them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "what is forbidden is planted here to be found")]

use model::Duration;
use serde_json::Value;
use simulator::campaign::Campaign;
use simulator::fault::{Fault, Kind};
use simulator::kernel::{Difference, Priority, RollingHash, Trace, first_difference};
use simulator::operator::Desired;
use simulator::run::{Report, Warm};
use simulator::world::{Next, World};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use tests::root;

/// The number under which the planted actor is called.
const WHOSE: u32 = 7;
const NAMES: [&str; 8] = ["ada", "bob", "cid", "dot", "eve", "fay", "gus", "hal"];
const SPEC: &str = "rehearse-safe-before.yaml";

/// Somebody who acts in the world, once a second or so: what it does at its turn, and when the next one comes.
trait Actor {
    fn turn(&mut self) -> (Vec<String>, Duration);
}

/// One whose deeds follow from nothing but what it is.
struct Orderly(BTreeMap<&'static str, u32>);

impl Actor for Orderly {
    fn turn(&mut self) -> (Vec<String>, Duration) {
        (self.0.keys().map(|name| format!("greets {name}")).collect(), Duration::seconds(1))
    }
}

/// One that goes through a map that has no order.
struct Unordered(HashMap<&'static str, u32>);

impl Actor for Unordered {
    fn turn(&mut self) -> (Vec<String>, Duration) {
        (self.0.keys().map(|name| format!("greets {name}")).collect(), Duration::seconds(1))
    }
}

/// One that looks at the clock on the wall.
struct Watchful;

impl Actor for Watchful {
    fn turn(&mut self) -> (Vec<String>, Duration) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        (Vec::new(), Duration(500 + u64::try_from(now.as_nanos() % 997).unwrap()))
    }
}

/// One that takes whichever of two things that are there the dice of `select!` prefer.
struct Undecided;

impl Actor for Undecided {
    fn turn(&mut self) -> (Vec<String>, Duration) {
        let chosen = tests::block_on(async {
            tokio::select! {
                left = std::future::ready("left") => left,
                right = std::future::ready("right") => right,
            }
        });
        (vec![format!("goes {chosen}")], Duration::seconds(1))
    }
}

fn desired() -> Arc<Desired> {
    let text = std::fs::read(root().join("specs/simulate").join(SPEC)).unwrap();
    Desired::read(SPEC, &text).unwrap_or_else(|complaints| panic!("{complaints:?}"))
}

fn warm() -> &'static Warm {
    static SHARED: OnceLock<Warm> = OnceLock::new();
    SHARED.get_or_init(|| Warm::up(&desired()).unwrap())
}

/// Ten minutes of a platform that loses a node, with the actor in it.
fn run(mut actor: impl Actor) -> (RollingHash, Trace) {
    let mut world: World = warm().world.clone();
    world.begin_trace();
    let end = world.now() + Duration::minutes(10);
    world.inject(&Fault::new(Kind::NodeDead, "node eu-1/node-1".parse().unwrap())).unwrap();
    world.call(Duration::seconds(1), Priority::REQUEST, WHOSE, 0);
    while world.next_event_at().is_some_and(|at| at <= end) {
        if let Some(Next::Outside { .. }) = world.proceed() {
            let (deeds, pause) = actor.turn();
            deeds.iter().for_each(|deed| world.note(deed));
            world.call(pause, Priority::REQUEST, WHOSE, 0);
        }
    }
    (world.hash(), world.trace().unwrap().clone())
}

/// The first event in which two runs differ, which the hash has to give away.
fn parted(make: impl Fn() -> Box<dyn Actor>) -> Difference {
    let [(first, left), (second, right)] = [(); 2].map(|()| run(make()));
    assert_ne!(first, second, "the hash gives it away");
    let difference = first_difference(&left, &right).expect("what the hash gives away is in the trace");
    let what = &difference.left.as_ref().expect("neither is over").what;
    assert!(what.contains(&format!("\"whose\":{WHOSE}")), "the event is one of whom it was planted in: {difference}");
    difference
}

impl Actor for Box<dyn Actor> {
    fn turn(&mut self) -> (Vec<String>, Duration) {
        (**self).turn()
    }
}

#[test]
fn an_orderly_actor_does_the_same_in_every_run() {
    let actor = || Orderly(NAMES.into_iter().zip(1..).collect());
    let [(first, left), (second, right)] = [(); 2].map(|()| run(actor()));
    assert_eq!((first, first_difference(&left, &right)), (second, None));
}

#[test]
fn a_map_without_an_order_is_noticed_at_its_first_event() {
    let difference = parted(|| Box::new(Unordered(NAMES.into_iter().zip(1..).collect())));
    let notes = |side: &Option<simulator::kernel::Happening>| side.as_ref().unwrap().notes.clone();
    let (mut left, mut right) = (notes(&difference.left), notes(&difference.right));
    assert_ne!(left, right);
    left.sort();
    right.sort();
    assert_eq!(left, right, "the same deeds in another order: {difference}");
}

#[test]
fn a_look_at_the_clock_is_noticed_at_its_first_event() {
    let difference = parted(|| Box::new(Watchful));
    assert_ne!(difference.left.unwrap().at, difference.right.unwrap().at);
}

#[test]
fn a_choice_by_chance_is_noticed_at_its_first_event() {
    let difference = parted(|| Box::new(Undecided));
    assert!(difference.to_string().contains("goes left") && difference.to_string().contains("goes right"), "{difference}");
}

#[test]
fn every_seed_twice_in_any_order_is_the_same_run() {
    let kinds = simulator::campaign::DRAWN.iter().copied().collect();
    let campaign = Campaign::new(desired(), kinds, Duration::minutes(40)).unwrap();
    let reports =
        |seeds: Vec<u64>| -> BTreeMap<u64, Report> { seeds.into_iter().map(|seed| (seed, campaign.run(seed))).collect() };
    let forward = reports((1..=12).collect());
    let shuffled = reports((1..=12).map(|seed| seed * 5 % 13).collect());
    assert_eq!(forward, shuffled);
    let hashes: std::collections::BTreeSet<&str> = forward.values().map(|report| report.hash.as_str()).collect();
    assert_eq!(hashes.len(), 12, "and no seed is the run of another");
}

/// Hashes of 32 seeds, as the program prints them.
fn hashes() -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vamp-under-test"));
    command.args(["simulate", "specs/simulate/reference.yaml", "--seeds", "1..32", "--duration", "1h", "--format", "json"]);
    let output = command.current_dir(root()).stdin(Stdio::null()).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let mut lines = String::new();
    for seed in document["seeds"].as_array().unwrap() {
        let _ = writeln!(lines, "{} {} {}", seed["seed"], seed["hash"].as_str().unwrap(), seed["verdict"].as_str().unwrap());
    }
    lines
}

#[test]
fn hashes_are_the_golden_ones_whoever_built_the_program() {
    let golden = root().join("golden/hashes.txt");
    let found = hashes();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(expected, found, "if the world is meant to be another one, UPDATE_GOLDEN=1 writes the hashes anew");
    }
    assert_eq!(expected.lines().count(), found.lines().count());
}
