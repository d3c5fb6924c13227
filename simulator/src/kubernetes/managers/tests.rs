//! The rules of server-side apply, one test a rule.

use super::*;

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn document(json: &str) -> Arc<Value> {
    Arc::new(value(json))
}

fn applied(json: &str) -> Written {
    apply(None, "vamp", &document(json), false).unwrap()
}

fn edited(live: &Written, json: &str) -> Written {
    let before = Arc::clone(&live.document);
    update(live, "kubectl-edit", &before, &value(json))
}

fn conflict(error: &Conflict) -> Vec<String> {
    error.0.iter().map(|(manager, path)| format!("{manager}: {path}")).collect()
}

#[test]
fn one_manager_replaces_what_it_applied_and_what_it_leaves_out_goes() {
    let live = applied(r#"{"spec":{"replicas":3,"paused":true}}"#);
    let next = apply(Some(&live), "vamp", &document(r#"{"spec":{"replicas":2}}"#), false).unwrap();
    assert_eq!(*next.document, value(r#"{"spec":{"replicas":2}}"#));
    assert_eq!(next.managers, Managers::Sole("vamp".into()));
}

#[test]
fn applying_the_same_again_gives_the_very_same_document() {
    let live = applied(r#"{"spec":{"replicas":3}}"#);
    let next = apply(Some(&live), "vamp", &document(r#"{"spec":{"replicas":3}}"#), false).unwrap();
    assert!(Arc::ptr_eq(&live.document, &next.document));
}

#[test]
fn a_null_is_a_field_that_is_not_there() {
    let live = applied(r#"{"spec":{"replicas":3,"paused":null}}"#);
    assert_eq!(*live.document, value(r#"{"spec":{"replicas":3}}"#));
}

#[test]
fn a_field_that_another_manager_changed_is_a_conflict_that_names_both() {
    let live = edited(&applied(r#"{"spec":{"replicas":3,"paused":false}}"#), r#"{"spec":{"replicas":5,"paused":false}}"#);
    let error = apply(Some(&live), "vamp", &document(r#"{"spec":{"replicas":3,"paused":false}}"#), false).unwrap_err();
    assert_eq!(conflict(&error), ["kubectl-edit: spec.replicas"]);
}

#[test]
fn force_takes_the_field_over_and_the_other_loses_it() {
    let live = edited(&applied(r#"{"spec":{"replicas":3}}"#), r#"{"spec":{"replicas":5}}"#);
    let next = apply(Some(&live), "vamp", &document(r#"{"spec":{"replicas":3}}"#), true).unwrap();
    assert_eq!(*next.document, value(r#"{"spec":{"replicas":3}}"#));
    assert_eq!(next.managers, Managers::Sole("vamp".into()));
}

#[test]
fn the_same_value_from_two_managers_is_shared_and_stays_until_both_leave_it_out() {
    let live = applied(r#"{"spec":{"replicas":3,"paused":false}}"#);
    let shared = apply(Some(&live), "other", &document(r#"{"spec":{"replicas":3}}"#), false).unwrap();
    let left = apply(Some(&shared), "vamp", &document(r#"{"spec":{"paused":false}}"#), false).unwrap();
    assert_eq!(left.document.integer_at(&["spec", "replicas"]), Some(3));
    let gone = apply(Some(&left), "other", &document("{}"), false).unwrap();
    assert_eq!(*gone.document, value(r#"{"spec":{"paused":false}}"#));
    assert_eq!(gone.managers, Managers::Sole("vamp".into()));
}

#[test]
fn what_another_manager_added_survives_an_apply_and_is_foreign() {
    let live = applied(r#"{"metadata":{"labels":{"a":"1"}}}"#);
    let live = edited(&live, r#"{"metadata":{"labels":{"a":"1","team":"red"}}}"#);
    let next = apply(Some(&live), "vamp", &document(r#"{"metadata":{"labels":{"a":"2"}}}"#), false).unwrap();
    assert_eq!(*next.document, value(r#"{"metadata":{"labels":{"a":"2","team":"red"}}}"#));
    let foreign = next.managers.foreign("vamp", &next.document);
    assert_eq!(foreign, [(FieldPath::keys(&["metadata", "labels", "team"]), "kubectl-edit".into())]);
}

#[test]
fn containers_merge_by_name_and_ports_by_number_and_protocol() {
    let first = r#"{"spec":{"containers":[{"name":"web","image":"1","ports":[{"containerPort":80}]}]}}"#;
    let second =
        r#"{"spec":{"containers":[{"name":"web","ports":[{"containerPort":80,"protocol":"UDP"}]},{"name":"side","image":"2"}]}}"#;
    let both = apply(Some(&applied(first)), "other", &document(second), false).unwrap();
    let expected = r#"{"spec":{"containers":[{"name":"web","image":"1","ports":[{"containerPort":80},{"containerPort":80,"protocol":"UDP"}]},{"name":"side","image":"2"}]}}"#;
    assert_eq!(*both.document, value(expected));
    let back = apply(Some(&both), "other", &document("{}"), false).unwrap();
    assert_eq!(*back.document, value(first));
}

#[test]
fn an_atomic_list_has_one_owner_as_a_whole() {
    let live = applied(r#"{"spec":{"tolerations":[{"key":"a"}]}}"#);
    let other = document(r#"{"spec":{"tolerations":[{"key":"b"}]}}"#);
    let error = apply(Some(&live), "other", &other, false).unwrap_err();
    assert_eq!(conflict(&error), ["vamp: spec.tolerations"]);
    let forced = apply(Some(&live), "other", &other, true).unwrap();
    assert_eq!(*forced.document, *other);
}

#[test]
fn a_selector_is_atomic_and_labels_are_not() {
    let live = applied(r#"{"metadata":{"labels":{"a":"1"}},"spec":{"selector":{"app":"a"}}}"#);
    let other = document(r#"{"metadata":{"labels":{"b":"1"}},"spec":{"selector":{"tier":"b"}}}"#);
    let error = apply(Some(&live), "other", &other, false).unwrap_err();
    assert_eq!(conflict(&error), ["vamp: spec.selector"]);
}

#[test]
fn an_update_that_takes_a_field_away_takes_it_from_its_owner() {
    let live = applied(r#"{"metadata":{"labels":{"a":"1","b":"2"}}}"#);
    let next = edited(&live, r#"{"metadata":{"labels":{"a":"1"}}}"#);
    assert_eq!(*next.document, value(r#"{"metadata":{"labels":{"a":"1"}}}"#));
    assert!(next.managers.foreign("vamp", &next.document).is_empty());
    let mended = apply(Some(&next), "vamp", &document(r#"{"metadata":{"labels":{"a":"1","b":"2"}}}"#), false).unwrap();
    assert_eq!(mended, live);
}

#[test]
fn finalizers_are_a_set_in_which_each_owns_its_own() {
    let live = applied(r#"{"metadata":{"finalizers":["a"]}}"#);
    let both = apply(Some(&live), "other", &document(r#"{"metadata":{"finalizers":["b"]}}"#), false).unwrap();
    assert_eq!(*both.document, value(r#"{"metadata":{"finalizers":["a","b"]}}"#));
    let back = apply(Some(&both), "vamp", &document(r#"{"metadata":{}}"#), false).unwrap();
    assert_eq!(back.document.at(&["metadata", "finalizers"]), Some(&value(r#"["b"]"#)));
}
