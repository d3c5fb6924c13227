//! Virtual time: requests are answered together, watches tell of changes, stops come in between, and nothing hangs.

use crate::common::{addresses, apply, document, look, open, operations, run};
use model::observation::Condition;
use model::{Address, Duration};
use port::{Event, Platform, Request, Stop, Ticket, Until};

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
async fn a_stop_comes_between_two_batches() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    platform.stop_handle().stop(Stop::Cleanly);
    platform.stop_handle().stop(Stop::Now);
    platform.submit(Request::Wake { at: platform.now() + Duration::seconds(1) });
    assert_eq!(platform.next().await.unwrap(), [Event::Stop(Stop::Cleanly), Event::Stop(Stop::Now)]);
    assert_eq!(platform.next().await.unwrap(), [Event::Woken]);
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
