//! Steps on a real API server: whose things are, what was expected, who owns which field, what is ready and what is gone.

use super::bench::{Bare, Bench, document, unique};
use model::kind::Family;
use model::observation::{Condition, Owner};
use model::operation::{Expectation, OperationError};
use model::{Kind, Value};
use port::Until;
use serde_json::json;
use std::sync::Arc;
use tests::block_on;

/// A namespace of its own on the first cluster, which is asked to go when the test is over.
struct Place {
    bench: Bench,
    cluster: String,
    name: String,
}

impl Place {
    fn new(name: &str) -> Option<Place> {
        let bench = Bench::with("VAMP_BENCH_KUBECONFIG")?;
        let cluster = bench.clusters().remove(0);
        Some(Place { bench, cluster, name: unique(name) })
    }

    fn address(&self, kind: &str, name: &str) -> String {
        format!("cluster.{}/{kind}/{}/{name}", self.cluster, self.name)
    }

    async fn platform(&self, wanted: &[(&str, Arc<Value>)]) -> Bare {
        let mut platform = Bare::new(&self.bench, self.bench.connections(), &self.name, wanted).await;
        let namespace = document(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}}));
        let address = format!("cluster.{}/namespace/{}", self.cluster, self.name);
        platform.apply(&address, &namespace, Expectation::Unseen, false).await.unwrap();
        platform
    }

    fn kubectl(&self, arguments: &[&str], input: &str) -> String {
        self.bench.kubectl(&[&["--namespace", &self.name], arguments].concat(), input)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bench.kubectl(&["delete", "namespace", &self.name, "--ignore-not-found", "--wait=false"], "");
    }
}

fn config(name: &str, data: serde_json::Value) -> Arc<Value> {
    document(
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"team": "blue"}}, "data": data}),
    )
}

fn deployment(name: &str, replicas: u32, image: &str) -> Arc<Value> {
    document(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "web", "image": image, "ports": [{"containerPort": 80}]}]}}}
    }))
}

fn version(seen: &model::observation::Observed) -> Expectation {
    Expectation::Version(seen.pin(Family::Kubernetes))
}

#[test]
fn what_is_made_is_ours_and_what_is_expected_is_kept_to() {
    let Some(place) = Place::new("made") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        let address = place.address("config-map", "c");
        let (one, two) = (config("c", json!({"a": "1", "gone": "x"})), config("c", json!({"a": "2"})));
        let made = platform.apply(&address, &one, Expectation::Absent, false).await.unwrap();
        assert!(made.changed);
        let again = platform.apply(&address, &one, Expectation::Absent, false).await.unwrap();
        assert_eq!((again.changed, &again.version), (false, &made.version));
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!(seen.owner, Owner::Platform(place.name.as_str().into()));
        assert_eq!((seen.applied.clone(), seen.scope.tenant.clone()), (Some(one.digest()), Some("shop".into())));
        assert_eq!(seen.document.at(&["metadata", "labels"]).unwrap().to_string(), r#"{"team": "blue"}"#);
        assert!(seen.foreign.is_empty(), "{:?}", seen.foreign);

        let stale = platform.apply(&address, &two, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&stale, OperationError::Stale { expected, .. } if expected == "nothing"), "{stale:?}");
        let stale = platform.apply(&address, &two, Expectation::Version("other".into()), false).await.unwrap_err();
        assert!(matches!(stale, OperationError::Stale { .. }), "{stale:?}");
        assert!(platform.apply(&address, &two, version(&seen), false).await.unwrap().changed);
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!(seen.document.get("data").unwrap().to_string(), r#"{"a": "2"}"#, "what is no longer wanted goes");
        let repeated = platform.apply(&address, &two, Expectation::Version("lost".into()), false).await.unwrap();
        assert!(!repeated.changed);

        let stale = platform.delete(&address, Expectation::Version("other".into())).await.unwrap_err();
        assert!(matches!(stale, OperationError::Stale { .. }), "{stale:?}");
        assert!(platform.delete(&address, version(&seen)).await.unwrap().changed);
        assert!(!platform.delete(&address, version(&seen)).await.unwrap().changed);
        let missing = platform.apply(&address, &two, version(&seen), false).await.unwrap_err();
        assert!(matches!(&missing, OperationError::Stale { found, .. } if found == "nothing"), "{missing:?}");
    });
}

