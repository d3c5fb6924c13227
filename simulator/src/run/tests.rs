//! Runs of a small platform: what is survived, what is excused, what is told as broken, and that it is the same every time.

use super::*;
use crate::fault::{Fault, Injection, Kind, Schedule};
use crate::guard::Guard;
use crate::operator::{self, Fact};
use crate::oracle::Promise;
use crate::oracle::convergence::Excuse;
use crate::testing::{SMALL, desired, injection, run, setup, small, warm};
use model::Duration;
use std::sync::Arc;

fn promises(report: &Report) -> Vec<Promise> {
    report.breaches.iter().map(|breach| breach.promise).collect()
}

#[test]
fn where_nothing_goes_wrong_nothing_is_done_and_everything_is_kept() {
    let report = run(&[]);
    assert_eq!((report.verdict, report.breaches.as_slice(), report.metrics.writes), (Verdict::Kept, &[][..], 0));
    let requests = report.metrics.requests;
    assert!(requests.offered > 0 && requests.unserved() == 0, "{requests:?}");
}

#[test]
fn a_dead_node_is_survived_by_three_agents_and_not_by_two() {
    let dead = [injection(0, 5, Kind::NodeDead, "node main/node-1", Some(30))];
    let report = run(&dead);
    assert_eq!((report.verdict, promises(&report)), (Verdict::Kept, vec![]), "{:?}", report.breaches);
    let fragile = desired(&SMALL.replace("gateways:", "gatewayAgents: { replicas: 2 }\n        gateways:"));
    let warm = Warm::up(&fragile).unwrap();
    let broken = (1..=4).filter(|node| {
        let target = format!("node main/node-{node}");
        let conditions = setup(&[injection(0, 5, Kind::NodeDead, &target, Some(30))]).conditions;
        let report = Run::new(Setup { conditions, first: fragile.clone(), second: None }, &warm).finish();
        promises(&report) == [Promise::TwoAgents]
    });
    assert_eq!(broken.count(), 2, "the agents are on two of four nodes");
}

#[test]
fn what_is_broken_for_good_is_an_excuse_and_what_heals_is_not() {
    let cases = [
        (Kind::VaultSealed, "vault", Excuse::VaultSealed),
        (Kind::VaultDown, "vault", Excuse::VaultAway),
        (Kind::MysqlDown, "mysql", Excuse::MysqlAway),
        (Kind::ElasticsearchDown, "elasticsearch central", Excuse::ElasticsearchAway),
        (Kind::ApiDown, "cluster main", Excuse::ClusterAway),
        (Kind::ClusterLost, "cluster main", Excuse::ClusterAway),
    ];
    for (kind, target, excuse) in cases {
        let for_good = run(&[injection(0, 5, kind, target, None)]);
        assert_eq!(for_good.verdict, Verdict::Excused, "{kind}: {:?}", for_good.breaches);
        assert!(for_good.excuses.contains(&excuse), "{kind}: {:?}", for_good.excuses);
        let healed = run(&[injection(0, 5, kind, target, Some(20))]);
        assert_eq!(healed.verdict, Verdict::Kept, "{kind}: {:?} {:?}", healed.breaches, healed.excuses);
    }
}

#[test]
fn nodes_that_are_too_few_for_good_are_an_excuse() {
    let dead = |count: u32| -> Vec<_> {
        (0..count)
            .map(|n| injection(n, 5 + u64::from(n) * 15, Kind::NodeDead, &format!("node main/node-{}", n + 1), None))
            .collect()
    };
    assert_eq!(run(&dead(1)).verdict, Verdict::Kept, "three nodes are left for three agents");
    let report = run(&dead(2));
    assert_eq!(report.verdict, Verdict::Excused, "{:?}", report.breaches);
    assert!(report.excuses.contains(&Excuse::NoDistinctNode), "{:?}", report.excuses);
}

/// A real StatefulSet controller makes no second pod under a name that a pod on a node it cannot hear of still holds.
#[test]
fn a_node_that_holds_a_pod_of_a_stateful_set_for_good_is_an_excuse_and_one_that_comes_back_is_none() {
    let (external, within) = (
        "placement: external, region: eu-west-1, address: embedded, credentials: { env: C }",
        "placement: in-cluster, cluster: main, nodes: 3",
    );
    let stores = desired(&SMALL.replace(external, within).replace("count: 4", "count: 6, zones: 3"));
    let warm = Warm::up(&stores).unwrap();
    let dies = |lasts| {
        let injection = injection(0, 5, Kind::ZoneDead, "zone main/zone-1", lasts);
        let conditions = setup(&[injection]).conditions;
        Run::new(Setup { conditions, first: stores.clone(), second: None }, &warm).finish()
    };
    let report = dies(None);
    assert_eq!(report.verdict, Verdict::Excused, "{:?}", report.breaches);
    assert_eq!(report.excuses, [Excuse::HeldByNode].into(), "six nodes less two have room for everything else");
    assert_eq!(dies(Some(30)).verdict, Verdict::Kept);
}

