//! An audit chain in an index, as a function of what the server answers.

use super::super::client::Elasticsearch;
use super::{SYSTEM, asked};
use crate::wire::fake::{Answer, block_on};
use http::Request;
use model::Value;
use model::audit::{Chain, Stored};
use model::observation::Gap;
use model::operation::OperationError;
use model::resource::Scope;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Kept = Arc<Mutex<BTreeMap<String, serde_json::Value>>>;

fn chain() -> Chain {
    Chain { store: SYSTEM.parse().unwrap(), index: "acme-applies".into(), scope: Scope::PLATFORM }
}

fn document(position: u64, text: &str) -> Value {
    serde_json::from_value(json!({ "position": position, "digest": text })).unwrap()
}

/// A server with one index, whose pages hold two documents.
fn server(kept: &Kept) -> Elasticsearch {
    let kept = kept.clone();
    asked(move |request| answer(&mut kept.lock().unwrap(), request))
}

fn answer(kept: &mut BTreeMap<String, serde_json::Value>, request: &Request<Vec<u8>>) -> Answer {
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let page = |from: usize| {
        let hits: Vec<_> = kept.iter().skip(from).take(2).map(|(id, source)| json!({"_id": id, "_source": source})).collect();
        Answer::json(
            json!({"_scroll_id": (from + 2).to_string(), "timed_out": false, "_shards": {"failed": 0}, "hits": {"hits": hits}}),
        )
    };
    match (request.method().as_str(), request.uri().path()) {
        ("PUT", "/acme-applies") => {
            let error = json!({"error": {"type": "resource_already_exists_exception", "reason": "it is there"}, "status": 400});
            if kept.is_empty() { Answer::json(json!({"acknowledged": true})) } else { Answer::Is(400, error.to_string()) }
        }
        ("POST", "/acme-applies/_bulk") => {
            let lines: Vec<serde_json::Value> =
                request.body().split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
            let items = lines.chunks(2).map(|pair| {
                let id = pair[0]["create"]["_id"].as_str().unwrap().to_owned();
                let status = if kept.contains_key(&id) { 409 } else { 201 };
                kept.entry(id.clone()).or_insert(pair[1].clone());
                json!({"create": {"_id": id, "status": status}})
            });
            Answer::json(json!({ "errors": false, "items": items.collect::<Vec<_>>() }))
        }
        ("POST", "/acme-applies/_mget") => {
            let ids = body["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
            Answer::json(json!({"docs": ids.map(|id| json!({"_id": id, "_source": kept[id]})).collect::<Vec<_>>()}))
        }
        ("POST", "/acme-applies/_search") => page(0),
        ("POST", "/_search/scroll") => page(body["scroll_id"].as_str().unwrap().parse().unwrap()),
        _ => Answer::json(json!({})),
    }
}

#[test]
fn what_is_written_again_is_the_same_and_another_document_is_never_written_over() {
    let kept = Kept::default();
    let server = server(&kept);
    block_on(async {
        let documents = [document(1, "a"), document(2, "b")];
        server.append(&chain(), &documents).await.unwrap();
        server.append(&chain(), &[documents[1].clone(), document(3, "c")]).await.unwrap();
        server.append(&chain(), &documents).await.unwrap();
        let forked = server.append(&chain(), &[document(2, "x")]).await;
        assert!(matches!(&forked, Err(OperationError::Stale { found, .. }) if found == "another document"), "{forked:?}");
        let mut read = server.audit(&chain()).await.unwrap();
        read.sort_by(|left, right| left.id.cmp(&right.id));
        let stored = |position: u64, text| Stored { id: position.to_string().into(), document: document(position, text) };
        assert_eq!(read, [stored(1, "a"), stored(2, "b"), stored(3, "c")]);
    });
}

#[test]
fn a_document_that_is_refused_is_told_and_a_page_that_is_not_whole_is_a_gap() {
    let full = json!({"items": [{"create": {"_id": "2", "status": 429, "error": {"type": "cluster_block_exception", "reason": "flood-stage"}}}]});
    let refusing = asked(move |_| Answer::json(full.clone()));
    let partial = asked(|_| Answer::json(json!({"timed_out": false, "_shards": {"failed": 1}, "hits": {"hits": []}})));
    block_on(async {
        let refused = refusing.append(&chain(), &[document(2, "b")]).await;
        assert!(matches!(&refused, Err(OperationError::Busy { message, .. }) if message.contains("flood-stage")), "{refused:?}");
        let gap = partial.audit(&chain()).await;
        assert!(matches!(&gap, Err(Gap::Unreachable(why)) if why.contains("not all of acme-applies")), "{gap:?}");
    });
}

#[test]
fn an_index_that_is_not_there_has_no_documents() {
    let missing = json!({"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404});
    let server = asked(move |_| Answer::Is(404, missing.to_string()));
    assert_eq!(block_on(server.audit(&chain())), Ok(Vec::new()));
}
