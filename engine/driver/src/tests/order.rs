//! The order of random plans, against references that are slow and plain.

use crate::settings::InFlight;
use crate::tests::plans::{address, plan, step};
use crate::tests::world::{Try, World};
use crate::{Effect, Input, Machine, Settings};
use model::operation::{OperationError, Receipt};
use model::outcome::StepResult;
use model::plan::{Action, Plan, Step};
use model::{Address, Duration, Timestamp};
use port::{Event, Request};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SYSTEMS: [&str; 4] = ["vault/policy", "mysql/schema", "cluster.eu-1/service/shop", "elasticsearch.central/index-template"];

/// One step of a random plan.
#[derive(Clone, Debug)]
struct Draw {
    system: usize,
    /// Distances back to what it comes after.
    back: Vec<usize>,
    latency: u64,
    keep: bool,
    fails: bool,
}

fn draws(count: usize) -> impl Strategy<Value = Vec<Draw>> {
    let one = (0..SYSTEMS.len(), prop::collection::vec(1..12_usize, 0..4), 1..50_u64, 0..10_u8, 0..12_u8);
    let draw = one.prop_map(|(system, back, latency, keep, fails)| {
        let keep = keep == 0;
        Draw { system, back, latency, keep, fails: fails == 0 && !keep }
    });
    prop::collection::vec(draw, 1..count)
}

fn name(draws: &[Draw], index: usize) -> Address {
    address(&format!("{}/n{index:03}", SYSTEMS[draws[index].system]))
}

fn plan_of(draws: &[Draw]) -> Plan {
    let one = |(index, draw): (usize, &Draw)| {
        let mut before: Vec<usize> = draw.back.iter().filter_map(|back| index.checked_sub(*back)).collect();
        before.sort_unstable();
        before.dedup();
        Step {
            after: before.into_iter().map(|before| name(draws, before)).collect(),
            action: if draw.keep { Action::Keep } else { Action::Create },
            ..step(name(draws, index).as_str())
        }
    };
    plan(draws.iter().enumerate().map(one).collect())
}

fn world_of(draws: &[Draw], failing: bool) -> World {
    let mut world = World::default();
    for (index, draw) in draws.iter().enumerate() {
        world.latencies.insert(name(draws, index), Duration(draw.latency));
        if draw.fails && failing {
            world.script(name(draws, index).as_str(), [Try::Fails(OperationError::Refused("quota".into()))]);
        }
    }
    world
}

/// Whether the step failed or one that it comes after did, by asking again and again.
fn is_done(plan: &Plan, draws: &[Draw], index: usize) -> bool {
    let position = |address: &Address| plan.steps.iter().position(|step| step.address == *address).unwrap();
    !draws[index].fails && plan.steps[index].after.iter().all(|before| is_done(plan, draws, position(before)))
}

/// When the step would end if everything began as soon as it may.
fn earliest_end(plan: &Plan, draws: &[Draw], ends: &mut BTreeMap<Address, u64>) -> u64 {
    for (step, draw) in plan.steps.iter().zip(draws) {
        let start = step.after.iter().map(|before| ends[before]).max().unwrap_or(0);
        ends.insert(step.address.clone(), start + if draw.keep { 0 } else { draw.latency });
    }
    ends.values().copied().max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The order itself is checked by the world, at every request and over the whole journal.
    #[test]
    fn what_failed_stops_what_comes_after_it_and_nothing_else(draws in draws(40), limit in 1..6_u32) {
        let plan = plan_of(&draws);
        let mut world = world_of(&draws, true);
        let outcome = world.apply(&plan, &Settings { in_flight: InFlight::everywhere(limit), ..Settings::default() });
        for (index, step) in outcome.steps.iter().enumerate() {
            match &step.result {
                StepResult::Done { .. } => prop_assert!(is_done(&plan, &draws, index)),
                StepResult::Failed(_) => prop_assert!(draws[index].fails),
                StepResult::Skipped(cause) => {
                    let cause = plan.steps.iter().position(|step| step.address == *cause).unwrap();
                    prop_assert!(draws[cause].fails && cause < index && !is_done(&plan, &draws, index));
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert!(world.peak.values().all(|peak| *peak <= limit));
    }

    /// No waves: with places enough, the run takes as long as its longest chain and not a millisecond longer.
    #[test]
    fn a_step_begins_the_moment_the_last_one_before_it_is_done(draws in draws(40)) {
        let plan = plan_of(&draws);
        let mut world = world_of(&draws, false);
        world.journal_latency = Duration::ZERO;
        let outcome = world.apply(&plan, &Settings { in_flight: InFlight::everywhere(100), ..Settings::default() });
        prop_assert_eq!(outcome.took, Duration(earliest_end(&plan, &draws, &mut BTreeMap::new())));
    }

    #[test]
    fn the_same_run_twice_asks_for_the_same_things_at_the_same_times(draws in draws(30)) {
        let plan = plan_of(&draws);
        let (mut first, mut second) = (world_of(&draws, true), world_of(&draws, true));
        prop_assert_eq!(first.apply(&plan, &Settings::default()), second.apply(&plan, &Settings::default()));
        prop_assert_eq!(first.asked, second.asked);
        prop_assert_eq!(first.journal, second.journal);
    }
}

/// Number of calls and effects that a plan of this size takes when every answer comes at once.
fn work(count: usize, before: impl Fn(usize) -> Option<usize>) -> (usize, usize) {
    let name = |index: usize| address(&format!("{}/n{index}", SYSTEMS[index % SYSTEMS.len()]));
    let one = |index: usize| Step { after: before(index).map(name).into_iter().collect(), ..step(name(index).as_str()) };
    let plan = plan((0..count).map(one).collect());
    let mut machine = Machine::new(&plan, Settings::default(), super::plans::consent(&plan), 1).unwrap();
    let (mut input, mut calls, mut effects) = (Input::Start, 0, 0);
    loop {
        let mut events = Vec::new();
        for effect in machine.step(Timestamp(0), input) {
            effects += 1;
            match effect {
                Effect::Request(Request::Record { ticket, .. }) => events.push(Event::Recorded { ticket }),
                Effect::Request(Request::Execute { ticket, .. }) => {
                    events.push(Event::Executed { ticket, result: Ok(Receipt { version: None, changed: true }) });
                }
                Effect::Finished(_) => return (calls, effects),
                _ => {}
            }
        }
        calls += 1;
        input = Input::Events(events);
    }
}

#[test]
fn a_chain_and_a_fan_of_many_thousand_steps_take_a_fixed_number_of_effects_each() {
    let chain = |index: usize| index.checked_sub(1);
    let fan = |index: usize| (index > 0).then_some(0);
    for count in [1_000, 20_000] {
        let (calls, effects) = work(count, chain);
        assert!(calls <= 2 * count + 2 && effects <= 4 * count + 4, "{calls} calls, {effects} effects");
        let (calls, effects) = work(count, fan);
        assert!(calls <= count && effects <= 4 * count + 4, "{calls} calls, {effects} effects");
    }
}
