//! Systems that ask for patience, and those beside them.

use crate::settings::InFlight;
use crate::tests::plans::{address, after, plan, step};
use crate::tests::world::{Try, World};
use crate::{ProgressEvent, Settings};
use model::operation::OperationError;
use model::outcome::{StepOutcome, StepResult, Verdict};
use model::plan::Plan;
use model::{Duration, Timestamp};

fn busy(retry_after: Option<Duration>) -> Try {
    Try::Fails(OperationError::Busy { message: "429 Too Many Requests".into(), retry_after })
}

fn settings(limit: u32) -> Settings {
    Settings { in_flight: InFlight::everywhere(limit), ..Settings::default() }
}

fn policies_and_schemas(count: usize) -> Plan {
    let names = |prefix: &str| (0..count).map(|index| step(&format!("{prefix}/n{index:03}"))).collect::<Vec<_>>();
    plan([names("vault/policy"), names("mysql/schema")].concat())
}

fn limits(world: &World) -> Vec<u32> {
    let limit = |event: &ProgressEvent| match event {
        ProgressEvent::SystemSlowed { limit, system } if system == "vault" => Some(*limit),
        _ => None,
    };
    world.progress.iter().filter_map(|progress| limit(&progress.event)).collect()
}

/// Most operations of one system that were asked for within one answer's time, from `from` on.
fn most_at_a_time(world: &World, system: &str, from: Timestamp) -> usize {
    let times: Vec<Timestamp> =
        world.asked.iter().filter(|(_, operation)| operation.address().system_text() == system).map(|(at, _)| *at).collect();
    let within = |start: Timestamp| times.iter().filter(|at| **at >= start && **at < start + world.latency).count();
    times.iter().filter(|at| **at >= from).map(|at| within(*at)).max().unwrap_or(0)
}

#[test]
fn no_system_gets_more_than_its_limit_and_each_gets_all_of_it() {
    let mut world = World::default();
    world.apply(&policies_and_schemas(40), &settings(5));
    assert_eq!(world.peak.values().copied().collect::<Vec<_>>(), [5, 5]);
}

#[test]
fn a_burst_of_refusals_halves_the_limit_once_and_no_other_system_is_slowed() {
    let mut world = World::default();
    (0..8).for_each(|index| world.script(&format!("vault/policy/n{index:03}"), [busy(None)]));
    let outcome = world.apply(&policies_and_schemas(40), &settings(8));
    assert_eq!((outcome.verdict, limits(&world)), (Verdict::Converged, vec![4]));

    let mut calm = World::default();
    calm.apply(&policies_and_schemas(40), &settings(8));
    let schemas = |world: &World| -> Vec<Timestamp> {
        let of_mysql = world.asked.iter().filter(|(_, operation)| operation.address().system_text() == "mysql");
        of_mysql.map(|(at, _)| *at).collect()
    };
    assert_eq!(schemas(&world), schemas(&calm), "MySQL does not notice");
}

#[test]
fn successes_win_the_limit_back() {
    let mut world = World::default();
    (0..8).for_each(|index| world.script(&format!("vault/policy/n{index:03}"), [busy(None)]));
    world.apply(&policies_and_schemas(200), &settings(8));
    let slowed = world.progress.iter().find(|progress| matches!(progress.event, ProgressEvent::SystemSlowed { .. })).unwrap().at;
    assert_eq!(most_at_a_time(&world, "vault", slowed + Duration(1)), 8);
    let soon: Vec<_> = world.asked.iter().filter(|(at, _)| *at > slowed && *at < slowed + world.latency).collect();
    assert!(soon.iter().filter(|(_, operation)| operation.address().system_text() == "vault").count() <= 4);
}

#[test]
fn a_system_that_names_a_time_is_left_alone_until_then() {
    let mut world = World::default();
    world.script("vault/policy/n000", [busy(Some(Duration::seconds(30)))]);
    let outcome = world.apply(&policies_and_schemas(40), &settings(2));
    let refused = world.progress.iter().find(|progress| matches!(progress.event, ProgressEvent::SystemSlowed { .. })).unwrap().at;
    let vault = |at: &Timestamp| *at > refused && *at < refused + Duration::seconds(30);
    let meanwhile = world.asked.iter().filter(|(at, _)| vault(at));
    assert!(meanwhile.clone().count() > 30, "MySQL goes on");
    assert!(meanwhile.clone().all(|(_, operation)| operation.address().system_text() == "mysql"));
    assert_eq!(outcome.verdict, Verdict::Converged);
}

#[test]
fn of_two_times_that_a_system_names_the_later_one_counts() {
    let mut world = World::default();
    world.script("vault/policy/n000", [busy(Some(Duration::seconds(10)))]);
    world.script("vault/policy/n001", [busy(Some(Duration::seconds(30)))]);
    world.script("vault/policy/n002", [busy(Some(Duration::seconds(20)))]);
    world.apply(&policies_and_schemas(40), &settings(3));
    let first = world.asked[0].0;
    let vault = world.asked.iter().filter(|(_, operation)| operation.address().system_text() == "vault").map(|(at, _)| *at);
    let next = vault.filter(|at| *at > first).min().unwrap();
    // What is tried again is written down first.
    assert_eq!(next, first + world.latency + Duration::seconds(30) + world.journal_latency);
}