/// What an engine still has to do when nothing further goes wrong it does, though it was to be killed at a request that it had not come to.
#[test]
fn no_kill_waits_for_its_moment_in_the_calm() {
    for effect in 1..=12 {
        let killed = Fault::new(Kind::EngineKilled, "engine 0".parse().unwrap()).with("effect", effect).with("back", 3_600_000);
        let schedule = [Injection { id: 0, at: Duration::minutes(5), fault: killed, lasts: None }].into_iter().collect();
        let conditions = Conditions {
            schedule,
            change: Some(Change { at: Duration::seconds(59 * 60 + 58), to: To::Roll }),
            ..Conditions::calm(1, Duration::minutes(60))
        };
        let setup = Setup { conditions, first: small(), second: Some(Arc::new(small().rolled().unwrap())) };
        let report = Run::new(setup, warm()).finish();
        assert_eq!(report.verdict, Verdict::Kept, "effect {effect}: {:?}", report.breaches);
    }
}

fn roll_out(change: u64, injections: &[crate::fault::Injection]) -> Report {
    let second = desired(&SMALL.replace("gateways:", "gatewayAgents: { replicas: 3, memory: 600Mi }\n        gateways:"));
    let conditions =
        Conditions { change: Some(Change { at: Duration::minutes(change), to: To::Second }), ..setup(injections).conditions };
    Run::new(Setup { conditions, first: small(), second: Some(second) }, warm()).finish()
}

#[test]
fn a_roll_out_goes_through_whatever_node_dies_meanwhile() {
    let calm = roll_out(10, &[]);
    assert_eq!(calm.verdict, Verdict::Kept, "{:?}", calm.breaches);
    assert!(calm.metrics.writes > 0);
    for node in 1..=4 {
        for seconds in [0, 7, 25, 50] {
            let mut dead = injection(0, 10, Kind::NodeDead, &format!("node main/node-{node}"), Some(20));
            dead.at = dead.at + Duration::seconds(seconds);
            let report = roll_out(10, &[dead]);
            assert_eq!(report.verdict, Verdict::Kept, "node {node} after {seconds} s: {:?}", report.breaches);
        }
    }
}

#[test]
fn an_engine_that_is_killed_paused_doubled_or_hard_of_hearing_gets_there() {
    let engine = |kind: Kind, lasts: Option<u64>, parameter: Option<(&str, i64)>| {
        let mut injection = injection(0, 9, kind, "engine 0", lasts);
        if let Some((name, value)) = parameter {
            injection.fault = injection.fault.with(name, value);
        }
        injection
    };
    let cases = [
        engine(Kind::EngineKilled, None, Some(("effect", 5))),
        engine(Kind::EngineKilled, None, None),
        engine(Kind::EnginePaused, Some(3), None),
        engine(Kind::EngineDoubled, None, None),
        engine(Kind::RequestsLost, Some(20), None),
        engine(Kind::AnswersLost, Some(20), None),
        engine(Kind::AnswersFailed, Some(20), None),
        engine(Kind::RequestsDoubled, Some(20), None),
        engine(Kind::ClockAhead, Some(20), None),
        engine(Kind::ClockStepped, None, None),
    ];
    for injection in cases {
        let report = roll_out(10, std::slice::from_ref(&injection));
        assert_eq!(report.verdict, Verdict::Kept, "{}: {:?} {:?}", injection.fault, report.breaches, report.excuses);
        assert_eq!(report.metrics.faults.len(), 1, "{}", injection.fault);
    }
}

/// All that came meanwhile is heard before it is asked whether it came in time.
#[test]
fn an_engine_that_stood_still_for_longer_than_it_waits_finds_what_became_ready_meanwhile() {
    // It begins within a second or two, and a roll-out takes longer.
    let mut paused = injection(0, 10, Kind::EnginePaused, "engine 0", Some(30));
    paused.at = paused.at + Duration::seconds(4);
    let conditions = Conditions {
        change: Some(Change { at: Duration::minutes(10), to: To::Roll }),
        ..setup(std::slice::from_ref(&paused)).conditions
    };
    let setup = Setup { conditions, first: small(), second: Some(Arc::new(small().rolled().unwrap())) };
    let mut run = Run::new(setup, warm());
    let start = run.world().now();
    let (mut began, mut ended) = (Vec::new(), Vec::new());
    loop {
        let goes_on = run.step();
        let at = run.world().now().since(start);
        for fact in run.facts() {
            match fact {
                Fact::Began { .. } => began.push(at),
                Fact::Ended { verdict, .. } => ended.push((at >= paused.at + Duration::minutes(30), *verdict)),
                _ => {}
            }
        }
        if !goes_on {
            break;
        }
    }
    assert!(began.first().is_some_and(|at| *at < paused.at), "{began:?}");
    assert_eq!(ended, [(true, Some(model::outcome::Verdict::Converged))]);
}

