//! How workloads come up and roll.

use super::bench::{Bench, deployment, gateway_agents, value};
use crate::kubernetes::{Notice, Program};
use model::observation::Condition;
use model::{Duration, Kind};

const WEB: &str = "deployment/shop/web";
const AGENTS: &str = "deployment/shop/gateway-agent";

#[test]
fn a_deployment_becomes_ready_in_seconds_and_then_nothing_happens_any_more() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put(WEB, &deployment("web", 3, |_| {})).unwrap();
    assert!(!bench.is_ready(WEB));
    bench.run(Duration::seconds(10));
    assert!(bench.is_ready(WEB), "{:?}", bench.condition(WEB));
    bench.run(Duration::minutes(11));
    assert_eq!(bench.kernel.pending(), 0);
    assert_eq!(bench.run(Duration::minutes(60 * 24 * 30)), 0);
}

#[test]
fn a_roll_of_three_gateway_agents_never_has_fewer_than_three_ready() {
    for seed in 0..50 {
        let mut bench = Bench::new(seed, 4, 2);
        bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
        bench.run(Duration::minutes(2));
        assert!(bench.is_ready(AGENTS), "seed {seed}: {:?}", bench.condition(AGENTS));
        bench.least_ready = Some((AGENTS.parse().unwrap(), usize::MAX));
        bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:2")).unwrap();
        bench.run(Duration::minutes(5));
        assert!(bench.is_ready(AGENTS), "seed {seed}: {:?}", bench.condition(AGENTS));
        assert_eq!(bench.least_ready.as_ref().map(|(_, least)| *least), Some(3), "seed {seed}");
    }
}

#[test]
fn a_surge_without_a_free_node_stands_still_and_takes_no_ready_pod_away() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(2));
    bench.least_ready = Some((AGENTS.parse().unwrap(), usize::MAX));
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:2")).unwrap();
    bench.run(Duration::seconds(590));
    assert!(
        matches!(bench.condition(AGENTS), Some(Condition::NotReady(why)) if why.contains("3 node(s) didn't match pod anti-affinity rules"))
    );
    bench.run(Duration::seconds(20));
    assert!(matches!(bench.condition(AGENTS), Some(Condition::Failed(why)) if why.contains("no progress for 10m00s")));
    assert_eq!(bench.least_ready.as_ref().map(|(_, least)| *least), Some(3));
    let kept = bench.run(Duration::minutes(60 * 24));
    assert_eq!(kept, 0, "a roll-out that stands still costs nothing");
}

#[test]
fn a_failed_roll_out_goes_on_when_there_is_room_again() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(2));
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:2")).unwrap();
    bench.run(Duration::minutes(20));
    assert!(matches!(bench.condition(AGENTS), Some(Condition::Failed(_))));
    // What is changed now has not failed: its controller has not even seen it.
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:3")).unwrap();
    assert!(matches!(bench.condition(AGENTS), Some(Condition::NotReady(_))), "{:?}", bench.condition(AGENTS));
    bench.run(Duration::minutes(20));
    assert!(matches!(bench.condition(AGENTS), Some(Condition::Failed(_))));
    bench.cluster.resize(&super::bench::capacity(4, 1));
    bench.with(|cluster, context| cluster.surroundings_changed(context));
    bench.run(Duration::minutes(5));
    assert!(bench.is_ready(AGENTS), "{:?}", bench.condition(AGENTS));
}

#[test]
fn recreate_takes_all_pods_away_before_it_makes_one() {
    let mut bench = Bench::new(1, 3, 1);
    let recreated = |image: &str| {
        deployment("web", 2, |document| {
            document.set(&["spec", "strategy", "type"], "Recreate");
            document.set(&["spec", "template", "metadata", "labels", "image"], image);
        })
    };
    bench.put(WEB, &recreated("1")).unwrap();
    bench.run(Duration::seconds(30));
    bench.put(WEB, &recreated("2")).unwrap();
    for _ in 0..200 {
        bench.run(Duration::milliseconds(50));
        let pods = bench.cluster.pods_of(&WEB.parse().unwrap());
        let revisions: std::collections::BTreeSet<&str> =
            pods.iter().filter_map(|pod| pod.key.rsplit_once('-').map(|(revision, _)| revision)).collect();
        assert!(revisions.len() <= 1, "old and new at once: {pods:?}");
    }
    assert!(bench.is_ready(WEB));
}

