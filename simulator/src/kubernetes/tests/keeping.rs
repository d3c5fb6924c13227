//! The same seed gives the same world, also when it was kept in the middle.

use super::bench::{Bench, deployment, gateway_agents};
use model::Duration;
use std::collections::BTreeMap;

const AGENTS: &str = "deployment/shop/gateway-agent";

fn first_half(bench: &mut Bench) {
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.put("deployment/shop/web", &deployment("web", 4, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    bench.fail_node("node-2");
    bench.run(Duration::seconds(90));
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:2")).unwrap();
    bench.run(Duration::milliseconds(1500));
}

fn second_half(bench: &mut Bench) {
    bench.run(Duration::minutes(10));
    bench.with(|cluster, context| cluster.heal_node("node-2", context));
    bench.put("deployment/shop/web", &deployment("web", 2, |_| {})).unwrap();
    bench.run(Duration::minutes(10));
}

#[test]
fn a_world_that_was_kept_in_the_middle_goes_on_to_the_same_hash_and_state() {
    for seed in 0..20 {
        let (mut whole, mut halved) = (Bench::new(seed, 5, 2), Bench::new(seed, 5, 2));
        first_half(&mut whole);
        first_half(&mut halved);
        second_half(&mut whole);
        let mut kept = BTreeMap::new();
        let mut halved = halved.save_and_restore(&mut kept);
        second_half(&mut halved);
        assert_eq!(whole.kernel.hash(), halved.kernel.hash(), "seed {seed}");
        assert_eq!(whole.cluster.summary(), halved.cluster.summary(), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_hash_and_another_seed_another() {
    let hash = |seed| {
        let mut bench = Bench::new(seed, 5, 2);
        first_half(&mut bench);
        second_half(&mut bench);
        bench.kernel.hash()
    };
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
}

#[test]
fn taking_one_workload_away_leaves_the_pods_of_another_as_they_were() {
    let web = |with_agents: bool| {
        let mut bench = Bench::new(7, 5, 2);
        if with_agents {
            bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
        }
        bench.put("deployment/shop/web", &deployment("web", 4, |_| {})).unwrap();
        bench.run(Duration::minutes(1));
        let pods = bench.cluster.pods_of(&"deployment/shop/web".parse().unwrap());
        pods.into_iter().map(|pod| pod.key).collect::<Vec<_>>()
    };
    assert_eq!(web(true), web(false));
}

#[test]
fn only_what_changed_is_written() {
    let mut bench = Bench::new(7, 5, 2);
    first_half(&mut bench);
    second_half(&mut bench);
    let mut records = Vec::new();
    bench.cluster.drain_changes(&mut records);
    assert!(records.len() > 10);
    records.clear();
    bench.cluster.drain_changes(&mut records);
    assert_eq!(records, []);
    bench.run(Duration::minutes(60 * 24));
    bench.cluster.drain_changes(&mut records);
    assert_eq!(records, []);
}
