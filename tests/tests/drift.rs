//! Drift in both directions, with `World::edit` as the hand of somebody with `kubectl` (`vamp world edit` is the same call).
//!
//! Whatever field that the platform writes is changed or taken away, in a resource of every kind: the plan shows it with its cause, and
//! an apply mends it. And the four shapes of false drift are never shown: fields that a system fills in, fields that a webhook adds,
//! lists in another order, fields of other managers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use embedded::EmbeddedPlatform;
use model::change::CauseKind;
use model::kind::Family;
use model::outcome::Verdict;
use model::plan::{NoteKind, Plan};
use model::{Address, Duration, Kind, Resource, Value};
use planner::plan::diff::diff;
use planner::plan::{Digests, Options};
use simulator::world::{Edit, EditError, World};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tests::stage::{Stage, holder, words};
use tests::{block_on, root};

/// One step into a document, down to a leaf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

/// Every value in a document that holds no other, with the way to it.
fn leaves(value: &Value, way: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let mut inside = |step: Step, value: &Value| {
        way.push(step);
        leaves(value, way, found);
        way.pop();
    };
    match value {
        Value::Map(map) => map.iter().for_each(|(key, value)| inside(Step::Key(key.to_string()), value)),
        Value::List(items) => items.iter().enumerate().for_each(|(index, value)| inside(Step::Index(index), value)),
        Value::Null => {}
        _ => found.push(way.clone()),
    }
}

/// The value at the end of a way.
fn at<'a>(value: &'a mut Value, way: &[Step]) -> Option<&'a mut Value> {
    way.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Map(map), Step::Key(key)) => map.get_mut(key),
        (Value::List(items), Step::Index(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// Another value of the same type.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Integer(number) => Value::Integer(number + 1),
        Value::String(text) if text.parse::<u32>().is_ok() => Value::from(format!("{text}1")),
        Value::String(text) => Value::from(format!("{text}x")),
        _ => Value::from("another"),
    }
}

/// The edit that leaves `document` with `change` made at the end of the way: as little of it as a path of keys can name.
fn edit(mut document: Value, way: &[Step], change: impl FnOnce(&Value) -> Option<Value>) -> Option<Edit> {
    let keys: Vec<String> =
        way.iter().map_while(|step| if let Step::Key(key) = step { Some(key.clone()) } else { None }).collect();
    match change(at(&mut document, way)?) {
        Some(value) => *at(&mut document, way)? = value,
        None if keys.len() == way.len() => return Some(Edit::Remove { path: keys }),
        None => match (at(&mut document, &way[..way.len() - 1])?, way.last()?) {
            (Value::Map(map), Step::Key(key)) => drop(map.remove(key)),
            (Value::List(items), Step::Index(index)) => drop(items.remove(*index)),
            _ => return None,
        },
    }
    let top: Vec<&str> = keys.iter().map(String::as_str).collect();
    Some(Edit::Set { value: document.at(&top)?.clone(), path: keys })
}

/// What tells an object from others is no field that somebody can change.
fn is_identity(way: &[Step]) -> bool {
    let keys: Vec<&str> =
        way.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect();
    matches!(keys.as_slice(), ["apiVersion" | "kind", ..] | ["metadata", "name" | "namespace"])
}

async fn alter<T>(platform: &mut EmbeddedPlatform, change: impl FnOnce(&mut World) -> T) -> T {
    platform.alter(holder(), change).await.unwrap()
}

fn stage(spec: &str) -> Stage {
    Stage::of_file(&root().join("specs/valid").join(spec))
}

/// A file with the platform, converged, to begin every case with.
async fn converged(stage: &Stage) -> PathBuf {
    let mut platform = stage.open().await;
    assert_eq!(stage.apply(&mut platform, Options::default()).await.unwrap().verdict, Verdict::Converged);
    platform.close().await.unwrap();
    let before = stage.folder().join("before.sqlite");
    std::fs::rename(stage.file(), &before).unwrap();
    before
}

/// Whether the plan shows that somebody else changed the object at `address`.
fn shows(plan: &Plan, address: &Address) -> bool {
    let drifted = plan.steps.iter().filter(|step| step.address == *address).any(|step| {
        let mut causes = step.causes.iter().chain(step.changes.iter().map(|change| &change.cause));
        causes.any(|cause| cause.kind == CauseKind::Drift)
    });
    drifted || plan.report.iter().any(|note| note.subject == address.as_str() && note.kind == NoteKind::NeedsConsent)
}

/// Apply, with consent for whatever data is in the way, and once more: a store that forgets and had to start anew is filled then.
async fn mend(stage: &Stage, platform: &mut EmbeddedPlatform, what: &str) {
    apply(stage, platform, what).await;
    if !stage.plan(platform, Options::default()).await.is_empty() {
        apply(stage, platform, what).await;
    }
    let again = stage.plan(platform, Options::default()).await;
    assert!(again.is_empty() && again.report.is_empty(), "{what} is not mended: {:#?}", words(&again));
}

