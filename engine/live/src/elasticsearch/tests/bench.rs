//! Against OpenSearch, where the test bench is up; what is not about its own lifecycle policies, against an Elasticsearch as well.

use super::super::client::{Elasticsearch, authorization};
use super::super::documents::is_same;
use super::document;
use crate::bench::{Bench, run};
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::{Limits, Wire};
use http::Method;
use model::audit::history::{Record, What};
use model::audit::verify::{Fault, verify};
use model::audit::{Chain, seal};
use model::observation::{Gap, Listing, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError};
use model::plan::Action;
use model::resource::Scope;
use model::{Address, Kind, Timestamp, Value};
use port::Secret;
use std::sync::{Arc, Mutex, PoisonError};

/// Whoever writes roles has the server's one document of them for himself: another client of it, as another test is, would be refused now and then.
static ROLES: Mutex<()> = Mutex::new(());

fn server(address_of: Option<&Address>) -> Option<Elasticsearch> {
    wanting(address_of.iter().map(|address| ((*address).clone(), document(address.kind()))).collect())
}

fn wanting(wanted: Wanted) -> Option<Elasticsearch> {
    let bench = Bench::found()?;
    let get = |name: &str| bench.get(name);
    let system = "elasticsearch.central".parse().unwrap();
    let authority = std::path::Path::new(get("VAMP_BENCH_CA_FILE"));
    let found = crate::systems::connect::plain_client(&system, get("VAMP_BENCH_ELASTICSEARCH_ADDRESS"), Some(authority));
    let (client, server) = found.unwrap();
    let wire = Wire::new(client, server, Traffic::new(Arc::new(|| Timestamp(0)), None), Limits::default());
    let login = format!("{}:{}", get("VAMP_BENCH_ELASTICSEARCH_USER"), get("VAMP_BENCH_ELASTICSEARCH_PASSWORD"));
    Some(Elasticsearch::new(wire, Some(authorization(&Secret::new(login)).unwrap()), wanted))
}

