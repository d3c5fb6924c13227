//! Clusters and stores together: stores that run in a cluster, programs that wait for what they need, faults and healing.

use super::*;
use crate::kept::tests::mark;
use model::Map;
use std::sync::Arc;

fn cluster(name: &str) -> Connection {
    let capacity = Capacity { nodes: 3, milli_cpu: 4000, memory_bytes: 16 << 30, zones: 3, ..Capacity::default() };
    let system = System::Cluster(name.into());
    Connection { capacity, ..Connection::new(system, Endpoint::Embedded) }
}

pub(super) fn parse(json: &str) -> Arc<Value> {
    Arc::new(serde_json::from_str(json).unwrap())
}

pub(super) fn put(world: &mut World, address: &str, document: Arc<Value>) -> Result<Receipt, OperationError> {
    let mark = mark(&document);
    let address = address.parse().unwrap();
    world.execute(&Operation::Apply { address, mark, document, expected: Expectation::Unseen, force: false })
}

fn namespace(world: &mut World, cluster: &str, name: &str) {
    let document = parse(&format!(r#"{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{name}"}}}}"#));
    put(world, &format!("cluster.{cluster}/namespace/{name}"), document).unwrap();
}

/// A workload with one container that is what `program` says.
pub(super) fn workload(kind: &str, namespace: &str, program: &str, replicas: u32, environment: &str) -> Arc<Value> {
    parse(&format!(
        r#"{{"apiVersion": "apps/v1", "kind": "{kind}",
            "metadata": {{"name": "{program}", "namespace": "{namespace}"}},
            "spec": {{"replicas": {replicas}, "serviceName": "{program}",
                "selector": {{"matchLabels": {{"app.kubernetes.io/name": "{program}"}}}},
                "template": {{"metadata": {{"labels": {{"app.kubernetes.io/name": "{program}"}}}},
                    "spec": {{"containers": [{{"name": "{program}", "image": "example/{program}:1", "env": [{environment}]}}]}}}}}}}}"#
    ))
}

pub(super) fn world_with(endpoint: Endpoint) -> World {
    let mut world = World::new(3);
    world.furnish(&[cluster("eu-1"), connection("mysql", Endpoint::Embedded), connection("vault", endpoint)]);
    namespace(&mut world, "eu-1", "acme");
    world
}

fn vault_in_cluster() -> (World, Address) {
    let workload: Address = "cluster.eu-1/stateful-set/acme/vault".parse().unwrap();
    (world_with(Endpoint::InCluster { workload: workload.clone() }), workload)
}

#[test]
fn a_store_in_a_cluster_comes_with_its_workload() {
    let (mut world, address) = vault_in_cluster();
    assert_eq!(world.list(&System::Vault, Kind::Kv), Listing::Unknown(Gap::NotYet { workload: address.clone() }));
    assert!(matches!(apply(&mut world, "vault/mount/acme", "x"), Err(OperationError::NotYet(_))));
    put(&mut world, address.as_str(), workload("StatefulSet", "acme", "vault", 1, "")).unwrap();
    assert!(matches!(apply(&mut world, "vault/mount/acme", "x"), Err(OperationError::Unreachable(_))));
    world.advance(Duration::minutes(2));
    assert_eq!(world.condition(&address), Condition::Ready);
    assert!(apply(&mut world, "vault/mount/acme", "x").unwrap().changed);
    assert!(world.touched().contains(&address));
}

#[test]
fn a_store_in_a_cluster_that_does_not_answer_serves_on() {
    let (mut world, address) = vault_in_cluster();
    put(&mut world, address.as_str(), workload("StatefulSet", "acme", "vault", 1, "")).unwrap();
    world.advance(Duration::minutes(2));
    world.inject(&Fault::by_hand("api", Some("eu-1")).unwrap()).unwrap();
    let cluster = System::Cluster("eu-1".into());
    assert!(matches!(world.list(&cluster, Kind::Namespace), Listing::Unknown(Gap::Unreachable(_))));
    assert!(matches!(world.condition(&address), Condition::NotReady(_)));
    assert!(apply(&mut world, "vault/mount/acme", "x").unwrap().changed);
}

