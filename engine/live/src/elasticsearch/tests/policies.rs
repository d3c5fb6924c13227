//! How lifecycle policies are said in OpenSearch: there and back again, and what is no difference.

use super::super::documents::is_same;
use super::super::opensearch::policies::{Revision, Seen, body, in_opensearch, patterns};
use super::ism::filled;
use model::operation::Mark;
use model::resource::Scope;
use model::{Kind, Value};
use proptest::prelude::*;
use serde_json::json;

fn value(json: serde_json::Value) -> Value {
    serde_json::from_value(json).unwrap()
}

fn json_of(value: &Value) -> serde_json::Value {
    serde_json::from_str(&value.to_string()).unwrap()
}

fn seen(raw: &serde_json::Value) -> Seen {
    Seen::new(&value(raw.clone()), Revision { number: 1, term: 1 })
}

fn mark() -> Mark {
    Mark { platform: "acme".into(), applied: "d".into(), scope: Scope::PLATFORM }
}

/// A policy as the server shows it after it was sent so.
fn written(policy: &Value, is_begun: bool) -> serde_json::Value {
    filled("a", &json_of(&body(policy, &mark(), is_begun))["policy"])
}

prop_compose! {
    fn age()(number in 1..400_u32, unit in prop::sample::select(vec!["d", "h", "m", "s", "ms"])) -> String {
        format!("{number}{unit}")
    }
}

fn conditions() -> impl Strategy<Value = serde_json::Value> {
    let size = || prop::option::of((1..90_u32).prop_map(|size| format!("{size}gb")));
    (prop::option::of(age()), prop::option::of(1..1_000_i64), size(), size())
        .prop_map(|(age, docs, shard, size)| {
            let all = json!({"max_age": age, "max_docs": docs, "max_primary_shard_size": shard, "max_size": size});
            all.as_object()
                .unwrap()
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        })
        .prop_filter("a condition", |conditions: &serde_json::Map<_, _>| !conditions.is_empty())
        .prop_map(serde_json::Value::Object)
}

prop_compose! {
    fn hot()(rollover in prop::option::of(conditions()), priority in prop::option::of(0..200_i64), readonly: bool, merge in prop::option::of(1..5_i64))
        -> serde_json::Value {
        let mut actions = serde_json::Map::new();
        rollover.into_iter().for_each(|rollover| { actions.insert("rollover".into(), rollover); });
        priority.into_iter().for_each(|priority| { actions.insert("set_priority".into(), json!({"priority": priority})); });
        readonly.then(|| actions.insert("readonly".into(), json!({})));
        merge.into_iter().for_each(|merge| { actions.insert("forcemerge".into(), json!({"max_num_segments": merge})); });
        json!({"actions": actions})
    }
}

prop_compose! {
    fn policy()(hot in prop::option::of(hot()), delete in prop::option::of((prop::option::of(age()), any::<bool>()))) -> Value {
        let mut phases = serde_json::Map::new();
        hot.into_iter().for_each(|hot| { phases.insert("hot".into(), hot); });
        if let Some((age, deletes)) = delete {
            let mut delete = json!({"actions": if deletes { json!({"delete": {}}) } else { json!({}) }});
            age.into_iter().for_each(|age| delete["min_age"] = json!(age));
            phases.insert("delete".into(), delete);
        }
        value(json!({"policy": {"phases": phases}}))
    }
}

fn templates() -> impl Strategy<Value = Vec<Value>> {
    let template = ("[a-z]{1,3}", 0..600_i64)
        .prop_map(|(name, priority)| value(json!({"index_patterns": [name, format!("{name}-*")], "priority": priority})));
    prop::collection::vec(template, 0..3)
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was_wanted(wanted in policy(), templates in templates(), other in policy()) {
        let policy = in_opensearch(&wanted, &templates).unwrap();
        prop_assert_eq!(patterns(&policy).len(), 2 * templates.len());
        let there = seen(&written(&policy, false));
        prop_assert_eq!(&there.plain, &policy);
        prop_assert_eq!(there.mark(), Some(mark()));
        prop_assert_eq!(there.document(None), wanted.clone());
        prop_assert_eq!(there.document(Some((&wanted, &templates))), wanted.clone());
        // Another one is told from it, and a comparison sees it.
        let compared = there.document(Some((&other, &templates)));
        prop_assert_eq!(is_same(Kind::LifecyclePolicy, &compared, &other), wanted == other, "{} for {}", compared, other);
        let begun = seen(&written(&policy, true));
        prop_assert!(begun.is_begun_as(&policy, &mark()) && begun.content() != there.content());
        prop_assert!(!is_same(Kind::LifecyclePolicy, &begun.document(Some((&wanted, &templates))), &wanted));
    }
}

fn kept(change: impl Fn(&mut serde_json::Value)) -> (Value, Vec<Value>, Seen) {
    let wanted = value(json!({"policy": {"phases": {
        "delete": {"actions": {"delete": {}}, "min_age": "30d"},
        "hot": {"actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": "50GB"}}},
    }}}));
    let templates = vec![value(json!({"index_patterns": ["a"], "priority": 500}))];
    let mut raw = written(&in_opensearch(&wanted, &templates).unwrap(), false);
    change(&mut raw);
    (wanted, templates, seen(&raw))
}

