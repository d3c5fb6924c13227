//! What happens when machines fail, as a real control plane was seen to do it (`docs/likeness.md`).

use super::bench::{Bench, deployment, gateway_agents, value};
use model::Duration;
use model::observation::Condition;

const WEB: &str = "deployment/shop/web";
const AGENTS: &str = "deployment/shop/gateway-agent";

/// Seconds, in thousandths, after the fault at which `reached` first holds.
fn first(bench: &mut Bench, limit: u64, reached: impl Fn(&Bench) -> bool) -> u64 {
    let start = bench.now();
    while !reached(bench) {
        let passed = bench.now().since(start).0;
        assert!(passed < limit, "not reached within {limit} ms");
        let next = bench.kernel.next_at().map_or(1_000, |at| at.since(bench.now()).0);
        bench.run(Duration(next.max(1)));
    }
    bench.now().since(start).0
}

#[test]
fn a_dead_nodes_pods_are_deleted_between_340_and_360_seconds_after_the_fault_and_replaced_within_one() {
    for seed in 0..200 {
        let mut bench = Bench::new(seed, 3, 1);
        bench.put(WEB, &deployment("web", 1, |_| {})).unwrap();
        // Another offset between the fault and the rounds of lease and controller in every run.
        bench.run(Duration(60_000 + seed * 137));
        let node = bench.places(WEB)[0].clone();
        bench.fail_node(&node);
        let unknown = first(&mut bench, 70_000, |bench| bench.ready(WEB) == 0);
        assert!((40_000..=60_000).contains(&unknown), "seed {seed}: {unknown} ms");
        let is_deleted = |bench: &Bench| bench.cluster.pods_of(&WEB.parse().unwrap()).iter().any(|pod| pod.terminating);
        let deleted = unknown + first(&mut bench, 400_000, is_deleted);
        assert!((340_000..=360_000).contains(&deleted), "seed {seed}: {deleted} ms");
        let bound = first(&mut bench, 5_000, |bench| !bench.places(WEB).is_empty());
        assert!(bound <= 1_000, "seed {seed}: {bound} ms");
        bench.run(Duration::minutes(10));
        assert_eq!(bench.ready(WEB), 1);
        let pods = bench.cluster.pods_of(&WEB.parse().unwrap());
        assert!(pods.iter().any(|pod| pod.terminating), "the dead node's pod stays until the node returns");
        bench.with(|cluster, context| cluster.heal_node(&node, context));
        bench.run(Duration::seconds(10));
        assert_eq!(bench.cluster.pods_of(&WEB.parse().unwrap()).len(), 1);
    }
}