#[test]
fn the_same_setup_gives_the_same_report_and_another_seed_another_one() {
    let mut made = setup(&[injection(0, 5, Kind::NodeDead, "node main/node-1", Some(30))]);
    made.conditions.operators = vec![operator::Settings::default(); 2];
    let report = |setup: &Setup| Run::new(setup.clone(), warm()).finish();
    assert_eq!(report(&made), report(&made));
    let hash = report(&made).hash;
    made.conditions.seed = 2;
    assert_ne!(report(&made).hash, hash);
}

#[test]
fn a_run_from_nothing_brings_the_platform_up_under_faults() {
    let mut made = setup(&[
        injection(0, 0, Kind::NodeDead, "node main/node-2", Some(10)),
        injection(1, 0, Kind::VaultSealed, "vault", Some(7)),
    ]);
    made.conditions.start = Start::Empty;
    let report = Run::new(made, warm()).finish();
    assert_eq!(report.verdict, Verdict::Kept, "{:?} {:?}", report.breaches, report.excuses);
    assert!(report.metrics.converged_after.is_some());
}

#[test]
fn a_quiet_month_costs_no_event() {
    let conditions = Conditions::calm(1, Duration::minutes(30 * 24 * 60));
    let report = Run::new(Setup { conditions, first: small(), second: None }, warm()).finish();
    assert_eq!(report.verdict, Verdict::Kept);
    assert!(report.metrics.events < 1000, "{} events", report.metrics.events);
    assert!(report.metrics.requests.offered > 0);
}

#[test]
fn conditions_read_back() {
    let schedule: Schedule = [injection(3, 5, Kind::NodeDead, "node main/node-1", Some(30))].into_iter().collect();
    let conditions = Conditions {
        schedule,
        change: Some(Change { at: Duration::minutes(3), to: To::Roll }),
        ..Conditions::calm(7, Duration::minutes(60))
    };
    let text = serde_json::to_string(&conditions).unwrap();
    assert_eq!(serde_json::from_str::<Conditions>(&text).unwrap(), conditions);
}

#[test]
fn stores_that_lose_or_change_what_they_hold_are_looked_at_again() {
    for (kind, target) in [(Kind::VaultEmptied, "vault"), (Kind::MysqlEmptied, "mysql")] {
        let report = run(&[injection(0, 5, kind, target, None)]);
        assert_eq!(report.verdict, Verdict::Kept, "{kind}: {:?}", report.breaches);
        assert!(report.metrics.writes > 0, "{kind}: nobody has made anew what was lost");
    }
    let emptied = injection(0, 5, Kind::MysqlEmptied, "mysql", None);
    let restored = injection(1, 6, Kind::MysqlRestored, "mysql", None);
    let (without, with) = (run(std::slice::from_ref(&emptied)), run(&[emptied.clone(), restored]));
    assert!(with.metrics.writes < without.metrics.writes, "what the copy of the beginning holds need not be made anew");
}

/// The platform of `regions.yaml` comes up; in the middle of that its management is asked for in another cluster, by somebody who starts a
/// second engine at once. The first one goes on with what it has read. What is made under two names no pin of a step keeps apart.
#[test]
fn two_engines_at_once_start_two_vamps_unless_the_lock_holds_one_of_them_off() {
    let platform = |text| desired(text);
    let first = platform(include_str!("../../../specs/scenarios/platforms/regions.yaml"));
    let second = platform(include_str!("../../../specs/scenarios/platforms/moved-management.yaml"));
    let warm = Warm::up(&first).unwrap();
    let breaks = |second_engine_at: Duration, guards: &[Guard]| {
        let doubled = Fault::new(Kind::EngineDoubled, "engine 0".parse().unwrap());
        let schedule = [Injection { id: 0, at: second_engine_at, fault: doubled, lasts: None }].into_iter().collect();
        let conditions = Conditions {
            start: Start::Empty,
            change: Some(Change { at: second_engine_at, to: To::Second }),
            schedule,
            ..Conditions::calm(1, Duration::minutes(30))
        };
        let setup = Setup { conditions, first: first.clone(), second: Some(second.clone()) };
        promises(&Run::new(setup, &warm).without(&guards.iter().copied().collect()).finish())
    };
    // The first engine begins to look after a second, thinks for another, and has made Vamp a moment later.
    let moments: Vec<Duration> = (1..=15).map(|step| Duration::milliseconds(1_000 + step * 100)).collect();
    let locked: Vec<Vec<Promise>> = moments.iter().map(|at| breaks(*at, &[])).collect();
    assert!(locked.iter().all(Vec::is_empty), "{locked:?}");
    let unlocked: Vec<Vec<Promise>> = moments.iter().map(|at| breaks(*at, &[Guard::Lock])).collect();
    assert!(unlocked.iter().any(|broken| broken.contains(&Promise::OneVamp)), "{unlocked:?}");
}