#[test]
fn what_somebody_changes_is_shown_in_the_words_of_the_document_where_it_has_any() {
    let shown = |change: fn(&mut serde_json::Value)| {
        let (wanted, templates, seen) = kept(change);
        let document = seen.document(Some((&wanted, &templates)));
        assert_eq!(is_same(Kind::LifecyclePolicy, &document, &wanted), document == wanted);
        (document != wanted).then(|| json_of(&document)["policy"]["phases"].clone())
    };
    assert_eq!(shown(|_| {}), None);
    assert_eq!(shown(|raw| raw["last_updated_time"] = json!(7)), None);
    assert_eq!(shown(|raw| raw["ism_template"][0]["last_updated_time"] = json!(7)), None);
    let age = shown(|raw| raw["states"][0]["transitions"][0]["conditions"]["min_rollover_age"] = json!("400d")).unwrap();
    assert_eq!(
        (&age["delete"]["min_age"], &age["hot"]["actions"]["rollover"]["max_primary_shard_size"]),
        (&json!("400d"), &json!("50GB"))
    );
    let more = shown(|raw| raw["states"][0]["actions"][0]["rollover"]["min_doc_count"] = json!(9)).unwrap();
    let rollover = json!({"max_age": "1d", "max_docs": 9, "max_primary_shard_size": "50GB"});
    assert_eq!(
        more,
        json!({"delete": {"actions": {"delete": {}}, "min_age": "30d"}, "hot": {"actions": {"rollover": rollover}}})
    );
    let action = |raw: &mut serde_json::Value| {
        raw["states"][0]["actions"].as_array_mut().unwrap().push(json!({"read_only": {}}));
    };
    assert_eq!(shown(action).unwrap()["hot"]["actions"]["readonly"], json!({}));
    let stays = shown(|raw| raw["states"][1]["actions"] = json!([])).unwrap();
    assert_eq!(stays["delete"], json!({"actions": {}, "min_age": "30d"}));
    // What is counted from the making of an index is something else.
    let other = |change| shown(change).unwrap()[0].clone();
    let counted = other(|raw| raw["states"][0]["transitions"][0]["conditions"] = json!({"min_index_age": "30d"}));
    assert_eq!(counted["states"][0]["transitions"][0]["conditions"], json!({"min_index_age": "30d"}));
    let template = other(|raw| raw["ism_template"][0]["priority"] = json!(1));
    assert_eq!(template["ism_template"], json!([{"index_patterns": ["a"], "priority": 1}]));
    assert_eq!(other(|raw| raw["ism_template"] = serde_json::Value::Null).get("ism_template"), None);
    let retry = other(|raw| raw["states"][1]["actions"][0]["retry"]["count"] = json!(0));
    assert_eq!(retry["states"][1]["actions"][0]["retry"]["count"], 0);
    let state = other(|raw| raw["states"].as_array_mut().unwrap().push(json!({"name": "x", "actions": [], "transitions": []})));
    assert_eq!(state["states"][2], json!({"name": "x"}));
    let told = other(|raw| raw["error_notification"] = json!({"destination": {"slack": {"url": "https://hooks.example/x"}}}));
    assert!(told.get("error_notification").is_some());
}

#[test]
fn what_has_no_equal_is_named() {
    let named = |policy: serde_json::Value| in_opensearch(&value(json!({"policy": policy})), &[]).unwrap_err();
    let phases = |phases: serde_json::Value| named(json!({"phases": phases}));
    assert_eq!(named(json!({"phases": {}, "deprecated": true})), "no equal of `policy.deprecated`");
    assert_eq!(phases(json!({"cold": {"actions": {}}})), "no equal of `policy.phases.cold`");
    assert_eq!(phases(json!({"hot": {"min_age": "1d", "actions": {}}})), "no equal of `policy.phases.hot.min_age`");
    assert_eq!(phases(json!({"hot": {"actions": {"shrink": {}}}})), "no equal of `policy.phases.hot.actions.shrink`");
    assert_eq!(phases(json!({"hot": {"actions": {"rollover": {}}}})), "no equal of `policy.phases.hot.actions.rollover`");
    let least = json!({"hot": {"actions": {"rollover": {"max_age": "1d", "min_docs": 1}}}});
    assert_eq!(phases(least), "no equal of `policy.phases.hot.actions.rollover.min_docs`");
    let waits = json!({"delete": {"actions": {"wait_for_snapshot": {"policy": "s"}}}});
    assert_eq!(phases(waits), "no equal of `policy.phases.delete.actions.wait_for_snapshot`");
    assert_eq!(phases(json!({"delete": []})), "no equal of `policy.phases.delete`");
}

#[test]
fn whatever_is_there_is_read() {
    for raw in [
        json!(null),
        json!([]),
        json!({"states": 1, "ism_template": "x", "description": 4}),
        json!({"states": [1, {"actions": 2}]}),
    ] {
        let there = seen(&raw);
        assert_eq!((there.mark(), patterns(&there.plain).len()), (None, 0));
        assert!(there.document(None).at(&["policy", "phases"]).is_some());
    }
    let (_, _, there) = kept(|raw| raw["description"] = json!("kept by vamp: no mark"));
    assert_eq!(there.mark(), None);
}