#[test]
fn what_is_written_is_seen_as_it_is_wanted_and_a_change_by_hand_is_seen_too() {
    let _alone = ROLES.lock().unwrap_or_else(PoisonError::into_inner);
    for kind in [Kind::IndexTemplate, Kind::SearchRole] {
        let name = format!("vamp-test-{}", std::process::id());
        let address: Address = format!("elasticsearch.central/{kind}/{name}").parse().unwrap();
        run(async {
            let Some(server) = server(Some(&address)) else { return };
            let document = document(kind);
            let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
            let apply = |expected| Operation::Apply {
                address: address.clone(),
                document: document.clone(),
                mark: mark.clone(),
                expected,
                force: false,
            };
            let seen = async || match server.list(kind).await {
                Listing::Complete(all) => all.get(&address).cloned(),
                other => panic!("{other:?}"),
            };
            let made = server.execute(&apply(Expectation::Absent)).await.unwrap();
            assert!(made.changed);
            assert!(!server.execute(&apply(Expectation::Absent)).await.unwrap().changed, "{kind}: the same again");
            let there = seen().await.unwrap();
            assert_eq!((&there.owner, &there.applied), (&Owner::Platform("acme".into()), &Some(document.digest())));
            assert_eq!(Some(there.version.clone()), made.version);
            assert!(is_same(kind, &there.document, &document), "{kind}: {}", there.document);
            // Somebody takes it and leaves nothing of ours.
            let (path, by_hand) = match (kind, server.is_opensearch().await.unwrap()) {
                (Kind::IndexTemplate, _) => ("/_index_template", r#"{"index_patterns":["other"]}"#),
                (_, true) => ("/_plugins/_security/api/roles", r#"{"cluster_permissions":["cluster_all"]}"#),
                (_, false) => ("/_security/role", r#"{"cluster":["all"]}"#),
            };
            let by_hand = serde_json::from_str(by_hand).unwrap();
            server.ask(Method::PUT, &format!("{path}/{name}"), Some(&by_hand)).await.unwrap();
            let changed = seen().await.unwrap();
            assert!(changed.owner == Owner::Foreign && changed.version != there.version);
            let refused = server.execute(&apply(Expectation::Version(changed.version))).await;
            assert!(matches!(refused, Err(OperationError::Refused(_))), "{refused:?}");
            server.ask(Method::DELETE, &format!("{path}/{name}"), None).await.unwrap();
            assert!(seen().await.is_none());
        });
    }
}

#[test]
fn roles_that_are_written_at_the_same_time_do_not_get_into_each_others_way() {
    let _alone = ROLES.lock().unwrap_or_else(PoisonError::into_inner);
    // As many as the driver has under way: whoever waits for longer than some seconds goes without his turn.
    let (document, count) = (document(Kind::SearchRole), 8);
    let address = |number: usize| -> Address {
        format!("elasticsearch.central/search-role/vamp-test-{}-{number}", std::process::id()).parse().unwrap()
    };
    let apply = |number| {
        let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
        let (address, document) = (address(number), document.clone());
        Operation::Apply { address, document, mark, expected: Expectation::Absent, force: false }
    };
    let delete = |number| Operation::Delete { address: address(number), expected: Expectation::Unseen, with_data: false };
    run(async {
        let Some(server) = server(None) else { return };
        for operations in [(0..count).map(apply).collect::<Vec<_>>(), (0..count).map(delete).collect()] {
            let done = futures::future::join_all(operations.iter().map(|operation| server.execute(operation))).await;
            assert!(done.iter().all(|done| done.as_ref().is_ok_and(|receipt| receipt.changed)), "{done:?}");
        }
    });
}

#[test]
fn what_it_does_not_have_is_said_and_the_rest_goes_on() {
    run(async {
        let Some(server) = server(None) else { return };
        assert!(!server.identity().await.unwrap().is_empty());
        match server.list(Kind::LifecyclePolicy).await {
            Listing::Complete(_) => {}
            Listing::Unknown(Gap::Unavailable(why)) => assert!(why.contains("opensearch-index-management"), "{why}"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(server.list(Kind::SearchRole).await, Listing::Complete(_)));
    });
}

/// A policy and a template that names it, both called so.
fn retained(name: &str, days: u32) -> [(Address, Arc<Value>); 2] {
    let value = |text: String| Arc::new(serde_json::from_str(&text).unwrap());
    let policy = format!(
        r#"{{"policy": {{"phases": {{"delete": {{"min_age": "{days}d", "actions": {{"delete": {{}}}}}},
            "hot": {{"actions": {{"rollover": {{"max_age": "1d", "max_primary_shard_size": "50gb"}}}}}}}}}}}}"#
    );
    let template = format!(
        r#"{{"index_patterns": ["{name}", "{name}-*"], "data_stream": {{}}, "priority": 500, "template": {{"settings": {{"index":
            {{"lifecycle": {{"name": "{name}"}}, "number_of_replicas": "0"}}}}}}}}"#
    );
    let address = |kind: Kind| format!("elasticsearch.central/{kind}/{name}").parse().unwrap();
    [(address(Kind::LifecyclePolicy), value(policy)), (address(Kind::IndexTemplate), value(template))]
}

