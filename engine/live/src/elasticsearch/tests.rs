//! Elasticsearch as a function, in both its kinds.

use super::client::{Elasticsearch, authorization};
use crate::wanted::Wanted;
use crate::wire::fake::{Answer, block_on, wire};
use http::Request;
use model::observation::{Gap, Listing};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Kind, Value};
use port::Secret;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[path = "tests/astray.rs"]
mod astray;
#[path = "tests/audit.rs"]
mod audit;
#[path = "tests/bench.rs"]
mod bench;
#[path = "tests/cut.rs"]
mod cut;
#[path = "tests/effect.rs"]
mod effect;
#[path = "tests/ism.rs"]
mod ism;
#[path = "tests/lifecycle.rs"]
mod lifecycle;
#[path = "tests/policies.rs"]
mod policies;
#[path = "tests/refusals.rs"]
mod refusals;
#[path = "tests/strays.rs"]
mod strays;
#[path = "tests/turns.rs"]
mod turns;

const SYSTEM: &str = "elasticsearch.central";

fn asked(answer: impl Fn(&Request<Vec<u8>>) -> Answer + Clone + Send + 'static) -> Elasticsearch {
    Elasticsearch::new(wire(SYSTEM, answer), Some(authorization(&Secret::new("u:p".into())).unwrap()), Wanted::default())
}

/// A server that keeps what it is sent, in one shelf a path.
fn keeping(distribution: &'static str) -> Elasticsearch {
    let kept: Arc<Mutex<BTreeMap<String, serde_json::Value>>> = Arc::default();
    let ism: Arc<Mutex<ism::Ism>> = Arc::default();
    asked(move |request| {
        let mut kept = kept.lock().unwrap();
        if distribution == "opensearch"
            && let Some(answer) = ism.lock().unwrap().answer(request)
        {
            return answer;
        }
        let path = request.uri().path().to_owned();
        let (shelf, name) = path.rsplit_once('/').unwrap();
        match (request.method().as_str(), kept.get(&path)) {
            ("GET", _) if path == "/" => Answer::json(
                json!({"cluster_uuid": "u", "version": {"number": if distribution == "opensearch" { "2.19.1" } else { "8.19.0" }, "distribution": distribution}}),
            ),
            ("GET", _) if path == "/_data_stream" => {
                let streams = kept.iter().filter(|(path, _)| path.starts_with("/_data_stream/"));
                Answer::json(json!({"data_streams": streams.map(|(_, stream)| stream).collect::<Vec<_>>()}))
            }
            ("GET", _) if path == "/_index_template" => {
                let named = kept.iter().filter_map(|(path, found)| Some((path.strip_prefix("/_index_template/")?, found)));
                let all: Vec<_> = named.map(|(name, found)| json!({"name": name, "index_template": found})).collect();
                Answer::json(json!({"index_templates": all}))
            }
            ("GET", Some(found)) if shelf == "/_index_template" => {
                Answer::json(json!({"index_templates": [{"name": name, "index_template": found}]}))
            }
            ("GET", Some(found)) => Answer::json(json!({name: found})),
            ("PUT", _) => {
                kept.insert(path, serde_json::from_slice(request.body()).unwrap());
                Answer::json(json!({"acknowledged": true}))
            }
            ("DELETE", Some(_)) => {
                kept.remove(&path);
                Answer::json(json!({"acknowledged": true}))
            }
            _ => Answer::Is(404, json!({"error": {"type": "missing", "reason": name}, "status": 404}).to_string()),
        }
    })
}