#[test]
fn a_vault_whose_workload_is_in_a_cluster_that_does_not_answer_is_unknown_and_not_absent() {
    let (mut world, _) = vault_in_cluster();
    world.inject(&Fault::by_hand("api", Some("eu-1")).unwrap()).unwrap();
    assert!(matches!(world.list(&System::Vault, Kind::Kv), Listing::Unknown(Gap::Unreachable(_))));
    world.mend(&Fault::by_hand("api", Some("eu-1")).unwrap()).unwrap();
    assert!(matches!(world.list(&System::Vault, Kind::Kv), Listing::Unknown(Gap::NotYet { .. })));
}

#[test]
fn vault_in_a_cluster_waits_for_the_mysql_that_it_stores_in() {
    let (mut world, address) = vault_in_cluster();
    world.inject(&Fault::by_hand("mysql", None).unwrap()).unwrap();
    put(&mut world, address.as_str(), workload("StatefulSet", "acme", "vault", 1, "")).unwrap();
    world.advance(Duration::minutes(2));
    assert!(matches!(world.condition(&address), Condition::NotReady(why) if why.contains("storage of type mysql")));
    world.mend(&Fault::by_hand("mysql", None).unwrap()).unwrap();
    world.advance(Duration::minutes(10));
    assert_eq!(world.condition(&address), Condition::Ready);
}

pub(super) const AGENT: &str = "cluster.eu-1/deployment/acme/gateway-agent";
const ENTRY: &str = "acme/shop/production/gateways/eu-1";

pub(super) fn agents(world: &mut World) {
    let mut document = (*unprobed_agents()).clone();
    let path = ["spec", "template", "spec", "containers"];
    let mut containers = document.at(&path).cloned().unwrap();
    if let Value::List(containers) = &mut containers {
        containers[0].set(&["readinessProbe", "periodSeconds"], 1_i64);
    }
    document.set(&path, containers);
    put(world, AGENT, Arc::new(document)).unwrap();
}

/// The same without a readiness probe.
pub(super) fn unprobed_agents() -> Arc<Value> {
    let environment = format!(r#"{{"name": "VAMP_KEY_VALUE_STORE_PATH", "value": "{ENTRY}"}}"#);
    workload("Deployment", "acme", "gateway-agent", 2, &environment)
}

pub(super) fn let_them_in(world: &mut World) {
    apply(world, "vault/mount/acme", "x").unwrap();
    apply(world, "vault/auth-method/acme-eu-1", "x").unwrap();
    let role =
        r#"{"bound_audiences": ["vault"], "bound_subject": "system:serviceaccount:acme:default", "token_policies": ["agent"]}"#;
    put(world, "vault/auth-role/acme-eu-1/agent", parse(role)).unwrap();
}

pub(super) fn allow(world: &mut World) {
    let text = format!("path \"acme/data/{}\" {{ capabilities = [\"read\"] }}", &ENTRY["acme/".len()..]);
    let policy: Map = [("policy", text)].into_iter().collect();
    put(world, "vault/policy/agent", Arc::new(policy.into())).unwrap();
}

/// A configuration without gateways.
pub(super) fn publish(world: &mut World) {
    let entry = r#"{"data": {"configuration": "frontend health\n    bind :1988\n"}}"#;
    put(world, &format!("vault/kv/{ENTRY}"), parse(entry)).unwrap();
}

/// Roll the agents to pods with a directory that outlives their container.
pub(super) fn keep_directory(world: &mut World) {
    keep_directory_of(world, "example/gateway-agent:1");
    world.advance(Duration::minutes(5));
}

/// Such pods of this image: they read and send as the platform's do, and go on for ten seconds when they are asked to go.
pub(super) fn keep_directory_of(world: &mut World, image: &str) {
    let containers = format!(
        r#"[{{"name": "gateway-agent", "image": "{image}",
            "env": [{{"name": "VAMP_KEY_VALUE_STORE_PATH", "value": "{ENTRY}"}},
                {{"name": "VAMP_ELASTICSEARCH_URL", "value": "http://central"}},
                {{"name": "VAMP_ELASTICSEARCH_STREAM", "value": "acme-traffic"}}],
            "readinessProbe": {{"periodSeconds": 5, "failureThreshold": 2}},
            "lifecycle": {{"preStop": {{"sleep": {{"seconds": 10}}}}}},
            "volumeMounts": [{{"name": "state", "mountPath": "/var/lib/gateway-agent"}}]}}]"#
    );
    let mut document = (*workload("Deployment", "acme", "gateway-agent", 2, "")).clone();
    let spread = r#"[{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
        "nodeTaintsPolicy": "Honor", "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway-agent"}}}]"#;
    document.set(&["spec", "template", "spec", "containers"], (*parse(&containers)).clone());
    document.set(&["spec", "template", "spec", "topologySpreadConstraints"], (*parse(spread)).clone());
    put(world, AGENT, Arc::new(document)).unwrap();
}

