//! An Elasticsearch for the platforms of these tests, as far as `vamp` speaks to it: lifecycle policies, index templates, roles, audit chains. The
//! OpenSearch of the bench cannot stand in for it: the plugin that keeps its lifecycle policies is not to be had where its jars are. Its own
//! adapter meets it in the tests of `engine/live`.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

type Store = Arc<Mutex<BTreeMap<(String, String), Value>>>;

/// A server that runs until the test's process ends.
pub(crate) struct Search {
    pub(crate) address: String,
    away: Arc<AtomicBool>,
    store: Store,
    came: Came,
}

/// What those who came said that they are.
type Came = Arc<Mutex<BTreeSet<String>>>;

impl Search {
    /// What everybody who came said that he is (`Authorization`).
    pub(crate) fn came(&self) -> Vec<String> {
        self.came.lock().unwrap().iter().cloned().collect()
    }

    /// Hang up on everybody from now on, or answer again.
    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Change a document of an index by hand, or take it away (`None`).
    pub(crate) fn put_document(&self, index: &str, id: &str, change: Option<&dyn Fn(&mut Value)>) {
        let mut store = self.store.lock().unwrap();
        let key = (documents_of(index), id.to_owned());
        match change {
            Some(change) => change(store.get_mut(&key).unwrap()),
            None => drop(store.remove(&key).unwrap()),
        }
    }
}

/// Serve.
pub(crate) fn serve() -> Search {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (store, away, came) = (Store::default(), Arc::new(AtomicBool::new(false)), Came::default());
    let search = Search { address, away: away.clone(), store: store.clone(), came: came.clone() };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (store, away, came) = (store.clone(), away.clone(), came.clone());
            // Whoever hangs up in the middle of a request is no failure of the test.
            std::thread::spawn(move || drop(answer_all(stream, &store, &away, &came)));
        }
    });
    search
}

/// Every request of a connection.
fn answer_all(stream: TcpStream, store: &Store, away: &AtomicBool, came: &Came) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || away.load(Ordering::SeqCst) {
            return Ok(());
        }
        let (method, path) = line.trim_end().split_once(' ').unwrap_or_default();
        let path = path.split([' ', '?']).next().unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("authorization")
            {
                came.lock().unwrap().insert(value.trim().to_owned());
            }
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(number) = header.strip_prefix("content-length:") {
                length = number.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, answer) = answer(method, &path, &body, &mut store.lock().unwrap());
        let text = answer.to_string();
        write!(stream, "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}", text.len())?;
    }
}

fn documents_of(index: &str) -> String {
    format!("documents of {index}")
}

fn page(hits: Vec<Value>) -> Value {
    json!({"_scroll_id": "next", "timed_out": false, "_shards": {"failed": 0}, "hits": {"hits": hits}})
}

/// Documents of an index are created, fetched by name, or all shown on one page.
fn documents(index: &str, verb: &str, body: &[u8], store: &mut BTreeMap<(String, String), Value>) -> (u16, Value) {
    let key = |id: &str| (documents_of(index), id.to_owned());
    let lines: Vec<Value> = body.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    match verb {
        "_bulk" => {
            let create = |pair: &[Value]| {
                let id = pair[0]["create"]["_id"].as_str().unwrap();
                let status = if store.contains_key(&key(id)) { 409 } else { 201 };
                store.entry(key(id)).or_insert(pair[1].clone());
                json!({"create": {"_id": id, "status": status}})
            };
            let items: Vec<Value> = lines.chunks(2).map(create).collect();
            (200, json!({"errors": false, "items": items}))
        }
        "_mget" => {
            let ids = lines[0]["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
            (200, json!({"docs": ids.map(|id| json!({"_id": id, "_source": store[&key(id)]})).collect::<Vec<_>>()}))
        }
        _ => {
            let here = store.iter().filter(|((of, _), _)| *of == documents_of(index));
            (200, page(here.map(|((_, id), source)| json!({"_id": id, "_source": source})).collect()))
        }
    }
}

/// Whether it lives by its lifecycle policies.
const MODE: [&str; 2] = ["operation mode", ""];

fn mode(store: &BTreeMap<(String, String), Value>) -> Value {
    store.get(&MODE.map(ToOwned::to_owned).into()).cloned().unwrap_or(json!("RUNNING"))
}

fn answer(method: &str, path: &str, body: &[u8], store: &mut BTreeMap<(String, String), Value>) -> (u16, Value) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (kind, name) = match parts.as_slice() {
        ["_search", "scroll"] => return (200, page(Vec::new())),
        ["_ilm", "status"] => return (200, json!({"operation_mode": mode(store)})),
        ["_ilm", verb @ ("stop" | "start")] => {
            store.insert(MODE.map(ToOwned::to_owned).into(), json!(if *verb == "stop" { "STOPPED" } else { "RUNNING" }));
            return (200, json!({"acknowledged": true}));
        }
        // Nothing ever fails here.
        [_, "_ilm", "explain"] => return (200, json!({"indices": {}})),
        [index, "_bulk" | "_mget" | "_search"] => return documents(index, parts[1], body, store),
        [index] if method == "PUT" => return (200, json!({"acknowledged": true, "index": index})),
        [kind @ ("_index_template" | "_data_stream"), rest @ ..] | [kind @ ("_ilm" | "_security"), _, rest @ ..] => {
            (*kind, rest.first().copied())
        }
        _ => {
            let version = json!({"number": "8.17.0", "build_flavor": "default"});
            return (200, json!({"cluster_uuid": "the-only-one", "version": version, "tagline": "You Know, for Search"}));
        }
    };
    match (method, name) {
        ("GET", _) => {
            let found: BTreeMap<&String, &Value> = store
                .iter()
                .filter(|((of, called), _)| of == kind && name.is_none_or(|name| name == called))
                .map(|((_, called), value)| (called, value))
                .collect();
            match kind {
                _ if found.is_empty() && name.is_some() => (404, json!({"status": 404})),
                "_index_template" => {
                    let entry = |(name, value)| json!({"name": name, "index_template": value});
                    (200, json!({"index_templates": found.into_iter().map(entry).collect::<Vec<_>>()}))
                }
                "_data_stream" => (200, json!({"data_streams": found.into_values().collect::<Vec<_>>()})),
                _ => (200, json!(found)),
            }
        }
        ("DELETE", Some(name)) => match store.remove(&(kind.to_owned(), name.to_owned())) {
            Some(_) => (200, json!({"acknowledged": true})),
            None => (404, json!({"status": 404})),
        },
        (_, Some(name)) => {
            store.insert((kind.to_owned(), name.to_owned()), serde_json::from_slice(body).unwrap_or_default());
            (200, json!({"acknowledged": true}))
        }
        _ => (405, json!({"status": 405})),
    }
}