fn document(kind: Kind) -> Arc<Value> {
    let json = match kind {
        Kind::LifecyclePolicy => json!({"policy": {"phases": {"delete": {"min_age": "30d", "actions": {"delete": {}}}}}}),
        Kind::IndexTemplate => json!({"index_patterns": ["a"], "data_stream": {}, "priority": 500,
            "template": {"settings": {"index": {"number_of_replicas": "0"}}, "mappings": {"dynamic": false,
                "properties": {"@timestamp": {"type": "date"}, "took": {"properties": {"total": {"type": "long"}}}}}}}),
        _ => json!({"cluster": ["monitor"], "indices": [{"names": ["a", "a-*"],
            "privileges": ["auto_configure", "create_doc", "view_index_metadata"]}]}),
    };
    Arc::new(serde_json::from_value(json).unwrap())
}

fn operation(kind: Kind, expected: Expectation) -> Operation {
    let document = document(kind);
    let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
    Operation::Apply { address: format!("{SYSTEM}/{kind}/a").parse().unwrap(), document, mark, expected, force: false }
}

fn apply(server: &Elasticsearch, kind: Kind, expected: Expectation) -> Result<Receipt, OperationError> {
    block_on(server.execute(&operation(kind, expected)))
}

#[test]
fn each_kind_is_made_known_again_and_taken_away() {
    for distribution in ["elasticsearch", "opensearch"] {
        let server = keeping(distribution);
        for kind in [Kind::LifecyclePolicy, Kind::IndexTemplate, Kind::SearchRole] {
            let made = apply(&server, kind, Expectation::Absent).unwrap();
            assert!(made.changed, "{distribution} {kind}");
            let again = apply(&server, kind, Expectation::Absent).unwrap();
            assert_eq!(again, Receipt { changed: false, ..made.clone() }, "{distribution} {kind}");
            let address = format!("{SYSTEM}/{kind}/a").parse().unwrap();
            let wrong = Operation::Delete { address, expected: Expectation::Version("0".into()), with_data: false };
            assert!(matches!(block_on(server.execute(&wrong)), Err(OperationError::Stale { .. })));
            let address = format!("{SYSTEM}/{kind}/a").parse().unwrap();
            let right = Operation::Delete { address, expected: Expectation::Version(made.version.unwrap()), with_data: false };
            assert!(block_on(server.execute(&right)).unwrap().changed);
            assert!(!block_on(server.execute(&right)).unwrap().changed);
        }
    }
}

#[test]
fn a_template_is_seen_with_its_data_streams_which_go_with_it_only_where_that_is_said() {
    let server = keeping("elasticsearch");
    let made = apply(&server, Kind::IndexTemplate, Expectation::Absent).unwrap();
    for (stream, template) in [("a-2", "a"), ("a-1", "a"), ("b", "b")] {
        let stream = serde_json::from_value(json!({"name": stream, "template": template})).unwrap();
        let path = format!("/_data_stream/{}", Value::str_at(&stream, &["name"]).unwrap());
        block_on(server.ask(http::Method::PUT, &path, Some(&stream))).unwrap();
    }
    let streams = || block_on(server.streams()).unwrap().remove("a").unwrap_or_default();
    let Listing::Complete(seen) = block_on(server.list(Kind::IndexTemplate)) else { panic!("nobody looked") };
    assert_eq!(seen.values().map(|seen| seen.streams.clone()).collect::<Vec<_>>(), [["a-1", "a-2"]]);
    let delete = |expected, with_data| {
        let address = format!("{SYSTEM}/index-template/a").parse().unwrap();
        block_on(server.execute(&Operation::Delete { address, expected, with_data }))
    };
    assert!(matches!(delete(Expectation::Version("0".into()), true), Err(OperationError::Stale { .. })));
    assert_eq!(streams().len(), 2, "what is refused takes nothing away");
    assert!(delete(Expectation::Version(made.version.clone().unwrap()), false).unwrap().changed);
    assert_eq!(streams().len(), 2);
    let made = apply(&server, Kind::IndexTemplate, Expectation::Absent).unwrap();
    assert!(delete(Expectation::Version(made.version.unwrap()), true).unwrap().changed);
    assert_eq!(streams(), Vec::<&str>::new());
    assert!(block_on(server.streams()).unwrap().contains_key("b"));
}

