//! Requests of one cell through losses, and the documents about them.

use super::agents::{events, serving};
use super::clusters::*;
use super::*;
use crate::kept::tests::{document, mark};
use crate::traffic::{AuditGap, Requests};
use model::load::{CellLoad, Load, Sink};

const TARGET: &str = "web.acme.svc.cluster.local:80";

fn load(requests_per_second: u64) -> Load {
    let cell = CellLoad {
        tenant: "shop".into(),
        environment: "production".into(),
        cluster: "eu-1".into(),
        namespace: "acme".into(),
        millirequests_per_second: requests_per_second * 1000,
        traffic_sink: "central".into(),
        audit_sink: "central".into(),
    };
    let sink = Sink { cluster: "eu-1".into(), url: "http://central".into(), name: "central".into() };
    Load { cells: vec![cell], sinks: vec![sink] }
}

/// Two agents that serve one gateway, and a hundred requests a second.
pub(super) fn busy() -> World {
    let mut world = serving();
    world.furnish(&[connection("elasticsearch.central", Endpoint::Embedded)]);
    keep_directory(&mut world);
    publish_gateway(&mut world, "storefront");
    world.advance(Duration::minutes(10));
    world.declare(&load(100));
    world.advance(Duration::seconds(1));
    world
}

fn requests(world: &World) -> Requests {
    world.cells()[0].requests
}

/// What became of the requests of so much time.
fn during(world: &mut World, length: Duration) -> Requests {
    let before = requests(world);
    world.advance(length);
    let after = requests(world);
    assert_eq!(after.offered, after.served + after.failed + after.lost + after.misrouted);
    Requests {
        offered: after.offered - before.offered,
        served: after.served - before.served,
        stale: after.stale - before.stale,
        failed: after.failed - before.failed,
        lost: after.lost - before.lost,
        misrouted: after.misrouted - before.misrouted,
    }
}

#[test]
fn while_all_is_well_every_request_is_served_and_none_is_an_event() {
    let mut world = busy();
    assert_eq!(during(&mut world, Duration::minutes(1)), Requests { offered: 6000, served: 6000, ..Requests::default() });
    let before = requests(&world).served;
    assert_eq!(events(&mut world, Duration::minutes(60 * 24 * 30)), 0);
    assert_eq!(requests(&world).served - before, 100 * 3600 * 24 * 30);
}

#[test]
fn requests_go_astray_only_until_the_balancer_notices_a_dead_node_and_none_is_lost() {
    let mut world = busy();
    let node = world.cells()[0].agents[0].node.clone().unwrap();
    world.inject(&Fault::by_hand("node", Some(&format!("eu-1/{node}"))).unwrap()).unwrap();
    let first = during(&mut world, Duration::minutes(2));
    // Three checks of which the first comes within ten seconds, and five seconds for the last: half of the requests of 25 to 35 s.
    assert!((1_250..=1_750).contains(&first.misrouted), "{first:?}");
    assert_eq!((first.lost, first.failed, first.served), (0, 0, 12_000 - first.misrouted));
    assert_eq!(during(&mut world, Duration::minutes(20)).misrouted, 0);
    assert_eq!(world.cells()[0].agents.iter().filter(|agent| agent.balanced).count(), 2);
}

#[test]
fn an_agent_that_is_asked_to_go_leaves_the_balancer_before_it_stops() {
    let mut world = busy();
    keep_directory_of(&mut world, "example/gateway-agent:2");
    let rolled = during(&mut world, Duration::minutes(5));
    assert_eq!(rolled.served, 30_000, "{rolled:?}");
}

#[test]
fn what_goes_by_an_old_configuration_is_served_and_counted_as_stale() {
    let mut world = busy();
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    assert_eq!(during(&mut world, Duration::minutes(1)).stale, 0);
    world.mend(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::minutes(1));
    publish_gateway(&mut world, "storefront");
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    let frozen = during(&mut world, Duration::minutes(1));
    assert_eq!((frozen.served, frozen.stale), (6000, 0), "the same entry is the same revision");
    world.mend(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::minutes(1));
    publish_gateways(&mut world, &["storefront", "checkout"]);
    world.inject(&Fault::by_hand("vault", None).unwrap()).unwrap();
    let frozen = during(&mut world, Duration::minutes(1));
    assert_eq!((frozen.served, frozen.stale), (6000, 6000));
    world.mend(&Fault::by_hand("vault", None).unwrap()).unwrap();
    world.advance(Duration::seconds(5));
    assert_eq!(during(&mut world, Duration::minutes(1)).stale, 0);
}

