//! Lifecycle policies of OpenSearch: how they are written, and what becomes of them when that is cut off.

use super::ism::{Index, Ism};
use super::{Answer, SYSTEM, Wanted};
use crate::elasticsearch::client::{Elasticsearch, authorization};
use crate::wire::fake::{block_on, wire};
use model::observation::{Listing, Observed, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Address, Kind, Value};
use port::Secret;
use serde_json::json;
use std::sync::{Arc, Mutex};

/// What goes wrong with which request: it does not arrive, or its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cut {
    at: usize,
    arrives: bool,
}

/// A server with its index management, and what it was asked.
#[derive(Clone, Default)]
pub(super) struct Server {
    pub(super) ism: Arc<Mutex<Ism>>,
    asked: Arc<Mutex<Vec<String>>>,
    cut: Arc<Mutex<Option<Cut>>>,
}

pub(super) fn value(json: serde_json::Value) -> Arc<Value> {
    Arc::new(serde_json::from_value(json).unwrap())
}

pub(super) fn retention(days: u32) -> Arc<Value> {
    value(json!({"policy": {"phases": {
        "delete": {"actions": {"delete": {}}, "min_age": format!("{days}d")},
        "hot": {"actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": "50gb"}}},
    }}}))
}

pub(super) fn address() -> Address {
    format!("{SYSTEM}/lifecycle-policy/a").parse().unwrap()
}

pub(super) fn mark(document: &Value) -> Mark {
    Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM }
}

impl Server {
    pub(super) fn adapter(&self, days: u32) -> Elasticsearch {
        let server = self.clone();
        let answer = move |request: &http::Request<Vec<u8>>| server.answer(request);
        let template = value(json!({"index_patterns": ["a", "a-*"], "data_stream": {}, "priority": 500,
            "template": {"settings": {"index": {"lifecycle": {"name": "a"}}}}}));
        let template_address = format!("{SYSTEM}/index-template/a").parse().unwrap();
        let wanted: Wanted = [(address(), retention(days)), (template_address, template)].into_iter().collect();
        Elasticsearch::new(wire(SYSTEM, answer), Some(authorization(&Secret::new("u:p".into())).unwrap()), wanted)
    }

    fn answer(&self, request: &http::Request<Vec<u8>>) -> Answer {
        if request.uri().path() == "/" {
            return Answer::json(json!({"cluster_uuid": "u", "version": {"distribution": "opensearch"}}));
        }
        let mut asked = self.asked.lock().unwrap();
        let cut = self.cut.lock().unwrap().filter(|cut| cut.at == asked.len());
        asked.push(format!("{} {}", request.method(), request.uri()));
        if cut.is_some_and(|cut| !cut.arrives) {
            return Answer::Refused;
        }
        let answer = self.ism.lock().unwrap().answer(request).unwrap_or(Answer::Is(404, "{}".into()));
        if cut.is_some() { Answer::BreaksOff } else { answer }
    }

    pub(super) fn apply(&self, days: u32, expected: Expectation) -> Result<Receipt, OperationError> {
        let document = retention(days);
        let mark = mark(&document);
        let operation = Operation::Apply { address: address(), document, mark, expected, force: false };
        block_on(self.adapter(days).execute(&operation))
    }

    pub(super) fn list(&self, days: u32) -> Listing {
        block_on(self.adapter(days).list(Kind::LifecyclePolicy))
    }

    pub(super) fn seen(&self, days: u32) -> Option<Observed> {
        match self.list(days) {
            Listing::Complete(all) => all.get(&address()).cloned(),
            other => panic!("{other:?}"),
        }
    }

    /// What it is asked from now on.
    pub(super) fn asked_of<T>(&self, done: impl FnOnce() -> T) -> (T, Vec<String>) {
        self.asked.lock().unwrap().clear();
        let result = done();
        (result, self.asked.lock().unwrap().clone())
    }

    /// Whether the policy is as it is wanted, as far as anybody can see who looks.
    fn looks_done(&self, days: u32) -> bool {
        let digest = retention(days).digest();
        self.seen(days).is_some_and(|seen| seen.document == retention(days) && seen.applied.as_ref() == Some(&digest))
    }

    /// Whether all indices live by the policy as it is wanted.
    fn is_done(&self, days: u32) -> bool {
        let ism = self.ism.lock().unwrap();
        let age = |states: &serde_json::Value| {
            states[0]["transitions"][0]["conditions"]["min_rollover_age"].as_str() == Some(&format!("{days}d"))
        };
        ism.policies.get("a").is_some_and(|(_, policy)| age(&policy["states"]))
            && ism.streams.values().flat_map(|indices| indices.values()).all(|index| index.copy.as_ref().is_some_and(age))
    }
}

/// A server before each way of writing a policy: nothing there, a data stream that stood before it, a policy that is to be changed
/// with indices that live by it and one that does not.
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
    vec![("new", Server::default()), ("stood before", stood_before), ("changed", changed)]
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
    let (_, changed) = beginnings.last().unwrap();
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
