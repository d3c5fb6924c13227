//! Lifecycle policies of OpenSearch: what it does not show, and what it refuses.

use super::cut::{Server, address, mark, retention, value};
use super::{Answer, SYSTEM};
use crate::elasticsearch::client::Elasticsearch;
use crate::wire::fake::{block_on, wire};
use model::Kind;
use model::observation::{Gap, Listing, Owner};
use model::operation::{Expectation, Operation, OperationError};
use serde_json::json;

#[test]
fn a_list_that_leaves_something_out_is_no_list() {
    let server = Server::default();
    server.apply(30, Expectation::Absent).unwrap();
    // Other backend roles: it is not shown, and asked for by its name.
    server.ism.lock().unwrap().hidden.push("a".into());
    let (seen, asked) = server.asked_of(|| server.seen(30));
    assert_eq!(seen.unwrap().owner, Owner::Platform("acme".into()));
    assert_eq!(asked, ["GET /_plugins/_ism/policies?size=10000", "GET /_plugins/_ism/policies/a", "GET /_data_stream"]);
    let said = |status, body: &str| {
        let body = body.to_owned();
        let answer = move |request: &http::Request<Vec<u8>>| match request.uri().path() {
            "/" => Answer::json(json!({"cluster_uuid": "u", "version": {"distribution": "opensearch"}})),
            "/_plugins/_ism/policies" if status == 403 => Answer::json(json!({"policies": [], "total_policies": 0})),
            _ => Answer::Is(status, body.clone()),
        };
        let adapter = Elasticsearch::new(wire(SYSTEM, answer), None, server.adapter(30).wanted.clone());
        match block_on(adapter.list(Kind::LifecyclePolicy)) {
            Listing::Unknown(gap) => gap,
            other => panic!("{other:?}"),
        }
    };
    let forbidden = r#"{"error":{"root_cause":[{"type":"index_management_exception","reason":"Do not have permission for policy [a]"}],"type":"index_management_exception","reason":"Do not have permission for policy [a]"},"status":403}"#;
    assert!(matches!(said(403, forbidden), Gap::Unreachable(why) if why.contains("filter_by_backend_roles")));
    let short = said(200, r#"{"policies":[],"total_policies":10001}"#);
    assert!(matches!(short, Gap::Unreachable(why) if why.contains("has 10001 lifecycle policies and tells 0")));
    let bare = said(400, r#"{"error":"no handler found for uri [/_plugins/_ism/policies?size=10000] and method [GET]"}"#);
    assert!(matches!(bare, Gap::Unavailable(why) if why.contains("opensearch-index-management")));
    assert!(matches!(said(401, "Unauthorized"), Gap::Unreachable(why) if why.contains("does not take our credentials")));
    assert!(matches!(said(200, "{}"), Gap::Unreachable(_)));
    assert!(matches!(said(200, r#"{"policies":[{"_id":"a"}],"total_policies":1}"#), Gap::Unreachable(_)));
}

#[test]
fn what_the_server_refuses_is_told_in_its_own_words() {
    let refused = |status, body: &str| {
        let body = body.to_owned();
        let answer = move |request: &http::Request<Vec<u8>>| match (request.method().as_str(), request.uri().path()) {
            (_, "/") => Answer::json(json!({"cluster_uuid": "u", "version": {"distribution": "opensearch"}})),
            ("PUT", _) => Answer::Is(status, body.clone()),
            _ => Answer::Is(404, r#"{"error":{"type":"status_exception","reason":"Policy not found"},"status":404}"#.into()),
        };
        let adapter = Elasticsearch::new(wire(SYSTEM, answer), None, Server::default().adapter(30).wanted.clone());
        let document = retention(30);
        let mark = mark(&document);
        let expected = Expectation::Absent;
        block_on(adapter.execute(&Operation::Apply { address: address(), document, mark, expected, force: false })).unwrap_err()
    };
    let listed = refused(403, "You have actions that are not allowed in your policy [rollover]");
    assert!(
        matches!(&listed, OperationError::Refused(why) if why.contains("[rollover]") && why.contains("allow_list")),
        "{listed:?}"
    );
    // The first policies of a server, when several are made at once: one makes the index for all.
    let first = "index [.opendistro-ism-config/YjF3HjCXSi2n7lW3eZoQPg] already exists";
    let body = json!({"error": {"type": "status_exception", "reason": first}, "status": 409}).to_string();
    assert!(matches!(refused(409, &body), OperationError::Busy { message, .. } if message.contains(first)));
    let overlap = "New policy a has an ISM template with index pattern [a-*] matching existing policy templates, please use a different \
                   priority than 500";
    let body = json!({"error": {"type": "index_management_exception", "reason": overlap}, "status": 400}).to_string();
    assert!(matches!(refused(400, &body), OperationError::Refused(why) if why.contains(overlap)));
    let page = refused(403, "<html>hunter2</html>");
    assert!(matches!(&page, OperationError::Unreachable(why) if !why.contains("hunter2")), "{page:?}");
}

#[test]
fn a_policy_that_cannot_be_said_there_is_refused_by_name() {
    let document = value(json!({"policy": {"phases": {"warm": {"actions": {}, "min_age": "3d"}}}}));
    let mark = mark(&document);
    let operation = Operation::Apply { address: address(), document, mark, expected: Expectation::Absent, force: false };
    let refused = block_on(Server::default().adapter(30).execute(&operation));
    assert!(
        matches!(&refused, Err(OperationError::Refused(why)) if why.ends_with("has no equal of `policy.phases.warm` here")),
        "{refused:?}"
    );
}