#[test]
fn a_stateful_set_starts_in_order_rolls_from_the_top_and_keeps_its_claims() {
    let mut bench = Bench::new(1, 3, 1);
    let stateful = |image: &str| {
        format!(
            r#"{{"metadata":{{"name":"mysql","namespace":"shop"}},"spec":{{"replicas":2,"serviceName":"mysql","selector":{{"matchLabels":{{"app":"mysql"}}}},
            "template":{{"metadata":{{"labels":{{"app":"mysql","app.kubernetes.io/name":"mysql"}}}},"spec":{{"containers":[{{"name":"m","image":"{image}"}}]}}}},
            "volumeClaimTemplates":[{{"metadata":{{"name":"data"}},"spec":{{"accessModes":["ReadWriteOnce"]}}}}]}}}}"#
        )
    };
    let key = "stateful-set/shop/mysql";
    bench.put(key, &stateful("mysql:1")).unwrap();
    bench.run(Duration::milliseconds(200));
    assert_eq!(bench.cluster.pods_of(&key.parse().unwrap()).len(), 1, "the second waits for the first");
    bench.run(Duration::seconds(30));
    assert!(bench.is_ready(key), "{:?}", bench.condition(key));
    assert_eq!(bench.list(Kind::PersistentVolumeClaim), ["shop/data-mysql-0", "shop/data-mysql-1"]);
    assert!(matches!(bench.notices.as_slice(), [Notice::StoreUp { program: Program::Mysql, on_volume: true, .. }]));
    bench.put(key, &stateful("mysql:2")).unwrap();
    bench.run(Duration::milliseconds(100));
    let going: Vec<_> = bench.cluster.pods_of(&key.parse().unwrap()).into_iter().filter(|pod| pod.terminating).collect();
    assert_eq!(going.iter().map(|pod| pod.key.as_str()).collect::<Vec<_>>(), ["shop/mysql-1"]);
    bench.run(Duration::minutes(1));
    assert!(bench.is_ready(key));
    bench.delete(key).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.list(Kind::PersistentVolumeClaim).len(), 2, "claims outlive what they were made for");
    assert!(matches!(bench.notices.last(), Some(Notice::StoreDown { program: Program::Mysql, .. })));
}

#[test]
fn a_namespace_with_a_stateful_set_goes_with_its_claims_once_the_pods_have_gone() {
    let mut bench = Bench::new(1, 3, 1);
    let stateful = r#"{"metadata":{"name":"db","namespace":"shop"},"spec":{"replicas":1,"serviceName":"db","selector":{"matchLabels":{"app":"db"}},
        "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"m","image":"db:1"}]}},
        "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"]}}]}}"#;
    bench.put("stateful-set/shop/db", stateful).unwrap();
    bench.run(Duration::minutes(1));
    bench.delete("namespace/shop").unwrap();
    let claim = bench.condition("persistent-volume-claim/shop/data-db-0");
    assert!(matches!(claim, Some(Condition::NotReady(why)) if why.contains("pod shop/db-0 uses it")));
    bench.run(Duration::minutes(1));
    assert!(bench.cluster.is_empty());
}

#[test]
fn a_job_runs_once() {
    let mut bench = Bench::new(1, 3, 1);
    let job = r#"{"metadata":{"name":"setup","namespace":"shop"},"spec":{"template":{"metadata":{"labels":{"app":"setup"}},"spec":{"restartPolicy":"Never","containers":[{"name":"m","image":"i:1"}]}}}}"#;
    bench.put("job/shop/setup", job).unwrap();
    assert!(!bench.is_ready("job/shop/setup"));
    bench.run(Duration::seconds(20));
    assert!(bench.is_ready("job/shop/setup"));
    assert_eq!(bench.run(Duration::minutes(60)), 0);
    assert_eq!(bench.cluster.pods_of(&"job/shop/setup".parse().unwrap()).len(), 1);
}

#[test]
fn a_job_that_is_made_anew_under_its_name_runs_again() {
    let mut bench = Bench::new(1, 3, 1);
    let job = |image: &str| {
        format!(
            r#"{{"metadata":{{"name":"setup","namespace":"shop"}},"spec":{{"template":{{"metadata":{{"labels":{{"app":"setup"}}}},"spec":{{"restartPolicy":"Never","containers":[{{"name":"m","image":"{image}"}}]}}}}}}}}"#
        )
    };
    bench.put("job/shop/setup", &job("i:1")).unwrap();
    bench.run(Duration::seconds(20));
    assert!(bench.put("job/shop/setup", &job("i:2")).unwrap_err().to_string().contains("field is immutable"));
    bench.delete("job/shop/setup").unwrap();
    bench.put("job/shop/setup", &job("i:2")).unwrap();
    assert!(!bench.is_ready("job/shop/setup"));
    bench.run(Duration::seconds(20));
    assert!(bench.is_ready("job/shop/setup"));
}

