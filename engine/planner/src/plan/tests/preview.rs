//! What is left of a difference when the system itself was asked.

use super::*;
use model::preview::Preview;
use std::sync::Arc;

const WEB: &str = "cluster.eu/deployment/shop/web";
const WANTED: &str = r#"{"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"web","image":"web:1"}]}}}}"#;

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn live(replicas: u32, image: &str, more: &str) -> String {
    format!(
        r#"{{"spec":{{"replicas":{replicas},"paused":false,"template":{{"spec":{{"containers":[{{"name":"web","image":"{image}"{more}}}]}}}}}}}}"#
    )
}

/// The Deployment, written from what is wanted, as it is there; and what its cluster says to a dry run.
fn world(there: &str, said: Option<Preview>) -> World {
    let mut world = World::new(&[(WEB, WANTED)], &[]);
    world.seen(WEB, there, Some("acme"));
    world.alter(WEB, |seen| seen.applied = Some(value(WANTED).digest()));
    world.previews.extend(said.map(|said| (WEB.parse().unwrap(), said)));
    world
}

fn becomes(document: &str) -> Option<Preview> {
    Some(Preview::Becomes(Arc::new(value(document))))
}

fn changes(world: &World) -> Vec<String> {
    let plan = world.plan();
    plan.steps.iter().flat_map(|step| &step.changes).map(|change| format!("{} {}", change.path, change.cause.source)).collect()
}

#[test]
fn what_would_be_rewritten_to_what_is_there_is_nothing_to_do() {
    let there = live(3, "mirror/web:1", "");
    assert_eq!(world(&there, None).steps(), [format!("update {WEB}")]);
    let world = world(&there, becomes(&there));
    assert!(world.plan().is_empty() && world.plan().report.is_empty());
    assert_eq!(world.plan().unchanged, 1);
}

#[test]
fn what_would_change_is_shown_as_it_would() {
    let world = world(&live(2, "mirror/web:1", ""), becomes(&live(3, "mirror/web:1", "")));
    assert_eq!(changes(&world), ["spec.replicas changed outside of vamp"]);
}

#[test]
fn what_the_server_would_change_besides_is_shown_and_is_no_reason() {
    let stamped = live(3, "mirror/web:1", r#","stamp":"2""#);
    let there = live(3, "mirror/web:1", r#","stamp":"1""#);
    assert!(world(&there, becomes(&stamped)).plan().is_empty());
    let there = live(2, "mirror/web:1", r#","stamp":"1""#);
    assert_eq!(
        changes(&world(&there, becomes(&stamped))),
        [
            "spec.replicas changed outside of vamp",
            "spec.template.spec.containers[name=web].stamp a default or a webhook of the API server",
        ]
    );
}

#[test]
fn what_would_go_is_shown() {
    let there = live(3, "web:2", r#","command":["sh"]"#);
    let world = world(&there, becomes(&live(3, "web:1", "")));
    assert_eq!(
        changes(&world),
        [
            "spec.template.spec.containers[name=web].image changed outside of vamp",
            "spec.template.spec.containers[name=web].command vamp.yaml:7:3",
        ]
    );
}

#[test]
fn where_the_system_does_not_say_the_comparison_stands_and_the_report_says_so() {
    let world = world(&live(2, "web:1", ""), Some(Preview::Unsaid("it does not answer".to_owned())));
    assert_eq!(changes(&world), ["spec.replicas changed outside of vamp"]);
    assert_eq!(world.notes(), [(NoteKind::Unconfirmed, WEB.into())]);
    assert!(world.plan().report[0].message.ends_with("a dry run: it does not answer"));
    assert!(!NoteKind::Unconfirmed.withholds() && NoteKind::Waits.withholds());
}

#[test]
fn asked_is_about_what_differs_in_a_cluster_and_nothing_else() {
    let asked = |world: &World| {
        let plan = world.with_request(|request| crate::plan::Draft::of(request).proposals(request));
        plan.iter().map(|proposal| proposal.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(asked(&world(&live(2, "web:1", ""), None)), [WEB]);
    assert!(asked(&world(&live(3, "web:1", ""), None)).is_empty());
    let mut stores = World::new(&[(KEY, r#"{"data":{"a":"1"}}"#), (WEB, WANTED)], &[]);
    stores.seen(KEY, r#"{"data":{"a":"2"}}"#, Some("acme"));
    assert_eq!(stores.steps().len(), 2);
    assert!(asked(&stores).is_empty());
}

#[test]
fn a_field_that_cannot_change_and_would_not_is_no_reason_to_make_anew() {
    let selector = |value: &str| format!(r#"{{"spec":{{"selector":{{"matchLabels":{{"app":"{value}"}}}}}}}}"#);
    let mut world = World::new(&[(WEB, &selector("web"))], &[]);
    world.seen(WEB, &selector("rewritten"), Some("acme"));
    assert_eq!(world.steps(), [format!("replace {WEB}")]);
    let refused = "422: spec.selector: field is immutable".to_owned();
    world.previews.insert(WEB.parse().unwrap(), Preview::Unsaid(refused));
    assert_eq!((world.steps(), world.notes()), (vec![format!("replace {WEB}")], vec![]));
    world.previews.insert(WEB.parse().unwrap(), Preview::Becomes(Arc::new(value(&selector("rewritten")))));
    assert_eq!(world.steps(), [format!("update {WEB}")], "only the mark is another one");
}