async fn apply(stage: &Stage, platform: &mut EmbeddedPlatform, what: &str) {
    let plan = stage.plan(platform, Options::default()).await;
    let asked = plan.report.iter().filter(|note| note.kind == NoteKind::NeedsConsent);
    let allow_destroy: BTreeSet<Address> = asked.filter_map(|note| note.subject.parse().ok()).collect();
    let outcome = stage.apply(platform, Options { allow_destroy, ..Options::default() }).await.unwrap();
    assert_eq!(outcome.verdict, Verdict::Converged, "{what}: {outcome:#?}");
}

/// Change every field of one resource of each kind, one by one. How many were found and mended, and how many the systems refused.
fn every_field(spec: &str, change: fn(&Value) -> Option<Value>, seen: &mut BTreeSet<(Kind, String)>) -> (usize, Vec<String>) {
    let stage = stage(spec);
    let (mut mended, mut refused) = (0, Vec::new());
    block_on(async {
        let before = converged(&stage).await;
        for resource in stage.compiled.graph.resources() {
            let mut ways = Vec::new();
            leaves(&resource.document, &mut Vec::new(), &mut ways);
            for way in ways.into_iter().filter(|way| !is_identity(way) && seen.insert((resource.address.kind(), pattern(way)))) {
                stage.begin_with(Some(&before));
                let mut platform = stage.open().await;
                let found = drift(&stage, &mut platform, resource, &way, change).await;
                platform.close().await.unwrap();
                match found {
                    Ok(()) => mended += 1,
                    Err(why) => refused.push(format!("{} {}: {why}", resource.address, pattern(&way))),
                }
            }
        }
    });
    (mended, refused)
}

fn pattern(way: &[Step]) -> String {
    let word = |step: &Step| if let Step::Key(key) = step { key.clone() } else { "[]".to_owned() };
    way.iter().map(word).collect::<Vec<_>>().join(".")
}

async fn drift(
    stage: &Stage,
    platform: &mut EmbeddedPlatform,
    resource: &Resource,
    way: &[Step],
    change: fn(&Value) -> Option<Value>,
) -> Result<(), EditError> {
    let address = &resource.address;
    let what = format!("{address} {}", pattern(way));
    let live = platform.world().document(address).unwrap();
    let edit = edit((*live).clone(), way, change).unwrap_or_else(|| panic!("{what} is not where it was written"));
    alter(platform, |world| world.edit(address, &edit)).await?;
    let means_the_same = address.kind() == Kind::Grant && matches!(&edit, Edit::Remove { path } if path == &["host"]);
    if means_the_same || platform.world().document(address).as_ref() == Some(&live) {
        // What was taken away came back, as the default that it is; an account without a host is one for every host.
        let plan = stage.plan(platform, Options::default()).await;
        assert!(plan.is_empty() && plan.report.is_empty(), "{what}: {:#?}", words(&plan));
        return Ok(());
    }
    let plan = stage.plan(platform, Options::default()).await;
    assert!(shows(&plan, address), "{what} is not shown: {:#?}", words(&plan));
    mend(stage, platform, &what).await;
    Ok(())
}

/// What cannot be changed in place, so that nobody's hand changes it either (`planner::plan::immutable`, and that a template keeps
/// its selector and its image).
const REFUSED: [&str; 8] =
    ["selector", "serviceName", "podManagementPolicy", "clusterIP", "roleRef", "template.metadata.labels", "image", " type"];

fn only_what_is_immutable(refused: &[String]) {
    for refusal in refused {
        assert!(REFUSED.iter().any(|field| refusal.contains(field)), "{refusal}");
    }
}

#[test]
fn every_field_that_is_changed_is_shown_as_drift_and_mended() {
    let mut seen = BTreeSet::new();
    let (mended, refused) = every_field("quickstart.yaml", |value| Some(other(value)), &mut seen);
    assert!(mended > 250, "{mended}");
    only_what_is_immutable(&refused);
    let kinds: BTreeSet<Kind> = seen.iter().map(|(kind, _)| *kind).collect();
    let never_written = [Kind::PersistentVolumeClaim, Kind::Job];
    assert_eq!(kinds, Kind::ALL.iter().copied().filter(|kind| !never_written.contains(kind)).collect());
}

#[test]
fn every_field_that_is_taken_away_is_shown_as_drift_and_mended() {
    let (mended, refused) = every_field("quickstart.yaml", |_| None, &mut BTreeSet::new());
    assert!(mended > 250, "{mended}");
    only_what_is_immutable(&refused);
}

