//! A saved plan goes stale when somebody changes what it acts on, and not because pods come and go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::outcome::Verdict;
use model::time::Timestamp;
use model::{Duration, Kind, Plan, Value};
use planner::plan::{Options, saved};
use port::{Holder, Observe};
use simulator::fault::Fault;
use simulator::world::{Edit, World};
use tests::stage::{Stage, words};
use tests::{block_on, root};

const LIFTER: &str = "cluster.main/deployment/acme/lifter";

fn stage() -> (Stage, String) {
    let text = std::fs::read_to_string(root().join("specs/valid/quickstart.yaml")).unwrap();
    let changed = format!("{text}\nimages:\n  lifter: registry.example/lifter:9.9.9\n");
    (Stage::of_text("quickstart.yaml", &text), changed)
}

async fn alter(platform: &mut embedded::EmbeddedPlatform, change: impl FnOnce(&mut World)) {
    let holder = Holder {
        name: "a test".to_owned(),
        host: "here".to_owned(),
        process: 1,
        command: "world".to_owned(),
        since: Timestamp(0),
        expires: Timestamp(0),
    };
    platform.alter(holder, change).await.unwrap();
}

/// Apply, plan a change of Lifter's image, let something happen to the world, and say which steps are stale then.
fn stale_after(happens: impl FnOnce(&mut World)) -> (Vec<saved::Stale>, Verdict) {
    let (mut stage, changed) = stage();
    block_on(async {
        let mut platform = stage.open().await;
        stage.apply(&mut platform, Options::default()).await.unwrap();
        stage.change(&changed);
        let plan = stage.plan(&mut platform, Options::default()).await;
        assert!(plan.steps.iter().any(|step| step.address.as_str() == LIFTER), "{:#?}", words(&plan));
        alter(&mut platform, happens).await;
        let plan: Plan = saved::from_json(&saved::to_json(&plan)).unwrap();
        let snapshot = platform.observe(&stage.compiled.connections, Kind::ALL).await.unwrap();
        let stale = saved::stale_steps(&plan, &snapshot);
        let outcome = stage.carry_out(&mut platform, &plan, Vec::new()).await.unwrap();
        (stale, outcome.verdict)
    })
}

#[test]
fn pods_that_fail_and_come_back_make_no_plan_stale() {
    let version = |world: &World| world.find(&LIFTER.parse().unwrap()).unwrap().unwrap().version;
    let ended = stale_after(|world| {
        let before = version(world);
        for number in 1..=4 {
            let node = Fault::by_hand("node", Some(&format!("main/node-{number}"))).unwrap();
            world.inject(&node).unwrap();
            world.advance(Duration::minutes(2));
            world.mend(&node).unwrap();
        }
        world.advance(Duration::minutes(10));
        assert_ne!(version(world), before, "the resourceVersion has moved");
    });
    assert_eq!(ended, (Vec::new(), Verdict::Converged));
}

#[test]
fn a_label_that_somebody_sets_makes_the_step_stale_and_the_driver_refuses_it_too() {
    let (stale, verdict) = stale_after(|world| {
        let path = ["metadata", "labels", "team"].map(str::to_owned).to_vec();
        world.edit(&LIFTER.parse().unwrap(), &Edit::Set { path, value: Value::from("blue") }).unwrap();
    });
    assert_eq!(stale.iter().map(|stale| stale.address.as_str()).collect::<Vec<_>>(), [LIFTER]);
    assert!(stale[0].expected.starts_with("content ") && stale[0].found.starts_with("content "), "{stale:?}");
    assert_eq!(verdict, Verdict::Partial);
}
