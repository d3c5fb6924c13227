//! Lists, watches and steps over a server that is a function: what a real one does rarely, and what only a broken one does.

use super::apply::Wanted as Step;
use super::cluster::Cluster;
use super::watch::Watch;
use crate::secret::tests::secrets;
use crate::wanted::Wanted;
use crate::wire::fake::{Answer, block_on, wire};
use http::Request;
use model::observation::{Condition, Gap, Listing};
use model::operation::{Expectation, Mark, OperationError};
use model::resource::Scope;
use model::{Address, Kind, Value};
use port::{Event, Ticket, Until};
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::unbounded_channel;

type Log = Arc<Mutex<Vec<String>>>;

/// A cluster that answers as `answer` says, given method with path, and how many requests of the same came before; and its log.
fn cluster(answer: impl Fn(&str, usize) -> Answer + Clone + Send + 'static) -> (Rc<Cluster>, Log) {
    let log = Log::default();
    let heard = log.clone();
    let wire = wire("cluster.eu-1", move |request: &Request<Vec<u8>>| {
        let line = format!("{} {}", request.method(), request.uri());
        let mut log = heard.lock().unwrap();
        let before = log.iter().filter(|earlier| **earlier == line).count();
        log.push(line.clone());
        answer(&line, before)
    });
    (Rc::new(Cluster::new(wire, Rc::new(secrets()), Wanted::default())), log)
}

fn object(name: &str, version: &str) -> serde_json::Value {
    json!({"metadata": {"name": name, "namespace": "shop", "resourceVersion": version, "uid": format!("uid-{name}"),
        "labels": {"app.kubernetes.io/managed-by": "vamp", "vamp.io/platform": "acme"}}})
}

fn page(names: &[&str], continued: &str) -> Answer {
    let items: Vec<_> = names.iter().map(|name| object(name, "5")).collect();
    Answer::json(json!({"metadata": {"resourceVersion": "10", "continue": continued}, "items": items}))
}

fn names(listing: Listing) -> Vec<String> {
    match listing {
        Listing::Complete(objects) => objects.addresses().map(|address| address.name().to_owned()).collect(),
        Listing::Unknown(gap) => panic!("{gap}"),
    }
}

fn gap(answer: impl Fn() -> Answer + Clone + Send + 'static) -> String {
    let (cluster, _) = cluster(move |_, _| answer());
    match block_on(cluster.list(Kind::ConfigMap)) {
        Listing::Unknown(gap) => gap.to_string(),
        Listing::Complete(objects) => panic!("{objects:?}"),
    }
}

#[test]
fn pages_are_read_to_the_last_and_a_list_that_expired_is_read_anew() {
    let (cluster, log) = cluster(|line, before| match (line.contains("continue=next"), before) {
        (true, 0) => Answer::status(410, "Expired", "The provided continue parameter is too old"),
        (true, _) => page(&["b"], ""),
        (false, 0) => page(&["gone"], "next"),
        (false, _) => page(&["a"], "next"),
    });
    assert_eq!(names(block_on(cluster.list(Kind::ConfigMap))), ["a", "b"]);
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 4);
    assert!(log.iter().all(|line| line.contains("labelSelector=vamp.io%2Fplatform") && line.contains("limit=500")), "{log:?}");
}

