//! What the API server lets in, and how it answers.

use super::bench::{Bench, deployment, value};
use model::kind::Family;
use model::observation::{Condition, Owner};
use model::operation::{Expectation, OperationError};
use model::{Duration, Kind};

const CONFIG: &str = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"shop"},"data":{"a":"1"}}"#;
const OTHER: &str = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"shop"},"data":{"a":"2"}}"#;

#[test]
fn an_object_needs_its_namespace_and_waits_for_it() {
    let mut bench = Bench::new(1, 3, 1);
    let error = bench.put("config-map/missing/c", r#"{"metadata":{"name":"c","namespace":"missing"}}"#).unwrap_err();
    assert_eq!(error, OperationError::NotYet("namespaces \"missing\" not found".into()));
    assert!(error.is_transient());
}

#[test]
fn another_version_than_expected_is_stale_and_a_repeated_request_is_done() {
    let mut bench = Bench::new(1, 3, 1);
    let first = bench.apply("config-map/shop/c", CONFIG, Expectation::Absent, false).unwrap();
    let again = bench.apply("config-map/shop/c", CONFIG, Expectation::Absent, false).unwrap();
    assert!(first.changed && !again.changed && first.version == again.version);
    let stale = bench.apply("config-map/shop/c", OTHER, Expectation::Version("1".into()), false).unwrap_err();
    assert!(matches!(stale, OperationError::Stale { .. }), "{stale}");
    let version = first.version.unwrap();
    let pin = bench.observed("config-map/shop/c").pin(Family::Kubernetes);
    let second = bench.apply("config-map/shop/c", OTHER, Expectation::Version(pin), false).unwrap();
    assert!(second.version.unwrap().parse::<u64>().unwrap() > version.parse::<u64>().unwrap());
}

#[test]
fn a_status_moves_the_resource_version_and_makes_nothing_stale() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("deployment/shop/web", &deployment("web", 2, |_| {})).unwrap();
    let before = bench.observed("deployment/shop/web");
    bench.run(Duration::minutes(1));
    let after = bench.observed("deployment/shop/web");
    assert_ne!((&before.condition, &before.version), (&after.condition, &after.version));
    assert!(
        after.version.parse::<u64>().unwrap() > before.version.parse::<u64>().unwrap(),
        "{} {}",
        before.version,
        after.version
    );
    let expected = Expectation::Version(before.pin(Family::Kubernetes));
    assert!(bench.apply("deployment/shop/web", &deployment("web", 3, |_| {}), expected.clone(), false).unwrap().changed);
    let stale = bench.apply("deployment/shop/web", &deployment("web", 4, |_| {}), expected, false).unwrap_err();
    assert!(stale.to_string().starts_with("expected content "), "{stale}");
}

#[test]
fn a_field_that_somebody_edited_is_a_conflict_until_forced() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("config-map/shop/c", CONFIG).unwrap();
    bench.edit("config-map/shop/c", |document| document.set(&["data", "a"], "9")).unwrap();
    let observed = bench.observed("config-map/shop/c");
    assert_eq!(observed.foreign.iter().map(|(path, by)| format!("{path} {by}")).collect::<Vec<_>>(), ["data.a kubectl-edit"]);
    assert_eq!(observed.owner, Owner::Platform("acme".into()));
    let error = bench.put("config-map/shop/c", CONFIG).unwrap_err();
    assert_eq!(error, OperationError::Conflict(vec![("kubectl-edit".into(), "data.a".into())]));
    assert!(bench.apply("config-map/shop/c", CONFIG, Expectation::Unseen, true).unwrap().changed);
}

#[test]
fn what_somebody_else_made_is_foreign_and_refused_until_forced() {
    let mut bench = Bench::new(1, 3, 1);
    bench.edit("config-map/shop/c", |document| *document = value(OTHER)).unwrap();
    let error = bench.put("config-map/shop/c", CONFIG).unwrap_err();
    assert!(error.to_string().contains("is not owned by platform acme"), "{error}");
    assert!(bench.delete("config-map/shop/c").unwrap_err().to_string().contains("not owned by any platform"));
    assert!(bench.apply("config-map/shop/c", CONFIG, Expectation::Unseen, true).unwrap().changed);
}

#[test]
fn the_platforms_label_is_part_of_what_a_person_edits() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("config-map/shop/c", CONFIG).unwrap();
    bench
        .edit("config-map/shop/c", |document| {
            assert_eq!(document.str_at(&["metadata", "labels", "app.kubernetes.io/managed-by"]), Some("vamp"));
            document.remove(&["metadata", "labels", "app.kubernetes.io/managed-by"]);
        })
        .unwrap();
    let observed = bench.observed("config-map/shop/c");
    assert_eq!(observed.owner, Owner::Foreign);
}

