//! Each step failing before its effect, after it, and done twice; and a driver that is killed anywhere.

use crate::tests::plans::{address, after, consent, plan, step};
use crate::tests::world::{Try, World};
use crate::{Effect, Input, Machine, Settings};
use model::operation::{Expectation, OperationError};
use model::outcome::{StepResult, Verdict};
use model::plan::{Action, Plan, Step};
use model::value::Value;
use port::Platform;

/// A world with objects, and a plan with every action, in a diamond with a tail.
fn every_action() -> (World, Plan) {
    let mut world = World::default();
    let seen = |text: &str, action| Step { action, expected: Expectation::Version("1".into()), ..step(text) };
    let behind = |step: Step, before: &[&str]| Step { after: before.iter().map(|text| address(text)).collect(), ..step };
    let moved = Step { moved_from: Some(address("mysql/schema/old")), ..seen("mysql/schema/new", Action::Move) };
    let steps = vec![
        step("cluster.eu-1/namespace/shop"),
        behind(seen("vault/policy/update", Action::Update), &["cluster.eu-1/namespace/shop"]),
        behind(seen("vault/auth-role/replace/me", Action::Replace), &["cluster.eu-1/namespace/shop"]),
        behind(moved, &["vault/policy/update", "vault/auth-role/replace/me"]),
        behind(seen("vault/policy/adopt", Action::Adopt), &["mysql/schema/new"]),
        after("cluster.eu-1/deployment/shop/agent", &["vault/policy/adopt"]),
        Step { document: None, ..behind(seen("vault/policy/delete", Action::Delete), &["vault/policy/update"]) },
        Step { deferred: true, ..after("vault/kv/acme/shop", &["cluster.eu-1/deployment/shop/agent"]) },
    ];
    for text in
        ["vault/policy/update", "vault/auth-role/replace/me", "mysql/schema/old", "vault/policy/adopt", "vault/policy/delete"]
    {
        world.objects.insert(address(text), (1, "earlier".into()));
    }
    (world, plan(steps))
}

/// What is there, without versions.
fn documents(world: &World) -> Vec<(String, String)> {
    world.objects.iter().map(|(address, (_, digest))| (address.to_string(), digest.to_string())).collect()
}

fn unreachable() -> Try {
    Try::Fails(OperationError::Unreachable("no route to host".into()))
}

#[test]
fn the_end_is_the_same_whatever_happens_to_one_step() {
    let (mut calm, plan) = every_action();
    assert_eq!(calm.apply(&plan, &Settings::default()).verdict, Verdict::Converged);
    for step in &plan.steps {
        let operations = if step.action == Action::Replace { 2 } else { 1 };
        let faults = [
            vec![unreachable()],
            vec![Try::AnswerLost],
            vec![Try::Twice; operations],
            vec![Try::AnswerLost, Try::AnswerLost, Try::AnswerLost],
            vec![Try::Fails(OperationError::NotYet("the namespace is being made".into())), Try::AnswerLost, unreachable()],
        ];
        for fault in faults {
            let (mut world, _) = every_action();
            world.script(step.address.as_str(), fault.clone());
            let outcome = world.apply(&plan, &Settings::default());
            assert_eq!(outcome.verdict, Verdict::Converged, "{} {fault:?} {outcome:?}", step.address);
            assert_eq!(documents(&world), documents(&calm), "{} {fault:?}", step.address);
        }
    }
}

#[test]
fn tries_are_counted_and_told() {
    let (mut world, plan) = every_action();
    world.script("vault/auth-role/replace/me", [unreachable(), Try::AnswerLost, unreachable()]);
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!((outcome.steps[2].attempts, outcome.steps[0].attempts), (4, 1));
}

#[test]
fn each_half_of_a_replacement_has_its_own_tries() {
    let (mut world, plan) = every_action();
    let deleted_at_last = std::iter::repeat_n(unreachable(), 8).chain([Try::AnswerLost, Try::Twice]);
    world.script("vault/auth-role/replace/me", deleted_at_last.chain(std::iter::repeat_n(unreachable(), 9)));
    let outcome = world.apply(&plan, &Settings::default());
    assert_eq!((outcome.verdict, outcome.steps[2].attempts), (Verdict::Converged, 19));
}