/// A configuration with one gateway.
pub(super) fn publish_gateway(world: &mut World, name: &str) {
    publish_gateways(world, &[name]);
}

/// A configuration with these gateways.
pub(super) fn publish_gateways(world: &mut World, names: &[&str]) {
    let section = |(index, name): (usize, &&str)| {
        format!(
            "frontend gateway:{name}\n    bind :{}\n    default_backend route:{name}:web\nbackend route:{name}:web\n    \
             server a web.acme.svc.cluster.local:80\n",
            8080 + index
        )
    };
    let text = format!("frontend health\n    bind :1988\n{}", names.iter().enumerate().map(section).collect::<String>());
    let data: Map = [("configuration", text)].into_iter().collect();
    let entry: Map = [("data", Value::Map(data))].into_iter().collect();
    drop(put(world, &format!("vault/kv/{ENTRY}"), Arc::new(entry.into())));
}

fn waits_for(world: &World, words: &str) {
    let condition = world.condition(&AGENT.parse().unwrap());
    assert!(matches!(&condition, Condition::NotReady(why) if why.contains(words)), "{condition:?}");
}

#[test]
fn agents_wait_for_each_thing_that_they_need_and_start_when_all_is_there() {
    let mut world = world_with(Endpoint::Embedded);
    agents(&mut world);
    world.advance(Duration::seconds(30));
    waits_for(&world, "no role of acme-eu-1 is bound to service account acme/default");
    let_them_in(&mut world);
    world.advance(Duration::seconds(30));
    waits_for(&world, "do not allow to read");
    allow(&mut world);
    world.advance(Duration::seconds(30));
    waits_for(&world, "404");
    publish(&mut world);
    world.advance(Duration::minutes(6));
    assert_eq!(world.condition(&AGENT.parse().unwrap()), Condition::Ready);
}

#[test]
fn agents_that_serve_go_on_without_vault() {
    let mut world = world_with(Endpoint::Embedded);
    let_them_in(&mut world);
    allow(&mut world);
    publish(&mut world);
    agents(&mut world);
    world.advance(Duration::minutes(2));
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::minutes(60));
    assert_eq!(world.condition(&AGENT.parse().unwrap()), Condition::Ready);
    let shown = world.show();
    assert_eq!(shown["clusters"]["eu-1"]["deployments"]["acme/gateway-agent"]["ready"], 2);
    assert_eq!(shown["clusters"]["eu-1"]["namespaces"], serde_json::json!(["acme"]));
}