#[test]
fn what_somebody_added_to_a_role_a_policy_or_a_template_is_taken_away_with_the_next_write() {
    let added = [
        (Kind::SearchRole, "/_security/role/a", vec!["run_as"], json!(["elastic"])),
        (Kind::LifecyclePolicy, "/_ilm/policy/a", vec!["policy", "phases", "frozen"], json!({"min_age": "1d", "actions": {}})),
        (
            Kind::IndexTemplate,
            "/_index_template/a",
            vec!["template", "mappings", "properties", "took", "properties", "payload"],
            json!({"type": "text"}),
        ),
    ];
    for (kind, path, place, value) in added {
        let server = keeping("elasticsearch");
        apply(&server, kind, Expectation::Absent).unwrap();
        let mut by_hand = serde_json::from_value(shown(kind)).unwrap();
        Value::set(&mut by_hand, &place, serde_json::from_value::<Value>(value).unwrap());
        block_on(server.ask(http::Method::PUT, path, Some(&by_hand))).unwrap();
        let address: model::Address = format!("{SYSTEM}/{kind}/a").parse().unwrap();
        let seen = || block_on(server.thing(&address, Some(&document(kind)))).unwrap().unwrap();
        let there = seen();
        assert!(there.document.at(&place).is_some(), "{kind}: it is shown");
        assert!(apply(&server, kind, Expectation::Version(there.version())).unwrap().changed, "{kind}");
        assert!(seen().document.at(&place).is_none(), "{kind}");
        assert!(!apply(&server, kind, Expectation::Version(seen().version())).unwrap().changed, "{kind}");
    }
}

/// A template and a role as an Elasticsearch 9.5.0 shows them, whose licence and clock say more of them than whoever wrote them.
#[test]
fn a_version_moves_with_what_somebody_wrote_and_not_with_the_servers_own_bookkeeping() {
    let template = |modified: u64, priority: u64| {
        json!({"index_templates": [{"name": "a", "index_template": {"index_patterns": ["a"],
            "template": {"settings": {"index": {"lifecycle": {"name": "a"}, "number_of_replicas": "0"}}}, "composed_of": [],
            "priority": priority, "data_stream": {"hidden": false, "allow_custom_routing": false},
            "created_date_millis": 1_795_834_816_770_u64, "modified_date_millis": modified}}]})
    };
    let role = |enabled: bool, privilege: &str| {
        json!({"a": {"cluster": ["monitor"], "indices": [{"names": ["a", "a-*"], "privileges": [privilege],
            "allow_restricted_indices": false}], "applications": [], "run_as": [], "metadata": {}, "transient_metadata": {"enabled": enabled}}})
    };
    let version = |kind, answer: serde_json::Value| {
        let seen = super::documents::read(kind, false, serde_json::from_value(answer).unwrap(), |_| None);
        seen["a"].version()
    };
    let written = version(Kind::IndexTemplate, template(1_795_834_816_770, 500));
    assert_eq!(version(Kind::IndexTemplate, template(1_795_835_720_006, 500)), written, "changed, and changed back");
    assert_ne!(version(Kind::IndexTemplate, template(1_795_834_816_770, 501)), written);
    let written = version(Kind::SearchRole, role(true, "create_doc"));
    assert_eq!(version(Kind::SearchRole, role(false, "create_doc")), written);
    assert_ne!(version(Kind::SearchRole, role(true, "read")), written);
}

#[test]
fn who_may_not_see_the_data_streams_does_not_know_what_a_template_bears() {
    let server = asked(move |request| match request.uri().path() {
        "/" => Answer::json(json!({"cluster_uuid": "u", "version": {"number": "8.19.0"}})),
        "/_data_stream" => {
            let error = json!({"type": "security_exception", "reason": "no permissions for [indices:admin/data_stream/get]"});
            Answer::Is(403, json!({"error": error, "status": 403}).to_string())
        }
        _ => {
            let body = shown(Kind::IndexTemplate);
            Answer::json(json!({"index_templates": [{"name": "a", "index_template": body}]}))
        }
    });
    let Listing::Unknown(gap) = block_on(server.list(Kind::IndexTemplate)) else { panic!("nothing is known") };
    assert!(gap.to_string().contains("data_stream/get"), "{gap}");
}