#[test]
fn a_lifecycle_policy_reaches_the_indices_that_are_there_where_opensearch_keeps_any() {
    let name = format!("vamp-test-ism-{}", std::process::id());
    let [(policy, thirty), (template, document)] = retained(&name, 30);
    let [(_, ninety), _] = retained(&name, 90);
    let apply = |address: &Address, document: &Arc<Value>, expected| Operation::Apply {
        address: address.clone(),
        document: document.clone(),
        mark: Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM },
        expected,
        force: false,
    };
    run(async {
        let wanted = |policy_document: &Arc<Value>| {
            wanting([(policy.clone(), policy_document.clone()), (template.clone(), document.clone())].into_iter().collect())
        };
        let Some(server) = wanted(&thirty) else { return };
        if matches!(server.list(Kind::LifecyclePolicy).await, Listing::Unknown(Gap::Unavailable(_))) {
            eprintln!("skipped: the OpenSearch of the bench has no plugin opensearch-index-management");
            return;
        }
        let seen = async |server: &Elasticsearch, address: &Address| match server.list(address.kind()).await {
            Listing::Complete(all) => all.get(address).cloned(),
            other => panic!("{other:?}"),
        };
        // A stream that stands before its policy.
        assert!(server.execute(&apply(&template, &document, Expectation::Absent)).await.unwrap().changed);
        assert_eq!(seen(&server, &template).await.unwrap().document.at(&["template"]), document.at(&["template"]));
        server.ask(Method::PUT, &format!("/_data_stream/{name}"), None).await.unwrap();
        assert!(server.execute(&apply(&policy, &thirty, Expectation::Absent)).await.unwrap().changed);
        assert!(!server.execute(&apply(&policy, &thirty, Expectation::Absent)).await.unwrap().changed);
        let there = seen(&server, &policy).await.unwrap();
        assert_eq!((&there.document, &there.applied), (&thirty, &Some(thirty.digest())));
        // Another retention: seen in the document's own words, and given to an index that lives by the old one.
        let server = wanted(&ninety).unwrap();
        let old = seen(&server, &policy).await.unwrap();
        assert_eq!(old.document.str_at(&["policy", "phases", "delete", "min_age"]), Some("30d"));
        let raw = server.ask(Method::GET, &format!("/_plugins/_ism/policies/{name}"), None).await.unwrap();
        let changed = server.execute(&apply(&policy, &ninety, Expectation::Version(old.version.clone()))).await.unwrap();
        assert!(changed.changed && changed.version != Some(old.version.clone()));
        assert_eq!(seen(&server, &policy).await.unwrap().document, ninety);
        let stale = server.execute(&apply(&policy, &thirty, Expectation::Version(old.version))).await;
        assert!(matches!(stale, Err(OperationError::Stale { .. })), "{stale:?}");
        let again: Value = serde_json::from_str(&format!(r#"{{"policy_id": "{name}"}}"#)).unwrap();
        let added = server.ask(Method::POST, &format!("/_plugins/_ism/add/{name}"), Some(&again)).await.unwrap();
        assert_eq!(added.integer_at(&["updated_indices"]), Some(0), "it has one: {added}");
        // Somebody puts back what was.
        let now = server.ask(Method::GET, &format!("/_plugins/_ism/policies/{name}"), None).await.unwrap();
        let [number, term] = ["_seq_no", "_primary_term"].map(|key| now.integer_at(&[key]).unwrap());
        let mut by_hand = Value::EMPTY_MAP;
        by_hand.set(&["policy"], raw.get("policy").cloned().unwrap());
        let path = format!("/_plugins/_ism/policies/{name}?if_seq_no={number}&if_primary_term={term}");
        server.ask(Method::PUT, &path, Some(&by_hand)).await.unwrap();
        assert_eq!(seen(&server, &policy).await.unwrap().document, thirty);
        let delete =
            |address: &Address| Operation::Delete { address: address.clone(), expected: Expectation::Unseen, with_data: true };
        for address in [&template, &policy] {
            assert!(server.execute(&delete(address)).await.unwrap().changed);
            assert!(!server.execute(&delete(address)).await.unwrap().changed);
            assert!(seen(&server, address).await.is_none());
        }
    });
}

#[test]
fn an_index_that_no_longer_lives_by_its_policy_is_given_it_again_where_opensearch_keeps_any() {
    let name = format!("vamp-test-strays-{}", std::process::id());
    let [(policy, days), (template, document)] = retained(&name, 30);
    let apply = |address: &Address, document: &Arc<Value>| Operation::Apply {
        address: address.clone(),
        document: document.clone(),
        mark: Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM },
        expected: Expectation::Unseen,
        force: false,
    };
    run(async {
        let wanted = [(policy.clone(), days.clone()), (template.clone(), document.clone())].into_iter().collect();
        let Some(server) = wanting(wanted) else { return };
        if matches!(server.list(Kind::LifecyclePolicy).await, Listing::Unknown(Gap::Unavailable(_))) {
            eprintln!("skipped: the OpenSearch of the bench has no plugin opensearch-index-management");
            return;
        }
        let strays = async || match server.list(Kind::LifecyclePolicy).await {
            Listing::Complete(all) => {
                all.get(&policy).unwrap().document.str_at(&[model::additions::STRAYS]).map(ToOwned::to_owned)
            }
            other => panic!("{other:?}"),
        };
        for (address, document) in [(&policy, &days), (&template, &document)] {
            assert!(server.execute(&apply(address, document)).await.unwrap().changed);
        }
        // The server gives a new index its policy, a moment after it was made, and shows that another moment later.
        server.ask(Method::PUT, &format!("/_data_stream/{name}"), None).await.unwrap();
        assert_eq!(strays().await, None);
        let taken = server.ask(Method::POST, &format!("/_plugins/_ism/remove/{name}"), None).await.unwrap();
        assert_eq!(taken.integer_at(&["updated_indices"]), Some(1), "{taken}");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert_eq!(strays().await, Some(format!("1 of 1 does not live by it, .ds-{name}-000001: it has no policy")));
        assert!(server.execute(&apply(&policy, &days)).await.unwrap().changed);
        assert_eq!(strays().await, None);
        assert!(!server.execute(&apply(&policy, &days)).await.unwrap().changed);
        for address in [&template, &policy] {
            let delete = Operation::Delete { address: address.clone(), expected: Expectation::Unseen, with_data: true };
            assert!(server.execute(&delete).await.unwrap().changed);
        }
    });
}

