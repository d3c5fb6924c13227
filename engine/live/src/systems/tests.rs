//! Stores that the platform runs itself: what a look says of them, and what whoever waits for them hears.

use super::Adapter;

use crate::inputs::Inputs;
use crate::journal::tests::Nowhere;
use crate::platform::LivePlatform;
use crate::traffic::Trace;
use crate::wanted::Wanted;
use crate::wire::Limits;
use crate::wire::fake::{Answer, block_on, wire};
use http::Request as HttpRequest;
use model::connection::{Connection, Endpoint};
use model::observation::{Condition, Gap, Listing};
use model::{Address, Kind, SecretReference, System, Timestamp};
use port::{Event, Observe, Platform, Request, Secret, Ticket, Until};
use serde_json::json;
use std::sync::{Arc, Mutex};

const WORKLOAD: &str = "cluster.main/stateful-set/acme/vault";

fn workload() -> Address {
    WORKLOAD.parse().unwrap()
}

fn connections() -> Vec<Connection> {
    let cluster = Endpoint::KubeconfigContext { context: "main".to_owned(), kubeconfig: None };
    let vault = Connection {
        credentials: Some(SecretReference::Env("VAULT_TOKEN".to_owned())),
        ..Connection::new(System::Vault, Endpoint::InCluster { workload: workload() })
    };
    // Told in an order in which the way to one is known only later.
    vec![vault, Connection::new("cluster.main".parse().unwrap(), cluster)]
}

/// A platform whose cluster answers `cluster` to what is asked of Vault's workload, and whose Vault answers `vault`.
fn platform(
    cluster: impl Fn() -> Answer + Clone + Send + 'static,
    vault: impl Fn() -> Answer + Clone + Send + 'static,
) -> LivePlatform<Nowhere> {
    traced(cluster, vault, None)
}

/// The same, whose requests are shown.
fn traced(
    cluster: impl Fn() -> Answer + Clone + Send + 'static,
    vault: impl Fn() -> Answer + Clone + Send + 'static,
    trace: Option<Trace>,
) -> LivePlatform<Nowhere> {
    let of_cluster = move |request: &HttpRequest<Vec<u8>>| match request.uri().path() {
        path if path.starts_with("/apis/apps/v1/namespaces/acme/statefulsets/") => cluster(),
        path if path.starts_with("/api/v1/namespaces/acme/secrets/") => Answer::status(404, "NotFound", "not found"),
        "/version" => Answer::json(json!({"major": "1", "minor": "37"})),
        _ if request.uri().query().is_some_and(|query| query.contains("watch=")) => Answer::Open(Vec::new()),
        _ => Answer::json(json!({"metadata": {"uid": "u", "resourceVersion": "1"}, "items": []})),
    };
    let (cluster, vault) = (wire("cluster.main", of_cluster), wire("vault", move |_| vault()));
    let way = move |system: &System| match system {
        System::Cluster(_) => Some(cluster.client().clone()),
        System::Vault => Some(vault.client().clone()),
        _ => None,
    };
    let inputs = Inputs {
        clock: Arc::new(|| Timestamp(0)),
        trace,
        secrets: Box::new(|_| Ok(Secret::new("a token".to_owned()))),
        entropy: Box::new(|bytes| bytes.fill(7)),
        kubeconfig: Vec::new(),
        vault_namespace: None,
        platform: "acme".into(),
        wanted: Wanted::default(),
        limits: Limits::default(),
        way: Some(Box::new(way)),
    };
    LivePlatform::new(inputs, Nowhere)
}

fn not_ready() -> Answer {
    let metadata = json!({"name": "vault", "namespace": "acme", "uid": "u", "resourceVersion": "7", "generation": 1});
    let status = json!({"observedGeneration": 1, "replicas": 1, "readyReplicas": 0});
    Answer::json(json!({"metadata": metadata, "spec": {"replicas": 1}, "status": status}))
}

fn uninitialised() -> Answer {
    Answer::Is(501, json!({"initialized": false, "sealed": true}).to_string())
}