#[test]
fn an_empty_list_may_be_null_and_an_answer_without_a_list_is_none() {
    let list = |text: &'static str| block_on(cluster(move |_, _| Answer::Is(200, text.into())).0.list(Kind::ConfigMap));
    assert_eq!(names(list(r#"{"metadata":{"resourceVersion":"10"},"items":null}"#)), [""; 0]);
    assert!(gap(|| Answer::Is(200, r#"{"metadata":{"resourceVersion":"10"}}"#.into())).contains("of another form"));
}

#[test]
fn a_list_that_never_stays_whole_is_a_gap_and_not_half_a_list() {
    let (cluster, _) =
        cluster(
            |line, _| {
                if line.contains("continue") { Answer::status(410, "Expired", "too old") } else { page(&["a"], "next") }
            },
        );
    assert!(matches!(block_on(cluster.list(Kind::ConfigMap)), Listing::Unknown(Gap::Unreachable(_))));
}

#[test]
fn every_broken_answer_is_a_gap_that_says_what_came() {
    assert_eq!(
        gap(|| Answer::Is(200, "<html>log in</html>".into())),
        "cluster.eu-1 (https://server.test) answers with HTML, not with what Kubernetes answers: is a proxy or a login page in the way?"
    );
    assert!(gap(|| Answer::Is(200, r#"{"items":[{"#.into())).contains("JSON that breaks off"));
    assert!(gap(|| Answer::BreaksOff).contains("its answer broke off"));
    assert!(gap(|| Answer::Endless).contains("more than 1 MiB"));
    assert!(gap(|| Answer::Never).contains("did not answer within 1m00s"));
}

#[test]
fn who_is_forbidden_lacks_a_right_unless_the_server_has_only_just_started() {
    let forbidden = "configmaps is forbidden: User \"ci\" cannot list resource";
    let listed = |started: bool| {
        let (cluster, log) = cluster(move |line, _| match (line, started) {
            ("GET /readyz", true) => Answer::Is(200, "ok".into()),
            ("GET /readyz", false) => Answer::status(403, "Forbidden", "User \"ci\" cannot get path \"/readyz\""),
            _ => Answer::status(403, "Forbidden", forbidden),
        });
        let listing = block_on(cluster.list(Kind::ConfigMap));
        assert_eq!(log.lock().unwrap().iter().filter(|line| *line == "GET /readyz").count(), 1);
        match listing {
            Listing::Unknown(gap) => gap,
            Listing::Complete(objects) => panic!("{objects:?}"),
        }
    };
    let refused = format!(
        "cluster.eu-1 (https://server.test) does not allow it: {forbidden}; `vamp permissions SPEC --system cluster.eu-1` prints the \
         rights that vamp needs"
    );
    assert_eq!(listed(true), Gap::Unreachable(refused.clone()));
    assert_eq!(
        listed(false),
        Gap::Unavailable(format!("{refused}; it does not say that it is ready, and may not know all rights yet"))
    );

    let (cluster, _) = cluster(|line, before| match (line, before) {
        ("GET /readyz", 0) => Answer::Is(500, "[-]poststarthook/rbac/bootstrap-roles failed".into()),
        ("GET /readyz", _) => Answer::Is(200, "ok".into()),
        _ => Answer::status(403, "Forbidden", "configmaps \"c\" is forbidden: User \"ci\" cannot delete resource"),
    });
    let address: Address = "cluster.eu-1/config-map/shop/c".parse().unwrap();
    let delete = || block_on(cluster.remove(&address, &Expectation::Unseen)).unwrap_err();
    assert!(matches!(delete(), OperationError::Busy { .. }), "tried again");
    assert!(matches!(delete(), OperationError::Refused(_)));
}

#[test]
fn a_server_that_is_too_old_is_told_so() {
    let of = |minor: &'static str| {
        let (cluster, _) = cluster(move |line, _| match line {
            "GET /version" => Answer::json(json!({"major": "1", "minor": minor, "gitVersion": format!("v1.{minor}.0")})),
            _ => Answer::json(json!({"metadata": {"uid": "u-1"}})),
        });
        block_on(cluster.identity()).map_err(|gap| gap.to_string())
    };
    assert_eq!(of("37"), Ok("u-1".into()));
    assert_eq!(of("33+"), Ok("u-1".into()));
    assert_eq!(of("21"), Err("cluster.eu-1 (https://server.test) is Kubernetes v1.21.0; vamp needs 1.33 or later".into()));
    assert!(of("x").unwrap_err().contains("does not say which Kubernetes it is"));
}

const DEPLOYMENT: &str = "cluster.eu-1/deployment/shop/web";

fn deployment(version: &str, ready: bool) -> serde_json::Value {
    let mut object = object("web", version);
    object["metadata"]["generation"] = json!(1);
    object["spec"] = json!({"replicas": 1});
    object["status"] =
        json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": u8::from(ready)});
    object
}

fn event(kind: &str, object: serde_json::Value) -> String {
    json!({"type": kind, "object": object}).to_string()
}

/// What a watch says until it is ready, and what it asked for.
fn watched(until: Until, answer: impl Fn(&str, usize) -> Answer + Clone + Send + 'static) -> (Vec<Condition>, Vec<String>) {
    let (cluster, log) = cluster(answer);
    let said = block_on(async {
        let (tell, mut heard) = unbounded_channel();
        let watch = Watch::new(cluster, Kind::Deployment, tell);
        watch.add(Ticket(1), DEPLOYMENT.parse().unwrap(), until);
        let mut said = Vec::new();
        let listen = async {
            while let Some(Event::Readiness { condition, .. }) = heard.recv().await {
                said.push(condition.clone());
                if condition == Condition::Ready {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            () = listen => {}
            () = watch.run() => {}
            () = tokio::time::sleep(std::time::Duration::from_secs(3600)) => panic!("nothing more was said within an hour"),
        }
        said
    });
    let log = log.lock().unwrap().clone();
    (said, log)
}

fn first_list(line: &str) -> Option<Answer> {
    let list = || Answer::json(json!({"metadata": {"resourceVersion": "10"}, "items": [deployment("9", false)]}));
    (!line.contains("watch=true")).then(list)
}

#[test]
fn a_change_is_heard_of_and_a_watch_that_ends_goes_on_where_it_was() {
    let (said, log) = watched(Until::Ready, |line, before| {
        first_list(line).unwrap_or_else(|| match (line.contains("resourceVersion=10"), before) {
            (true, _) => Answer::Lines(vec![event(
                "BOOKMARK",
                json!({"apiVersion": "v1", "kind": "D", "metadata": {"resourceVersion": "20"}}),
            )]),
            (false, 0) => Answer::Open(vec![event("MODIFIED", deployment("21", true))]),
            (false, _) => Answer::Never,
        })
    });
    assert_eq!(said, [Condition::NotReady("0 of 1 pods are updated and available".into()), Condition::Ready]);
    let watches: Vec<_> = log.iter().filter(|line| line.contains("watch=true")).collect();
    assert!(watches[0].contains("resourceVersion=10") && watches[1].contains("resourceVersion=20"), "{watches:?}");
    assert!(watches.iter().all(|line| line.contains("allowWatchBookmarks=true")));
}

#[test]
fn a_watch_that_is_too_late_begins_with_a_new_list() {
    for late in [0, 1] {
        let (said, log) = watched(Until::Ready, move |line, before| match line.contains("watch=true") {
            true if late == 0 => Answer::status(410, "Expired", "too old resource version"),
            true => Answer::Lines(vec![event(
                "ERROR",
                json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}),
            )]),
            false => {
                let items = [deployment("9", before > 0)];
                Answer::json(json!({"metadata": {"resourceVersion": "10"}, "items": items}))
            }
        });
        assert_eq!(said.last(), Some(&Condition::Ready));
        assert_eq!(log.iter().filter(|line| !line.contains("watch=true")).count(), 2, "{log:?}");
    }
}

/// How many requests a server gets within an hour that lets no watch last, if somebody says so often that it is back.
fn asked_within_an_hour(said: Option<std::time::Duration>, watch: impl Fn() -> Answer + Clone + Send + 'static) -> usize {
    // One that asks without a pause would never see the hour end.
    let answer = move |before| if before < 3000 { watch() } else { Answer::Never };
    let (cluster, log) = cluster(move |line, before| first_list(line).unwrap_or_else(|| answer(before)));
    let (tell, _heard) = unbounded_channel();
    let watch = Watch::new(cluster, Kind::Deployment, tell);
    watch.add(Ticket(1), DEPLOYMENT.parse().unwrap(), Until::Ready);
    let asked = |_| log.lock().unwrap().len();
    let hurried = watch.clone();
    let hurry = async {
        loop {
            tokio::time::sleep(said.unwrap_or(std::time::Duration::MAX)).await;
            hurried.look_again();
        }
    };
    let listen = async {
        tokio::select! { () = watch.run() => {}, () = hurry => {} }
    };
    let an_hour = async { tokio::time::timeout(std::time::Duration::from_secs(3600), listen).await };
    block_on(an_hour).map_or_else(asked, |()| 0)
}

#[test]
fn a_watch_that_pauses_listens_again_when_somebody_says_that_its_server_is_back() {
    let fails = || Answer::Is(500, "etcdserver: leader changed".into());
    let asked = asked_within_an_hour(Some(std::time::Duration::from_secs(2)), fails);
    assert!((1700..1900).contains(&asked), "{asked} requests within an hour");
}

#[test]
fn a_server_that_lets_no_watch_last_is_asked_ever_more_rarely() {
    let expired = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"});
    // One request or two (410: the list is read anew) every five seconds at the most.
    for (answers, most) in [
        (Answer::status(410, "Expired", "too old resource version"), 1460),
        (Answer::Lines(vec![event("ERROR", expired)]), 1460),
        (Answer::Lines(Vec::new()), 740),
        (Answer::Is(500, "etcdserver: leader changed".into()), 740),
    ] {
        let asked = asked_within_an_hour(None, move || answers.clone());
        assert!((600..most).contains(&asked), "{asked} requests within an hour");
    }
}

#[test]
fn silence_is_told_and_ends_when_the_server_is_back() {
    let (said, _) = watched(Until::Ready, |line, before| {
        first_list(line).unwrap_or_else(|| match before {
            0 => Answer::Refused,
            1 => Answer::Is(503, "not ready".into()),
            _ => Answer::Open(vec![event("MODIFIED", deployment("21", true))]),
        })
    });
    let words: Vec<String> = said.iter().map(|condition| format!("{condition:?}")).collect();
    assert!(words[1].contains("Connection refused"), "{words:?}");
    assert_eq!(said.last(), Some(&Condition::Ready));
}

#[test]
fn a_connection_that_died_in_silence_is_noticed() {
    let (said, log) = watched(Until::Gone, |line, before| {
        first_list(line).unwrap_or_else(|| match before {
            0 => Answer::Open(Vec::new()),
            _ => Answer::Open(vec![event("DELETED", deployment("21", false))]),
        })
    });
    assert_eq!(said, [Condition::NotReady("0 of 1 pods are updated and available".into()), Condition::Ready]);
    assert_eq!(log.iter().filter(|line| line.contains("watch=true")).count(), 2);
}

#[test]
fn what_was_heard_before_our_own_write_says_nothing_of_it() {
    let (cluster, _) = cluster(|line, _| match line.contains("watch=true") {
        true => Answer::Open(vec![event("MODIFIED", deployment("30", true))]),
        false => Answer::json(json!({"metadata": {"resourceVersion": "10"}, "items": [deployment("9", true)]})),
    });
    cluster.written.borrow_mut().insert(DEPLOYMENT.parse().unwrap(), "25".into());
    let (tell, mut heard) = unbounded_channel();
    let watch = Watch::new(cluster, Kind::Deployment, tell);
    watch.add(Ticket(1), DEPLOYMENT.parse().unwrap(), Until::Ready);
    block_on(async {
        let both = async { (heard.recv().await, heard.recv().await) };
        tokio::select! {
            biased;
            (first, second) = both => {
                let told = |condition| Some(Event::Readiness { ticket: Ticket(1), condition });
                assert_eq!(first, told(Condition::NotReady("is not seen as it was written yet".into())));
                assert_eq!(second, told(Condition::Ready));
            }
            () = watch.run() => {}
        }
    });
}

fn apply(
    expected: Expectation,
    answer: impl Fn(&str, usize) -> Answer + Clone + Send + 'static,
) -> (Result<bool, OperationError>, Vec<String>) {
    let (cluster, log) = cluster(answer);
    let address: Address = "cluster.eu-1/config-map/shop/c".parse().unwrap();
    let document: Value = serde_json::from_value(json!({"data": {"a": "1"}})).unwrap();
    let mark = Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM };
    let step = Step { address: &address, document: &document, mark: &mark, expected: &expected, force: false };
    let result = block_on(cluster.apply(step, BTreeMap::new())).map(|receipt| receipt.changed);
    let log = log.lock().unwrap().clone();
    (result, log)
}

#[test]
fn a_status_that_moves_while_we_write_is_read_again_and_no_failure() {
    let (result, log) = apply(Expectation::Unseen, |line, before| match line.starts_with("GET") {
        true => Answer::json(object("c", &format!("{}", 5 + before))),
        false if before < 3 => Answer::status(409, "Conflict", "the object has been modified"),
        false => Answer::json(object("c", "20")),
    });
    assert_eq!(result, Ok(true));
    assert_eq!(log.iter().filter(|line| line.starts_with("PATCH")).count(), 4);
    let (result, _) = apply(Expectation::Unseen, |line, _| match line.starts_with("GET") {
        true => Answer::json(object("c", "5")),
        false => Answer::status(409, "Conflict", "the object has been modified"),
    });
    assert!(matches!(result, Err(OperationError::Busy { .. })), "{result:?}");
}

#[test]
fn what_is_to_be_made_is_made_and_never_merged_into_what_is_there() {
    let (result, log) = apply(Expectation::Absent, |line, _| match line.starts_with("POST") {
        true => Answer::status(409, "AlreadyExists", "configmaps \"c\" already exists"),
        false => Answer::json(json!({"metadata": {"name": "c", "namespace": "shop", "resourceVersion": "5", "uid": "u"}})),
    });
    assert!(matches!(&result, Err(OperationError::Refused(why)) if why.contains("not owned by platform acme")), "{result:?}");
    assert_eq!(log, ["POST /api/v1/namespaces/shop/configmaps?&fieldManager=vamp", "GET /api/v1/namespaces/shop/configmaps/c"]);
}

#[test]
fn an_address_that_would_lead_elsewhere_is_refused_before_anything_is_sent() {
    let (cluster, log) = cluster(|_, _| Answer::Never);
    let address: Address = "cluster.eu-1/config-map/shop/..".parse().unwrap();
    let refused = block_on(cluster.remove(&address, &Expectation::Unseen));
    assert!(matches!(refused, Err(OperationError::Refused(_))));
    assert!(log.lock().unwrap().is_empty());
}
