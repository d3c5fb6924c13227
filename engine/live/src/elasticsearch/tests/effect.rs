//! An Elasticsearch that does not live by its policies: stopped as a whole, or with an action that fails. It is told of each policy that is ours.

use super::{Answer, SYSTEM, document};
use crate::elasticsearch::client::{Elasticsearch, authorization};
use crate::wire::fake::{block_on, wire};
use model::Kind;
use model::observation::{Condition, Gap, Listing};
use model::operation::Mark;
use model::resource::Scope;
use port::Secret;
use serde_json::{Value, json};
use std::sync::Arc;

/// With the policies a and b, which are ours, and one of somebody else; and what is to live by b, if anything is.
fn server(status: Value, explained: Value, living: bool) -> Elasticsearch {
    let mark = Mark { platform: "acme".into(), applied: document(Kind::LifecyclePolicy).digest(), scope: Scope::PLATFORM };
    let ours = json!({"policy": {"_meta": {"vamp": serde_json::to_value(mark).unwrap()}, "phases": {}}});
    let policies = json!({"a": ours, "b": ours, "theirs": {"policy": {"phases": {}}}});
    let wire = wire(SYSTEM, move |request| match request.uri().to_string().as_str() {
        "/" => Answer::json(json!({"cluster_uuid": "u", "version": {"number": "9.5.0", "build_flavor": "default"}})),
        "/_ilm/policy" => Answer::json(policies.clone()),
        "/_ilm/status" => Answer::json(status.clone()),
        "/*/_ilm/explain?only_errors=true" => Answer::json(explained.clone()),
        other => panic!("{other}"),
    });
    let template =
        json!({"index_patterns": ["b"], "data_stream": {}, "template": {"settings": {"index": {"lifecycle": {"name": "b"}}}}});
    let template = (format!("{SYSTEM}/index-template/b").parse().unwrap(), Arc::new(serde_json::from_value(template).unwrap()));
    let wanted = [template].into_iter().filter(|_| living).collect();
    Elasticsearch::new(wire, Some(authorization(&Secret::new("u:p".into())).unwrap()), wanted)
}

fn looked(server: &Elasticsearch) -> Result<Vec<(String, Condition)>, Gap> {
    match block_on(server.list(Kind::LifecyclePolicy)) {
        Listing::Complete(all) => {
            Ok(all.iter().map(|(address, seen)| (address.key().to_owned(), seen.condition.clone())).collect())
        }
        Listing::Unknown(gap) => Err(gap),
    }
}

fn conditions(status: Value, explained: Value) -> Vec<(String, Condition)> {
    looked(&server(status, explained, true)).unwrap()
}

fn running() -> Value {
    json!({"operation_mode": "RUNNING"})
}

/// An index on which something fails, as a server of 8.17 tells it.
fn failing(policy: &str, reason: &str) -> Value {
    json!({"index": "i", "managed": true, "policy": policy, "phase": "hot", "action": "rollover", "step": "ERROR",
        "failed_step": "check-rollover-ready", "is_auto_retryable_error": true, "failed_step_retry_count": 3,
        "step_info": {"type": "illegal_argument_exception", "reason": reason}})
}

#[test]
fn while_all_is_stopped_no_policy_does_its_work() {
    for mode in ["STOPPED", "STOPPING"] {
        let why = format!(
            "{SYSTEM} (https://server.test) lives by no lifecycle policy ({mode}, after POST /_ilm/stop): no index is rolled over, no document \
             goes at its age"
        );
        let failed = Condition::Failed(why);
        let expected = [("a".to_owned(), failed.clone()), ("b".to_owned(), failed)];
        assert_eq!(conditions(json!({"operation_mode": mode}), json!({"indices": {}})), expected);
    }
}

#[test]
fn an_action_that_fails_is_told_of_its_policy_with_the_servers_own_reason() {
    let ready = |name: &str| (name.to_owned(), Condition::Ready);
    assert_eq!(conditions(running(), json!({"indices": {}})), [ready("a"), ready("b")]);
    let full = failing("b", "too many shards");
    let one = conditions(running(), json!({"indices": {".ds-b-2": full, ".ds-x-1": failing("theirs", "?")}}));
    let told = |why: &str| ("b".to_owned(), Condition::Failed(why.to_owned()));
    assert_eq!(one, [ready("a"), told("it fails on .ds-b-2, rollover: too many shards")]);
    let two = conditions(running(), json!({"indices": {".ds-b-2": full, ".ds-b-1": {"policy": "b", "step": "ERROR"}}}));
    assert_eq!(two, [ready("a"), told("it fails on 2 indices, .ds-b-1 first, the server does not say why")]);
}

#[test]
fn what_says_nothing_of_either_was_no_look() {
    for (status, explained, of) in
        [(json!({}), json!({"indices": {}}), "whether it lives by"), (running(), json!([]), "which lifecycle actions fail")]
    {
        let gap = looked(&server(status, explained, true)).unwrap_err();
        assert!(gap.to_string().contains(of), "{gap}");
    }
}

#[test]
fn where_nothing_is_to_live_by_a_policy_no_index_is_asked_for() {
    let forbidden = server(running(), json!("who may not ask would not get this far"), false);
    assert!(looked(&forbidden).unwrap().iter().all(|(_, condition)| *condition == Condition::Ready));
}