/// What a server shows of the object of a kind.
fn shown(kind: Kind) -> serde_json::Value {
    let Operation::Apply { document, mark, .. } = operation(kind, Expectation::Unseen) else { panic!("no document") };
    let body = super::documents::body(kind, false, &document, &mark).unwrap();
    serde_json::from_str(&body.to_string()).unwrap()
}

#[test]
fn each_answer_becomes_what_a_step_has_to_know() {
    let error = |status: u16, kind: &'static str, reason: &'static str| {
        let server = asked(move |request| match request.uri().path() {
            "/" => Answer::json(json!({"cluster_uuid": "u", "version": {"number": "8.19.0"}})),
            _ => Answer::Is(status, json!({"error": {"type": kind, "reason": reason}, "status": status}).to_string()),
        });
        apply(&server, Kind::IndexTemplate, Expectation::Unseen).unwrap_err()
    };
    assert!(matches!(error(429, "rejected", "too many"), OperationError::Busy { .. }));
    assert!(matches!(error(503, "master_not_discovered_exception", ""), OperationError::Busy { .. }));
    let full = error(403, "cluster_block_exception", "blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];");
    assert!(matches!(&full, OperationError::Refused(why) if why.ends_with("make room on it")), "{full}");
    let forbidden = error(403, "security_exception", "no permissions for [indices:admin/index_template/put]").to_string();
    assert_eq!(
        forbidden,
        "elasticsearch.central (https://server.test) answers 403: security_exception: no permissions for \
         [indices:admin/index_template/put]; `vamp permissions` prints the role that vamp needs"
    );
    assert!(matches!(error(500, "x", "y"), OperationError::Unreachable(_)));
}

#[test]
fn one_that_is_too_old_is_told_with_the_release_that_it_takes() {
    let told = |number: &'static str| {
        let server =
            asked(move |_| Answer::json(json!({"cluster_uuid": "u", "version": {"number": number, "build_flavor": "default"}})));
        block_on(server.identity())
    };
    for new_enough in ["7.14.0", "7.17.29", "8.0.0-rc1", "9.5.0-SNAPSHOT", "serverless"] {
        assert_eq!(told(new_enough), Ok("u".to_owned()), "{new_enough}");
    }
    for too_old in ["7.13.4", "6.8.23"] {
        let said = format!(
            "elasticsearch.central (https://server.test) is Elasticsearch {too_old}; from 7.14 on a lifecycle policy says whose it is: upgrade it"
        );
        assert_eq!(told(too_old), Err(Gap::Unavailable(said)));
    }
}

/// An Elasticsearch 9.5.0 says so for the first three to eleven seconds after its port is open, to whomever, until its index of users is there.
const NOBODY_IS_KNOWN: &str = r#"{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user [u] for REST request [/_index_template/a]","header":{"WWW-Authenticate":["Bearer realm=\"security\"","ApiKey","Basic realm=\"security\", charset=\"UTF-8\""]}}],"type":"security_exception","reason":"unable to authenticate user [u] for REST request [/_index_template/a]","header":{"WWW-Authenticate":["Bearer realm=\"security\"","ApiKey","Basic realm=\"security\", charset=\"UTF-8\""]}},"status":401}"#;

