//! The HTTP API of Elasticsearch as its clients see it: lifecycle policies, index templates and roles, documents and data streams
//! (`documents`). What a server fills in by itself is not filled in, and nobody stops its lifecycle management, of whose actions none fails.
//! A mark stands where a client writes it (`_meta`, of a role `metadata`), and apart in what is kept.

mod documents;

use super::{Elasticsearch, Health};
use crate::kept::Kept;
use crate::server::{Answer, Question};
use model::operation::Mark;
use model::value::Text;
use model::{Address, Kind, Map, Value};

/// The entry of what an object says of itself that holds the mark.
const MARK: &str = "vamp";
/// The version that is simulated.
const VERSION: &str = "8.17.0";

fn error(status: u16, kind: &str, reason: &str) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["error", "reason"], reason);
    body.set(&["error", "type"], kind);
    body.set(&["status"], i64::from(status));
    Answer::new(status, body)
}

fn acknowledged() -> Answer {
    told("acknowledged", true)
}

/// An answer that says one thing.
fn told(key: &str, value: impl Into<Value>) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&[key], value);
    Answer::new(200, body)
}

/// Where an object of this kind says something of itself.
fn meta_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::LifecyclePolicy => &["policy", "_meta"],
        Kind::SearchRole => &["metadata"],
        _ => &["_meta"],
    }
}

/// An object as it is shown.
fn shown(kind: Kind, kept: &Kept) -> Value {
    let mut object = (**kept.document.value()).clone();
    let mark = kept.mark.as_ref().and_then(|mark| serde_json::to_string(mark).ok());
    if let Some(mark) = mark.and_then(|json| serde_json::from_str::<Value>(&json).ok()) {
        object.set(&[meta_of(kind), &[MARK]].concat(), mark);
    }
    object
}

/// The reverse of [`shown`].
fn parted(kind: Kind, mut object: Value) -> (Value, Option<Mark>) {
    let meta = meta_of(kind);
    let mark = object.remove(&[meta, &[MARK]].concat());
    if object.at(meta) == Some(&Value::EMPTY_MAP) {
        object.remove(meta);
    }
    (object, mark.and_then(|mark| serde_json::from_str(&mark.to_string()).ok()))
}

fn not_found(kind: Kind, name: &str) -> Answer {
    match kind {
        Kind::LifecyclePolicy => error(404, "resource_not_found_exception", &format!("Lifecycle policy not found: {name}")),
        Kind::SearchRole => Answer::new(404, Value::EMPTY_MAP),
        _ => error(404, "resource_not_found_exception", &format!("index template matching [{name}] not found")),
    }
}

impl Elasticsearch {
    /// Answer a request; nothing if nobody answers.
    pub fn ask(&mut self, question: &Question) -> Option<Answer> {
        if self.gap().is_some() {
            return None;
        }
        let segments = question.segments();
        let (kind, name) = match segments.as_slice() {
            [] => return Some(self.told_of_itself()),
            ["_ilm", "status"] if question.method == "GET" => return Some(told("operation_mode", "RUNNING")),
            [_, "_ilm", "explain"] if question.method == "GET" => return Some(told("indices", Value::EMPTY_MAP)),
            ["_ilm", "policy", rest @ ..] => (Kind::LifecyclePolicy, rest.first()),
            ["_index_template", rest @ ..] => (Kind::IndexTemplate, rest.first()),
            ["_security", "role", rest @ ..] => (Kind::SearchRole, rest.first()),
            ["_data_stream"] if question.method == "GET" => return Some(self.all_streams()),
            ["_data_stream", name] => return Some(self.serve_stream(name, question).unwrap_or_else(|refusal| refusal)),
            [index, form @ ("_doc" | "_create"), id] => {
                let served = self.serve_document(index, id, *form == "_create", question);
                return Some(served.unwrap_or_else(|refusal| refusal));
            }
            [index] if question.method == "DELETE" => return Some(self.drop_index(index).unwrap_or_else(|refusal| refusal)),
            _ => return Some(error(400, "illegal_argument_exception", "no handler found for uri")),
        };
        Some(match (question.method.as_str(), name) {
            ("GET", name) => self.shown(kind, name.copied()),
            (method, Some(name)) => self.changed(method, kind, name, &question.body).unwrap_or_else(|refusal| refusal),
            _ => error(405, "method_not_allowed", "incorrect HTTP method"),
        })
    }

    /// What requests changed since the last call.
    pub fn take_touched(&mut self) -> Vec<Address> {
        std::mem::take(&mut self.touched)
    }

    fn told_of_itself(&self) -> Answer {
        let mut body = Value::EMPTY_MAP;
        body.set(&["cluster_name"], self.system.to_string());
        body.set(&["cluster_uuid"], format!("uuid-of-{}", self.system));
        body.set(&["tagline"], "You Know, for Search");
        body.set(&["version", "number"], VERSION);
        Answer::new(200, body)
    }