#[test]
fn immutable_fields_and_invalid_objects_are_refused() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("deployment/shop/web", &deployment("web", 1, |_| {})).unwrap();
    let other = deployment("web", 1, |document| {
        document.set(&["spec", "selector", "matchLabels", "tier"], "x");
        document.set(&["spec", "template", "metadata", "labels", "tier"], "x");
    });
    let error = bench.put("deployment/shop/web", &other).unwrap_err();
    assert_eq!(error, OperationError::Refused("deployment/shop/web: spec.selector: Invalid value: field is immutable".into()));
    let wrong = deployment("api", 1, |document| document.set(&["spec", "selector", "matchLabels", "app"], "other"));
    assert!(bench.put("deployment/shop/api", &wrong).unwrap_err().to_string().contains("does not match template"));
}

#[test]
fn defaults_are_shown_and_applying_again_changes_nothing() {
    let mut bench = Bench::new(1, 3, 1);
    let document = deployment("web", 1, |_| {});
    bench.put("deployment/shop/web", &document).unwrap();
    let observed = bench.observed("deployment/shop/web");
    assert_eq!(observed.document.integer_at(&["spec", "progressDeadlineSeconds"]), Some(600));
    assert!(observed.foreign.is_empty());
    assert!(!bench.put("deployment/shop/web", &document).unwrap().changed);
}

#[test]
fn a_namespace_goes_when_it_is_empty_and_refuses_new_objects_until_then() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("deployment/shop/web", &deployment("web", 2, |_| {})).unwrap();
    bench.run(Duration::seconds(60));
    bench.delete("namespace/shop").unwrap();
    assert!(matches!(bench.condition("namespace/shop"), Some(Condition::NotReady(why)) if why.contains("2 object(s)")));
    assert!(
        matches!(bench.put("config-map/shop/c", CONFIG), Err(OperationError::NotYet(why)) if why.contains("being terminated"))
    );
    bench.run(Duration::seconds(60));
    assert_eq!(bench.condition("namespace/shop"), None);
    assert!(bench.cluster.is_empty());
}

#[test]
fn a_finalizer_keeps_an_object_until_somebody_takes_it_away() {
    let mut bench = Bench::new(1, 3, 1);
    let document = r#"{"metadata":{"name":"c","namespace":"shop","finalizers":["example.com/wait"]}}"#;
    bench.put("config-map/shop/c", document).unwrap();
    bench.delete("config-map/shop/c").unwrap();
    assert!(matches!(bench.condition("config-map/shop/c"), Some(Condition::NotReady(why)) if why.contains("example.com/wait")));
    bench.edit("config-map/shop/c", |document| drop(document.remove(&["metadata", "finalizers"]))).unwrap();
    assert_eq!(bench.condition("config-map/shop/c"), None);
}

#[test]
fn what_an_object_owns_goes_after_it() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("config-map/shop/c", CONFIG).unwrap();
    let uid = bench.cluster.describe(&"config-map/shop/c".parse().unwrap()).unwrap().str_at(&["uid"]).unwrap().to_owned();
    let owned = format!(
        r#"{{"metadata":{{"name":"s","namespace":"shop","ownerReferences":[{{"uid":"{uid}","kind":"ConfigMap","name":"c","apiVersion":"v1"}}]}}}}"#
    );
    bench.put("secret/shop/s", &owned).unwrap();
    bench.delete("config-map/shop/c").unwrap();
    assert!(bench.list(Kind::Secret).is_empty());
}

#[test]
fn an_api_server_that_does_not_answer_is_never_an_empty_list() {
    let mut bench = Bench::new(1, 3, 1);
    assert!(bench.with(|cluster, context| cluster.fail_api(context)));
    assert!(matches!(bench.cluster.list(Kind::Namespace), Err(OperationError::Unreachable(_))));
    assert!(matches!(bench.put("config-map/shop/c", CONFIG), Err(OperationError::Unreachable(_))));
    bench.with(|cluster, context| cluster.heal_api(context));
    assert_eq!(bench.list(Kind::Namespace), ["shop"]);
}

#[test]
fn a_dry_run_says_what_would_be_and_leaves_nothing() {
    let mut bench = Bench::new(1, 3, 1);
    bench.put("deployment/shop/web", &deployment("web", 3, |_| {})).unwrap();
    bench.edit("deployment/shop/web", |document| document.set(&["spec", "replicas"], 2)).unwrap();
    let before = bench.observed("deployment/shop/web");
    let preview = |bench: &Bench, json: &str| bench.preview("deployment/shop/web", json, &before.incarnation);
    let would = preview(&bench, &deployment("web", 3, |_| {})).unwrap();
    assert_eq!(would.integer_at(&["spec", "replicas"]), Some(3));
    assert_eq!(would.integer_at(&["spec", "progressDeadlineSeconds"]), Some(600));
    assert_eq!(bench.observed("deployment/shop/web"), before);
    let immutable = deployment("web", 1, |document| {
        document.set(&["spec", "selector", "matchLabels", "tier"], "x");
        document.set(&["spec", "template", "metadata", "labels", "tier"], "x");
    });
    assert!(preview(&bench, &immutable).unwrap_err().to_string().contains("field is immutable"));
    // Another object of the same name is not what was asked about.
    let other = bench.preview("deployment/shop/web", &deployment("web", 3, |_| {}), "99");
    assert!(other.unwrap_err().to_string().contains("is no longer the one that was seen"));
}