fn step(run: u64) -> Record {
    let address = format!("vault/policy/acme-{run}").parse().unwrap();
    let (action, before, after) = (Action::Update, Some("7".into()), Some("0a".into()));
    let what = What::Step { address, action, before, after, result: "done" };
    Record { at: Timestamp(1_700_000_000_000 + run), run, actor: "ann@desk".into(), command: "apply".into(), what }
}

/// Documents of a chain as the engine makes them.
fn documents(chain: &Chain, count: u64) -> Vec<Value> {
    let mut previous = String::new();
    let mut next = |position| {
        let document = seal(chain, position, &previous, &step(position));
        previous = document.str_at(&["digest"]).unwrap().to_owned();
        document
    };
    (1..=count).map(&mut next).collect()
}

#[test]
fn a_chain_is_written_once_whoever_writes_it_and_what_is_done_to_it_by_hand_is_found() {
    let index = format!("vamp-test-{}-applies", std::process::id());
    let chain = Chain { store: "elasticsearch.central".parse().unwrap(), index: index.as_str().into(), scope: Scope::PLATFORM };
    // More than a page, so that a chain is read in several.
    let documents = documents(&chain, 2_345);
    run(async {
        let Some(server) = server(None) else { return };
        assert_eq!(server.audit(&chain).await, Ok(Vec::new()));
        let (first, rest) = documents.split_at(500);
        server.append(&chain, first).await.unwrap();
        // The answer was lost, so part of it is written again, with what comes next.
        server.append(&chain, &documents[490..]).await.unwrap();
        server.append(&chain, &rest[..1]).await.unwrap();
        let account = async || verify(&chain, &server.audit(&chain).await.unwrap(), None, &documents);
        let whole = account().await;
        assert_eq!((whole.documents, whole.behind, whole.faults), (2_345, 0, Vec::new()));
        let forked = seal(&chain, 2_345, "0a", &step(1));
        let refused = server.append(&chain, &[forked]).await;
        assert!(matches!(refused, Err(OperationError::Stale { .. })), "{refused:?}");
        let by_hand = serde_json::from_str(r#"{"doc": {"actor": "mallory"}}"#).unwrap();
        server.ask(Method::POST, &format!("/{index}/_update/17?refresh=true"), Some(&by_hand)).await.unwrap();
        server.ask(Method::DELETE, &format!("/{index}/_doc/2000?refresh=true"), None).await.unwrap();
        server.ask(Method::PUT, &format!("/{index}/_doc/1x?refresh=true"), Some(&documents[0])).await.unwrap();
        let expected = [
            Fault::Altered { position: 17 },
            Fault::Missing { from: 2000, to: 2000 },
            Fault::Forked { position: 1, ids: vec!["1".to_owned(), "1x".to_owned()] },
        ];
        assert_eq!(account().await.faults, expected);
        server.ask(Method::DELETE, &format!("/{index}"), None).await.unwrap();
    });
}
