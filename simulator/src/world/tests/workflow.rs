//! Workflow agents of one cell: what they need, what they find, and what tells when they have died.

use super::clusters::*;
use super::*;
use crate::kept::tests::document;
use model::load::{CellLoad, Load, Sink};
use workflow_agent::{Health, State};

const VAMP: &str = "cluster.eu-1/deployment/acme/vamp";
const WORKFLOW: &str = "acme/shop/production/workflows/quantification";

/// A cell with traffic, Vamp, and a workflow agent.
pub(super) fn world() -> World {
    let mut world = super::traffic::busy();
    mend(&mut world);
    let environment = format!(
        r#"{{"name": "VAMP_KEY_VALUE_STORE_PATH", "value": "{WORKFLOW}"}},
           {{"name": "VAMP_ELASTICSEARCH_URL", "value": "http://central"}}, {{"name": "VAMP_ELASTICSEARCH_STREAM", "value": "acme-traffic"}}"#
    );
    let mut document = (*workload("Deployment", "acme", "workflow-agent", 1, &environment)).clone();
    let mut containers = document.at(&["spec", "template", "spec", "containers"]).cloned().unwrap();
    if let Value::List(containers) = &mut containers {
        containers[0].set(
            &["livenessProbe"],
            (*parse(r#"{"initialDelaySeconds": 10, "periodSeconds": 30, "failureThreshold": 5}"#)).clone(),
        );
    }
    document.set(&["spec", "template", "spec", "containers"], containers);
    put(&mut world, "cluster.eu-1/deployment/acme/workflow-agent", std::sync::Arc::new(document)).unwrap();
    world.advance(Duration::minutes(15));
    world
}

/// All that agents need beside what runs: what of it is there already stays as it is.
pub(super) fn mend(world: &mut World) {
    let mut set = |address: &str, document: std::sync::Arc<Value>| drop(put(world, address, document));
    set("vault/mount/acme", document("x"));
    set(VAMP, workload("Deployment", "acme", "vamp", 1, ""));
    let workflow = r#"{"data": {"period-seconds": 60, "timeout-seconds": 60, "window-seconds": 500}}"#;
    set(&format!("vault/kv/{WORKFLOW}"), parse(workflow));
    let text = format!("path \"acme/data/{}\" {{ capabilities = [\"read\"] }}", &WORKFLOW["acme/".len()..]);
    let policy: model::Map = [("policy", text)].into_iter().collect();
    set("vault/policy/workflow", std::sync::Arc::new(policy.into()));
    let role = r#"{"bound_audiences": ["vault"], "bound_subject": "system:serviceaccount:acme:default", "token_policies": ["agent", "workflow"]}"#;
    set("vault/auth-role/acme-eu-1/agent", parse(role));
    let text = "path \"acme/data/shop/production/gateways/eu-1\" { capabilities = [\"read\"] }";
    let policy: model::Map = [("policy", text)].into_iter().collect();
    set("vault/policy/agent", std::sync::Arc::new(policy.into()));
}

fn cell(world: &World) -> Cell {
    world.cells().remove(0)
}

#[test]
fn it_runs_every_minute_and_none_of_its_runs_is_an_event() {
    let mut world = world();
    let before = cell(&world);
    assert_eq!((before.workflow_agents.len(), before.workflow_agents[0].state), (1, Some(State::Idle)));
    assert_eq!(before.health, Health::Healthy);
    assert_eq!(super::agents::events(&mut world, Duration::minutes(60 * 24)), 0);
    let after = cell(&world);
    assert_eq!((after.results.runs - before.results.runs, after.results.failures), (60 * 24, before.results.failures));
    // One gateway and its route.
    assert_eq!(after.results.stored["central"] - before.results.stored["central"], 2 * 60 * 24);
}

#[test]
fn without_elasticsearch_health_is_unknown_and_never_healthy_and_the_gap_is_known() {
    let mut world = world();
    world.inject(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(Duration::minutes(4));
    let away = cell(&world);
    let history = away.workflow_agents[0].history.clone().unwrap();
    assert_eq!((away.health, history.gap_since.is_some()), (Health::Unknown, true));
    world.mend(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(Duration::minutes(1));
    let back = cell(&world);
    assert_eq!((back.health, back.workflow_agents[0].history.clone().unwrap().gap_since), (Health::Healthy, None));
}

#[test]
fn without_vamp_nothing_is_found() {
    let mut world = world();
    world.edit(&VAMP.parse().unwrap(), &Edit::Delete).unwrap();
    world.advance(Duration::minutes(5));
    assert_eq!(cell(&world).health, Health::Unknown);
    put(&mut world, VAMP, workload("Deployment", "acme", "vamp", 1, "")).unwrap();
    world.advance(Duration::minutes(2));
    assert_eq!(cell(&world).health, Health::Healthy);
}

#[test]
fn without_vault_it_runs_on_and_cannot_start() {
    let mut world = world();
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::minutes(60 * 3));
    assert_eq!(cell(&world).health, Health::Healthy);
    let pod = cell(&world).workflow_agents[0].pod.clone();
    world.in_cluster("eu-1", |cluster, context| cluster.kill_container(&format!("acme/{pod}"), context));
    world.advance(Duration::minutes(10));
    let down = cell(&world);
    assert_eq!((down.health, down.workflow_agents[0].state), (Health::Unknown, Some(State::Fetching)));
    assert!(down.results.runs > 180, "what it found before it crashed is not forgotten");
    world.mend(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::minutes(1));
    assert_eq!(cell(&world).health, Health::Healthy);
}

#[test]
fn an_agent_that_stands_still_in_a_living_container_is_found_by_its_liveness_probe() {
    let mut world = world();
    let pod = cell(&world).workflow_agents[0].pod.clone();
    assert!(world.stall_agent("eu-1", &format!("acme/{pod}")));
    world.advance(Duration::seconds(115));
    assert!(!cell(&world).workflow_agents[0].turning);
    world.advance(Duration::minutes(1));
    let found = cell(&world);
    assert!(found.workflow_agents[0].turning, "five misses, thirty seconds apart: {found:?}");
    world.advance(Duration::minutes(1));
    assert_eq!(cell(&world).health, Health::Healthy);
}

#[test]
fn without_traffic_health_is_unknown() {
    let mut world = world();
    let sink = Sink { cluster: "eu-1".into(), url: "http://central".into(), name: "central".into() };
    world.declare(&Load { cells: Vec::<CellLoad>::new(), sinks: vec![sink] });
    world.advance(Duration::minutes(10));
    assert_eq!(cell(&world).health, Health::Unknown);
}

#[test]
fn haproxy_that_crashes_is_back_after_a_second_before_any_probe_notices() {
    let mut world = world();
    let pod = cell(&world).agents[0].pod.clone();
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    assert!(world.crash_haproxy("eu-1", &format!("acme/{pod}")));
    assert!(!cell(&world).agents[0].ready && cell(&world).agents[0].available);
    let before = cell(&world).requests;
    world.advance(Duration::seconds(10));
    let after = cell(&world);
    assert!(after.agents.iter().all(|agent| agent.ready && agent.available && agent.balanced));
    // Half of the requests of one second.
    assert_eq!(after.requests.misrouted - before.misrouted, 50);
}
