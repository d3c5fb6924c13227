//! Lists in pages, and watches: what the API server remembers beside its objects.
//!
//! The rest of a list is kept as it was when the list began; where it is forgotten, whoever asks for it is given a token that goes on with
//! what is there by then (Kubernetes, "API concepts", "Retrieving large results sets in chunks"). What happens is written down from the first list on; whoever asks for
//! something older is told to list again (410). A real server forgets by compaction and with its process, this one when it is told to.

use super::{Route, Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::key::Key;
use crate::kubernetes::object::Object;
use crate::kubernetes::selector::labels;
use crate::server::{Answer, Question};
use model::value::Text;
use model::{Kind, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Number of lists whose rest is kept.
const LISTS: usize = 16;
/// Number of events that are kept (the watch cache of one resource holds 100 at the least).
const EVENTS: usize = 10_000;

/// What a real server says in this case, to the letter.
const TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You can start a new list without \
    the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the \
    provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk \
    was returned and now may show up in the list.";

/// A token that continues a list: the number under which its rest is kept (0: none is, it goes on with what is there by then), and the
/// last object that was shown.
struct Continued {
    number: u64,
    after: Text,
}

impl Continued {
    fn read(token: &str) -> Option<Self> {
        let (number, rest) = token.split_once('.')?;
        let (namespace, name) = rest.split_once('.')?;
        let after = if namespace.is_empty() { Text::from(name) } else { Text::from(format!("{namespace}/{name}")) };
        Some(Continued { number: number.parse().ok()?, after })
    }

    /// No namespace has a dot in its name.
    fn write(number: u64, last: &Value) -> String {
        let part = |key: &str| last.str_at(&["metadata", key]).unwrap_or_default();
        format!("{number}.{}.{}", part("namespace"), part("name"))
    }
}

/// What the API server remembers.
#[derive(Clone, Debug, Default)]
pub(in crate::kubernetes) struct Memory {
    /// The rest of a list, by the token that continues it, with the version of the list.
    rest: BTreeMap<u64, (u64, Vec<Value>)>,
    tokens: u64,
    /// The version up to which everything is forgotten; nothing is written down before somebody asks.
    forgotten: Option<u64>,
    /// Every object as it was last.
    last: BTreeMap<Key, (u64, Value)>,
    /// What happened, by version.
    events: BTreeMap<u64, (Key, &'static str, Value)>,
}

impl Memory {
    /// Everything that was remembered is forgotten, as by a compaction.
    pub(in crate::kubernetes) fn forget(&mut self, version: u64) {
        self.rest.clear();
        self.events.clear();
        self.forgotten = self.forgotten.map(|_| version);
    }
}

fn version_text(version: u64) -> Value {
    version.to_string().into()
}

fn event(kind: &str, object: Value) -> Value {
    let mut event = Value::EMPTY_MAP;
    event.set(&["type"], kind);
    event.set(&["object"], object);
    event
}

impl Cluster {
    /// Forget what happened before now: whoever asks for it has to list again.
    pub fn compact(&mut self) {
        self.memory.forget(self.meta.resource_version);
    }

    pub(super) fn list_page(&mut self, route: &Route<'_>, question: &Question) -> Served {
        self.begin_to_remember();
        let limit = question.asked("limit").and_then(|limit| limit.parse::<usize>().ok()).filter(|limit| *limit > 0);
        let (version, mut items) = match question.asked("continue").filter(|token| !token.is_empty()) {
            Some(token) => {
                let continued = Continued::read(token).ok_or_else(|| status::bad_request("continue key is not valid"))?;
                self.continued(route, question, &continued)?
            }
            None => (self.meta.resource_version, self.selected(route, question, None)),
        };
        let rest = items.split_off(limit.unwrap_or(items.len()).min(items.len()));
        let mut list = Value::EMPTY_MAP;
        list.set(&["apiVersion"], route.resource.version);
        list.set(&["kind"], format!("{}List", route.resource.name));
        list.set(&["metadata", "resourceVersion"], version_text(version));
        if !rest.is_empty() {
            let left = i64::try_from(rest.len()).unwrap_or(i64::MAX);
            list.set(&["metadata", "remainingItemCount"], left);
            list.set(&["metadata", "continue"], self.keep_rest(version, rest, items.last().unwrap_or(&Value::Null)));
        }
        list.set(&["items"], Value::List(items));
        Ok(Answer::new(200, list))
    }

    /// The rest of a list: as it was when the list began, or, if that is what the token is for, as it is now.
    fn continued(&self, route: &Route<'_>, question: &Question, from: &Continued) -> Result<(u64, Vec<Value>), Answer> {
        if from.number == 0 {
            return Ok((self.meta.resource_version, self.selected(route, question, Some(&from.after))));
        }
        self.memory.rest.get(&from.number).cloned().ok_or_else(|| {
            let mut expired = status::expired(TOO_OLD);
            let token = question.asked("continue").and_then(|token| token.split_once('.'));
            expired.body.set(&["metadata", "continue"], format!("0.{}", token.map_or("", |(_, after)| after)));
            expired
        })
    }

    fn keep_rest(&mut self, version: u64, rest: Vec<Value>, last: &Value) -> String {
        self.memory.tokens += 1;
        self.memory.rest.insert(self.memory.tokens, (version, rest));
        if self.memory.rest.len() > LISTS {
            self.memory.rest.pop_first();
        }
        Continued::write(self.memory.tokens, last)
    }

    fn selected(&self, route: &Route<'_>, question: &Question, after: Option<&Text>) -> Vec<Value> {
        let kind = route.resource.kind;
        let objects =
            self.objects.range(Key::new(kind, after.map_or("", Text::as_str))..).take_while(|(key, _)| key.kind == kind);
        let here = objects.filter(|(key, _)| Some(&key.name) != after && lies_in(key, route));
        let shown = here.map(|(key, object)| self.form(key, object));
        shown.filter(|object| is_selected(object, question.asked("labelSelector"))).collect()
    }

    pub(super) fn watch(&mut self, route: &Route<'_>, question: &Question) -> Served {
        self.begin_to_remember();
        self.remember_all();
        let since = question.asked("resourceVersion").and_then(|version| version.parse::<u64>().ok()).unwrap_or(0);
        let forgotten = self.memory.forgotten.unwrap_or_default();
        if since > 0 && since < forgotten {
            let refusal = status::expired(&format!("too old resource version: {since} ({})", forgotten + 1));
            return Ok(Answer::new(200, Value::List(vec![event("ERROR", refusal.body)])));
        }
        let is_meant = |key: &Key, object: &Value| {
            key.kind == route.resource.kind && lies_in(key, route) && is_selected(object, question.asked("labelSelector"))
        };
        let events: Vec<Value> = match since {
            // From nowhere: first what is there.
            0 => self
                .memory
                .last
                .iter()
                .filter(|(key, (_, object))| is_meant(key, object))
                .map(|(_, (_, object))| event("ADDED", object.clone()))
                .collect(),
            _ => {
                let later = self.memory.events.range(since + 1..).map(|(_, event)| event);
                later
                    .filter(|(key, _, object)| is_meant(key, object))
                    .map(|(_, kind, object)| event(kind, object.clone()))
                    .collect()
            }
        };
        Ok(Answer::new(200, Value::List(events)))
    }

    fn begin_to_remember(&mut self) {
        if self.memory.forgotten.is_some() {
            return;
        }
        self.memory.forgotten = Some(self.meta.resource_version);
        let known = |(key, object): (&Key, &Object)| (key.clone(), (self.version_of(key, object), self.form(key, object)));
        self.memory.last = self.objects.iter().map(known).collect();
    }

    /// Write down what became of everything since the last time.
    fn remember_all(&mut self) {
        let keys: BTreeSet<Key> = self.memory.last.keys().chain(self.objects.keys()).cloned().collect();
        self.remember(&keys);
    }

    /// Write down what became of these objects, if anybody ever asked.
    pub(in crate::kubernetes) fn remember(&mut self, keys: &BTreeSet<Key>) {
        if self.memory.forgotten.is_none() {
            return;
        }
        for key in keys {
            self.remember_one(key);
        }
        while self.memory.events.len() > EVENTS {
            let Some((version, _)) = self.memory.events.pop_first() else { break };
            self.memory.forgotten = Some(version);
        }
    }

    fn remember_one(&mut self, key: &Key) {
        let known = self.memory.last.get(key).map(|(version, _)| *version);
        match self.objects.get(key) {
            Some(object) => {
                let version = self.version_of(key, object);
                if known == Some(version) {
                    return;
                }
                let form = self.form(key, object);
                let kind = if known.is_some() { "MODIFIED" } else { "ADDED" };
                self.memory.last.insert(key.clone(), (version, form.clone()));
                self.memory.events.insert(version, (key.clone(), kind, form));
            }
            None => {
                let Some((_, mut form)) = self.memory.last.remove(key) else { return };
                let version = self.next_version();
                form.set(&["metadata", "resourceVersion"], version_text(version));
                self.memory.events.insert(version, (key.clone(), "DELETED", form));
            }
        }
    }
}

fn lies_in(key: &Key, route: &Route<'_>) -> bool {
    key.kind == Kind::Namespace || route.namespace.is_none() || key.namespace() == route.namespace
}

/// Whether labels fulfil `a=b,c!=d,e,!f`.
fn is_selected(object: &Value, selector: Option<&str>) -> bool {
    let labels = labels(object.at(&["metadata", "labels"]));
    let holds = |term: &str| match (term.split_once("!="), term.split_once('=')) {
        (None, None) if term.starts_with('!') => !labels.contains_key(&term[1..]),
        (Some((key, value)), _) => labels.get(key).is_none_or(|found| found != value),
        (None, Some((key, value))) => labels.get(key).is_some_and(|found| found == value.trim_start_matches('=')),
        (None, None) => labels.contains_key(term),
    };
    selector.unwrap_or_default().split(',').filter(|term| !term.is_empty()).all(holds)
}
