//! Indices of Elasticsearch that do not live by the policy of their template: seen, called back, and nobody else's touched. What the server
//! answers is what an Elasticsearch 9.5.0 does.

use super::{Answer, SYSTEM};
use crate::elasticsearch::client::{Elasticsearch, authorization};
use crate::wire::fake::{block_on, wire};
use model::additions::STRAYS;
use model::observation::Listing;
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::value::Text;
use model::{Kind, Value};
use port::Secret;
use serde_json::json;
use std::sync::{Arc, Mutex};

const BY_POLICY: &str = r#""managed_by":"Index Lifecycle Management","prefer_ilm":true,"ilm_policy":"a","index_mode":"standard""#;
const BY_ANOTHER: &str = r#""managed_by":"Index Lifecycle Management","prefer_ilm":false,"ilm_policy":"ilm-history-ilm-policy","index_mode":"standard""#;
const BY_STREAM: &str = r#""managed_by":"Data stream lifecycle","prefer_ilm":false,"ilm_policy":"a","index_mode":"standard""#;
const BY_NONE: &str = r#""managed_by":"Unmanaged","prefer_ilm":true,"index_mode":"standard""#;
/// What a server says that is older than 8.11.
const UNTOLD: &str = r#""ilm_policy":"b""#;

/// A server with a policy as it is wanted, and the indices of the data stream that is to live by it.
struct Server {
    indices: Arc<Mutex<Vec<&'static str>>>,
    asked: Arc<Mutex<Vec<String>>>,
    search: Elasticsearch,
}

fn policy() -> Arc<Value> {
    let json = json!({"policy": {"phases": {"delete": {"min_age": "30d", "actions": {"delete": {}}},
        "hot": {"actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": "50gb"}}}}}});
    Arc::new(serde_json::from_value(json).unwrap())
}

fn mark() -> Mark {
    Mark { platform: "acme".into(), applied: policy().digest(), scope: Scope::PLATFORM }
}

fn stream(indices: &[&str]) -> String {
    let index = |(number, said): (usize, &&str)| {
        format!(r#"{{"index_name":".ds-a-2026.11.28-{:06}","index_uuid":"s8sXWFpkRhqa2s-sXU9F-A",{said}}}"#, number + 1)
    };
    let indices: Vec<String> = indices.iter().enumerate().map(index).collect();
    format!(
        r#"{{"name":"a","timestamp_field":{{"name":"@timestamp"}},"indices":[{}],"generation":3,"status":"GREEN","template":"a","ilm_policy":"a",
           "next_generation_managed_by":"Index Lifecycle Management","prefer_ilm":true,"hidden":false,"system":false,"allow_custom_routing":false,
           "replicated":false,"rollover_on_write":false,"index_mode":"standard","settings":{{}},"mappings":{{}},
           "failure_store":{{"enabled":false,"rollover_on_write":true,"indices":[]}}}}"#,
        indices.join(",")
    )
}

