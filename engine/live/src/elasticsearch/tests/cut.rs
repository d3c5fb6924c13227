//! A server with its index management, whose requests can be cut off, and the adapter that asks it.

use super::ism::Ism;
use super::{Answer, SYSTEM, Wanted};
use crate::elasticsearch::client::{Elasticsearch, authorization};
use crate::wire::fake::{block_on, wire};
use model::observation::{Listing, Observed};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Address, Kind, Value};
use port::Secret;
use serde_json::json;
use std::sync::{Arc, Mutex};

/// What goes wrong with which request: it does not arrive, or its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) at: usize,
    pub(super) arrives: bool,
}

/// A server with its index management, and what it was asked.
#[derive(Clone, Default)]
pub(super) struct Server {
    pub(super) ism: Arc<Mutex<Ism>>,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
    pub(super) cut: Arc<Mutex<Option<Cut>>>,
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

    pub(super) fn answer(&self, request: &http::Request<Vec<u8>>) -> Answer {
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
    pub(super) fn looks_done(&self, days: u32) -> bool {
        let digest = retention(days).digest();
        self.seen(days).is_some_and(|seen| seen.document == retention(days) && seen.applied.as_ref() == Some(&digest))
    }

    /// Whether all indices live by the policy as it is wanted.
    pub(super) fn is_done(&self, days: u32) -> bool {
        let ism = self.ism.lock().unwrap();
        let age = |states: &serde_json::Value| {
            states[0]["transitions"][0]["conditions"]["min_rollover_age"].as_str() == Some(&format!("{days}d"))
        };
        ism.policies.get("a").is_some_and(|(_, policy)| age(&policy["states"]))
            && ism
                .streams
                .values()
                .flat_map(|indices| indices.values())
                .all(|index| index.copy.as_ref().is_some_and(age) && index.policy == "a" && index.given_up.is_none())
    }
}
