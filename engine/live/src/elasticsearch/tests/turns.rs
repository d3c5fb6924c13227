//! Roles of OpenSearch, which are one document there, and what is written at the same time as others.

use super::{SYSTEM, asked, document};
use crate::wire::fake::{Answer, block_on};
use model::Kind;
use model::operation::{Expectation, Mark, Operation};
use model::resource::Scope;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The seconds after the first at which a server hears of each of three objects of a kind that are written, or taken away, at once. It never
/// answers, which takes a minute to find out, and more than anybody waits for his turn.
fn heard_at(distribution: &'static str, kind: Kind, is_delete: bool) -> Vec<u64> {
    let heard: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let hears = heard.clone();
    let document = document(kind);
    let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
    let kept: serde_json::Value = serde_json::from_str(&serde_json::to_string(&mark).unwrap()).unwrap();
    let server = asked(move |request| match (request.method().as_str(), request.uri().path()) {
        (_, "/") => Answer::json(json!({"cluster_uuid": "u", "version": {"distribution": distribution}})),
        ("GET", path) if is_delete => {
            let name = path.rsplit('/').next().unwrap();
            let role = json!({"description": format!("kept by vamp: {mark}", mark = kept), "metadata": {"vamp": kept}});
            Answer::json(json!({name: role}))
        }
        ("GET", _) => Answer::Is(404, "{}".into()),
        _ => {
            hears.lock().unwrap().push(Instant::now());
            Answer::Never
        }
    });
    let operation = |number: usize| {
        let address = format!("{SYSTEM}/{kind}/a{number}").parse().unwrap();
        match is_delete {
            true => Operation::Delete { address, expected: Expectation::Unseen, with_data: false },
            false => {
                let (document, mark) = (document.clone(), mark.clone());
                Operation::Apply { address, document, mark, expected: Expectation::Absent, force: false }
            }
        }
    };
    let operations: Vec<Operation> = (0..3).map(operation).collect();
    block_on(futures::future::join_all(operations.iter().map(|operation| server.execute(operation))));
    let heard = heard.lock().unwrap();
    heard.iter().map(|at| at.duration_since(heard[0]).as_secs()).collect()
}

#[test]
fn roles_of_opensearch_wait_for_their_turn_though_not_for_ever_and_nothing_else_does() {
    for is_delete in [false, true] {
        assert_eq!(heard_at("opensearch", Kind::SearchRole, is_delete), [0, 10, 10]);
        assert_eq!(heard_at("elasticsearch", Kind::SearchRole, is_delete), [0, 0, 0]);
    }
    assert_eq!(heard_at("opensearch", Kind::IndexTemplate, false), [0, 0, 0]);
}

#[test]
fn nobody_loses_patience_while_those_before_him_come_to_an_end() {
    let server = asked(|_| Answer::json(json!({"cluster_uuid": "u", "version": {"distribution": "opensearch"}})));
    let begun = block_on(async {
        let start = Instant::now();
        let writes = async || {
            let _turn = server.turn(Kind::SearchRole).await.unwrap().unwrap();
            let from = start.elapsed().as_secs();
            tokio::time::sleep(Duration::from_secs(8)).await;
            from
        };
        futures::future::join_all((0..5).map(|_| writes())).await
    });
    assert_eq!(begun, [0, 8, 16, 24, 32]);
}
