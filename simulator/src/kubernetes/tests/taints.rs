//! Taints that somebody puts on a node, by the API server as its clients see it.

use super::bench::{Bench, deployment, value};
use crate::server::{Answer, Question};
use model::{Duration, Value};

const WEB: &str = "deployment/shop/web";

fn ask(bench: &mut Bench, method: &str, path: &str, body: Value) -> Answer {
    let question = Question {
        method: method.into(),
        path: path.to_owned(),
        content_type: "application/merge-patch+json".to_owned(),
        body,
        ..Question::default()
    };
    bench.with(|cluster, context| cluster.ask(&question, context)).unwrap()
}

fn taint(bench: &mut Bench, node: &str, taints: &str) -> Answer {
    ask(bench, "PATCH", &format!("/api/v1/nodes/{node}"), value(&format!(r#"{{"spec":{{"taints":{taints}}}}}"#)))
}

/// Three pods with these tolerations, ready, and a node that has one.
fn web(tolerations: &str) -> (Bench, String) {
    let mut bench = Bench::new(3, 5, 3);
    let document =
        deployment("web", 3, |document| document.set(&["spec", "template", "spec", "tolerations"], value(tolerations)));
    bench.put(WEB, &document).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(WEB), 3);
    let node = bench.places(WEB)[0].clone();
    (bench, node)
}

#[test]
fn who_does_not_tolerate_a_taint_goes_at_once_and_stays_away_until_it_is_gone() {
    let (mut bench, node) = web("[]");
    let shown = taint(&mut bench, &node, r#"[{"key":"broken","effect":"NoExecute"}]"#);
    assert_eq!(shown.body.at(&["spec", "taints"]), Some(&value(r#"[{"effect":"NoExecute","key":"broken"}]"#)));
    bench.run(Duration::minutes(1));
    assert!(!bench.places(WEB).contains(&node));
    assert_eq!(bench.ready(WEB), 3);
    for other in bench.cluster.node_names() {
        taint(&mut bench, &other, r#"[{"key":"broken","effect":"NoSchedule"}]"#);
    }
    bench.put(WEB, &deployment("web", 4, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(WEB), 3, "who is there already stays; nobody new comes");
    taint(&mut bench, &node, "null");
    bench.run(Duration::minutes(1));
    assert!(bench.places(WEB).contains(&node));
}

#[test]
fn who_tolerates_a_taint_for_a_while_goes_after_that_unless_it_is_gone_before() {
    let tolerations = r#"[{"key":"maintenance","operator":"Exists","effect":"NoExecute","tolerationSeconds":30}]"#;
    let maintenance = r#"[{"key":"maintenance","value":"tonight","effect":"NoExecute"}]"#;
    let (mut bench, node) = web(tolerations);
    taint(&mut bench, &node, maintenance);
    bench.run(Duration::seconds(20));
    assert!(bench.places(WEB).contains(&node));
    taint(&mut bench, &node, "[]");
    bench.run(Duration::seconds(60));
    assert!(bench.places(WEB).contains(&node));
    taint(&mut bench, &node, maintenance);
    bench.run(Duration::seconds(29));
    assert!(bench.places(WEB).contains(&node));
    bench.run(Duration::seconds(2));
    assert!(!bench.places(WEB).contains(&node));
}

#[test]
fn a_toleration_of_one_value_is_none_of_another() {
    let (mut bench, node) = web(r#"[{"key":"pool","value":"blue","effect":"NoExecute"}]"#);
    taint(&mut bench, &node, r#"[{"key":"pool","value":"blue","effect":"NoExecute"}]"#);
    bench.run(Duration::minutes(1));
    assert!(bench.places(WEB).contains(&node));
    taint(&mut bench, &node, r#"[{"key":"pool","value":"green","effect":"NoExecute"}]"#);
    bench.run(Duration::minutes(1));
    assert!(!bench.places(WEB).contains(&node));
}

#[test]
fn nodes_are_shown_with_what_is_wrong_with_them_and_nothing_else_of_them_can_be_written() {
    let mut bench = Bench::new(3, 2, 1);
    let cordoned = ask(&mut bench, "PATCH", "/api/v1/nodes/node-1", value(r#"{"spec":{"unschedulable":true}}"#));
    assert_eq!(cordoned.body.at(&["spec", "unschedulable"]), Some(&true.into()));
    bench.fail_node("node-2");
    bench.run(Duration::minutes(2));
    let shown = ask(&mut bench, "GET", "/api/v1/nodes/node-2", Value::Null);
    let ready = shown.body.at(&["status", "conditions"]).and_then(Value::as_list).and_then(|list| list[0].str_at(&["status"]));
    assert_eq!(ready, Some("Unknown"));
    let names: Vec<String> = ask(&mut bench, "GET", "/api/v1/nodes", Value::Null)
        .body
        .get("items")
        .and_then(Value::as_list)
        .unwrap()
        .iter()
        .map(|node| node.str_at(&["metadata", "name"]).unwrap().to_owned())
        .collect();
    assert_eq!(names, ["node-1", "node-2"]);
    assert_eq!(ask(&mut bench, "GET", "/api/v1/nodes/node-9", Value::Null).status, 404);
    assert_eq!(ask(&mut bench, "DELETE", "/api/v1/nodes/node-1", Value::Null).status, 405);
}
