//! Steps that are done only when their object does its work.

use crate::tests::plans::{address, after, plan, step};
use crate::tests::world::World;
use crate::{ProgressEvent, Settings};
use model::Duration;
use model::observation::Condition;
use model::outcome::{StepResult, Verdict};
use model::plan::{Action, Step};

const AGENT: &str = "cluster.eu-1/deployment/shop/gateway-agent";

fn world(conditions: &[(u64, Condition)]) -> World {
    let mut world = World::default();
    let conditions = conditions.iter().map(|(seconds, condition)| (Duration::seconds(*seconds), condition.clone())).collect();
    world.readiness.insert(address(AGENT), conditions);
    world
}

fn not_ready(reason: &str) -> Condition {
    Condition::NotReady(reason.into())
}

#[test]
fn a_step_ends_when_its_object_is_ready_and_what_follows_begins_then() {
    let plan = plan(vec![step(AGENT), after("vault/policy/a", &[AGENT])]);
    let mut world =
        world(&[(0, not_ready("0 of 3")), (5, not_ready("0 of 3")), (20, not_ready("2 of 3")), (40, Condition::Ready)]);
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!(outcome.verdict, Verdict::Converged);
    assert!(outcome.steps[0].took >= Duration::seconds(40));
    assert!(world.asked[1].0.since(world.asked[0].0) >= Duration::seconds(40));
    let waiting = world.progress.iter().filter_map(|progress| match &progress.event {
        ProgressEvent::StepWaiting { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(waiting.collect::<Vec<_>>(), ["0 of 3", "2 of 3"], "the same reason is told once");
}

#[test]
fn what_is_awaited_is_not_touched_and_what_follows_begins_when_it_is_ready() {
    let awaited = Step { action: Action::Await, document: None, ..step(AGENT) };
    let plan = plan(vec![awaited, after("vault/policy/a", &[AGENT])]);
    let mut world = world(&[(0, not_ready("1 of 3")), (20, Condition::Ready)]);
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!(outcome.verdict, Verdict::Converged);
    assert_eq!(outcome.steps[0].result, StepResult::Done { changed: false });
    assert!(outcome.steps[0].took >= Duration::seconds(20));
    assert_eq!(world.asked.len(), 1, "only the policy is asked for");
}

#[test]
fn an_object_that_failed_for_good_ends_its_step_with_the_reason() {
    let plan = plan(vec![step(AGENT)]);
    let outcome = world(&[(3, Condition::Failed("image not found".into()))]).apply(&plan, &Settings::default());
    assert_eq!(outcome.steps[0].result, StepResult::Failed("image not found".into()));
}

#[test]
fn after_the_deadline_the_last_reason_is_the_failure() {
    let plan = plan(vec![step(AGENT), after("vault/policy/a", &[AGENT])]);
    let mut world = world(&[(0, not_ready("0 of 3")), (60, not_ready("1 of 3"))]);
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!(outcome.steps[0].result, StepResult::Failed("not ready after 15m00s: 1 of 3".into()));
    assert_eq!(outcome.steps[1].result, StepResult::Skipped(address(AGENT)));
    assert_eq!(outcome.steps[0].took, Duration::minutes(15) + Duration(10));
}

#[test]
fn ready_at_the_very_deadline_is_in_time() {
    let plan = plan(vec![step(AGENT)]);
    let outcome = world(&[(0, not_ready("0 of 3")), (900, Condition::Ready)]).apply(&plan, &Settings::default());
    assert_eq!(outcome.verdict, Verdict::Converged);
}

#[test]
fn what_waits_for_readiness_holds_no_place_in_its_system() {
    let settings = Settings { in_flight: crate::settings::InFlight::everywhere(1), ..Settings::default() };
    let plan = plan(vec![step(AGENT), step("cluster.eu-1/service/shop/gateway")]);
    let mut world = world(&[(100, Condition::Ready)]);
    let outcome = world.apply(&plan, &settings);
    assert!(outcome.steps[1].took < Duration::seconds(1) && outcome.took < Duration::seconds(101));
}
