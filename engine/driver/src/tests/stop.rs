//! Stopping in every state, in both ways.

use crate::settings::InFlight;
use crate::tests::plans::{address, after, consent, plan, step};
use crate::tests::world::{Try, World};
use crate::{Effect, Input, Machine, Settings};
use model::observation::Condition;
use model::operation::{Expectation, OperationError};
use model::outcome::{JournalEvent, StepResult, Verdict};
use model::plan::{Action, Plan, Step};
use model::{Duration, Timestamp};
use port::{Event, Stop, Ticket};
use std::collections::BTreeSet;

const AGENT: &str = "cluster.eu-1/deployment/shop/agent";
const ROLE: &str = "vault/auth-role/replace/me";

fn unreachable() -> Try {
    Try::Fails(OperationError::Unreachable("no route to host".into()))
}

/// Steps in every state there is: some wait their turn, some for a place, some to be tried again, one for readiness.
fn busy_world() -> (World, Plan, Settings) {
    let mut world = World::default();
    let replace = Step { action: Action::Replace, expected: Expectation::Version("1".into()), ..step(ROLE) };
    let steps = vec![
        step(AGENT),
        after("vault/policy/behind", &[AGENT]),
        replace,
        step("vault/policy/a"),
        step("vault/policy/b"),
        step("vault/policy/c"),
        after("vault/policy/d", &["vault/policy/a"]),
        step("mysql/schema/slow"),
    ];
    world.objects.insert(address(ROLE), (1, "earlier".into()));
    world
        .readiness
        .insert(address(AGENT), vec![(Duration(35), Condition::NotReady("0 of 3".into())), (Duration(90), Condition::Ready)]);
    world.script("vault/policy/a", [unreachable()]);
    world.script(ROLE, [unreachable(), Try::AnswerLost, unreachable()]);
    world.latencies.insert(address("mysql/schema/slow"), Duration(70));
    world.journal_latency = Duration(3);
    let settings = Settings { in_flight: InFlight::everywhere(2), ..Settings::default() };
    (world, plan(steps), settings)
}

fn batches_of_an_undisturbed_run() -> usize {
    let (mut world, plan, settings) = busy_world();
    assert_eq!(world.apply(&plan, &settings).verdict, Verdict::Converged);
    world.batches
}

/// Steps that the journal says began, and those that it says ended.
fn journalled(world: &World) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for entry in &world.journal {
        match &entry.event {
            JournalEvent::StepStarted { address, .. } => drop(begun.insert(address.to_string())),
            JournalEvent::StepEnded { address, .. } => drop(ended.insert(address.to_string())),
            _ => {}
        }
    }
    (begun, ended)
}

#[test]
fn whenever_and_however_it_is_stopped_the_journal_is_whole_and_the_outcome_true() {
    let last = batches_of_an_undisturbed_run();
    for (after, stop) in (1..=last).flat_map(|after| [(after, Stop::Cleanly), (after, Stop::Now)]) {
        let (mut world, plan, settings) = busy_world();
        world.stops.insert(after, stop);
        let outcome = world.apply(&plan, &settings);
        let (begun, ended) = journalled(&world);
        assert_eq!(begun, ended, "after {after}, {stop:?}: every start has an end");
        let acted: BTreeSet<String> = world.asked.iter().map(|(_, operation)| operation.address().to_string()).collect();
        assert!(acted.is_subset(&begun));
        let last = world.journal.last().map(|entry| entry.event.clone());
        assert_eq!(last, Some(JournalEvent::RunEnded { verdict: outcome.verdict }));
        for step in &outcome.steps {
            let acted = acted.contains(step.address.as_str());
            let fits = match &step.result {
                StepResult::Done { .. } => world.objects.contains_key(&step.address),
                StepResult::Cancelled => !acted && step.attempts == 0,
                StepResult::Interrupted => acted && step.attempts > 0,
                StepResult::Failed(_) | StepResult::Skipped(_) => false,
            };
            assert!(fits, "after {after}, {stop:?}: {step:?}");
        }
        let all_done = outcome.steps.iter().all(|step| matches!(step.result, StepResult::Done { .. }));
        assert_eq!(outcome.verdict, if all_done { Verdict::Converged } else { Verdict::Cancelled });
    }
}

#[test]
fn a_clean_stop_begins_nothing_waits_for_operations_and_leaves_nothing_half_replaced() {
    for after in 1..=batches_of_an_undisturbed_run() {
        let (mut world, plan, settings) = busy_world();
        world.stops.insert(after, Stop::Cleanly);
        let outcome = world.apply(&plan, &settings);
        let stopped = world.progress.iter().find(|progress| matches!(progress.event, crate::ProgressEvent::Stopping(_)));
        let stopped = stopped.map_or(Timestamp(u64::MAX), |progress| progress.at);
        let late = world.asked.iter().filter(|(at, _)| *at > stopped);
        assert!(late.clone().all(|(_, operation)| operation.address().as_str() == ROLE), "after {after}");
        assert!(world.objects.contains_key(ROLE), "after {after}: deleted and not made again");
        let slow = &outcome.steps[7];
        assert!(!matches!(slow.result, StepResult::Interrupted), "an operation under way is waited for");
    }
}

#[test]
fn a_clean_stop_waits_for_the_operation_and_not_for_what_it_made_to_become_ready() {
    let plan = plan(vec![step(AGENT)]);
    let mut world = World::default();
    // The second batch of events would be the answer to the operation.
    world.stops.insert(2, Stop::Cleanly);
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!(outcome.steps[0].result, StepResult::Interrupted);
    assert!(world.objects.contains_key(AGENT));
}

#[test]
fn a_stop_now_waits_for_the_journal_alone_and_a_third_signal_not_even_for_that() {
    let plan = plan(vec![step("vault/policy/a")]);
    let mut machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    machine.step(Timestamp(0), Input::Start);
    machine.step(Timestamp(1), Event::Recorded { ticket: Ticket(0) }.into());
    machine.step(Timestamp(2), Event::Stop(Stop::Cleanly).into());
    let mut hurried = machine.clone();
    let effects = machine.step(Timestamp(3), Event::Stop(Stop::Now).into());
    assert!(matches!(effects[..], [_, _, Effect::Request(port::Request::Record { ticket: Ticket(2), .. })]), "{effects:?}");
    let effects = machine.step(Timestamp(4), Event::Recorded { ticket: Ticket(2) }.into());
    assert!(matches!(&effects[..], [Effect::Finished(outcome)] if outcome.steps[0].result == StepResult::Interrupted));

    let effects = hurried.step(Timestamp(3), Input::Events(vec![Event::Stop(Stop::Now), Event::Stop(Stop::Now)]));
    assert!(matches!(effects.last(), Some(Effect::Finished(outcome)) if outcome.verdict == Verdict::Cancelled));
    assert!(hurried.step(Timestamp(4), Event::Recorded { ticket: Ticket(2) }.into()).is_empty());
}

#[test]
fn a_second_clean_stop_changes_nothing() {
    let (mut once, plan, settings) = busy_world();
    once.stops.insert(6, Stop::Cleanly);
    let (mut twice, ..) = busy_world();
    twice.stops.extend([(6, Stop::Cleanly), (7, Stop::Cleanly)]);
    assert_eq!(once.apply(&plan, &settings), twice.apply(&plan, &settings));
}