#[test]
fn what_somebody_else_made_is_seen_and_only_taken_over_by_force() {
    let Some(place) = Place::new("theirs") else { return };
    block_on(async {
        let address = place.address("config-map", "c");
        let wanted = config("c", json!({"a": "ours"}));
        let mut platform = place.platform(&[(&address, wanted.clone())]).await;
        place.kubectl(&["create", "configmap", "c", "--from-literal=a=theirs", "--from-literal=b=theirs"], "");
        place.kubectl(&["create", "configmap", "unwanted", "--from-literal=a=theirs"], "");
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!((&seen.owner, seen.document.str_at(&["data", "a"])), (&Owner::Foreign, Some("theirs")));
        assert!(platform.seen(&place.address("config-map", "unwanted")).await.is_none(), "what nobody wants is not our business");
        let refused = platform.apply(&address, &wanted, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&refused, OperationError::Refused(why) if why.contains("not owned by platform")), "{refused:?}");
        let refused = platform.delete(&address, Expectation::Unseen).await.unwrap_err();
        assert!(matches!(refused, OperationError::Refused(_)), "{refused:?}");
        platform.apply(&address, &wanted, version(&seen), true).await.unwrap();
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!(seen.owner, Owner::Platform(place.name.as_str().into()));
        assert_eq!(seen.document.get("data").unwrap().to_string(), r#"{"a": "ours", "b": "theirs"}"#);
    });
}

#[test]
fn a_field_of_somebody_else_is_a_conflict_with_its_owner_and_its_name() {
    let Some(place) = Place::new("conflict") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        let address = place.address("deployment", "web");
        platform.apply(&address, &deployment("web", 1, "r.example/web:1"), Expectation::Absent, false).await.unwrap();
        let patch = r#"{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"r.example/web:9"}]}}}}"#;
        place.kubectl(&["patch", "deployment", "web", "--field-manager=kubectl-edit", "--patch", patch], "");
        let seen = platform.seen(&address).await.unwrap();
        let foreign: Vec<String> =
            seen.foreign.iter().filter(|(_, who)| who == "kubectl-edit").map(|(path, _)| path.to_string()).collect();
        assert_eq!(foreign, ["spec.template.spec.containers[name=web].image"]);
        let wanted = deployment("web", 1, "r.example/web:2");
        let conflict = platform.apply(&address, &wanted, version(&seen), false).await.unwrap_err();
        let expected = [("kubectl-edit".to_owned(), "spec.template.spec.containers[name=web].image".to_owned())];
        assert_eq!(conflict, OperationError::Conflict(expected.to_vec()));
        let seen = platform.seen(&address).await.unwrap();
        platform.apply(&address, &wanted, version(&seen), true).await.unwrap();
        let seen = platform.seen(&address).await.unwrap();
        assert!(seen.foreign.iter().all(|(_, who)| who != "kubectl-edit"), "{:?}", seen.foreign);
    });
}

#[test]
fn readiness_and_departure_are_heard_of_as_they_happen() {
    let Some(place) = Place::new("ready") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        let address = place.address("deployment", "web");
        platform.apply(&address, &deployment("web", 2, "r.example/web:1"), Expectation::Absent, false).await.unwrap();
        let said = platform.wait(&address, Until::Ready).await;
        assert_eq!(said.last(), Some(&Condition::Ready), "{said:?}");
        assert!(said.len() > 1 && said.iter().any(|condition| matches!(condition, Condition::NotReady(_))), "{said:?}");
        // Every write into the status moves the version, and none moves the pin.
        let seen = platform.seen(&address).await.unwrap();
        platform.apply(&address, &deployment("web", 3, "r.example/web:1"), version(&seen), false).await.unwrap();
        let said = platform.wait(&address, Until::Ready).await;
        assert!(matches!(said.first(), Some(Condition::NotReady(_))), "an old state must not pass for the new one: {said:?}");
        let seen = platform.seen(&address).await.unwrap();
        platform.delete(&address, version(&seen)).await.unwrap();
        let said = platform.wait(&address, Until::Gone).await;
        assert_eq!(said.last(), Some(&Condition::Ready), "{said:?}");
        assert_eq!(place.kubectl(&["get", "pods", "--output=name"], ""), "", "its pods went before it");
        let watches = platform.live.requests().into_iter().filter(|((_, method), _)| method == "WATCH");
        assert_eq!(watches.map(|(_, count)| count).sum::<u64>(), 1, "one watch a kind");
    });
}