/// What somebody does to an object that is none of the platform's business: the fields that are set, and the values they get. It is done to
/// every resource. Nothing of it is drift, and it is still there after the platform has written the same objects again.
fn is_no_drift(spec: &str, deed: impl Fn(&Resource, &Value) -> Vec<(Vec<String>, Value)>) -> usize {
    let stage = stage(spec);
    block_on(async {
        let before = converged(&stage).await;
        stage.begin_with(Some(&before));
        let mut platform = stage.open().await;
        let mut done = Vec::new();
        for resource in stage.compiled.graph.resources() {
            let live = platform.world().document(&resource.address).unwrap();
            for (path, value) in deed(resource, &live) {
                let edit = Edit::Set { path: path.clone(), value: value.clone() };
                alter(&mut platform, |world| world.edit(&resource.address, &edit)).await.unwrap();
                done.push((resource.address.clone(), path, value));
            }
        }
        // Pods that were started anew are ready again.
        alter(&mut platform, |world| world.advance(Duration::minutes(30))).await;
        let plan = stage.plan(&mut platform, Options::default()).await;
        assert!(plan.is_empty() && plan.report.is_empty(), "{:#?}", words(&plan));

        let label = ["metadata", "labels", "app.kubernetes.io/part-of"].map(str::to_owned).to_vec();
        for resource in stage.compiled.graph.resources().filter(|resource| resource.document.at(&keys(&label)).is_some()) {
            let edit = Edit::Set { path: label.clone(), value: "mine".into() };
            alter(&mut platform, |world| world.edit(&resource.address, &edit)).await.unwrap();
        }
        mend(&stage, &mut platform, "a label of every object").await;
        for (address, path, value) in &done {
            let live = platform.world().document(address).unwrap();
            let mut theirs = (*live).clone();
            theirs.set(&keys(path), value.clone());
            let lost = diff(address.kind(), &theirs, &live, &Digests::new());
            assert!(lost.is_empty(), "{address}: {lost:?}");
        }
        platform.close().await.unwrap();
        done.len()
    })
}