#[test]
fn whoever_was_let_in_before_is_asked_to_wait_by_a_server_that_has_just_started() {
    let started = |knows_at_first: bool| {
        asked(move |request| match request.uri().path() {
            "/" if knows_at_first => Answer::json(json!({"cluster_uuid": "u", "version": {"number": "9.5.0"}})),
            _ => Answer::Is(401, NOBODY_IS_KNOWN.into()),
        })
    };
    let waits = apply(&started(true), Kind::IndexTemplate, Expectation::Unseen).unwrap_err();
    assert!(
        matches!(&waits, OperationError::Busy { message, .. } if message.ends_with("when it has only just started")),
        "{waits}"
    );
    let refused = apply(&started(false), Kind::IndexTemplate, Expectation::Unseen).unwrap_err();
    assert!(
        matches!(&refused, OperationError::Refused(why) if why.contains("check the credentials that the spec names")),
        "{refused}"
    );
    let Err(Gap::Unreachable(why)) = block_on(started(false).identity()) else { panic!("no gap") };
    assert!(why.ends_with("; check the credentials that the spec names, unless it has only just started"), "{why}");
}

/// An Elasticsearch 8.5.0 says so whose security is off, and for other paths what follows.
#[test]
fn one_without_security_keeps_no_roles_and_says_so() {
    let told = [
        (405, r#"{"error":"Incorrect HTTP method for uri [/_security/role] and method [GET], allowed: [POST]","status":405}"#),
        (400, r#"{"error":"no handler found for uri [/_security/user/_privileges] and method [GET]"}"#),
    ];
    for (status, said) in told {
        let server = asked(move |request| match request.uri().path() {
            "/" => Answer::json(json!({"cluster_uuid": "u", "version": {"number": "8.5.0"}})),
            _ => Answer::Is(status, said.into()),
        });
        let Listing::Unknown(gap) = block_on(server.list(Kind::SearchRole)) else { panic!("nothing is known") };
        let said = "elasticsearch.central (https://server.test) is Elasticsearch without its security (`xpack.security.enabled`), which keeps roles";
        assert_eq!(gap, Gap::Unavailable(said.to_owned()));
    }
}

#[test]
fn what_is_no_elasticsearch_is_named_and_its_page_not_shown() {
    let server = asked(|_| Answer::Is(200, "<html>hunter2</html>".into()));
    let Err(Gap::Unreachable(why)) = block_on(server.identity()) else { panic!("no gap") };
    assert!(why.contains("with HTML") && !why.contains("hunter2"), "{why}");
    let server = asked(|_| Answer::Is(401, "Unauthorized".into()));
    let Err(Gap::Unreachable(why)) = block_on(server.identity()) else { panic!("no gap") };
    assert!(why.contains("does not take our credentials"), "{why}");
}

#[test]
fn a_template_of_opensearch_says_beside_its_mark_which_policy_its_streams_live_by() {
    let server = keeping("opensearch");
    let json = json!({"index_patterns": ["a"], "data_stream": {}, "priority": 500,
        "template": {"settings": {"index": {"lifecycle": {"name": "a"}, "number_of_replicas": "0"}}}});
    let document: Arc<Value> = Arc::new(serde_json::from_value(json).unwrap());
    let apply = || {
        let address = format!("{SYSTEM}/index-template/a").parse().unwrap();
        let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
        let document = document.clone();
        block_on(server.execute(&Operation::Apply { address, document, mark, expected: Expectation::Unseen, force: false }))
    };
    assert!(apply().unwrap().changed && !apply().unwrap().changed);
    let sent = block_on(server.ask(http::Method::GET, "/_index_template/a", None)).unwrap();
    let sent = sent.get("index_templates").unwrap().as_list().unwrap()[0].get("index_template").unwrap().clone();
    assert_eq!(sent.at(&["template", "settings", "index"]).unwrap().to_string(), r#"{"number_of_replicas": "0"}"#);
    assert_eq!(sent.str_at(&["_meta", "vamp-lifecycle", "name"]), Some("a"));
    let Listing::Complete(seen) = block_on(server.list(Kind::IndexTemplate)) else { panic!("nobody looked") };
    assert_eq!(seen.values().map(|seen| seen.document.clone()).collect::<Vec<_>>(), [document]);
}
