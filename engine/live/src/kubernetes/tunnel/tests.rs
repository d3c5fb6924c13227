//! Which pod is gone to, and what is said when none can be; streams that break. Real streams are tried on the bench.

use super::*;
use crate::kubernetes::cluster::Cluster;
use crate::secret::tests::secrets;
use crate::wanted::Wanted;
use crate::wire::fake::{Answer, block_on, wire};
use serde_json::json;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

fn pod(name: &str, phase: &str, ready: bool, ending: bool) -> serde_json::Value {
    let status = if ready { "True" } else { "False" };
    let ending = ending.then_some("2026-11-27T00:00:00Z");
    json!({"metadata": {"name": name, "namespace": "acme", "deletionTimestamp": ending},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": status}]}})
}

#[test]
fn a_pod_that_is_ready_is_gone_to_first_and_one_that_ends_or_has_not_begun_never() {
    let cases = [
        (vec![pod("vault-0", "Running", false, false), pod("vault-1", "Running", true, false)], Some("vault-1")),
        (vec![pod("vault-1", "Running", true, false), pod("vault-0", "Running", true, false)], Some("vault-0")),
        (vec![pod("vault-0", "Running", false, false), pod("vault-1", "Pending", false, false)], Some("vault-0")),
        (vec![pod("vault-0", "Running", true, true), pod("vault-1", "Failed", false, false)], None),
        (vec![], None),
    ];
    for (pods, expected) in cases {
        let pods: Vec<Pod> = pods.into_iter().map(|pod| serde_json::from_value(pod).unwrap()).collect();
        assert_eq!(chosen(&pods).as_deref(), expected, "{pods:?}");
    }
}

/// The way to MySQL in a cluster that answers so.
fn tunnel(answer: impl Fn(&str) -> Answer + Clone + Send + 'static) -> Tunnel {
    let wire = wire("cluster.main", move |request: &Request<Vec<u8>>| answer(&format!("{} {}", request.method(), request.uri())));
    let cluster = Cluster::new(wire, Rc::new(secrets()), Wanted::default());
    Tunnel::new(&cluster, &System::Mysql, &"cluster.main/stateful-set/acme/mysql".parse().unwrap()).unwrap()
}

const WORKLOAD: &str = "GET /apis/apps/v1/namespaces/acme/statefulsets/mysql";
const PODS: &str = "GET /api/v1/namespaces/acme/pods?&labelSelector=";

fn workload() -> Answer {
    Answer::json(json!({"metadata": {"name": "mysql"}, "spec": {"selector": {"matchLabels": {"app": "mysql", "of": "acme"}}}}))
}

fn why(answer: impl Fn(&str) -> Answer + Clone + Send + 'static) -> String {
    match block_on(tunnel(answer).open()) {
        Err(why) => why,
        Ok(_) => panic!("a function opens no streams"),
    }
}

#[test]
fn why_no_pod_is_reached_names_the_system_its_workload_and_a_remedy() {
    let gone = why(|_| Answer::status(404, "NotFound", "statefulsets.apps \"mysql\" not found"));
    assert_eq!(gone, "cluster.main (https://server.test) answers 404: statefulsets.apps \"mysql\" not found");
    let none = why(|line| match line {
        WORKLOAD => workload(),
        _ if line.starts_with(PODS) && line.ends_with("app%3Dmysql%2Cof%3Dacme") => {
            Answer::json(json!({"metadata": {}, "items": [pod("mysql-0", "Pending", false, false)]}))
        }
        other => panic!("{other}"),
    });
    assert_eq!(none, "none of its pods runs");
    let forbidden = "pods \"mysql-0\" is forbidden: User \"vamp\" cannot get resource \"pods/portforward\" in API group \"\" in the \
                     namespace \"acme\"";
    let refused = why(move |line| match line {
        WORKLOAD => workload(),
        _ if line.starts_with(PODS) => Answer::json(json!({"metadata": {}, "items": [pod("mysql-0", "Running", true, false)]})),
        "GET /api/v1/namespaces/acme/pods/mysql-0/portforward?&ports=3306" => Answer::status(403, "Forbidden", forbidden),
        other => panic!("{other}"),
    });
    assert!(refused.ends_with("`vamp permissions SPEC --system cluster.main` prints the rights that vamp needs"), "{refused}");
    assert!(refused.contains("pods/portforward"), "{refused}");
    let page = why(|_| Answer::Is(200, "<html>log in".into()));
    assert!(page.contains("answers with something else"), "{page}");
}

#[test]
fn what_came_before_a_stream_broke_is_read_and_then_why() {
    let (ours, mut theirs) = duplex(64);
    let broken = Box::pin(std::future::ready(Some("error forwarding port 3306: connection refused\n".to_owned())));
    let mut stream = Stream::new(ours, broken, "mysql".to_owned());
    block_on(async {
        theirs.write_all(b"greeting").await.unwrap();
        let mut read = [0; 8];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"greeting");
        let error = stream.read(&mut read).await.unwrap_err();
        assert_eq!(error.to_string(), "mysql: error forwarding port 3306: connection refused");
    });
}

#[test]
fn nobody_listens_where_a_stream_breaks_or_ends_before_a_word_and_somebody_where_one_waits() {
    let broken = |why: Option<&str>| Box::pin(std::future::ready(why.map(ToOwned::to_owned)));
    let deaf = |ours, why| block_on(is_deaf(Stream::new(ours, broken(why), "mysql".to_owned())));
    let (ours, _theirs) = duplex(64);
    assert!(deaf(ours, Some("connection refused")));
    let (ours, theirs) = duplex(64);
    drop(theirs);
    assert!(deaf(ours, None), "it hangs up");
    let (ours, _theirs) = duplex(64);
    assert!(!deaf(ours, None), "it waits for what we say");
    let (ours, mut theirs) = duplex(64);
    block_on(theirs.write_all(b"<html>")).unwrap();
    assert!(!deaf(ours, None), "it says something, be that what it may");
}

#[test]
fn a_stream_that_ends_without_a_reason_just_ends() {
    let (ours, theirs) = duplex(64);
    let mut stream = Stream::new(ours, Box::pin(std::future::ready(None)), "mysql".to_owned());
    drop(theirs);
    assert_eq!(block_on(stream.read(&mut [0; 8])).unwrap(), 0);
}