#[test]
fn what_no_waiting_helps_fails_at_once_and_stops_what_depends_on_it_and_nothing_else() {
    let errors = [
        (OperationError::Refused("quota".into()), "quota"),
        (OperationError::Stale { expected: "1".into(), found: "2".into() }, "expected 1, found 2"),
        (OperationError::Conflict(vec![("helm".into(), "spec.replicas".into())]), "helm owns spec.replicas"),
        (OperationError::Secret("no such file".into()), "no such file"),
    ];
    for (error, message) in errors {
        let (mut world, plan) = every_action();
        world.script("vault/auth-role/replace/me", [Try::Fails(error)]);
        let outcome = world.apply(&plan, &Settings::default());
        let results = World::results(&outcome);
        let skipped = StepResult::Skipped(address("vault/auth-role/replace/me"));
        assert_eq!(outcome.verdict, Verdict::Partial);
        assert_eq!(results["vault/auth-role/replace/me"], StepResult::Failed(message.into()));
        for behind in ["mysql/schema/new", "vault/policy/adopt", "cluster.eu-1/deployment/shop/agent", "vault/kv/acme/shop"] {
            assert_eq!(results[behind], skipped, "{behind}");
        }
        assert_eq!(results["vault/policy/delete"], StepResult::Done { changed: true });
        assert_eq!((outcome.steps[2].attempts, outcome.steps[3].attempts), (1, 0));
    }
}

#[test]
fn a_system_that_never_answers_is_given_up_with_the_last_reason() {
    let (mut world, plan) = every_action();
    world.script("vault/policy/delete", vec![unreachable(); 100]);
    let results = World::results(&world.apply(&plan, &Settings::default()));
    let StepResult::Failed(reason) = &results["vault/policy/delete"] else { panic!("{results:?}") };
    assert!(reason.starts_with("gave up after 10 tries in ") && reason.ends_with(": no route to host"), "{reason}");
}

/// What a second plan would say of the world: the steps that are not done yet, with what is there now.
fn plan_again(world: &World, first: &Plan) -> Plan {
    let left = |step: &Step| {
        let wanted = step.document.as_deref().map(Value::digest);
        let there = world.objects.get(&step.address);
        if wanted.as_ref() == there.map(|(_, digest)| digest) {
            return Step { action: Action::Keep, ..step.clone() };
        }
        let old = step.moved_from.as_ref().and_then(|from| world.objects.get(from));
        let version = old.or(there).map(|(version, _)| version.to_string());
        let expected = version.map_or(Expectation::Absent, |version| Expectation::Version(version.into()));
        let action = match step.action {
            Action::Replace if there.is_none() => Action::Create,
            action => action,
        };
        Step { expected, action, ..step.clone() }
    };
    Plan { steps: first.steps.iter().map(left).collect(), ..first.clone() }
}

/// Apply until the driver is killed after `effects` effects. Returns whether it was killed before it finished.
fn apply_and_kill(world: &mut World, plan: &Plan, effects: usize) -> bool {
    let mut machine = Machine::new(plan, Settings::default(), consent(plan), 1).unwrap();
    let (mut input, mut carried_out) = (Input::Start, 0);
    loop {
        for effect in machine.step(world.now(), input) {
            if carried_out == effects {
                return true;
            }
            carried_out += 1;
            match effect {
                Effect::Request(request) => world.submit(request),
                Effect::Progress(_) => {}
                Effect::Finished(_) => return false,
            }
        }
        input = Input::Events(super::world::now_or_panic(world.next()).unwrap());
    }
}

#[test]
fn killed_at_any_effect_a_second_apply_ends_where_an_undisturbed_one_does() {
    let (mut calm, plan) = every_action();
    calm.apply(&plan, &Settings::default());
    let mut killed = 0;
    for (effects, lucky) in (0..).flat_map(|effects| [(effects, false), (effects, true)]) {
        let (mut world, _) = every_action();
        if !apply_and_kill(&mut world, &plan, effects) {
            break;
        }
        killed += 1;
        world.killed(lucky);
        super::world::check_journal(&plan, &world.journal);
        world.journal.clear();
        let mut second = World::default();
        second.objects.clone_from(&world.objects);
        let outcome = second.apply(&plan_again(&world, &plan), &Settings::default());
        assert_eq!(outcome.verdict, Verdict::Converged, "killed after {effects} effects, {lucky}: {outcome:?}");
        assert_eq!(documents(&second), documents(&calm), "killed after {effects} effects, {lucky}");
    }
    assert!(killed > 60, "{killed}");
}