/// As real clusters do when they are asked to (`propagationPolicy: Foreground`): whoever waits for it to be gone waits for its pods.
#[test]
fn a_workload_that_is_deleted_stays_until_its_last_pod_has_gone_and_makes_no_other() {
    let mut bench = Bench::new(7, 3, 1);
    bench.put(WEB, &deployment("web", 2, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    let node = bench.places(WEB)[0].clone();
    bench.fail_node(&node);
    bench.delete(WEB).unwrap();
    bench.run(Duration::minutes(5));
    let left = bench.cluster.pods_of(&WEB.parse().unwrap());
    assert_eq!(left.len(), 1, "the pod of the silent node is left, and nothing takes the place of the others");
    assert!(left[0].terminating);
    let told = bench.condition(WEB);
    assert!(matches!(&told, Some(Condition::NotReady(why)) if why.contains("1 pod is left")), "{told:?}");
    bench.with(|cluster, context| cluster.heal_node(&node, context));
    bench.run(Duration::seconds(10));
    assert_eq!(bench.condition(WEB), None);
}

/// The shortest and the longest time from the fault to the deletion of the pod over 10,000 offsets: fifty offsets between lease and controller,
/// and for each of them two hundred instants of the fault, fifty milliseconds apart, until all stands as before.
fn deleted_within(grace: Option<Duration>) -> (u64, u64) {
    let (mut low, mut high) = (u64::MAX, 0);
    for seed in 0..50 {
        let mut bench = Bench::new(seed, 3, 1);
        if let Some(grace) = grace {
            bench.cluster.set_node_monitor_grace(grace);
        }
        bench.put(WEB, &deployment("web", 1, |_| {})).unwrap();
        bench.run(Duration::minutes(1));
        let node = bench.places(WEB)[0].clone();
        let is_deleted = |bench: &Bench| bench.cluster.pods_of(&WEB.parse().unwrap()).iter().any(|pod| pod.terminating);
        for instant in 0..200 {
            let mut bench = bench.clone();
            bench.run(Duration(instant * 50));
            bench.fail_node(&node);
            let deleted = first(&mut bench, 400_000, is_deleted);
            (low, high) = (low.min(deleted), high.max(deleted));
        }
    }
    assert!(high - low >= 13_000, "the offsets reach the whole window: {low} to {high}");
    (low, high)
}

#[test]
fn over_all_offsets_pods_are_deleted_340_to_360_seconds_after_the_fault_and_ten_earlier_with_ten_seconds_less_of_grace() {
    let (low, high) = deleted_within(None);
    assert!(340_000 <= low && high <= 360_000, "{low} to {high}");
    let (low, high) = deleted_within(Some(Duration::seconds(40)));
    assert!(330_000 <= low && high <= 350_000, "{low} to {high}");
}

#[test]
fn a_node_that_returns_in_time_loses_its_taint_and_nothing_is_evicted() {
    let mut bench = Bench::new(3, 3, 1);
    bench.put(WEB, &deployment("web", 1, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    let node = bench.places(WEB)[0].clone();
    bench.fail_node(&node);
    bench.run(Duration::seconds(120));
    assert_eq!(bench.ready(WEB), 0);
    bench.with(|cluster, context| cluster.heal_node(&node, context));
    bench.run(Duration::minutes(10));
    assert_eq!((bench.ready(WEB), bench.places(WEB)), (1, vec![node]));
    assert!(bench.cluster.nodes().unwrap().iter().all(|node| node.schedulable));
}

#[test]
fn a_partitioned_node_serves_on_while_its_replacement_runs() {
    let mut bench = Bench::new(3, 4, 1);
    bench.put(AGENTS, &gateway_agents(2, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(1));
    let node = bench.places(AGENTS)[0].clone();
    bench.with(|cluster, context| cluster.fail_node(&node, crate::kubernetes::NodeFault::Partitioned, context));
    bench.run(Duration::minutes(10));
    let pods = bench.cluster.pods_of(&AGENTS.parse().unwrap());
    assert_eq!(pods.iter().filter(|pod| pod.serving).count(), 3);
    assert_eq!(bench.ready(AGENTS), 2);
}

#[test]
fn when_every_zone_is_down_nothing_is_evicted() {
    let mut bench = Bench::new(3, 4, 2);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(1));
    for node in 1..=4 {
        let fault = crate::kubernetes::NodeFault::Partitioned;
        bench.with(|cluster, context| cluster.fail_node(&format!("node-{node}"), fault, context));
    }
    bench.run(Duration::minutes(60));
    let pods = bench.cluster.pods_of(&AGENTS.parse().unwrap());
    assert!(pods.len() == 3 && pods.iter().all(|pod| pod.serving && !pod.ready && !pod.terminating), "{pods:?}");
}

#[test]
fn a_zone_that_is_mostly_unhealthy_is_not_evicted() {
    let mut bench = Bench::new(3, 5, 1);
    bench.put(WEB, &deployment("web", 5, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    for node in ["node-1", "node-2", "node-3"] {
        bench.fail_node(node);
    }
    bench.run(Duration::minutes(60));
    // Two of the three may be tainted before the third is given up; 3 of 5 (60 %) is beyond the threshold of 55 %.
    let pods = bench.cluster.pods_of(&WEB.parse().unwrap());
    assert!(pods.iter().filter(|pod| pod.terminating).count() <= 2, "{pods:?}");
}

#[test]
fn of_two_nodes_of_a_zone_that_die_at_once_the_second_is_tainted_ten_seconds_after_the_first() {
    for offset in 0..40 {
        let mut bench = Bench::new(3, 5, 3);
        bench.run(Duration(60_000 + offset * 250));
        bench.fail_node("node-1");
        bench.fail_node("node-4");
        bench.run(Duration::seconds(120));
        let tainted = |node: &str| bench.cluster.nodes.get(node).and_then(|node| node.tainted).unwrap();
        let apart = tainted("node-1").0.abs_diff(tainted("node-4").0);
        assert!((9_900..=10_100).contains(&apart), "offset {offset}: {apart} ms");
    }
}

#[test]
fn what_stopped_with_its_machine_needs_no_time_to_stop_when_the_machine_is_back() {
    let mut bench = Bench::new(3, 3, 1);
    bench.put(WEB, &deployment("web", 1, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    let node = bench.places(WEB)[0].clone();
    bench.fail_node(&node);
    bench.run(Duration::minutes(10));
    let pods = |bench: &Bench| bench.cluster.pods_of(&WEB.parse().unwrap()).len();
    assert_eq!(pods(&bench), 2, "the dead node's pod stays, and its replacement runs");
    bench.with(|cluster, context| cluster.heal_node(&node, context));
    bench.run(Duration::milliseconds(50));
    assert_eq!(pods(&bench), 1);
}

#[test]
fn spreading_that_ignores_taints_leaves_the_replacement_without_a_node_and_honouring_them_does_not() {
    let spread = |policy: &str| {
        deployment("web", 3, |document| {
            let spread = format!(
                r#"[{{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","nodeTaintsPolicy":"{policy}","labelSelector":{{"matchLabels":{{"app":"web"}}}}}}]"#
            );
            document.set(&["spec", "template", "spec", "topologySpreadConstraints"], value(&spread));
        })
    };
    for (policy, ready) in [("Ignore", 2), ("Honor", 3)] {
        let mut bench = Bench::new(3, 3, 1);
        bench.put(WEB, &spread(policy)).unwrap();
        bench.run(Duration::minutes(1));
        assert_eq!(bench.ready(WEB), 3, "{policy}");
        bench.fail_node("node-1");
        bench.run(Duration::minutes(10));
        assert_eq!(bench.ready(WEB), ready, "{policy}");
    }
}

#[test]
fn a_whole_cluster_that_comes_back_starts_everything_again() {
    let mut bench = Bench::new(3, 4, 2);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(1));
    assert!(bench.with(|cluster, context| cluster.fail_all(context)));
    bench.run(Duration::minutes(60));
    assert!(!bench.cluster.is_reachable());
    assert!(bench.cluster.pods_of(&AGENTS.parse().unwrap()).iter().all(|pod| !pod.serving));
    assert!(bench.with(|cluster, context| cluster.heal_all(context)));
    bench.run(Duration::minutes(1));
    assert!(bench.is_ready(AGENTS), "{:?}", bench.condition(AGENTS));
    // Kubelets started everything before the controllers heard of it: there was nothing to roll out, and nothing is still to come.
    assert_eq!(bench.run(Duration::minutes(60 * 24)), 0);
}

#[test]
fn while_only_the_api_server_is_down_what_runs_serves_on() {
    let mut bench = Bench::new(3, 4, 2);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(1));
    assert!(bench.with(|cluster, context| cluster.fail_api(context)));
    bench.run(Duration::minutes(60));
    assert!(bench.cluster.pods_of(&AGENTS.parse().unwrap()).iter().all(|pod| pod.serving));
    assert!(bench.with(|cluster, context| cluster.heal_api(context)));
    bench.run(Duration::minutes(2));
    assert!(bench.is_ready(AGENTS), "{:?}", bench.condition(AGENTS));
}

#[test]
fn a_zone_that_fails_and_heals_leaves_the_other_alone() {
    let mut bench = Bench::new(3, 4, 2);
    bench.put(WEB, &deployment("web", 2, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    assert!(bench.with(|cluster, context| cluster.fail_zone("zone-1", context)));
    bench.run(Duration::minutes(10));
    assert_eq!(bench.ready(WEB), 2, "{:?}", bench.condition(WEB));
    assert!(bench.with(|cluster, context| cluster.heal_zone("zone-1", context)));
    bench.run(Duration::minutes(2));
    assert!(bench.cluster.nodes().unwrap().iter().all(|node| node.schedulable));
}

#[test]
fn pods_of_a_node_that_goes_for_good_are_collected_after_40_to_60_seconds() {
    let mut bench = Bench::new(3, 3, 1);
    bench.put(WEB, &deployment("web", 3, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    let is_on = |bench: &Bench| bench.places(WEB).contains(&"node-2".to_owned());
    assert!(is_on(&bench));
    assert!(bench.with(|cluster, context| cluster.remove_node("node-2", context)));
    let collected = first(&mut bench, 70_000, |bench| !is_on(bench));
    assert!((40_000..=60_000).contains(&collected), "{collected} ms");
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(WEB), 3);
}
