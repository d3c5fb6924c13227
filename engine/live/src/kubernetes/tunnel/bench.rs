//! Tunnels through a real API server, where the test bench is up. Its pods run no containers; where the ports of a pod lead to, an object of
//! KWOK's says (docs/bench.md, "Ports of pods").

#![allow(clippy::disallowed_methods, reason = "real time against a real server")]

use super::Tunnel;
use crate::bench::{Bench, run};
use crate::inputs::Inputs;
use crate::journal::tests::Nowhere;
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::connect::connect;
use crate::mysql::connect::Way;
use crate::mysql::server::{Access, Mysql};
use crate::platform::LivePlatform;
use crate::secret::tests::secrets;
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::{Limits, Wire};
use futures::future::join_all;
use http::Request;
use model::connection::{Connection, Endpoint};
use model::observation::{Gap, Listing};
use model::{Address, Duration, Kind, SecretReference, System, Timestamp};
use port::{Observe, Secret};
use serde_json::{Value, json};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;

/// A namespace of a test's own in the first cluster of the bench.
struct Place {
    bench: Bench,
    cluster: String,
    namespace: String,
}

impl Place {
    fn new(name: &str) -> Option<Place> {
        let bench = Bench::found()?;
        let cluster = bench.get("VAMP_BENCH_CLUSTERS").split(' ').next()?.to_owned();
        let place = Place { bench, cluster, namespace: format!("{name}-{}", std::process::id()) };
        place.kubectl(&["create", "namespace", &place.namespace], None);
        Some(place)
    }