    /// One object, or all of its kind.
    fn shown(&self, kind: Kind, name: Option<&str>) -> Answer {
        let all = self.objects(kind).into_iter().flat_map(|objects| objects.iter());
        let asked: Vec<(&Text, &Kept)> = all.filter(|(key, _)| name.is_none_or(|name| name == key.as_str())).collect();
        if let (Some(name), []) = (name, asked.as_slice()) {
            return not_found(kind, name);
        }
        if kind != Kind::IndexTemplate {
            let map: Map = asked.into_iter().map(|(key, kept)| (key.clone(), shown(kind, kept))).collect();
            return Answer::new(200, Value::Map(map));
        }
        let template = |(key, kept): (&Text, &Kept)| {
            let mut entry = Value::EMPTY_MAP;
            entry.set(&["index_template"], shown(kind, kept));
            entry.set(&["name"], key.clone());
            entry
        };
        let mut body = Value::EMPTY_MAP;
        body.set(&["index_templates"], Value::List(asked.into_iter().map(template).collect()));
        Answer::new(200, body)
    }

    fn changed(&mut self, method: &str, kind: Kind, name: &str, body: &Value) -> Result<Answer, Answer> {
        self.lets_write()?;
        let there = self.objects(kind).is_some_and(|objects| objects.get(name).is_some());
        let mut answer = acknowledged();
        match method {
            "PUT" | "POST" => {
                let (document, mark) = parted(kind, body.clone());
                let mut revision = self.state().revision;
                let shelf = self.shelf(kind).map_err(|_| not_found(kind, name))?;
                shelf.put(name, mark, document, &mut revision);
                self.change(|state| state.revision = revision);
                if kind == Kind::SearchRole {
                    answer.body = Value::EMPTY_MAP;
                    answer.body.set(&["role", "created"], !there);
                }
            }
            "DELETE" if !there && kind == Kind::IndexTemplate => {
                return Err(error(404, "index_template_missing_exception", &format!("index_template [{name}] missing")));
            }
            "DELETE" if !there => return Err(not_found(kind, name)),
            "DELETE" => {
                if let (Kind::IndexTemplate, Some(why)) = (kind, self.in_use(name)) {
                    return Err(error(400, "illegal_argument_exception", &why));
                }
                self.shelf(kind).map_err(|_| not_found(kind, name))?.remove(name);
                if kind == Kind::SearchRole {
                    answer.body = Value::EMPTY_MAP;
                    answer.body.set(&["found"], true);
                }
            }
            _ => return Err(error(405, "method_not_allowed", "incorrect HTTP method")),
        }
        self.touched.push(Address::new(&self.system, kind, name));
        Ok(answer)
    }

    fn lets_write(&self) -> Result<(), Answer> {
        let state = self.state();
        if state.health == Health::Red {
            return Err(error(503, "master_not_discovered_exception", "no master is elected"));
        }
        if state.read_only {
            let reason = "blocked by: [FORBIDDEN/6/cluster read-only (api)];";
            return Err(error(403, "cluster_block_exception", reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::tests::mark;

    fn ask(server: &mut Elasticsearch, method: &str, path: &str, body: Value) -> Answer {
        let question = Question { method: method.into(), path: path.to_owned(), body, ..Question::default() };
        server.ask(&question).unwrap()
    }

    fn template(mark: &Mark) -> Value {
        let mut body = Value::EMPTY_MAP;
        body.set(&["priority"], 500);
        body.set(&["_meta", MARK], serde_json::from_str::<Value>(&serde_json::to_string(mark).unwrap()).unwrap());
        body
    }

    #[test]
    fn what_is_written_is_read_again_and_its_mark_is_known() {
        let mut server = Elasticsearch::new("central");
        let mark = mark(&Value::Null);
        let path = "/_index_template/a";
        assert_eq!(ask(&mut server, "GET", path, Value::Null).status, 404);
        assert_eq!(ask(&mut server, "PUT", path, template(&mark)).status, 200);
        let listed = ask(&mut server, "GET", "/_index_template", Value::Null).body;
        assert_eq!(listed.get("index_templates").unwrap().as_list().unwrap()[0].get("index_template"), Some(&template(&mark)));
        let seen = server.find(Kind::IndexTemplate, "a").unwrap();
        assert_eq!((seen.document.get("_meta"), seen.document.integer_at(&["priority"])), (None, Some(500)));
        assert_eq!(server.take_touched(), ["elasticsearch.central/index-template/a".parse().unwrap()]);
        assert_eq!(ask(&mut server, "DELETE", path, Value::Null).status, 200);
        assert_eq!(ask(&mut server, "DELETE", path, Value::Null).status, 404);
    }

    #[test]
    fn who_cannot_write_can_still_be_looked_at() {
        let mut server = Elasticsearch::new("central");
        server.change(|state| state.read_only = true);
        assert_eq!(ask(&mut server, "PUT", "/_security/role/a", Value::EMPTY_MAP).status, 403);
        server.change(|state| state.health = Health::Red);
        assert_eq!(ask(&mut server, "PUT", "/_security/role/a", Value::EMPTY_MAP).status, 503);
        assert_eq!(ask(&mut server, "GET", "/_security/role", Value::Null).status, 200);
        server.change(|state| state.unavailable = true);
        assert_eq!(server.ask(&Question::default()), None);
    }
}
