//! Indices that do not live by their policy of OpenSearch: seen, given it again, and never taken for well where nobody can look.

use super::cut::{Server, retention};
use super::ism::Index;
use super::{Answer, SYSTEM};
use crate::elasticsearch::client::Elasticsearch;
use crate::wire::fake::{block_on, wire};
use model::Kind;
use model::additions::STRAYS;
use model::observation::{Gap, Listing};
use model::operation::Expectation;
use serde_json::json;

/// A policy that is as it is wanted, with this many indices of one data stream that live by it, and a stream that is for no policy.
fn living(count: usize) -> Server {
    let server = Server::default();
    let indices = (1..=count).map(|number| (format!(".ds-a-{number:06}"), Index::default())).collect();
    server.ism.lock().unwrap().streams.insert("a".into(), indices);
    server.apply(30, Expectation::Absent).unwrap();
    let other = [(".ds-b-000001".to_owned(), Index::default())].into();
    server.ism.lock().unwrap().streams.insert("b".into(), other);
    server
}

fn change(server: &Server, number: usize, change: impl FnOnce(&mut Index)) {
    let mut ism = server.ism.lock().unwrap();
    change(ism.streams.get_mut("a").unwrap().get_mut(&format!(".ds-a-{number:06}")).unwrap());
}

/// What a look says of the indices, which is all that differs.
fn strays(server: &Server) -> Option<String> {
    let mut document = (*server.seen(30).unwrap().document).clone();
    let strays = document.remove(&[STRAYS]);
    assert_eq!(document, *retention(30));
    strays.map(|strays| strays.as_str().unwrap().to_owned())
}

/// Whether all indices that are to live by the policy do.
fn is_well(server: &Server) -> bool {
    let ism = server.ism.lock().unwrap();
    ism.streams["a"].values().all(|index| index.copy.is_some() && index.policy == "a" && index.given_up.is_none())
}

#[test]
fn an_index_that_does_not_live_by_its_policy_is_told_and_given_it_again() {
    let taken_off = |index: &mut Index| *index = Index::default();
    let given_another = |index: &mut Index| index.policy = "theirs".into();
    let given_up = |index: &mut Index| index.given_up = Some("Failed to delete index".into());
    let cases = [
        (taken_off as fn(&mut Index), "it has no policy"),
        (given_another, "it lives by the policy theirs"),
        (given_up, "OpenSearch gave that up: Failed to delete index"),
    ];
    for (happens, why) in cases {
        let server = living(3);
        let before = server.seen(30).unwrap();
        assert_eq!(strays(&server), None);
        change(&server, 2, happens);
        assert_eq!(strays(&server), Some(format!("1 of 3 does not live by it, .ds-a-000002: {why}")));
        change(&server, 3, happens);
        assert_eq!(strays(&server), Some(format!("2 of 3 do not live by it, .ds-a-000002 first: {why}")));
        let seen = server.seen(30).unwrap();
        assert_eq!((&seen.version, &seen.applied), (&before.version, &before.applied), "{why}: nobody wrote the policy");
        // Whoever planned before it happened mends it too.
        assert!(server.apply(30, Expectation::Version(before.version.clone())).unwrap().changed, "{why}");
        assert!(is_well(&server) && strays(&server).is_none(), "{why}");
        let (again, asked) = server.asked_of(|| server.apply(30, Expectation::Version(before.version)).unwrap());
        assert!(!again.changed && asked.iter().all(|asked| asked.starts_with("GET")), "{why}: {asked:?}");
    }
}

#[test]
fn a_look_asks_once_for_all_streams_and_not_at_all_where_none_is_there_or_the_policy_differs_anyway() {
    let server = living(2);
    let looks = |server: &Server, days| server.asked_of(|| server.list(days)).1;
    let policies = "GET /_plugins/_ism/policies?size=10000";
    assert_eq!(looks(&server, 30), [policies, "GET /_data_stream", "GET /_plugins/_ism/explain/a"]);
    assert_eq!(looks(&server, 90), [policies]);
    server.ism.lock().unwrap().streams.remove("a");
    assert_eq!(looks(&server, 30), [policies, "GET /_data_stream"]);
    server.ism.lock().unwrap().policies.clear();
    assert_eq!(looks(&server, 30), [policies, "GET /_plugins/_ism/policies/a"]);
}

#[test]
fn one_that_was_given_its_policy_just_now_is_asked_about_again() {
    let server = living(2);
    change(&server, 2, |index| index.unseen = 1);
    let (seen, asked) = server.asked_of(|| strays(&server));
    assert_eq!((seen, asked.len()), (None, 5), "{asked:?}");
    change(&server, 2, |index| index.unseen = 2);
    assert!(strays(&server).is_some_and(|told| told.ends_with("it has no policy")));
}

#[test]
fn where_nobody_can_tell_nothing_is_said_to_be_well() {
    let gap = |answer: fn(&str) -> Option<Answer>| {
        let server = living(2);
        let wanted = server.adapter(30).wanted.clone();
        let answered =
            move |request: &http::Request<Vec<u8>>| answer(request.uri().path()).unwrap_or_else(|| server.answer(request));
        match block_on(Elasticsearch::new(wire(SYSTEM, answered), None, wanted).list(Kind::LifecyclePolicy)) {
            Listing::Unknown(Gap::Unreachable(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    let forbidden = gap(|path| {
        let reason = "no permissions for [cluster:admin/opendistro/ism/managedindex/explain]";
        let error = json!({"error": {"type": "security_exception", "reason": reason}, "status": 403}).to_string();
        path.contains("/explain/").then_some(Answer::Is(403, error))
    });
    assert!(forbidden.contains("managedindex/explain") && forbidden.contains("`vamp permissions`"), "{forbidden}");
    // Whoever may not manage an index may not hear of it.
    let withheld = gap(|path| {
        let one = json!({"index.plugins.index_state_management.policy_id": "a", "enabled": true});
        path.contains("/explain/").then(|| Answer::json(json!({".ds-a-000002": one, "total_managed_indices": 1})))
    });
    assert!(withheld.contains("does not say whether .ds-a-000001 lives by the lifecycle policy a"), "{withheld}");
    let nothing = gap(|path| {
        let error = json!({"error": {"type": "action_request_validation_exception", "reason": "Validation Failed: 1: no documents to get;"}});
        path.contains("/explain/").then(|| Answer::Is(400, error.to_string()))
    });
    assert!(nothing.contains("does not say whether .ds-a-000001"), "{nothing}");
    let streams = gap(|path| (path == "/_data_stream").then(|| Answer::Is(403, "{}".into())));
    assert!(streams.contains("403"), "{streams}");
}

#[test]
fn a_changed_policy_reaches_an_index_of_which_the_old_one_was_given_up() {
    let server = living(2);
    change(&server, 1, |index| index.given_up = Some("Failed to delete index".into()));
    let version = server.seen(90).unwrap().version;
    assert!(server.apply(90, Expectation::Version(version)).unwrap().changed);
    server.ism.lock().unwrap().streams.remove("b");
    assert!(server.is_done(90) && server.looks_done(90));
}