/// A store in the cluster of which nothing is there, neither its workload nor the Secret that logs in to it.
fn store(system: &str) -> Connection {
    let text = |text: &str| text.to_owned();
    let secret =
        SecretReference::Kubernetes { cluster: text("main"), namespace: text("acme"), name: text(system), field: text("root") };
    let workload = format!("cluster.main/stateful-set/acme/{}", system.replace('.', "-")).parse().unwrap();
    Connection { credentials: Some(secret), ..Connection::new(system.parse().unwrap(), Endpoint::InCluster { workload }) }
}

#[test]
fn a_look_at_a_cluster_where_no_store_is_asks_for_no_secret_and_a_step_that_needs_one_does() {
    let absent = || Answer::status(404, "NotFound", "not found");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = lines.clone();
    let trace: Trace = Box::new(move |line| heard.lock().unwrap().push(line.to_owned()));
    let mut platform = traced(absent, || panic!("it is not there"), Some(trace));
    let mut all: Vec<Connection> = ["vault", "mysql", "elasticsearch.central"].map(store).into();
    all.extend(connections().pop());
    let kinds = [Kind::Policy, Kind::Schema, Kind::User, Kind::IndexTemplate];
    let snapshot = block_on(platform.observe(&all, &kinds)).unwrap();
    for (store, kind) in all.iter().zip([Kind::Policy, Kind::User, Kind::IndexTemplate]) {
        let gap = snapshot.listing(&store.system, kind);
        assert!(matches!(gap, Some(Listing::Unknown(Gap::NotYet { .. }))), "{gap:?}");
    }
    let asked = || lines.lock().unwrap().iter().filter(|line| line.contains("/secrets/")).cloned().collect::<Vec<_>>();
    let entry = SecretReference::Vault { path: "acme/shop".to_owned(), field: "password".to_owned() };
    assert!(block_on(platform.digests(&[entry])).unwrap().is_empty());
    assert_eq!(asked(), [""; 0]);
    let reached = block_on(platform.systems().reach(&System::Mysql));
    assert!(matches!(reached, Adapter::Nothing(_)));
    assert!(
        matches!(asked().as_slice(), [one] if one.contains("GET /api/v1/namespaces/acme/secrets/mysql 404")),
        "{:?}",
        asked()
    );
}

fn gap(cluster: impl Fn() -> Answer + Clone + Send + 'static, vault: impl Fn() -> Answer + Clone + Send + 'static) -> Gap {
    let mut platform = platform(cluster, vault);
    let snapshot = block_on(platform.observe(&connections(), &[Kind::Policy])).unwrap();
    match snapshot.listing(&System::Vault, Kind::Policy) {
        Some(Listing::Unknown(gap)) => gap.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_store_whose_workload_is_absent_is_not_there_yet_and_one_whose_cluster_is_silent_is_unknown() {
    let absent = || Answer::status(404, "NotFound", "statefulsets.apps \"vault\" not found");
    assert_eq!(gap(absent, || panic!("it is not there")), Gap::NotYet { workload: workload() });
    assert!(matches!(gap(|| Answer::Refused, || panic!("nobody knows")), Gap::Unreachable(why) if why.contains("refused")));
}

#[test]
fn a_store_whose_workload_is_not_ready_is_on_its_way_and_says_what_it_needs() {
    let Gap::Starting { workload: host, why } = gap(not_ready, uninitialised) else { panic!("not starting") };
    assert_eq!(host, workload());
    assert!(why.contains("is not initialised: `vault operator init` does that once") && why.contains(WORKLOAD), "{why}");
}

#[test]
fn whoever_waits_for_the_workload_hears_what_the_store_says_until_it_serves() {
    let mut platform = platform(not_ready, uninitialised);
    let heard = block_on(async {
        platform.observe(&connections(), &[]).await.unwrap();
        platform.submit(Request::Watch { ticket: Ticket(1), address: workload(), until: Until::Ready });
        let mut heard = Vec::new();
        while !heard.iter().any(|why: &String| why.contains("not initialised")) {
            for event in platform.next().await.unwrap() {
                match event {
                    Event::Readiness { ticket: Ticket(1), condition: Condition::NotReady(why) } => heard.push(why),
                    other => panic!("{other:?}"),
                }
            }
        }
        heard
    });
    assert!(heard.last().unwrap().ends_with("`vault operator init` does that once"), "{heard:?}");
}
