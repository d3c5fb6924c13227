//! Every step of several requests, with each of its requests lost before it did anything, and after: tried again, it ends as if nothing had
//! been, and tried a third time, it has nothing to do.

use super::client::{Setting, Vault};
use super::login::Login;
use crate::secret::tests::secrets;
use crate::wanted::Wanted;
use crate::wire::fake::{Answer, block_on, wire};
use http::Request;
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::resource::Scope;
use model::{Address, SecretReference, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// A Vault as a table: what was written at each path.
#[derive(Clone, Debug, Default, PartialEq)]
struct Table(BTreeMap<String, Json>);

fn nothing() -> Answer {
    Answer::Is(404, json!({"errors": []}).to_string())
}

impl Table {
    fn answer(&mut self, method: &str, path: &str, body: Json) -> Answer {
        let parts: Vec<&str> = path.split('/').collect();
        match (method, &parts[..]) {
            ("GET", ["auth", "token", "lookup-self"]) => Answer::json(json!({"data": {"ttl": 0}})),
            ("GET", ["sys", "auth" | "mounts"]) => self.listed(path),
            (_, ["sys", "auth" | "mounts", _]) if method != "DELETE" => self.made(path, body),
            (_, ["sys", "auth" | "mounts", name, "tune"]) => {
                let there = self.0.get_mut(&format!("sys/{}/{name}", parts[1])).unwrap();
                there["description"] = body["description"].clone();
                Answer::json(json!({}))
            }
            (_, ["sys", "remount"]) => self.remounted(&body),
            (_, [mount, "data", entry @ ..]) => self.entry(method, &format!("{mount}/{}", entry.join("/")), &body),
            ("DELETE", [mount, "metadata", entry @ ..]) => {
                self.0.remove(&format!("{mount}/{}", entry.join("/")));
                self.kept("DELETE", path, body)
            }
            _ => self.kept(method, path, body),
        }
    }

    fn listed(&self, path: &str) -> Answer {
        let name = |key: &String| key.strip_prefix(&format!("{path}/")).map(|name| format!("{name}/"));
        let all: BTreeMap<String, &Json> = self.0.iter().filter_map(|(key, body)| Some((name(key)?, body))).collect();
        Answer::json(json!({ "data": all }))
    }

    fn made(&mut self, path: &str, body: Json) -> Answer {
        if self.0.contains_key(path) {
            return Answer::Is(400, json!({"errors": [format!("path is already in use at {path}/")]}).to_string());
        }
        self.kept("POST", path, body)
    }

    fn remounted(&mut self, body: &Json) -> Answer {
        let [from, to] = ["from", "to"].map(|end| body[end].as_str().unwrap().to_owned());
        let moved = |key: &String| {
            let rest = |prefix: &str| key.strip_prefix(&format!("{prefix}{from}")).map(|rest| format!("{prefix}{to}{rest}"));
            rest("").or_else(|| rest("sys/")).or_else(|| rest("sys/mounts/")).unwrap_or_else(|| key.clone())
        };
        self.0 = self.0.iter().map(|(key, body)| (moved(key), body.clone())).collect();
        Answer::json(json!({"migration_id": "1"}))
    }

    fn entry(&mut self, method: &str, path: &str, body: &Json) -> Answer {
        let latest = self.0.get(path).map_or(0, |entry| entry["version"].as_u64().unwrap());
        if method == "GET" {
            let Some(entry) = self.0.get(path) else { return nothing() };
            let (mount, inside) = path.split_once('/').unwrap();
            let custom = self.0.get(&format!("{mount}/metadata/{inside}")).map(|metadata| &metadata["custom_metadata"]);
            let metadata = json!({"version": latest, "custom_metadata": custom});
            return Answer::json(json!({"data": {"data": entry["data"], "metadata": metadata}}));
        }
        if body["options"]["cas"] != json!(latest) {
            let why = "check-and-set parameter did not match the current version";
            return Answer::Is(400, json!({ "errors": [why] }).to_string());
        }
        self.0.insert(path.to_owned(), json!({"data": body["data"], "version": latest + 1}));
        Answer::json(json!({"data": {"version": latest + 1}}))
    }

    fn kept(&mut self, method: &str, path: &str, mut body: Json) -> Answer {
        match method {
            "GET" => self.0.get(path).map_or_else(nothing, |body| Answer::json(json!({ "data": body }))),
            "DELETE" => {
                self.0.remove(path);
                Answer::json(json!({}))
            }
            _ => {
                if let Some(text) = body["policy"].as_str().map(ToOwned::to_owned) {
                    body = json!({ "rules": text });
                }
                self.0.insert(path.to_owned(), body);
                Answer::json(json!({}))
            }
        }
    }
}

/// The table behind a wire, with the request that is lost: its number, and whether it does its work first.
#[derive(Default)]
struct Server {
    table: Table,
    asked: usize,
    lost: Option<(usize, bool)>,
}

fn vault(server: &Arc<Mutex<Server>>) -> Vault {
    let server = server.clone();
    let wire = wire("vault", move |request: &Request<Vec<u8>>| {
        let mut server = server.lock().unwrap();
        let number = server.asked;
        server.asked += 1;
        let path = request.uri().path().trim_start_matches("/v1/").to_owned();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let lost = server.lost.filter(|(lost, _)| *lost == number);
        let away = || Answer::Is(500, json!({"errors": ["dial tcp: connect: connection refused"]}).to_string());
        if matches!(lost, Some((_, false))) {
            return away();
        }
        let answer = server.table.answer(request.method().as_str(), &path, body);
        if lost.is_some() { away() } else { answer }
    });
    let setting = Setting {
        login: Login::Token(SecretReference::Env("T".into())),
        namespace: None,
        secrets: Rc::new(secrets()),
        wanted: Wanted::default(),
        clusters: Default::default(),
        platform: "acme".into(),
    };
    Vault::new(wire, setting).unwrap()
}

fn step(server: &Arc<Mutex<Server>>, operation: &Operation) -> Result<Receipt, OperationError> {
    block_on(vault(server).execute(operation, BTreeMap::new()))
}

fn at(table: &Table, lost: Option<(usize, bool)>) -> Arc<Mutex<Server>> {
    Arc::new(Mutex::new(Server { table: table.clone(), asked: 0, lost }))
}

/// Try the step with each of its requests lost, and give what is there when it is done.
fn tried(what: &str, table: &Table, operation: &Operation) -> Table {
    let undisturbed = at(table, None);
    assert!(step(&undisturbed, operation).unwrap_or_else(|error| panic!("{what}: {error}")).changed, "{what}");
    let Server { table: done, asked, .. } = std::mem::take(&mut *undisturbed.lock().unwrap());
    assert!(asked > 2 && done != *table, "{what}");
    // The first is about the token.
    for number in 1..asked {
        for after in [false, true] {
            let server = at(table, Some((number, after)));
            let first = step(&server, operation);
            let when = format!("{what}, request {number} of {asked} lost, done: {after}");
            assert!(matches!(first, Err(OperationError::Unreachable(_))), "{when}: {first:?}");
            step(&server, operation).unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_eq!(server.lock().unwrap().table, done, "{when}");
            let third = step(&server, operation).unwrap_or_else(|error| panic!("{when}: {error}"));
            assert!(!third.changed, "{when}: done a third time");
            assert_eq!(server.lock().unwrap().table, done, "{when}");
        }
    }
    done
}

fn value(json: Json) -> Arc<Value> {
    Arc::new(serde_json::from_value(json).unwrap())
}

fn mark(applied: &str) -> Mark {
    Mark { platform: "acme".into(), applied: applied.into(), scope: Scope::PLATFORM }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// What a plan that looked at the table would expect.
fn seen(table: &Table, there: &str) -> Expectation {
    let (vault, there) = (vault(&at(table, None)), address(there));
    let version = match there.kind() {
        model::Kind::Kv => block_on(vault.observe_entry(&there)).unwrap().map(|observed| observed.version),
        _ => block_on(vault.thing(&there)).unwrap().map(|thing| thing.version()),
    };
    version.map_or(Expectation::Absent, Expectation::Version)
}

fn apply(table: &Table, at: &str, document: Json, applied: &str) -> Operation {
    let expected = seen(table, at);
    Operation::Apply { address: address(at), document: value(document), mark: mark(applied), expected, force: false }
}

fn rename(table: &Table, from: &str, to: &str, document: Json, applied: &str) -> Operation {
    let expected = seen(table, from);
    Operation::Move { from: address(from), to: address(to), document: value(document), mark: mark(applied), expected }
}

fn method(host: &str) -> Json {
    json!({"config": {"bound_issuer": host, "jwt_validation_pubkeys": ["key"]}, "description": "Pods", "type": "jwt"})
}

fn kv(description: &str) -> Json {
    json!({"description": description, "options": {"version": "2"}, "type": "kv"})
}

/// The steps of a life: made, changed, moved, taken away.
fn life(things: [&str; 2], documents: [Json; 3], table: &Table) -> Table {
    let [old, new] = things;
    let [first, second, third] = documents;
    let made = tried(&format!("make {old}"), table, &apply(table, old, first, "1"));
    let changed = tried(&format!("change {old}"), &made, &apply(&made, old, second, "2"));
    let moved = tried(&format!("move {old}"), &changed, &rename(&changed, old, new, third, "3"));
    let delete = Operation::Delete { address: address(new), expected: seen(&moved, new), with_data: false };
    tried_away(&moved, &delete);
    moved
}

/// As [`tried`], of a step that only needs a look and a request.
fn tried_away(table: &Table, operation: &Operation) {
    let what = format!("delete {}", operation.address());
    let done = tried(&what, table, operation);
    let left: Vec<&String> = done.0.keys().filter(|key| table.0.get(*key) != done.0.get(*key)).collect();
    assert!(left.is_empty(), "{what} leaves {left:?}");
}

#[test]
fn an_auth_method_and_a_role_of_it_are_made_changed_moved_and_taken_away_whatever_answer_is_lost() {
    let mut table =
        life(["vault/auth-method/pods", "vault/auth-method/all-pods"], ["a", "b", "c"].map(method), &Table::default());
    // What the platform keeps its marks in.
    table = tried("make a mount", &table, &apply(&table, "vault/mount/acme", kv("Marks"), "1"));
    let role = |ttl: u64| json!({"bound_subject": "system:serviceaccount:shop:agent", "role_type": "jwt", "token_ttl": ttl});
    life(["vault/auth-role/all-pods/a", "vault/auth-role/all-pods/b"], [60, 90, 120].map(role), &table);
}

#[test]
fn a_mount_a_policy_and_an_entry_are_made_changed_moved_and_taken_away_whatever_answer_is_lost() {
    let table = life(["vault/mount/acme", "vault/mount/new"], ["first", "second", "third"].map(kv), &Table::default());
    let policy = |text: &str| json!({ "policy": format!("{text}\n") });
    life(["vault/policy/acme-a", "vault/policy/acme-b"], ["path a {}", "path b {}", "path c {}"].map(policy), &table);
    let entry = |text: &str| json!({"data": {"routes": text}});
    life(["vault/kv/new/shop/a", "vault/kv/new/shop/b"], ["one", "two", "three"].map(entry), &table);
}