#[test]
fn a_finalizer_keeps_what_was_asked_to_go_and_is_named() {
    let Some(place) = Place::new("finalizer") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        let address = place.address("config-map", "c");
        platform.apply(&address, &config("c", json!({"a": "1"})), Expectation::Absent, false).await.unwrap();
        place.kubectl(&["patch", "configmap", "c", "--patch", r#"{"metadata":{"finalizers":["bench.vamp.example/keep"]}}"#], "");
        let seen = platform.seen(&address).await.unwrap();
        platform.delete(&address, version(&seen)).await.unwrap();
        let seen = platform.seen(&address).await.unwrap();
        let kept = Condition::NotReady("is being deleted: finalizer bench.vamp.example/keep keeps it".into());
        assert_eq!(seen.condition, kept);
        let wanted = config("c", json!({"a": "2"}));
        let not_yet = platform.apply(&address, &wanted, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(why) if why.ends_with("is being deleted")), "{not_yet:?}");
        place.kubectl(&["patch", "configmap", "c", "--patch", r#"{"metadata":{"finalizers":null}}"#], "");
        assert_eq!(platform.wait(&address, Until::Gone).await.last(), Some(&Condition::Ready));
    });
}

#[test]
fn what_its_namespace_lacks_is_not_yet_and_what_is_wrong_is_refused() {
    let Some(place) = Place::new("missing") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        let address = format!("cluster.{}/config-map/{}-none/c", place.cluster, place.name);
        let not_yet = platform.apply(&address, &config("c", json!({})), Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&not_yet, OperationError::NotYet(why) if why.contains("not found")), "{not_yet:?}");
        let address = place.address("deployment", "web");
        let wrong = document(
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 1}}),
        );
        let refused = platform.apply(&address, &wrong, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&refused, OperationError::Refused(why) if why.contains("is invalid")), "{refused:?}");
        let unknown = platform.apply("cluster.nowhere/namespace/a", &wrong, Expectation::Absent, false).await.unwrap_err();
        assert!(matches!(&unknown, OperationError::Unreachable(why) if why.contains("nobody said where")), "{unknown:?}");
    });
}

#[test]
fn a_secret_is_sent_and_comes_back_as_a_digest() {
    let Some(place) = Place::new("secret") else { return };
    block_on(async {
        let address = place.address("secret", "s");
        let wanted = document(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": "Opaque",
            "stringData": {"user": "adm", "password": {"$secret": {"env": "P"}}, "made": {"$secret": {"generated": {"length": 24}}},
                "config.json": {"auths": {"r.example": {"username": "robot", "password": {"$secret": {"env": "Q"}}}}}}
        }));
        let mut platform = place.platform(&[(&address, wanted.clone())]).await;
        platform.apply(&address, &wanted, Expectation::Absent, false).await.unwrap();
        let held = |field: &str| {
            place.kubectl(
                &["get", "secret", "s", &format!("--output=go-template={{{{index .data \"{field}\" | base64decode}}}}")],
                "",
            )
        };
        assert_eq!((held("user"), held("password")), ("adm".to_owned(), "secret-of-P".to_owned()));
        assert_eq!(held("config.json"), r#"{"auths":{"r.example":{"password":"secret-of-Q","username":"robot"}}}"#);
        let made = held("made");
        assert_eq!(made.len(), 24);
        let seen = platform.seen(&address).await.unwrap();
        assert_eq!(seen.document.str_at(&["stringData", "user"]), Some("adm"));
        assert!(matches!(seen.document.at(&["stringData", "password"]), Some(Value::Digest(_))));
        assert!(!format!("{seen:?}").contains("secret-of"));
        platform.apply(&address, &wanted, version(&seen), false).await.unwrap();
        assert_eq!(held("made"), made, "what was generated once is kept");
    });
}

#[test]
fn nodes_are_seen_with_zone_and_whether_they_take_pods() {
    let Some(bench) = Bench::with("VAMP_BENCH_KUBECONFIG") else { return };
    block_on(async {
        let mut platform = Bare::new(&bench, bench.connections(), "nodes", &[]).await;
        let nodes = platform.look(&[]).await.nodes;
        for cluster in bench.clusters() {
            let nodes = &nodes[cluster.as_str()];
            assert!(nodes.len() >= 3 && nodes.iter().all(|node| node.schedulable && !node.zone.is_empty()), "{nodes:?}");
        }
    });
}

#[test]
fn a_list_of_several_pages_is_one_list() {
    let Some(place) = Place::new("pages") else { return };
    block_on(async {
        let mut platform = place.platform(&[]).await;
        for chunk in 0..3 {
            let one = |n: usize| {
                format!(
                    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c{n}, labels: {{ app.kubernetes.io/managed-by: vamp, \
                     vamp.io/platform: {} }} }}\ndata: {{ a: '{n}' }}\n",
                    place.name
                )
            };
            let all: String = (chunk * 250..(chunk + 1) * 250).map(one).collect();
            place.kubectl(&["create", "--filename=-"], &all);
        }
        let before = platform.live.requests();
        let snapshot = platform.look(&[Kind::ConfigMap]).await;
        let ours = |(_, seen): &(&model::Address, &model::observation::Observed)| {
            seen.owner == Owner::Platform(place.name.as_str().into())
        };
        assert_eq!(snapshot.objects().filter(ours).count(), 750);
        let sent = |counts: &std::collections::BTreeMap<(String, String), u64>| {
            counts.iter().filter(|((system, _), _)| system.ends_with(&place.cluster)).map(|(_, count)| count).sum::<u64>()
        };
        // Version, identity, nodes, and two pages or three if other tests hold objects of the kind.
        let requests = sent(&platform.live.requests()) - sent(&before);
        assert!((5..=6).contains(&requests), "{requests}");
    });
}
