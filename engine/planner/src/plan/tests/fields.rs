//! What becomes of a field that somebody else owns, as the spec says.

use super::*;
use crate::spec::types::{Conflict, FieldRule};
use model::change::CauseKind;
use model::path::{FieldPath, Segment};
use model::source::{Located, Place};

const WEB: &str = "cluster.eu/deployment/shop/web";
const WANTED: &str = r#"{"metadata":{"labels":{"team":"red"}},"spec":{"replicas":3,"template":{"spec":{"containers":[
    {"name":"web","image":"web:1","resources":{"limits":{"cpu":"1"}}}]}}}}"#;

fn rule(path: FieldPath, manager: Option<&str>, conflict: Conflict) -> FieldRule {
    FieldRule {
        kind: Located::default_value(Kind::Deployment),
        path: Located::default_value(path),
        manager: manager.map(|manager| Located::default_value(manager.to_owned())),
        conflict: Located::default_value(conflict),
        place: Place { line: 9, column: 5, length: 1 },
    }
}

fn replicas() -> FieldPath {
    FieldPath::keys(&["spec", "replicas"])
}

/// Inside of the container `web`, or of every container.
fn container(item: &str, keys: &[&str]) -> FieldPath {
    let mut path = FieldPath::keys(&["spec", "template", "spec", "containers"]);
    path.0.push(Segment::Item(item.into()));
    path.0.extend(FieldPath::keys(keys).0);
    path
}

/// The Deployment with other values, written from what is wanted; somebody owns these fields.
fn world(change: impl FnOnce(&mut Value), foreign: &[(FieldPath, &str)], rules: Vec<FieldRule>) -> World {
    let mut world = World::new(&[(WEB, WANTED)], &[]);
    let mut there: Value = serde_json::from_str(WANTED).unwrap();
    change(&mut there);
    world.seen(WEB, &serde_json::to_string(&there).unwrap(), Some("acme"));
    let wanted: Value = serde_json::from_str(WANTED).unwrap();
    world.alter(WEB, |seen| {
        seen.applied = Some(wanted.digest());
        seen.foreign = foreign.iter().map(|(path, manager)| (path.clone(), (*manager).into())).collect();
    });
    world.fields = rules;
    world
}

fn five(document: &mut Value) {
    document.set(&["spec", "replicas"], 5);
}

#[test]
fn what_no_rule_fits_and_what_is_to_be_taken_is_drift_of_its_owner() {
    for rules in [vec![], vec![rule(replicas(), None, Conflict::Take)], vec![rule(replicas(), Some("keda"), Conflict::Yield)]] {
        let world = world(five, &[(replicas(), "hpa")], rules);
        let plan = world.plan();
        let cause = &plan.steps[0].changes[0].cause;
        assert_eq!((cause.kind, cause.source.as_str()), (CauseKind::Drift, "hpa"));
        assert!(plan.report.is_empty());
    }
}

#[test]
fn a_field_that_is_yielded_is_neither_shown_nor_applied_and_said_to_be_left() {
    let yields = || vec![rule(replicas(), None, Conflict::Yield)];
    let plan = world(five, &[(replicas(), "hpa")], yields()).plan();
    assert!(plan.is_empty(), "{plan:?}");
    let [note] = plan.report.as_slice() else { panic!("{plan:?}") };
    assert_eq!((note.kind, note.message.as_str()), (NoteKind::Yielded, "spec.replicas is left to hpa"));
    assert!(!note.kind.withholds());

    let labelled = |document: &mut Value| {
        five(document);
        document.set(&["metadata", "labels", "team"], "blue");
    };
    let plan = world(labelled, &[(replicas(), "hpa")], yields()).plan();
    let step = &plan.steps[0];
    assert_eq!(step.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["metadata.labels.team"]);
    let document = step.document.as_ref().unwrap();
    assert_eq!(
        (document.integer_at(&["spec", "replicas"]), document.str_at(&["metadata", "labels", "team"])),
        (None, Some("red"))
    );

    // What is left was what was written last: still nothing to do. Once nobody else owns it, it is ours to set again.
    let left = document.digest();
    let mut world = world(five, &[(replicas(), "hpa")], yields());
    world.alter(WEB, |seen| seen.applied = Some(left));
    assert!(world.plan().is_empty());
    world.alter(WEB, |seen| seen.foreign.clear());
    assert_eq!(world.plan().steps[0].changes[0].path, "spec.replicas");
}

#[test]
fn a_field_of_others_stops_what_is_done_to_the_object_only_where_it_differs() {
    let fails = || vec![rule(replicas(), None, Conflict::Fail)];
    let world_of = |change: fn(&mut Value)| world(change, &[(replicas(), "kubectl-edit")], fails());
    assert!(world_of(|_| {}).plan().report.is_empty());
    let plan = world_of(five).plan();
    assert!(plan.is_empty());
    let [note] = plan.report.as_slice() else { panic!("{plan:?}") };
    assert_eq!(note.kind, NoteKind::Contested);
    assert_eq!(
        note.message,
        "kubectl-edit owns spec.replicas, with another value than is wanted; it is left as it is (vamp.yaml:9:5)"
    );
    assert!(note.kind.withholds());
}

#[test]
fn what_stands_on_a_contested_object_waits() {
    let mut world = world(five, &[(replicas(), "kubectl-edit")], vec![rule(replicas(), None, Conflict::Fail)]);
    let mut graph = World::new(&[(WEB, WANTED), (KEY, "{}")], &[(KEY, WEB)]);
    std::mem::swap(&mut world.graph, &mut graph.graph);
    assert_eq!(world.notes(), [(NoteKind::Waits, KEY.into()), (NoteKind::Contested, WEB.into())]);
}

#[test]
fn items_of_lists_are_found_by_their_keys_and_what_tells_them_apart_stays() {
    let limits = container("name=web", &["resources", "limits", "cpu"]);
    let more = |document: &mut Value| {
        let list = &["spec", "template", "spec", "containers"];
        let mut containers = document.at(list).unwrap().as_list().unwrap().to_vec();
        containers[0].set(&["resources", "limits", "cpu"], "4");
        document.set(list, Value::List(containers));
        document.set(&["metadata", "labels", "team"], "blue");
    };
    let foreign = [(limits, "vpa"), (container("name=web", &["name"]), "vpa")];
    let plan = world(more, &foreign, vec![rule(container("*", &[]), Some("vpa"), Conflict::Yield)]).plan();
    let document = plan.steps[0].document.as_ref().unwrap().to_string();
    assert!(document.contains(r#"[{"image": "web:1", "name": "web"}]"#), "{document}");
    assert_eq!(plan.steps[0].changes.len(), 1);
    assert!(plan.report[0].message.starts_with("spec.template.spec.containers[name=web].resources.limits.cpu is left to vpa"));
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = vec![rule(replicas(), Some("hpa"), Conflict::Yield), rule(FieldPath::keys(&["spec"]), None, Conflict::Fail)];
    let world_of = |manager: &'static str| world(five, &[(replicas(), manager)], rules.clone());
    assert_eq!(world_of("hpa").notes(), [(NoteKind::Yielded, WEB.into())]);
    assert_eq!(world_of("anna").notes(), [(NoteKind::Contested, WEB.into())]);
}
