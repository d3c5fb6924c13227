//! Systems that say nothing, and those beside them.

use crate::Settings;
use crate::settings::InFlight;
use crate::tests::plans::{address, after, plan, step};
use crate::tests::world::{Try, World};
use model::Duration;
use model::operation::OperationError;
use model::outcome::{StepOutcome, StepResult, Verdict};
use model::plan::Plan;

/// Steps in the silent system.
const STEPS: usize = 300;
/// After that long a request is not waited for any longer.
const PATIENCE: Duration = Duration::minutes(1);

fn silent() -> Try {
    Try::Fails(OperationError::Unreachable("no answer within 1m".into()))
}

fn name(index: usize) -> String {
    format!("cluster.c00/config-map/shop/n{index:03}")
}

/// Many steps in a cluster, each of whose first requests are swallowed, and something beside it.
fn swallowing(tries: usize) -> (World, Plan) {
    let mut world = World::default();
    let mut steps: Vec<_> = (0..STEPS).map(|index| step(&name(index))).collect();
    for step in &steps {
        world.script(step.address.as_str(), std::iter::repeat_n(silent(), tries));
        world.latencies.insert(step.address.clone(), PATIENCE);
    }
    steps.extend([step("vault/policy/beside"), after("vault/policy/behind", &[&name(STEPS - 1)])]);
    (world, plan(steps))
}

fn settings() -> Settings {
    Settings { in_flight: InFlight::everywhere(16), ..Settings::default() }
}

#[test]
fn a_system_that_swallows_every_request_is_given_up_as_a_whole_however_much_there_is_to_do() {
    let (mut world, mut plan) = swallowing(40);
    // What gets its turn when the system was given up is tried once.
    world.script("cluster.c00/config-map/shop/late", std::iter::repeat_n(silent(), 40));
    world.latencies.insert(address("vault/policy/beside"), Duration::minutes(15));
    plan.steps.push(after("cluster.c00/config-map/shop/late", &["vault/policy/beside"]));
    let outcome = world.apply(&plan, &settings());
    assert_eq!(outcome.verdict, Verdict::Partial);
    assert!(outcome.took < Duration::minutes(16), "{}", outcome.took);
    let results = World::results(&outcome);
    let is_told = |result: &StepResult| match result {
        StepResult::Failed(why) => why.contains("no answer within 1m"),
        result => matches!(result, StepResult::Skipped(_)),
    };
    assert!((0..STEPS).all(|index| is_told(&results[&address(&name(index))])));
    assert!(matches!(results[&address("vault/policy/behind")], StepResult::Skipped(_)));
    assert!(matches!(results[&address("vault/policy/beside")], StepResult::Done { .. }));
    assert_eq!(outcome.steps.last().map(|step| step.attempts), Some(1));
}

#[test]
fn a_system_that_answers_again_in_time_loses_nothing() {
    // Five minutes of silence, for as many as are on their way at once.
    let (mut world, plan) = swallowing(0);
    for index in 0..16 {
        world.script(&name(index), std::iter::repeat_n(silent(), 5));
    }
    assert_eq!(world.apply(&plan, &settings()).verdict, Verdict::Converged);
}

#[test]
fn a_step_that_alone_hears_nothing_is_given_up_alone() {
    let (mut world, plan) = swallowing(0);
    world.script(&name(0), std::iter::repeat_n(silent(), 40));
    let outcome = world.apply(&plan, &settings());
    let failed: Vec<_> = outcome.steps.iter().filter(|step| !matches!(step.result, StepResult::Done { .. })).collect();
    assert!(failed.len() == 1 && failed[0].address.as_str() == name(0), "{failed:?}");
}

#[test]
fn a_system_that_says_no_is_not_silent() {
    // One step hears nothing for as long as it is tried, and all that time others are refused, one after another.
    let (mut world, mut plan) = swallowing(0);
    plan.steps.truncate(30);
    world.script(&name(0), std::iter::repeat_n(silent(), 40));
    for index in 1..29 {
        world.script(&name(index), [Try::Fails(OperationError::Refused("an admission policy says no".into()))]);
    }
    world.script(&name(29), [silent()]);
    let outcome = world.apply(&plan, &Settings { in_flight: InFlight::everywhere(2), ..Settings::default() });
    assert!(outcome.took > Duration::minutes(12), "{}", outcome.took);
    let is_refused = |step: &StepOutcome| matches!(&step.result, StepResult::Failed(why) if why.contains("says no"));
    assert!(outcome.steps[1..29].iter().all(is_refused), "{:?}", outcome.steps);
    assert!(matches!(outcome.steps[29].result, StepResult::Done { .. }), "{:?}", outcome.steps[29]);
}