    fn kubectl(&self, arguments: &[&str], input: Option<&Value>) -> String {
        let mut kubectl = Command::new(self.bench.get("VAMP_BENCH_KUBECTL"));
        kubectl.args(["--kubeconfig", self.bench.get("VAMP_BENCH_KUBECONFIG"), "--context", &self.cluster]);
        if !arguments.contains(&"namespace") {
            kubectl.args(["--namespace", &self.namespace]);
        }
        kubectl.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = kubectl.spawn().unwrap();
        let text = input.map(ToString::to_string).unwrap_or_default();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "kubectl {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A workload of one pod, whose `port` leads to `target`.
    fn run(&self, name: &str, port: u16, target: u16) {
        let labels = json!({"app": name});
        let container = json!({"name": name, "image": "example.com/nothing", "ports": [{"containerPort": port}]});
        let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container]}});
        let spec = json!({"replicas": 1, "serviceName": name, "selector": {"matchLabels": labels}, "template": template});
        let workload = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec});
        self.kubectl(&["apply", "--filename=-"], Some(&workload));
        self.lead(name, port, target);
        let status = format!("statefulset/{name}");
        self.kubectl(&["rollout", "status", &status, "--timeout=60s"], None);
    }

    fn lead(&self, name: &str, port: u16, target: u16) {
        let spec = json!({"forwards": [{"ports": [port], "target": {"address": "127.0.0.1", "port": target}}]});
        let metadata = json!({"name": format!("{name}-0")});
        let forward = json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward", "metadata": metadata, "spec": spec});
        self.kubectl(&["apply", "--filename=-"], Some(&forward));
        // What it says holds a moment later.
        std::thread::sleep(std::time::Duration::from_millis(500));
    }

    /// What keeps a look from a Vault that this cluster runs.
    async fn gap(&self) -> Gap {
        let inputs = Inputs {
            clock: Arc::new(|| Timestamp(0)),
            trace: None,
            secrets: Box::new(|_| Ok(Secret::new("a token".to_owned()))),
            entropy: Box::new(|bytes| bytes.fill(7)),
            kubeconfig: vec![self.bench.get("VAMP_BENCH_KUBECONFIG").into()],
            vault_namespace: None,
            platform: "acme".into(),
            wanted: Wanted::default(),
            limits: limits(),
            way: None,
        };
        let context = Endpoint::KubeconfigContext { context: self.cluster.clone(), kubeconfig: None };
        let cluster = Connection::new(System::Cluster(self.cluster.as_str().into()), context);
        let vault = Connection {
            credentials: Some(SecretReference::Env("TOKEN".to_owned())),
            ..Connection::new(System::Vault, Endpoint::InCluster { workload: self.workload("vault") })
        };
        let mut platform = LivePlatform::new(inputs, Nowhere);
        let snapshot = platform.observe(&[cluster, vault], &[Kind::Policy]).await.unwrap();
        match snapshot.listing(&System::Vault, Kind::Policy) {
            Some(Listing::Unknown(gap)) => gap.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn workload(&self, name: &str) -> Address {
        format!("cluster.{}/stateful-set/{}/{name}", self.cluster, self.namespace).parse().unwrap()
    }

    /// Let the API server have written down long ago how a workload is.
    fn age(&self, name: &str) {
        let kind = format!("statefulset/{name}");
        let list = "jsonpath={range .metadata.managedFields[*]}{.subresource}:{\"\\n\"}{end}";
        let accounts = self.kubectl(&["get", &kind, "--show-managed-fields", "--output", list], None);
        let mut patch: Vec<Value> = accounts.lines().enumerate().filter(|(_, of)| *of == "status:").map(|(index, _)| {
            json!({"op": "replace", "path": format!("/metadata/managedFields/{index}/time"), "value": "2026-01-01T00:00:00Z"})
        }).collect();
        assert!(!patch.is_empty(), "{accounts}");
        // A patch of nothing but times is taken back (`IgnoreManagedFieldsTimestampsTransformer` of the API server), unless the order of the
        // accounts happens to change with it.
        patch.push(json!({"op": "add", "path": "/metadata/annotations/aged", "value": "yes"}));
        self.kubectl(&["patch", &kind, "--type=json", "--patch", &Value::from(patch).to_string()], None);
    }

    async fn tunnel(&self, system: System, name: &str) -> Tunnel {
        let named = System::Cluster(self.cluster.as_str().into());
        let files = [self.bench.get("VAMP_BENCH_KUBECONFIG").into()];
        let (client, server) = connect(&named, &self.cluster, &files).await.unwrap();
        let wire = Wire::new(client, server, traffic(), limits());
        let cluster = Cluster::new(wire, Rc::new(secrets()), Wanted::default());
        Tunnel::new(&cluster, &system, &self.workload(name)).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.kubectl(&["delete", "namespace", &self.namespace, "--wait=false"], None);
    }
}

fn traffic() -> Traffic {
    Traffic::new(Arc::new(|| Timestamp(0)), None)
}

fn limits() -> Limits {
    Limits { time: Duration::seconds(20), ..Limits::default() }
}

/// A server that answers each request with its path and the size of its body, and hangs up where it is told to.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
    port
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut read = Vec::new();
    loop {
        let mut piece = [0; 65536];
        let count = stream.read(&mut piece)?;
        read.extend_from_slice(&piece[..count]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
            if count == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if read.len() < end + length {
            continue;
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        read.drain(..end + length);
        if path == "/hang-up" {
            return Ok(());
        }
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let body =
            format!("{host} {path} {length} {}", "x".repeat(path.strip_prefix("/size/").map_or(0, |size| size.parse().unwrap())));
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    }
}

fn wire(tunnel: &Tunnel) -> Wire {
    Wire::new(tunnel.client(), tunnel.server(), traffic(), limits())
}

async fn said(wire: &Wire, path: &str, body: &str) -> Result<String, String> {
    let request = Request::put(path).body(body.as_bytes().to_vec()).unwrap();
    match wire.call(request).await {
        Ok(reply) => Ok(String::from_utf8(reply.body).unwrap()),
        Err(failure) => Err(failure.to_string()),
    }
}

#[test]
fn http_goes_through_an_api_server_to_a_pod() {
    let Some(place) = Place::new("through") else { return };
    place.run("vault", 8200, serve());
    run(async {
        let tunnel = place.tunnel(System::Vault, "vault").await;
        let wire = wire(&tunnel);
        let host = format!("vault.{}.svc.cluster.local:8200", place.namespace);
        assert_eq!(said(&wire, "/v1/first", "four").await, Ok(format!("{host} /v1/first 4 ")));
        // Many at once, and more than any window holds.
        let asked = (0..40).map(|number| {
            let wire = wire.clone();
            async move { said(&wire, &format!("/v1/{number}"), "").await }
        });
        for (number, answer) in join_all(asked).await.into_iter().enumerate() {
            assert_eq!(answer, Ok(format!("{host} /v1/{number} 0 ")));
        }
        let large = said(&wire, "/size/20000000", &"y".repeat(8_000_000)).await.unwrap();
        assert_eq!(large.len(), format!("{host} /size/20000000 8000000 ").len() + 20_000_000);
        // A server that hangs up is no end of the tunnel.
        let error = said(&wire, "/hang-up", "").await.unwrap_err();
        assert!(
            error.starts_with(&format!("vault (cluster.{}/stateful-set/{}/vault)", place.cluster, place.namespace)),
            "{error}"
        );
        assert!(said(&wire, "/v1/after", "").await.is_ok());
    });
}

#[test]
fn what_is_said_of_a_server_that_does_not_listen_names_the_pod_and_why() {
    let Some(place) = Place::new("deaf") else { return };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.run("vault", 8200, nobody);
    place.run("mysql", 3306, nobody);
    run(async {
        let vault = place.tunnel(System::Vault, "vault").await;
        let error = said(&wire(&vault), "/v1/sys/health", "").await.unwrap_err();
        assert!(error.contains("port 8200 of the pod vault-0") && error.contains("connection refused"), "{error}");
        let mysql = mysql(&place, place.tunnel(System::Mysql, "mysql").await);
        let error = mysql.identity().await.unwrap_err().to_string();
        assert!(error.contains("port 3306 of the pod mysql-0") && error.contains("connection refused"), "{error}");
        // It comes up, and is reached by the same client.
        place.lead("vault", 8200, serve());
        assert!(said(&wire(&vault), "/v1/sys/health", "").await.is_ok());
        // Its pod goes.
        place.kubectl(&["scale", "statefulset/vault", "--replicas=0"], None);
        place.kubectl(&["wait", "--for=delete", "pod/vault-0", "--timeout=60s"], None);
        let error = said(&wire(&vault), "/v1/sys/health", "").await.unwrap_err();
        assert!(error.contains("none of its pods runs"), "{error}");
    });
}

#[test]
fn a_store_whose_pods_are_ready_before_it_listens_is_on_its_way_for_a_while_and_what_says_anything_is_not() {
    let Some(place) = Place::new("coming") else { return };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.run("vault", 8200, nobody);
    run(async {
        let Gap::Starting { workload, why } = place.gap().await else { panic!("not on its way") };
        assert_eq!(workload, place.workload("vault"));
        assert!(why.contains("connection refused") && why.contains("/vault: ready for "), "{why}");
        assert!(why.ends_with(", and nobody listens there yet)"), "{why}");
        // It is another server that answers.
        place.lead("vault", 8200, serve());
        let gap = place.gap().await;
        assert!(matches!(&gap, Gap::Unreachable(why) if why.contains("is a proxy or another server in the way?")), "{gap:?}");
        // Nobody listens, and nothing has begun.
        place.lead("vault", 8200, nobody);
        place.age("vault");
        let gap = place.gap().await;
        assert!(matches!(&gap, Gap::Unreachable(why) if why.contains("connection refused")), "{gap:?}");
    });
}

/// MySQL at the end of a tunnel, as the user of the bench.
fn mysql(place: &Place, tunnel: Tunnel) -> Mysql {
    let get = |name: &str| place.bench.get(name);
    let options = MySqlConnectOptions::new().username(get("VAMP_BENCH_MYSQL_USER")).password(get("VAMP_BENCH_MYSQL_PASSWORD"));
    let options = options.ssl_mode(MySqlSslMode::Preferred).timezone(None);
    let server = tunnel.server();
    let access = Access { way: Way::Through(tunnel), options };
    Mysql::new(access, server, traffic(), limits(), Rc::new(secrets()), Wanted::default())
}

#[test]
fn mysql_is_spoken_to_through_an_api_server() {
    let Some(place) = Place::new("rows") else { return };
    place.run("mysql", 3306, place.bench.get("VAMP_BENCH_MYSQL_PORT").parse().unwrap());
    run(async {
        let mysql = mysql(&place, place.tunnel(System::Mysql, "mysql").await);
        let identity = mysql.identity().await.unwrap();
        // As many connections as there may be, each with an answer of its own.
        let asked = (0..20_u32).map(|number| {
            let mysql = &mysql;
            async move { mysql.session().await?.rows(format!("SELECT CAST({number} AS CHAR), REPEAT('x', 300000)")).await }
        });
        for (number, rows) in join_all(asked).await.into_iter().enumerate() {
            let rows = rows.unwrap_or_else(|trouble| panic!("{number}: {trouble:?}"));
            assert_eq!((rows[0][0].as_deref(), rows[0][1].as_ref().unwrap().len()), (Some(number.to_string().as_str()), 300_000));
        }
        assert_eq!(mysql.identity().await, Ok(identity));
    });
}