impl Server {
    fn with(indices: &[&'static str]) -> Server {
        let indices = Arc::new(Mutex::new(indices.to_vec()));
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (kept, heard) = (indices.clone(), asked.clone());
        let wire = wire(SYSTEM, move |request| {
            let path = request.uri().path();
            let mut kept = kept.lock().unwrap();
            if path != "/" {
                heard.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
            }
            let streams = || Answer::Is(200, format!(r#"{{"data_streams":[{}]}}"#, stream(&kept)));
            match (request.method().as_str(), path) {
                ("GET", "/") => {
                    Answer::json(json!({"cluster_uuid": "u", "version": {"number": "9.5.0", "build_flavor": "default"}}))
                }
                ("GET", "/_ilm/policy" | "/_ilm/policy/a") => Answer::json(json!({"a": {"version": 1,
                    "modified_date": "2026-11-28T03:00:16.425Z", "policy": {"_meta": {"vamp": serde_json::to_value(mark()).unwrap()},
                    "phases": {"hot": {"min_age": "0ms", "actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": "50gb"}}},
                    "delete": {"min_age": "30d", "actions": {"delete": {"delete_searchable_snapshot": true}}}}},
                    "in_use_by": {"indices": [], "data_streams": ["a"], "composable_templates": ["a"]}}})),
                ("GET", "/_data_stream" | "/_data_stream/a") => streams(),
                ("GET", "/_ilm/status") => Answer::json(json!({"operation_mode": "RUNNING"})),
                ("GET", "/*/_ilm/explain") => Answer::json(json!({"indices": {}})),
                ("GET", path) if path.starts_with("/_data_stream/") => Answer::Is(
                    404,
                    json!({"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}).to_string(),
                ),
                ("PUT", "/_ilm/policy/a") => Answer::json(json!({"acknowledged": true})),
                ("PUT", path) if path.ends_with("/_settings") => {
                    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
                    assert_eq!(body, json!({"index": {"lifecycle": {"name": "a", "prefer_ilm": null}}}));
                    let number: usize = path.trim_end_matches("/_settings").rsplit('-').next().unwrap().parse().unwrap();
                    kept[number - 1] = BY_POLICY;
                    Answer::json(json!({"acknowledged": true}))
                }
                (method, path) => panic!("{method} {path}"),
            }
        });
        let template = json!({"index_patterns": ["a", "a-*"], "data_stream": {}, "priority": 500,
            "template": {"settings": {"index": {"lifecycle": {"name": "a"}}}}});
        let other = json!({"index_patterns": ["b"], "data_stream": {}, "template": {"settings": {"index": {"lifecycle": {"name": "b"}}}}});
        let address = |kind: Kind, name: &str| format!("{SYSTEM}/{kind}/{name}").parse().unwrap();
        let document = |json| Arc::new(serde_json::from_value::<Value>(json).unwrap());
        let wanted = [
            (address(Kind::LifecyclePolicy, "a"), policy()),
            (address(Kind::IndexTemplate, "a"), document(template)),
            (address(Kind::IndexTemplate, "b"), document(other)),
        ];
        let authorization = authorization(&Secret::new("u:p".into())).unwrap();
        Server { indices, asked, search: Elasticsearch::new(wire, Some(authorization), wanted.into_iter().collect()) }
    }

    /// The version of the policy, and what a look says of its indices.
    fn seen(&self) -> (Text, Option<String>) {
        let Listing::Complete(all) = block_on(self.search.list(Kind::LifecyclePolicy)) else { panic!("nobody looked") };
        let seen = all.values().next().unwrap().clone();
        (seen.version, seen.document.str_at(&[STRAYS]).map(ToOwned::to_owned))
    }

    fn apply(&self, expected: Expectation) -> Result<Receipt, OperationError> {
        let address = format!("{SYSTEM}/lifecycle-policy/a").parse().unwrap();
        block_on(self.search.execute(&Operation::Apply { address, document: policy(), mark: mark(), expected, force: false }))
    }
}

#[test]
fn an_index_that_does_not_live_by_the_policy_of_its_template_is_told_and_called_back() {
    let cases = [
        (BY_NONE, "it has no policy"),
        (BY_ANOTHER, "it lives by the policy ilm-history-ilm-policy"),
        (BY_STREAM, "it lives by the lifecycle of its data stream"),
    ];
    for (said, why) in cases {
        let server = Server::with(&[BY_POLICY; 3]);
        let (version, well) = server.seen();
        assert_eq!(well, None);
        server.indices.lock().unwrap()[1] = said;
        assert_eq!(server.seen(), (version.clone(), Some(format!("1 of 3 does not live by it, .ds-a-2026.11.28-000002: {why}"))));
        server.indices.lock().unwrap()[2] = said;
        assert_eq!(server.seen().1, Some(format!("2 of 3 do not live by it, .ds-a-2026.11.28-000002 first: {why}")));
        server.asked.lock().unwrap().clear();
        // Nobody wrote the policy, so whoever planned before it happened mends it too.
        assert!(server.apply(Expectation::Version(version.clone())).unwrap().changed, "{why}");
        let told = server.asked.lock().unwrap().iter().filter(|asked| asked.starts_with("PUT")).cloned().collect::<Vec<_>>();
        let settings = |number| format!("PUT /.ds-a-2026.11.28-00000{number}/_settings");
        assert_eq!(told, ["PUT /_ilm/policy/a".to_owned(), settings(2), settings(3)], "{why}");
        assert_eq!((server.seen().1, server.apply(Expectation::Version(version)).unwrap().changed), (None, false), "{why}");
    }
}

#[test]
fn nothing_is_said_of_indices_by_a_server_that_does_not_know() {
    assert_eq!(Server::with(&[UNTOLD, UNTOLD]).seen().1, None);
    assert_eq!(
        Server::with(&[UNTOLD, BY_NONE]).seen().1,
        Some("1 of 2 does not live by it, .ds-a-2026.11.28-000002: it has no policy".to_owned())
    );
}

#[test]
fn a_look_asks_once_for_all_streams() {
    let server = Server::with(&[BY_POLICY, BY_NONE]);
    server.seen();
    assert_eq!(
        *server.asked.lock().unwrap(),
        ["GET /_ilm/policy", "GET /_data_stream", "GET /_ilm/status", "GET /*/_ilm/explain?only_errors=true"]
    );
}