#[test]
fn a_world_with_clusters_that_was_kept_in_the_middle_of_a_roll_out_goes_on_to_the_same_hash() {
    let build = || {
        let mut world = world_with(Endpoint::Embedded);
        agents(&mut world);
        let_them_in(&mut world);
        world.advance(Duration::seconds(20));
        allow(&mut world);
        publish(&mut world);
        world
    };
    let finish = |world: &mut World| {
        world.inject(&Fault::by_hand("node", Some("eu-1/node-1")).unwrap()).unwrap();
        world.advance(Duration::minutes(10));
        world.mend(&Fault::by_hand("node", Some("eu-1/node-1")).unwrap()).unwrap();
        world.advance(Duration::minutes(10));
    };
    let mut whole = build();
    whole.advance(Duration::seconds(7));
    finish(&mut whole);
    let mut halved = build();
    halved.advance(Duration::seconds(7));
    let mut restored = World::new(0);
    for record in halved.drain_changes().into_iter() {
        if let Some(value) = record.value {
            restored.restore(record.table, &record.key, &value).unwrap();
        }
    }
    restored.restored();
    finish(&mut restored);
    assert_eq!(restored.show(), whole.show());
    assert_eq!(restored.hash(), whole.hash());
}

#[test]
fn a_cluster_is_furnished_once_and_grows_but_never_shrinks() {
    let mut world = World::new(1);
    assert!(world.furnish(&[cluster("eu-1")]));
    assert!(!world.furnish(&[cluster("eu-1")]));
    let mut fewer = cluster("eu-1");
    fewer.capacity.nodes = 1;
    assert!(!world.furnish(&[fewer]));
    let mut more = cluster("eu-1");
    more.capacity.nodes = 5;
    assert!(world.furnish(&[more]));
    let (name, nodes) = world.nodes(&System::Cluster("eu-1".into())).unwrap();
    assert_eq!((name.as_str(), nodes.len()), ("eu-1", 5));
}

#[test]
fn what_is_not_in_a_cluster_cannot_break() {
    let mut world = world_with(Endpoint::Embedded);
    for (word, name, wrong) in [
        ("node", "eu-1/node-9", "there is no node node-9 in cluster eu-1"),
        ("node", "us-1/node-1", "there is no cluster us-1"),
        ("zone", "eu-1/zone-9", "there is no zone zone-9 in cluster eu-1"),
        ("cluster", "us-1", "there is no cluster us-1"),
    ] {
        let error = world.inject(&Fault::by_hand(word, Some(name)).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), wrong);
    }
    world.inject(&Fault::by_hand("zone", Some("eu-1/zone-1")).unwrap()).unwrap();
    let (_, fault) = world.cluster("eu-1").unwrap().faults().next().unwrap();
    assert!(fault.is_some());
}

#[test]
fn a_label_edited_by_hand_in_a_cluster_is_a_foreign_field() {
    let mut world = world_with(Endpoint::Embedded);
    let address: Address = "cluster.eu-1/namespace/acme".parse().unwrap();
    let path = ["metadata", "labels", "team"].map(str::to_owned).to_vec();
    world.edit(&address, &Edit::Set { path, value: "red".into() }).unwrap();
    let seen = world.find(&address).unwrap().unwrap();
    assert_eq!(seen.document.str_at(&["metadata", "labels", "team"]), Some("red"));
    assert!(seen.foreign.iter().any(|(_, manager)| manager == crate::kubernetes::EDITOR));
    world.edit(&address, &Edit::Delete).unwrap();
    world.advance(Duration::minutes(1));
    assert_eq!(world.find(&address), Ok(None));
}

#[test]
fn an_auth_method_is_written_with_keys_that_its_cluster_has_to_tell_and_one_that_is_there_needs_nobody() {
    let mut world = world_with(Endpoint::Embedded);
    let silent = Fault::by_hand("api", Some("eu-1")).unwrap();
    let write =
        |world: &mut World| put(world, "vault/auth-method/acme-eu-1", parse(r#"{"config": {"cluster": "eu-1"}, "type": "jwt"}"#));
    world.inject(&silent).unwrap();
    let told = Err(OperationError::NotYet("cluster.eu-1 does not answer".into()));
    assert_eq!(write(&mut world), told);
    world.mend(&silent).unwrap();
    assert!(write(&mut world).unwrap().changed);
    world.inject(&silent).unwrap();
    assert!(!write(&mut world).unwrap().changed);
    apply(&mut world, "vault/mount/acme", "x").unwrap();
}
