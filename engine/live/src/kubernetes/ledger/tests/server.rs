//! An API server in memory: what the ledger needs of one, with its limits, and with every way in which a request can go wrong.

use crate::kubernetes::ledger::store::Store;
use crate::kubernetes::ledger::{ClusterLedger, LASTS, Rhythm, Way};
use crate::wire::Limits;
use crate::wire::fake::{Answer, wire};
use http::Request;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Before,
    /// It is carried out, and its answer is lost.
    After,
    /// It is answered so, and not carried out.
    Status(u16, &'static str),
    /// A proxy answers with a page of its own.
    Page,
}

/// Kinds of trouble that pass.
pub(crate) const PASSING: [Fault; 8] = [
    Fault::Before,
    Fault::After,
    Fault::Status(429, "TooManyRequests"),
    Fault::Status(500, "InternalError"),
    Fault::Status(503, "ServiceUnavailable"),
    Fault::Status(504, "Timeout"),
    Fault::Status(401, "Unauthorized"),
    Fault::Page,
];

#[derive(Default)]
pub(crate) struct State {
    /// Objects by their path.
    pub(crate) objects: BTreeMap<String, Value>,
    version: u64,
    /// Every request that arrived: who, and what.
    pub(crate) log: Vec<(String, String)>,
    /// What goes wrong, by who asks and the number of his request.
    pub(crate) faults: BTreeMap<(String, usize), Fault>,
    /// Who cannot reach it.
    pub(crate) cut_off: BTreeSet<String>,
    /// What is forbidden, by method and path.
    pub(crate) forbidden: Option<&'static str>,
    asked: BTreeMap<String, usize>,
}

/// The server.
#[derive(Clone, Default)]
pub(crate) struct Server(Arc<Mutex<State>>);

impl Server {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// The ledger of a platform as `who` uses it.
    pub(crate) fn ledger(&self, who: &str) -> ClusterLedger {
        let (server, name) = (self.clone(), who.to_owned());
        let wire = wire("cluster.eu-1", move |request| server.state().answer(&name, request));
        let wire = wire.limited(Limits { size: 64 << 20, ..wire.limits() });
        let way = Way::Store(Store::new(wire, "acme".into()));
        ClusterLedger { way, tell: Box::new(|_| {}), platform: "acme".into(), rhythm: Rhythm::of(LASTS), hold: None }
    }

    /// Number of requests of somebody so far.
    pub(crate) fn asked(&self, who: &str) -> usize {
        self.state().asked.get(who).copied().unwrap_or(0)
    }

    pub(crate) fn cut_off(&self, who: &str, is: bool) {
        let mut state = self.state();
        if is {
            state.cut_off.insert(who.to_owned())
        } else {
            state.cut_off.remove(who)
        };
    }

    /// Names of all ConfigMaps.
    pub(crate) fn config_maps(&self) -> Vec<String> {
        let state = self.state();
        state.objects.keys().filter_map(|path| path.split("/configmaps/").nth(1)).map(ToOwned::to_owned).collect()
    }

    /// Change the Lease by hand.
    pub(crate) fn edit_lease(&self, change: &Value) {
        let path = "/apis/coordination.k8s.io/v1/namespaces/vamp-ledger/leases/acme";
        assert!(matches!(self.state().patch(path, change), Answer::Is(200, _)));
    }

    pub(crate) fn remove(&self, path: &str) {
        self.state().objects.remove(path).unwrap();
    }
}

impl State {
    fn answer(&mut self, who: &str, request: &Request<Vec<u8>>) -> Answer {
        let number = self.asked.entry(who.to_owned()).or_default();
        *number += 1;
        let fault = self.faults.get(&(who.to_owned(), *number)).copied();
        if self.cut_off.contains(who) || fault == Some(Fault::Before) {
            return Answer::Refused;
        }
        let line = format!("{} {}", request.method(), request.uri().path());
        self.log.push((who.to_owned(), line.clone()));
        if let Some(forbidden) = self.forbidden.filter(|forbidden| line.starts_with(forbidden)) {
            return Answer::status(403, "Forbidden", &format!("User \"ci\" cannot do this: {forbidden}"));
        }
        match fault {
            Some(Fault::Status(code, reason)) => Answer::status(code, reason, "not now"),
            Some(Fault::Page) => Answer::Is(502, "<html>bad gateway</html>".to_owned()),
            Some(Fault::After) => {
                self.carry_out(request);
                Answer::BreaksOff
            }
            _ => self.carry_out(request),
        }
    }

