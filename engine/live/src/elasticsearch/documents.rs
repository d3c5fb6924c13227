//! What is sent to Elasticsearch and OpenSearch and what is seen there: the object and, within it, its mark.
//!
//! A document has Elasticsearch's form; `opensearch` has OpenSearch's words for the same.

use super::opensearch::{policies, roles, templates};
use crate::judge::Present;
use model::observation::Observed;
use model::operation::Mark;
use model::value::Text;
use model::{Kind, Value, additions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The entry of `_meta` (in a role: of `metadata`) with the mark.
const MARK: &str = "vamp";
/// What Elasticsearch says besides of an index template and of a role that nobody wrote: when somebody last did (from 9.2 on), and whether its licence
/// lets the role count. A version moves with content alone.
const BOOKKEEPING: [&str; 3] = ["created_date_millis", "modified_date_millis", "transient_metadata"];

/// One object that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) document: Value,
    pub(crate) mark: Option<Mark>,
    /// A lifecycle policy of OpenSearch, which is written in several requests.
    pub(crate) policy: Option<policies::Seen>,
    /// Of the object as the server shows it: the same whatever it is compared with.
    content: Text,
}

impl Thing {
    /// A lifecycle policy of OpenSearch, compared with what is wanted and with the templates that name it.
    pub(crate) fn policy(seen: policies::Seen, wanted: Option<(&Value, &[Value])>) -> Thing {
        Thing { document: seen.document(wanted), mark: seen.mark(), content: seen.content(), policy: Some(seen) }
    }

    /// Moves whenever somebody changes the object or its mark.
    pub(crate) fn version(&self) -> Text {
        let mark = serde_json::to_string(&self.mark).unwrap_or_default();
        Value::from(vec![self.content.to_string(), mark]).digest()[..20].into()
    }

    /// Whether it is ours, and of itself as it is wanted.
    pub(crate) fn is_as(&self, wanted: &Value) -> bool {
        self.mark.is_some() && self.document == *wanted
    }

    /// Let it differ by what is said of indices that do not live by it. Its version stays: nobody wrote it.
    pub(crate) fn add_strays(&mut self, strays: &str) {
        self.document.set(&[additions::STRAYS], strays);
    }

    pub(crate) fn observed(self) -> Observed {
        let version = self.version();
        Observed::marked(Arc::new(self.document), version, self.mark.as_ref())
    }

    pub(crate) fn present(&self, kind: Kind, wanted: &Value) -> Present {
        Present { mark: self.mark.clone(), version: self.version(), same: is_same(kind, &self.document, wanted) }
    }

    /// It in the words of what is wanted, where they mean the same.
    pub(crate) fn in_words_of(self, kind: Kind, is_opensearch: bool, wanted: &Value) -> Thing {
        let document = match kind {
            Kind::SearchRole if is_opensearch => worded(&roles::in_words_of(&self.document, wanted), wanted),
            _ => worded(&self.document, wanted),
        };
        Thing { document, ..self }
    }
}

/// Whether `seen` is what is wanted.
pub(super) fn is_same(kind: Kind, seen: &Value, wanted: &Value) -> bool {
    holds(seen, wanted) && !has_more(kind, seen, wanted, &mut Vec::new())
}

/// Whether `seen` holds all that is wanted; what the server filled in is no difference.
fn holds(seen: &Value, wanted: &Value) -> bool {
    match (wanted, seen) {
        (Value::Map(map), Value::Map(_)) => map.iter().all(|(key, value)| seen.get(key).is_some_and(|seen| holds(seen, value))),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(wanted, seen)| holds(seen, wanted))
        }
        _ => same_scalar(seen, wanted),
    }
}

/// Whether `seen` has something besides that makes it another object. `within` are the keys that lead there.
fn has_more<'a>(kind: Kind, seen: &'a Value, wanted: &Value, within: &mut Vec<&'a str>) -> bool {
    match (wanted, seen) {
        (Value::Map(map), Value::Map(all)) => all.iter().any(|(key, seen)| match map.get(key) {
            None => additions::counts(kind, within, key, seen),
            Some(wanted) => {
                within.push(key);
                let more = has_more(kind, seen, wanted, within);
                within.pop();
                more
            }
        }),
        (Value::List(left), Value::List(right)) => {
            left.iter().zip(right).any(|(wanted, seen)| has_more(kind, seen, wanted, within))
        }
        _ => false,
    }
}