#[test]
fn a_system_that_never_stops_refusing_is_given_up_in_the_end() {
    let mut world = World::default();
    world.script("vault/policy/n000", std::iter::repeat_n(busy(None), 1000));
    let outcome = world.apply(&policies_and_schemas(2), &settings(4));
    assert_eq!(outcome.verdict, Verdict::Partial);
    assert!(matches!(&outcome.steps[0].result, model::outcome::StepResult::Failed(why) if why.starts_with("gave up after ")));
    assert!(outcome.took <= Duration::minutes(11));
}

/// Steps in so many clusters.
fn clusters(count: usize, steps: usize) -> Plan {
    let of_one =
        |cluster: usize| (0..steps).map(move |index| step(&format!("cluster.c{cluster:02}/config-map/shop/n{index:03}")));
    plan((0..count).flat_map(of_one).collect())
}

/// When each operation outside of `system` was asked for.
fn beside(world: &World, system: &str) -> Vec<(Timestamp, String)> {
    let others = world.asked.iter().filter(|(_, operation)| operation.address().system_text() != system);
    others.map(|(at, operation)| (*at, operation.address().to_string())).collect()
}

#[test]
fn nineteen_clusters_do_not_notice_that_a_twentieth_refuses_everything() {
    let mut alone = World::default();
    alone.apply(&clusters(19, 50), &settings(4));

    let mut world = World::default();
    refuses_everything(&mut world, "cluster.c19", 50, Duration::seconds(1));
    let outcome = world.apply(&clusters(20, 50), &settings(4));
    assert_eq!(beside(&world, "cluster.c19"), beside(&alone, "cluster.c19"));
    let of_the_one = |step: &&StepOutcome| step.address.system_text() == "cluster.c19";
    let (one, others): (Vec<_>, Vec<_>) = outcome.steps.iter().partition(of_the_one);
    assert!(others.iter().all(|step| matches!(step.result, StepResult::Done { .. })));
    let is_told = |result: &StepResult| match result {
        StepResult::Failed(why) => why.contains("429"),
        result => matches!(result, StepResult::Skipped(_)),
    };
    assert!(one.iter().all(|step| is_told(&step.result)), "{one:?}");
}

#[test]
fn a_system_that_refuses_everything_is_given_up_as_a_whole_however_much_there_is_to_do() {
    let mut world = World::default();
    refuses_everything(&mut world, "cluster.c00", 200, Duration::seconds(30));
    let mut plan = clusters(1, 200);
    plan.steps.extend([after("vault/policy/behind", &["cluster.c00/config-map/shop/n199"]), step("vault/policy/beside")]);
    // What gets its turn when the system was given up is tried once.
    world.script("cluster.c00/config-map/shop/late", std::iter::repeat_n(busy(None), 40));
    world.latencies.insert(address("vault/policy/beside"), Duration::minutes(11));
    plan.steps.push(after("cluster.c00/config-map/shop/late", &["vault/policy/beside"]));
    let outcome = world.apply(&plan, &settings(4));
    assert_eq!(outcome.verdict, Verdict::Partial);
    assert!(outcome.took < Duration::minutes(12), "{}", outcome.took);
    assert_eq!(outcome.steps.last().map(|step| step.attempts), Some(1));
    let results = World::results(&outcome);
    let failed: Vec<_> = results.iter().filter(|(_, result)| matches!(result, StepResult::Failed(_))).collect();
    assert!(failed.len() < 50 && failed.iter().all(|(_, why)| format!("{why:?}").contains("429")), "{failed:?}");
    let cause = |text: &str| match &results[&address(text)] {
        StepResult::Skipped(cause) => Some(cause.clone()),
        _ => None,
    };
    let last = cause("cluster.c00/config-map/shop/n199");
    assert!(last.is_some() && last == cause("vault/policy/behind") && results[&last.unwrap()] != StepResult::Cancelled);
    assert!(matches!(results[&address("vault/policy/beside")], StepResult::Done { .. }));
}

#[test]
fn a_step_that_is_refused_by_itself_is_given_up_alone() {
    let mut world = World::default();
    world.script("cluster.c00/config-map/shop/n000", std::iter::repeat_n(busy(None), 1000));
    // Something else succeeds there time and again, and something is on its way for longer than the one is tried.
    let mut plan = clusters(1, 60);
    plan.steps.iter_mut().zip(1..).skip(2).for_each(|(step, index)| {
        let before = format!("cluster.c00/config-map/shop/n{:03}", index - 2);
        step.after = vec![address(&before)];
        world.latencies.insert(step.address.clone(), Duration::seconds(15));
    });
    let outcome = world.apply(&plan, &settings(4));
    let failed = outcome.steps.iter().filter(|step| !matches!(step.result, StepResult::Done { .. })).count();
    assert_eq!((failed, outcome.took > Duration::minutes(12)), (1, true), "{}", outcome.took);
}

/// Every operation on these steps of a system is refused, for good.
fn refuses_everything(world: &mut World, system: &str, steps: usize, retry_after: Duration) {
    for index in 0..steps {
        let refused = std::iter::repeat_n(busy(Some(retry_after)), 40);
        world.script(&format!("{system}/config-map/shop/n{index:03}"), refused);
    }
}