#[test]
fn many_nodes_are_not_all_looked_at_and_pods_still_lie_apart() {
    let mut bench = Bench::new(1, 150, 3);
    bench.put(AGENTS, &gateway_agents(120, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(2));
    let mut places = bench.places(AGENTS);
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 120, "a pod finds one of the thirty nodes that are left");
}

#[test]
fn pods_without_their_service_account_are_made_when_it_comes() {
    let mut bench = Bench::new(1, 3, 1);
    let document = deployment("web", 1, |document| document.set(&["spec", "template", "spec", "serviceAccountName"], "robot"));
    bench.put(WEB, &document).unwrap();
    bench.run(Duration::seconds(30));
    assert!(
        matches!(bench.condition(WEB), Some(Condition::NotReady(why)) if why.contains("service account shop/robot not found"))
    );
    bench.put("service-account/shop/robot", r#"{"metadata":{"name":"robot","namespace":"shop"}}"#).unwrap();
    bench.run(Duration::seconds(30));
    assert!(bench.is_ready(WEB));
}

#[test]
fn a_gateway_agent_waits_for_vault_and_serves_on_without_it() {
    let mut bench = Bench::new(1, 4, 1);
    bench.world.vault = false;
    bench.put(AGENTS, &gateway_agents(2, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(5));
    assert!(matches!(bench.condition(AGENTS), Some(Condition::NotReady(why)) if why.contains("Vault does not answer")));
    assert_eq!(bench.run(Duration::minutes(4)), 0, "nothing is polled while nothing changes");
    bench.world.vault = true;
    bench.with(|cluster, context| cluster.surroundings_changed(context));
    bench.run(Duration::seconds(8));
    assert!(bench.is_ready(AGENTS), "within one poll and one probe: {:?}", bench.condition(AGENTS));
    bench.world.vault = false;
    bench.with(|cluster, context| cluster.surroundings_changed(context));
    bench.run(Duration::minutes(10));
    assert!(bench.is_ready(AGENTS));
    let pod = bench.cluster.pods_of(&AGENTS.parse().unwrap())[0].key.clone();
    assert!(bench.with(|cluster, context| cluster.kill_container(&pod, context)));
    bench.run(Duration::minutes(10));
    assert_eq!(bench.ready(AGENTS), 1, "a restarted one needs Vault again");
}

#[test]
fn a_vault_on_mysql_crashes_without_it_and_backs_off() {
    let mut bench = Bench::new(1, 3, 1);
    bench.world.mysql = false;
    let vault = deployment("vault", 1, |document| {
        document.set(&["spec", "template", "metadata", "labels", "app.kubernetes.io/name"], "vault");
    });
    bench.put("deployment/shop/vault", &vault).unwrap();
    bench.run(Duration::seconds(200));
    assert!(
        matches!(bench.condition("deployment/shop/vault"), Some(Condition::NotReady(why)) if why.contains("CrashLoopBackOff"))
    );
    bench.world.mysql = true;
    bench.run(Duration::seconds(300));
    assert!(bench.is_ready("deployment/shop/vault"));
    assert!(matches!(bench.notices.as_slice(), [Notice::StoreUp { program: Program::Vault, on_volume: false, .. }]));
}

#[test]
fn requests_beyond_the_nodes_leave_a_pod_without_one() {
    let mut bench = Bench::new(1, 2, 1);
    let large = deployment("web", 3, |document| {
        let container = r#"[{"name":"m","image":"i:1","resources":{"requests":{"cpu":"3","memory":"1Gi"}}}]"#;
        document.set(&["spec", "template", "spec", "containers"], value(container));
    });
    bench.put(WEB, &large).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(WEB), 2);
    assert!(
        matches!(bench.condition(WEB), Some(Condition::NotReady(why)) if why.contains("0/2 nodes are available: 2 Insufficient cpu"))
    );
}

#[test]
fn replicas_spread_over_zones_and_nodes_by_themselves() {
    let mut bench = Bench::new(1, 6, 3);
    bench.put(WEB, &deployment("web", 6, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    let mut places = bench.places(WEB);
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 6);
}
