//! Virtual time: requests are answered together, watches tell of changes, and nothing hangs.

use crate::common::{addresses, apply, document, execute, look, open, operations, run};
use model::observation::Condition;
use model::{Address, Duration};
use port::{Event, Observe, Platform, Request, Ticket, Until};

#[tokio::test]
async fn what_is_asked_at_one_instant_is_answered_in_one_batch_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    for (index, operation) in operations().into_iter().enumerate() {
        platform.submit(Request::Execute { ticket: Ticket(index as u64), operation });
    }
    let before = platform.now();
    let events = platform.next().await.unwrap();
    let tickets: Vec<u64> = events
        .iter()
        .map(|event| match event {
            Event::Executed { ticket, result } if result.is_ok() => ticket.0,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(tickets, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(platform.now(), before + embedded::platform::LATENCY);
}

#[tokio::test]
async fn a_watch_tells_at_once_and_again_when_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let address: Address = "mysql/schema/acme".parse().unwrap();
    platform.submit(Request::Watch { ticket: Ticket(1), address: address.clone(), until: Until::Ready });
    let events = platform.next().await.unwrap();
    assert!(matches!(&events[..], [Event::Readiness { condition: Condition::NotReady(_), .. }]));
    platform.submit(Request::Execute { ticket: Ticket(2), operation: apply(address.as_str(), &document("text", "x")) });
    let events = platform.next().await.unwrap();
    assert!(matches!(&events[1], Event::Readiness { ticket: Ticket(1), condition: Condition::Ready }));
}

#[tokio::test]
async fn a_wake_comes_at_its_instant() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let at = platform.now() + Duration::seconds(30);
    platform.submit(Request::Wake { at });
    assert_eq!(platform.next().await.unwrap(), [Event::Woken]);
    assert_eq!(platform.now(), at);
}

#[tokio::test]
async fn nothing_to_wait_for_is_an_error_and_no_hang() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    platform.submit(Request::Watch { ticket: Ticket(1), address: "mysql/schema/none".parse().unwrap(), until: Until::Ready });
    platform.next().await.unwrap();
    let error = platform.next().await.unwrap_err();
    assert!(error.message.contains("mysql/schema/none cannot become ready"), "{}", error.message);
}

#[tokio::test]
async fn the_same_requests_give_the_same_hash_in_two_files() {
    let directory = tempfile::tempdir().unwrap();
    let mut hashes = Vec::new();
    for name in ["one.db", "two.db"] {
        let mut platform = open(&directory.path().join(name)).await;
        run(&mut platform, &operations()).await.unwrap();
        look(&mut platform).await;
        assert_eq!(addresses(&mut platform).await.len(), 7);
        hashes.push(platform.world().hash());
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn a_deployment_becomes_ready_in_virtual_time_and_its_watch_tells() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    let capacity =
        model::connection::Capacity { nodes: 2, zones: 1, milli_cpu: 4000, memory_bytes: 1 << 34, ..Default::default() };
    let mut cluster = crate::common::connections().remove(0);
    (cluster.system, cluster.capacity) = ("cluster.eu-1".parse().unwrap(), capacity);
    let snapshot = platform.observe(&[cluster], model::Kind::ALL).await.unwrap();
    assert_eq!(snapshot.nodes["eu-1"].len(), 2);
    let deployment = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "default" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "web" } }, "template": {
            "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": "example/web:1" }] } } },
    });
    let address: Address = "cluster.eu-1/deployment/default/web".parse().unwrap();
    let document = std::sync::Arc::new(serde_json::from_value(deployment).unwrap());
    execute(&mut platform, &apply(address.as_str(), &document)).await.unwrap().unwrap();
    let begun = platform.now();
    platform.submit(Request::Watch { ticket: Ticket(9), address, until: Until::Ready });
    let ready = loop {
        match platform.next().await.unwrap().pop() {
            Some(Event::Readiness { ticket: Ticket(9), condition: Condition::Ready }) => break platform.now(),
            Some(Event::Readiness { ticket: Ticket(9), condition: Condition::NotReady(_) }) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(ready.since(begun) < Duration::minutes(2), "{}", ready.since(begun));
}