    fn carry_out(&mut self, request: &Request<Vec<u8>>) -> Answer {
        let path = request.uri().path();
        let body = || serde_json::from_slice::<Value>(request.body()).unwrap();
        let is_whole = ["/leases", "/configmaps"].iter().any(|plural| path.ends_with(plural));
        match (request.method().as_str(), is_whole) {
            ("GET", _) if path == "/readyz" => Answer::Is(200, "ok".to_owned()),
            ("GET", true) => self.list(request),
            ("GET", false) => self.objects.get(path).map_or_else(missing, |object| Answer::json(object.clone())),
            ("POST", _) => self.create(path, body()),
            ("PATCH", _) => self.patch(path, &body()),
            ("DELETE", _) => self.objects.remove(path).map_or_else(missing, Answer::json),
            (other, _) => panic!("{other} {path}"),
        }
    }

    fn list(&self, request: &Request<Vec<u8>>) -> Answer {
        let query = request.uri().query().unwrap_or_default();
        let selector = query.split('&').find_map(|pair| pair.strip_prefix("labelSelector=")).unwrap();
        let selector = selector.replace("%3D", "=").replace("%2C", ",").replace("%2F", "/");
        let fits = |object: &Value| {
            let has = |(name, value): (&str, &str)| object["metadata"]["labels"][name] == value;
            selector.split(',').all(|one| has(one.split_once('=').unwrap()))
        };
        let is_bare = request.headers().get("accept").is_some_and(|accept| accept.to_str().unwrap().contains("PartialObject"));
        let inside = format!("{}/", request.uri().path());
        let found = self.objects.iter().filter(|(path, object)| path.starts_with(&inside) && fits(object));
        let shown = |(_, object): (&String, &Value)| match is_bare {
            true => json!({"metadata": object["metadata"]}),
            false => object.clone(),
        };
        Answer::json(json!({"metadata": {"resourceVersion": "1"}, "items": found.map(shown).collect::<Vec<_>>()}))
    }

    fn create(&mut self, path: &str, mut object: Value) -> Answer {
        let namespace = path.strip_suffix("/leases").or(path.strip_suffix("/configmaps"));
        if namespace.is_some() && !self.objects.contains_key("/api/v1/namespaces/vamp-ledger") {
            return Answer::status(404, "NotFound", "namespaces \"vamp-ledger\" not found");
        }
        let path = format!("{path}/{}", object["metadata"]["name"].as_str().unwrap());
        if self.objects.contains_key(&path) {
            return Answer::status(409, "AlreadyExists", "it already exists");
        }
        self.version += 1;
        object["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        self.keep(&path, object, 201)
    }

    pub(crate) fn patch(&mut self, path: &str, change: &Value) -> Answer {
        let Some(mut object) = self.objects.get(path).cloned() else { return missing() };
        for field in ["uid", "resourceVersion"] {
            let expected = &change["metadata"][field];
            if !expected.is_null() && *expected != object["metadata"][field] {
                return Answer::status(
                    409,
                    "Conflict",
                    "the object has been modified; please apply your changes to the latest version",
                );
            }
        }
        merge(&mut object, change);
        self.keep(path, object, 200)
    }

    fn keep(&mut self, path: &str, mut object: Value, code: u16) -> Answer {
        let size = |map: &Value| {
            let entries = map.as_object().into_iter().flatten();
            entries.map(|(name, value)| name.len() + value.as_str().unwrap().len()).sum::<usize>()
        };
        if size(&object["metadata"]["annotations"]) > 256 << 10 || size(&object["data"]) > 1 << 20 {
            return Answer::status(422, "Invalid", "too long");
        }
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.objects.insert(path.to_owned(), object.clone());
        Answer::Is(code, object.to_string())
    }
}

fn missing() -> Answer {
    Answer::status(404, "NotFound", "it is not there")
}

/// RFC 7396.
fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in change {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}