fn keys(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn path(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

fn is_kubernetes(resource: &Resource) -> bool {
    resource.address.kind().family() == Family::Kubernetes
}

/// Every field that the API server filled in, written out by somebody; as it is, or with another value.
fn filled_in(resource: &Resource, live: &Value, value: fn(&Value) -> Value) -> Vec<(Vec<String>, Value)> {
    let (mut wanted, mut ways) = (resource.document.as_ref().clone(), Vec::new());
    if !is_kubernetes(resource) {
        return Vec::new();
    }
    leaves(live, &mut Vec::new(), &mut ways);
    let by_keys = ways.into_iter().filter(|way| way.iter().all(|step| matches!(step, Step::Key(_))));
    let added: Vec<Vec<Step>> = by_keys.filter(|way| at(&mut wanted, way).is_none()).collect();
    let names =
        |way: &[Step]| way.iter().map(|step| if let Step::Key(key) = step { key.clone() } else { String::new() }).collect();
    added.iter().map(|way| (names(way), value(at(&mut live.clone(), way).unwrap()))).collect()
}

#[test]
fn fields_that_the_api_server_fills_in_are_no_drift_when_somebody_writes_them_out() {
    assert!(is_no_drift("m3.yaml", |resource, live| filled_in(resource, live, Value::clone)) > 30);
}

#[test]
fn what_a_webhook_adds_is_no_drift() {
    let injected = |resource: &Resource, live: &Value| {
        if !resource.address.kind().runs_pods() {
            return Vec::new();
        }
        let pod = ["spec", "template", "spec"];
        let sidecar: Value =
            serde_json::from_str(r#"{"name":"istio-proxy","image":"istio/proxyv2:1.24","ports":[{"containerPort":15090}]}"#)
                .unwrap();
        let mut containers = live.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_list).unwrap().to_vec();
        for container in &mut containers {
            let mut env = container.get("env").and_then(Value::as_list).unwrap_or_default().to_vec();
            env.push(serde_json::from_str(r#"{"name":"INJECTED","value":"by a webhook"}"#).unwrap());
            container.set(&["env"], Value::List(env));
            container.set(&["terminationMessagePolicy"], "FallbackToLogsOnError");
        }
        containers.insert(0, sidecar);
        let field = |name: &str, value: Value| (path(&[&pod[..], &[name]].concat()), value);
        let tolerations = serde_json::from_str(r#"[{"key":"spot","operator":"Exists"}]"#).unwrap();
        vec![
            field("containers", Value::List(containers)),
            field("tolerations", tolerations),
            (path(&["spec", "template", "metadata", "annotations", "sidecar.istio.io/status"]), "injected".into()),
            (path(&["spec", "template", "metadata", "labels", "istio.io/rev"]), "default".into()),
        ]
    };
    assert!(is_no_drift("m3.yaml", injected) > 20);
}

#[test]
fn lists_whose_order_means_nothing_are_no_drift_in_another_order() {
    let reversed = |value: &Value| Value::List(value.as_list().unwrap_or_default().iter().rev().cloned().collect());
    fn turned(resource: &Resource, live: &Value, reversed: impl Fn(&Value) -> Value) -> Vec<(Vec<String>, Value)> {
        let lists: &[&[&str]] = match resource.address.kind() {
            Kind::Deployment | Kind::StatefulSet => {
                &[&["spec", "template", "spec", "volumes"], &["spec", "template", "spec", "containers"]]
            }
            Kind::Service => &[&["spec", "ports"]],
            Kind::Grant => &[&["privileges"]],
            Kind::Table => &[&["columns"]],
            _ => &[],
        };
        let present = lists.iter().filter_map(|list| Some((*list, live.at(list)?)));
        let mut turned: Vec<(Vec<String>, Value)> = present.map(|(list, value)| (path(list), reversed(value))).collect();
        for (_, value) in turned.iter_mut().filter(|(path, _)| path.last().is_some_and(|last| last == "containers")) {
            let Value::List(containers) = value else { continue };
            for container in containers {
                for list in ["env", "ports", "volumeMounts"] {
                    if let Some(items) = container.get(list).map(&reversed) {
                        container.set(&[list], items);
                    }
                }
            }
        }
        turned
    }
    assert!(is_no_drift("m3.yaml", |resource, live| turned(resource, live, reversed)) > 15);
}

#[test]
fn fields_of_other_managers_are_no_drift() {
    let theirs = |resource: &Resource, _: &Value| match resource.address.kind().family() {
        Family::Kubernetes => vec![
            (path(&["metadata", "labels", "team"]), "blue".into()),
            (path(&["metadata", "annotations", "example.com/cost-centre"]), "4711".into()),
        ],
        Family::Elasticsearch => vec![(path(&["_meta", "managed_by"]), "somebody".into())],
        // Vault and MySQL keep no account of who wrote what: there, anything more is a change.
        Family::Vault | Family::Mysql => Vec::new(),
    };
    assert!(is_no_drift("m3.yaml", theirs) > 100);
}

/// The quickstart with this rule for fields of others.
fn ruled(rule: &str) -> Stage {
    let text = std::fs::read_to_string(root().join("specs/valid/quickstart.yaml")).unwrap();
    Stage::of_text("quickstart.yaml", &format!("{text}\nfields:\n  - {rule}\n"))
}

#[test]
fn a_field_of_another_manager_is_left_to_it_or_stops_the_object_if_the_spec_says_so() {
    let label = ["metadata", "labels", "app.kubernetes.io/part-of"];
    for (conflict, kind) in [("yield", NoteKind::Yielded), ("fail", NoteKind::Contested)] {
        let stage = ruled(&format!("{{ kind: Deployment, path: metadata.labels, manager: kubectl-edit, conflict: {conflict} }}"));
        block_on(async {
            let mut platform = stage.open().await;
            assert_eq!(stage.apply(&mut platform, Options::default()).await.unwrap().verdict, Verdict::Converged);
            let resources = stage.compiled.graph.resources().filter(|resource| resource.address.kind() == Kind::Deployment);
            let deployments: Vec<Address> =
                resources.filter(|one| one.document.at(&label).is_some()).map(|one| one.address.clone()).collect();
            assert!(deployments.len() > 1);
            for address in &deployments {
                let edit = Edit::Set { path: path(&label), value: "mine".into() };
                alter(&mut platform, |world| world.edit(address, &edit)).await.unwrap();
            }
            let plan = stage.plan(&mut platform, Options::default()).await;
            assert!(plan.is_empty(), "{:#?}", words(&plan));
            assert!(
                plan.report.len() == deployments.len() && plan.report.iter().all(|note| note.kind == kind),
                "{:#?}",
                plan.report
            );
            assert_eq!(plan.report.iter().any(|note| note.kind.withholds()), conflict == "fail");
            // Another field of the same object is mended, and theirs stays.
            let agent = deployments.iter().find(|address| address.name() == "workflow-agent").unwrap();
            let edit = Edit::Set { path: path(&["spec", "replicas"]), value: 2.into() };
            alter(&mut platform, |world| world.edit(agent, &edit)).await.unwrap();
            stage.apply(&mut platform, Options::default()).await.unwrap();
            let live = platform.world().document(agent).unwrap();
            let mended = if conflict == "yield" { Some(1) } else { Some(2) };
            assert_eq!((live.str_at(&label), live.integer_at(&["spec", "replicas"])), (Some("mine"), mended));
            platform.close().await.unwrap();
        });
    }
}