#[test]
fn a_route_without_a_target_answers_503_until_there_is_one_again() {
    let mut world = busy();
    assert!(world.set_target("eu-1", "acme", TARGET, false) && !world.set_target("eu-1", "acme", TARGET, false));
    assert_eq!(during(&mut world, Duration::minutes(1)), Requests { offered: 6000, failed: 6000, ..Requests::default() });
    assert!(world.set_target("eu-1", "acme", TARGET, true));
    assert_eq!(during(&mut world, Duration::minutes(1)).served, 6000);
}

#[test]
fn without_any_agent_every_request_is_lost() {
    let mut world = busy();
    world.inject(&Fault::by_hand("cluster", Some("eu-1")).unwrap()).unwrap();
    let all = during(&mut world, Duration::minutes(10));
    assert!(all.misrouted <= 3_600 && all.lost == all.offered - all.misrouted, "{all:?}");
    world.mend(&Fault::by_hand("cluster", Some("eu-1")).unwrap()).unwrap();
    world.advance(Duration::minutes(2));
    assert_eq!(during(&mut world, Duration::minutes(1)).served, 6000);
}

/// A Service that leads to the agents by these ports.
fn lead(world: &mut World, ports: &[u16]) {
    let ports: Vec<String> = ports.iter().map(|port| format!(r#"{{"name": "p{port}", "port": {port}}}"#)).collect();
    let document = format!(
        r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "gateway-agent", "namespace": "acme"}},
            "spec": {{"selector": {{"app.kubernetes.io/name": "gateway-agent"}}, "ports": [{}]}}}}"#,
        ports.join(", ")
    );
    put(world, "cluster.eu-1/service/acme/gateway-agent", parse(&document)).unwrap();
}

#[test]
fn requests_for_a_gateway_whose_port_was_closed_are_lost_unless_it_was_taken_out_as_well() {
    let mut world = busy();
    publish_gateways(&mut world, &["storefront", "checkout"]);
    world.advance(Duration::seconds(5));
    assert_eq!(during(&mut world, Duration::minutes(1)).served, 6000, "nobody asks where there never was a door");
    lead(&mut world, &[8080, 8081]);
    assert_eq!(during(&mut world, Duration::minutes(1)).served, 6000);
    lead(&mut world, &[8080]);
    let closed = during(&mut world, Duration::minutes(1));
    assert_eq!((closed.served, closed.lost), (3000, 3000));
    lead(&mut world, &[8080, 8081]);
    assert_eq!(during(&mut world, Duration::minutes(1)).lost, 0);
    publish_gateway(&mut world, "storefront");
    lead(&mut world, &[8080]);
    assert_eq!(during(&mut world, Duration::minutes(1)).lost, 0, "it was taken out");
}

#[test]
fn a_cluster_whose_nodes_nobody_hears_of_serves_on() {
    let mut world = busy();
    for node in ["node-1", "node-2", "node-3"] {
        let fault = crate::kubernetes::NodeFault::Partitioned;
        world.in_cluster("eu-1", |cluster, context| cluster.fail_node(node, fault, context));
    }
    let cut = during(&mut world, Duration::minutes(10));
    assert!(world.cells()[0].agents.iter().all(|agent| !agent.available && agent.serving));
    assert_eq!(cut.served, 60_000, "{cut:?}");
}

