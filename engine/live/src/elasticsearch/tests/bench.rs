//! Against OpenSearch, where the test bench is up.

use super::super::client::{Elasticsearch, authorization};
use super::document;
use crate::bench::{Bench, run};
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::{Limits, Wire};
use http::Method;
use model::observation::{Gap, Listing, Owner};
use model::operation::{Expectation, Mark, Operation, OperationError};
use model::resource::Scope;
use model::{Address, Kind, Timestamp};
use port::Secret;
use std::sync::Arc;

fn server(address_of: Option<&Address>) -> Option<Elasticsearch> {
    let bench = Bench::found()?;
    let get = |name: &str| bench.get(name);
    let system = "elasticsearch.central".parse().unwrap();
    let authority = std::path::Path::new(get("VAMP_BENCH_CA_FILE"));
    let found = crate::systems::plain_client(&system, get("VAMP_BENCH_ELASTICSEARCH_ADDRESS"), Some(authority));
    let (client, server) = found.unwrap();
    let wire = Wire::new(client, server, Traffic::new(Arc::new(|| Timestamp(0)), None), Limits::default());
    let login = format!("{}:{}", get("VAMP_BENCH_ELASTICSEARCH_USER"), get("VAMP_BENCH_ELASTICSEARCH_PASSWORD"));
    let wanted: Wanted = address_of.iter().map(|address| ((*address).clone(), document(address.kind()))).collect();
    Some(Elasticsearch::new(wire, Some(authorization(&Secret::new(login)).unwrap()), wanted))
}

#[test]
fn what_is_written_is_seen_as_it_is_wanted_and_a_change_by_hand_is_seen_too() {
    for (kind, path) in [(Kind::IndexTemplate, "/_index_template"), (Kind::SearchRole, "/_plugins/_security/api/roles")] {
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
            for (key, wanted) in document.as_map().unwrap().iter().filter(|(key, _)| key.as_str() != "data_stream") {
                assert_eq!(there.document.get(key), Some(wanted), "{kind}");
            }
            // Somebody takes it and leaves nothing of ours.
            let by_hand = match kind {
                Kind::IndexTemplate => r#"{"index_patterns":["other"]}"#,
                _ => r#"{"cluster_permissions":["cluster_all"]}"#,
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
fn what_it_does_not_have_is_said_and_the_rest_goes_on() {
    run(async {
        let Some(server) = server(None) else { return };
        assert!(!server.identity().await.unwrap().is_empty());
        let Listing::Unknown(Gap::Unavailable(why)) = server.list(Kind::LifecyclePolicy).await else { panic!("no gap") };
        assert!(why.contains("opensearch-index-management"), "{why}");
        assert!(matches!(server.list(Kind::SearchRole).await, Listing::Complete(_)));
    });
}
