//! Lifecycle policies of OpenSearch: how they are written, and what becomes of them when that is cut off.

use super::SYSTEM;
use super::cut::{Cut, Server, address, mark, retention};
use super::ism::Index;
use crate::elasticsearch::client::Elasticsearch;
use crate::wire::fake::{block_on, wire};
use model::Address;
use model::observation::{Listing, Owner};
use model::operation::{Expectation, Operation, OperationError};
use serde_json::json;
use std::sync::{Arc, Mutex};

/// A server before each way of writing a policy: nothing there, a data stream that stood before it, a policy that is to be changed
/// with indices that live by it and one that does not, and one that is as it is wanted, with indices that no longer live by it.
fn beginnings() -> Vec<(&'static str, Server)> {
    let old = |server: &Server, stream: &str, count: usize| {
        let indices = (1..=count).map(|number| (format!(".ds-{stream}-{number:06}"), Index::default())).collect();
        server.ism.lock().unwrap().streams.insert(stream.to_owned(), indices);
    };
    let stood_before = Server::default();
    old(&stood_before, "a", 1);
    let changed = Server::default();
    old(&changed, "a", 2);
    old(&changed, "a-health", 1);
    changed.apply(30, Expectation::Absent).unwrap();
    changed.ism.lock().unwrap().streams.get_mut("a").unwrap().insert(".ds-a-000003".into(), Index::default());
    let strayed = copy(&changed);
    let index = |name: &str| strayed.ism.lock().unwrap().streams.get_mut("a").unwrap().get_mut(name).unwrap().clone();
    let put = |name: &str, index: Index| {
        strayed.ism.lock().unwrap().streams.get_mut("a").unwrap().insert(name.to_owned(), index);
    };
    put(".ds-a-000001", Index { given_up: Some("it is being snapshotted".into()), ..index(".ds-a-000001") });
    strayed.apply(90, expected(&strayed, 90)).unwrap();
    put(".ds-a-000002", Index { given_up: Some("its disk is full".into()), ..index(".ds-a-000002") });
    put(".ds-a-000003", Index::default());
    vec![("new", Server::default()), ("stood before", stood_before), ("changed", changed), ("strayed", strayed)]
}

/// The same server, for a course of its own.
fn copy(server: &Server) -> Server {
    let ism = server.ism.lock().unwrap().clone();
    Server { ism: Arc::new(Mutex::new(ism)), ..Server::default() }
}

fn expected(server: &Server, days: u32) -> Expectation {
    server.seen(days).map_or(Expectation::Absent, |seen| Expectation::Version(seen.version))
}

