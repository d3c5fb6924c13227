//! Going voluntarily: budgets, evictions, drains.

use super::bench::{Bench, deployment, gateway_agents};
use crate::kubernetes::Key;
use model::operation::OperationError;
use model::{Duration, Kind};

const AGENTS: &str = "deployment/shop/gateway-agent";
const BUDGET: &str = r#"{"metadata":{"name":"gateway-agent","namespace":"shop"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"gateway-agent"}}}}"#;

fn agents(nodes: u32, replicas: i64) -> Bench {
    let mut bench = Bench::new(5, nodes, 1);
    bench.put(AGENTS, &gateway_agents(replicas, "r/gateway-agent:1")).unwrap();
    bench.put("pod-disruption-budget/shop/gateway-agent", BUDGET).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(AGENTS), replicas as usize);
    bench
}

#[test]
fn an_eviction_beyond_the_budget_is_answered_429() {
    let mut bench = agents(2, 2);
    let pod = bench.cluster.pods_of(&AGENTS.parse().unwrap())[0].key.clone();
    let error = bench.with(|cluster, context| cluster.evict(&pod, context)).unwrap_err();
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    assert_eq!(error, OperationError::Busy { message: message.into(), retry_after: None });
    assert_eq!(bench.ready(AGENTS), 2);
}

#[test]
fn a_drain_within_the_budget_moves_the_pod() {
    let mut bench = agents(4, 3);
    let node = bench.places(AGENTS)[0].clone();
    bench.least_ready = Some((AGENTS.parse().unwrap(), usize::MAX));
    bench.with(|cluster, context| cluster.drain(&node, context)).unwrap();
    bench.run(Duration::minutes(1));
    assert!(!bench.places(AGENTS).contains(&node));
    assert_eq!(bench.ready(AGENTS), 3);
    assert_eq!(bench.least_ready.as_ref().map(|(_, least)| *least), Some(2));
    assert!(!bench.cluster.nodes().unwrap().iter().find(|seen| seen.name == node).unwrap().schedulable);
}

#[test]
fn a_blocked_drain_goes_on_when_the_budget_allows_it_and_costs_nothing_until_then() {
    let mut bench = agents(3, 2);
    let node = bench.places(AGENTS)[0].clone();
    bench.with(|cluster, context| cluster.drain(&node, context)).unwrap();
    bench.run(Duration::minutes(15));
    assert!(bench.places(AGENTS).contains(&node));
    assert_eq!(bench.run(Duration::minutes(60)), 0);
    bench.put(AGENTS, &gateway_agents(3, "r/gateway-agent:1")).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(AGENTS), 2, "one has gone, and the third node is cordoned");
    assert!(!bench.places(AGENTS).contains(&node));
}

#[test]
fn endpoints_are_the_ready_pods_that_are_not_asked_to_go() {
    let mut bench = Bench::new(5, 3, 1);
    bench.put("deployment/shop/web", &deployment("web", 3, |_| {})).unwrap();
    bench
        .put(
            "service/shop/web",
            r#"{"metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}"#,
        )
        .unwrap();
    let service = Key::new(Kind::Service, "shop/web");
    assert!(bench.cluster.endpoints(&service).is_empty());
    bench.run(Duration::minutes(1));
    assert_eq!(bench.cluster.endpoints(&service).len(), 3);
    let pod = bench.cluster.pods_of(&"deployment/shop/web".parse().unwrap())[0].key.clone();
    bench.with(|cluster, context| cluster.evict(&pod, context)).unwrap();
    assert_eq!(bench.cluster.endpoints(&service).len(), 2);
}