/// Settings come back as texts, whatever they were written as.
fn same_scalar(seen: &Value, wanted: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    seen == wanted || (seen.as_str().is_some() != wanted.as_str().is_some() && text(seen) == text(wanted))
}

/// `seen` with the texts, and the order of words, that `wanted` has for the same.
fn worded(seen: &Value, wanted: &Value) -> Value {
    match (seen, wanted) {
        (Value::Map(map), Value::Map(_)) => {
            let entry = |(key, value): (&Text, &Value)| {
                let value = wanted.get(key).map_or_else(|| value.clone(), |wanted| worded(value, wanted));
                (key.clone(), value)
            };
            Value::Map(map.iter().map(entry).collect())
        }
        (Value::List(left), Value::List(right)) if words(left).is_some() && words(left) == words(right) => wanted.clone(),
        (Value::List(left), Value::List(right)) if left.len() == right.len() => {
            Value::List(left.iter().zip(right).map(|(seen, wanted)| worded(seen, wanted)).collect())
        }
        _ if same_scalar(seen, wanted) => wanted.clone(),
        _ => seen.clone(),
    }
}

/// A list of words, in order.
pub(super) fn words(list: &[Value]) -> Option<BTreeSet<&str>> {
    list.iter().map(Value::as_str).collect()
}

/// What an answer holds, by name.
pub(crate) fn read<'a>(
    kind: Kind,
    is_opensearch: bool,
    answer: Value,
    wanted: impl Fn(&str) -> Option<&'a Value>,
) -> BTreeMap<String, Thing> {
    let thing = |name: &str, raw: Value| {
        let thing = thing(kind, is_opensearch, raw);
        match wanted(name) {
            Some(wanted) => thing.in_words_of(kind, is_opensearch, wanted),
            None => thing,
        }
    };
    if kind == Kind::IndexTemplate {
        let list = answer.get("index_templates").and_then(Value::as_list).unwrap_or_default();
        let entry = |entry: &Value| {
            let name = entry.str_at(&["name"])?.to_owned();
            Some((name.clone(), thing(&name, entry.get("index_template")?.clone())))
        };
        return list.iter().filter_map(entry).collect();
    }
    let Some(map) = answer.as_map() else { return BTreeMap::new() };
    map.iter().map(|(name, raw)| (name.to_string(), thing(name, raw.clone()))).collect()
}

/// One object, as the server shows it.
fn thing(kind: Kind, is_opensearch: bool, mut raw: Value) -> Thing {
    let take = |value: &mut Value, meta: &[&str]| {
        let mark = value.remove(&[meta, &[MARK]].concat());
        if value.at(meta) == Some(&Value::EMPTY_MAP) {
            value.remove(meta);
        }
        mark.and_then(|mark| serde_json::from_str(&mark.to_string()).ok())
    };
    let (mut document, mark): (Value, Option<Mark>) = match kind {
        Kind::LifecyclePolicy => {
            let mark = take(&mut raw, &["policy", "_meta"]);
            let mut document = Value::EMPTY_MAP;
            document.set(&["policy"], raw.remove(&["policy"]).unwrap_or_default());
            (document, mark)
        }
        Kind::SearchRole if is_opensearch => roles::read(&raw),
        Kind::SearchRole => {
            let mark = take(&mut raw, &["metadata"]);
            (raw, mark)
        }
        _ => {
            raw = if is_opensearch { templates::read(raw) } else { raw };
            let mark = take(&mut raw, &["_meta"]);
            (raw, mark)
        }
    };
    for key in BOOKKEEPING {
        document.remove(&[key]);
    }
    let content = document.digest();
    Thing { document, mark, content, policy: None }
}

/// What is sent to make an object so.
///
/// # Errors
/// What OpenSearch has no word for that is known here.
pub(crate) fn body(kind: Kind, is_opensearch: bool, document: &Value, mark: &Mark) -> Result<Value, String> {
    let mut body = match kind {
        Kind::SearchRole if is_opensearch => return roles::body(document, mark),
        Kind::IndexTemplate if is_opensearch => templates::body(document.clone()),
        _ => document.clone(),
    };
    let json = serde_json::to_string(mark).unwrap_or_default();
    let mark = serde_json::from_str::<Value>(&json).unwrap_or_default();
    match kind {
        Kind::LifecyclePolicy => body.set(&["policy", "_meta", MARK], mark),
        Kind::SearchRole => body.set(&["metadata", MARK], mark),
        _ => body.set(&["_meta", MARK], mark),
    }
    Ok(body)
}