#[test]
fn a_policy_reaches_every_index_wherever_its_writing_is_cut_off() {
    for (name, beginning) in beginnings() {
        let whole = copy(&beginning);
        let (_, requests) = whole.asked_of(|| whole.apply(90, expected(&beginning, 90)).unwrap());
        assert!(whole.is_done(90) && whole.looks_done(90), "{name}");
        for (at, arrives) in (0..requests.len()).flat_map(|at| [(at, false), (at, true)]) {
            // The driver tries again; or the engine died, and another one looks and plans.
            for plans_again in [false, true] {
                let server = copy(&beginning);
                let first = expected(&server, 90);
                server.asked.lock().unwrap().clear();
                *server.cut.lock().unwrap() = Some(Cut { at, arrives });
                let failed = server.apply(90, first.clone());
                let what = format!("{name}: {} {arrives} {plans_again}", requests[at]);
                assert!(matches!(failed, Err(OperationError::Unreachable(_))), "{what}: {failed:?}");
                *server.cut.lock().unwrap() = None;
                assert!(!server.looks_done(90) || server.is_done(90), "{what}: looks done, and is not");
                let next = if plans_again { expected(&server, 90) } else { first };
                server.apply(90, next.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
                assert!(server.is_done(90) && server.looks_done(90), "{what}");
                let (again, asked) = server.asked_of(|| server.apply(90, next.clone()).unwrap());
                assert!(!again.changed && asked.iter().all(|asked| asked.starts_with("GET")), "{what}: {asked:?}");
            }
        }
    }
}

#[test]
fn one_that_no_stream_needs_yet_is_written_at_once() {
    let server = Server::default();
    let (made, asked) = server.asked_of(|| server.apply(30, Expectation::Absent).unwrap());
    let policy = "/_plugins/_ism/policies/a";
    let requests = [format!("GET {policy}"), "GET /_data_stream/a".into(), "GET /_data_stream/a-*".into()];
    assert_eq!(asked, [&requests[..], &[format!("PUT {policy}"), format!("GET {policy}")]].concat());
    let (number, sent) = server.ism.lock().unwrap().policies["a"].clone();
    assert_eq!((number, &sent["default_state"]), (1, &json!("hot")));
    assert_eq!(sent["ism_template"], json!([{"index_patterns": ["a", "a-*"], "priority": 500, "last_updated_time": 1}]));
    assert!(sent["description"].as_str().unwrap().starts_with("kept by vamp: {\"platform\":\"acme\""), "{sent}");
    let seen = server.seen(30).unwrap();
    assert_eq!(
        (&seen.owner, &seen.document, &Some(seen.version)),
        (&Owner::Platform("acme".into()), &retention(30), &made.version)
    );
}

#[test]
fn an_index_between_two_states_is_waited_for_and_one_out_of_reach_is_told() {
    let beginnings = beginnings();
    let (_, changed) = &beginnings[2];
    let between = |flag| {
        let mut ism = changed.ism.lock().unwrap();
        ism.streams.get_mut("a").unwrap().get_mut(".ds-a-000001").unwrap().is_between_states = flag;
    };
    between(true);
    let first = expected(changed, 90);
    let Err(OperationError::Busy { message, .. }) = changed.apply(90, first.clone()) else { panic!("not busy") };
    assert!(
        message
            .ends_with(".ds-a-000001 is not given the lifecycle policy a: Cannot change policy while transitioning to new state")
    );
    let half = changed.seen(90).unwrap();
    let told = half.document.str_at(&["policy", "phases"]);
    assert_eq!((told, half.applied.as_deref()), (Some("written, and not yet given to every index that it is for"), Some("")));
    between(false);
    assert!(changed.apply(90, first).unwrap().changed);
    assert!(changed.is_done(90));

    let (_, stood_before) = &beginnings[1];
    let out_of_reach = |flag| {
        let mut ism = stood_before.ism.lock().unwrap();
        ism.streams.get_mut("a").unwrap().get_mut(".ds-a-000001").unwrap().is_closed_to_us = flag;
    };
    out_of_reach(true);
    let Err(OperationError::Refused(why)) = stood_before.apply(30, Expectation::Absent) else { panic!("not refused") };
    assert!(why.contains("of 1 indices of the data stream a") && why.contains("`vamp permissions`"), "{why}");
    assert!(!stood_before.looks_done(30));
}

#[test]
fn what_somebody_writes_meanwhile_is_never_written_over() {
    for (name, beginning) in beginnings() {
        let requests = copy(&beginning);
        let (_, requests) = requests.asked_of(|| requests.apply(90, expected(&beginning, 90)));
        let writes = requests.iter().enumerate().filter(|(_, request)| request.starts_with("PUT"));
        for (at, _) in writes {
            let server = copy(&beginning);
            let first = expected(&server, 90);
            server.asked.lock().unwrap().clear();
            *server.cut.lock().unwrap() = Some(Cut { at, arrives: false });
            // It stops before the write; somebody writes; it goes on with what it has read.
            let theirs = json!({"policy": {"description": "mine", "default_state": "x", "states": [{"name": "x"}]}});
            let by_hand = server.clone();
            let racing = move |request: &http::Request<Vec<u8>>| {
                let is_there = by_hand.asked.lock().unwrap().len() == at;
                if is_there {
                    let mut ism = by_hand.ism.lock().unwrap();
                    ism.counted += 1;
                    let number = ism.counted;
                    ism.policies.insert("a".into(), (number, theirs["policy"].clone()));
                    *by_hand.cut.lock().unwrap() = None;
                }
                by_hand.answer(request)
            };
            let adapter = server.adapter(90);
            let adapter = Elasticsearch::new(wire(SYSTEM, racing), None, adapter.wanted.clone());
            let document = retention(90);
            let mark = mark(&document);
            let operation = Operation::Apply { address: address(), document, mark, expected: first, force: false };
            let stale = block_on(adapter.execute(&operation));
            assert!(matches!(stale, Err(OperationError::Stale { .. })), "{name} {at}: {stale:?}");
            assert_eq!(server.ism.lock().unwrap().policies["a"].1["description"], "mine");
            assert_eq!(server.seen(90).unwrap().owner, Owner::Foreign);
        }
    }
}

#[test]
fn one_that_gets_another_name_is_written_and_then_taken_away_wherever_that_is_cut_off() {
    let beginning = || {
        let server = Server::default();
        server.apply(30, Expectation::Absent).unwrap();
        let mut ism = server.ism.lock().unwrap();
        let old = ism.policies.remove("a").unwrap();
        ism.policies.insert("b".into(), old);
        ism.streams.insert("a".into(), [(".ds-a-000001".to_owned(), Index::default())].into());
        drop(ism);
        server
    };
    let from: Address = format!("{SYSTEM}/lifecycle-policy/b").parse().unwrap();
    let moved = |server: &Server| {
        let Listing::Complete(all) = beginning().list(30) else { panic!("nobody looked") };
        let expected = Expectation::Version(all.get(&from).unwrap().version.clone());
        let (to, document) = (address(), retention(30));
        let mark = mark(&document);
        block_on(server.adapter(30).execute(&Operation::Move { from: from.clone(), to, document, mark, expected }))
    };
    let whole = beginning();
    let (result, requests) = whole.asked_of(|| moved(&whole));
    assert!(result.unwrap().changed && whole.is_done(30) && requests.len() > 8, "{requests:?}");
    for (at, arrives) in (0..requests.len()).flat_map(|at| [(at, false), (at, true)]) {
        let server = beginning();
        server.asked.lock().unwrap().clear();
        *server.cut.lock().unwrap() = Some(Cut { at, arrives });
        assert!(matches!(moved(&server), Err(OperationError::Unreachable(_))), "{}", requests[at]);
        *server.cut.lock().unwrap() = None;
        moved(&server).unwrap_or_else(|error| panic!("{} {arrives}: {error}", requests[at]));
        let names: Vec<String> = server.ism.lock().unwrap().policies.keys().cloned().collect();
        assert_eq!((names, server.is_done(30)), (vec!["a".to_owned()], true), "{} {arrives}", requests[at]);
        assert!(!moved(&server).unwrap().changed);
    }
}