#[test]
fn documents_wait_while_elasticsearch_is_away_and_none_is_lost_unseen() {
    let mut world = busy();
    assert_eq!(world.cells()[0].documents.stored.get("central").copied().unwrap_or_default() % 50, 0);
    world.advance(Duration::minutes(1));
    world.inject(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(Duration::minutes(10));
    let cell = world.cells().remove(0);
    assert!(cell.documents.buffered >= 60_000 && cell.documents.lost == 0, "{:?}", cell.documents);
    world.mend(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(gateway_agent::SHIPPING);
    let cell = world.cells().remove(0);
    assert!(cell.documents.buffered <= 1_000, "{:?}", cell.documents);
    assert_eq!(cell.documents.stored["central"] + cell.documents.buffered, cell.requests.served);
    // Ninety minutes are more than the buffers of two agents hold.
    world.inject(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(Duration::minutes(90));
    let cell = world.cells().remove(0);
    assert_eq!(cell.documents.buffered, 2 * gateway_agent::BUFFER);
    let known = cell.documents.stored["central"] + cell.documents.buffered + cell.documents.lost;
    assert_eq!(known, cell.requests.served + cell.requests.failed);
}

#[test]
fn an_agent_that_is_asked_to_go_waits_for_a_log_store_as_long_as_its_pod_may() {
    // Its pod is killed after thirty seconds.
    for (away, is_lost) in [(20, false), (40, true)] {
        let mut world = busy();
        world.inject(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
        world.advance(Duration::seconds(30));
        let node = world.cells()[0].agents[0].node.clone().unwrap();
        world.inject(&Fault::by_hand("node-drained", Some(&format!("eu-1/{node}"))).unwrap()).unwrap();
        world.advance(Duration::seconds(away));
        world.mend(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
        world.advance(gateway_agent::SHIPPING);
        let cell = world.cells().remove(0);
        assert_eq!(cell.documents.lost > 0, is_lost, "{away} s: {:?}", cell.documents);
        assert_eq!(cell.agents.len(), 2, "it is not waited for any longer");
    }
}

#[test]
fn changes_through_the_engine_are_audited_and_a_time_without_the_sink_is_a_recorded_gap() {
    let mut world = busy();
    let change = |world: &mut World, text: &str| {
        let document = document(text);
        let mut mark = mark(&document);
        mark.scope.tenant = Some("shop".into());
        mark.scope.environment = Some("production".into());
        let address = "vault/kv/acme/shop/production/x".parse().unwrap();
        world.execute(&Operation::Apply { address, mark, document, expected: Expectation::Unseen, force: false }).unwrap();
    };
    change(&mut world, "one");
    change(&mut world, "one");
    let down = world.now();
    world.inject(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    world.advance(Duration::minutes(3));
    change(&mut world, "two");
    world.advance(Duration::minutes(1));
    let up = world.now();
    world.mend(&Fault::by_hand("elasticsearch", Some("central")).unwrap()).unwrap();
    let address: Address = "vault/kv/acme/shop/production/x".parse().unwrap();
    world.execute(&Operation::Delete { address, expected: Expectation::Unseen, with_data: false }).unwrap();
    let (sink, log) = world.audit().next().unwrap();
    assert_eq!((sink.as_str(), log.stored["shop/production"], log.lost["shop/production"]), ("central", 2, 1));
    assert_eq!(log.gaps, [AuditGap { from: down, until: Some(up) }]);
}

#[test]
fn accounts_that_were_kept_in_the_middle_go_on_to_the_same_counts() {
    let finish = |world: &mut World| {
        world.advance(Duration::seconds(21));
        world.mend(&Fault::by_hand("node", Some("eu-1/node-1")).unwrap()).unwrap();
        world.advance(Duration::minutes(7));
    };
    let build = || {
        let mut world = busy();
        world.inject(&Fault::by_hand("node", Some("eu-1/node-1")).unwrap()).unwrap();
        world.advance(Duration::seconds(4));
        world
    };
    let (mut whole, mut halved) = (build(), build());
    let mut restored = World::new(0);
    for record in halved.drain_changes() {
        if let Some(value) = record.value {
            restored.restore(record.table, &record.key, &value).unwrap();
        }
    }
    restored.restored();
    finish(&mut whole);
    finish(&mut restored);
    assert_eq!(restored.cells(), whole.cells());
    assert_eq!(restored.hash(), whole.hash());
}
