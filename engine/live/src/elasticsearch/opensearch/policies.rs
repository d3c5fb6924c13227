//! Lifecycle policies of OpenSearch (index state management, ISM), as they are seen and sent.
//!
//! A policy is compared in its plain form: without its description, and without what the server adds to any. `phases` translates that.

use super::phases::from_opensearch;
pub(crate) use super::phases::in_opensearch;
use super::{KEPT, description, marked};
use model::operation::Mark;
use model::value::Text;
use model::{Map, Value};

/// What the description begins with while not every index has the policy yet for which it is.
const BEGUN: &str = "being written by vamp: ";
/// A policy takes over, by itself, indices that are younger than this time (in milliseconds). Where nothing is said it is the time of the
/// last write, so that a data stream that was made a moment before would stay without a policy.
const FROM_THE_BEGINNING: i64 = 1;

/// Where a document is in the server's own count: what a write has to find again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    /// Counts the writes of all documents that stand beside it (`_seq_no`).
    pub(crate) number: i64,
    /// Counts who took over as the one that counts (`_primary_term`).
    pub(crate) term: i64,
}

impl Revision {
    /// Of an answer, if it tells.
    pub(crate) fn of(answer: &Value) -> Option<Revision> {
        Some(Revision { number: answer.integer_at(&["_seq_no"])?, term: answer.integer_at(&["_primary_term"])? })
    }
}

/// A policy that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// In its plain form.
    pub(crate) plain: Value,
    pub(crate) revision: Revision,
    mark: Option<Mark>,
    /// Whether not every index has it yet.
    is_begun: bool,
}

impl Seen {
    /// One policy, as the server shows it.
    pub(crate) fn new(raw: &Value, revision: Revision) -> Seen {
        let (kept, begun) = (marked(raw, KEPT), marked(raw, BEGUN));
        let is_begun = kept.is_none() && begun.is_some();
        Seen { plain: plain(raw), revision, mark: kept.or(begun), is_begun }
    }

    /// Its mark. Of one that is only begun it does not say from which document it was made: it has to be written again.
    pub(crate) fn mark(&self) -> Option<Mark> {
        let mark = self.mark.clone()?;
        Some(if self.is_begun { Mark { applied: Text::default(), ..mark } } else { mark })
    }

    /// Whether it is `policy`, begun by whoever writes this mark: what was there before is gone, whatever somebody expects to find.
    pub(crate) fn is_begun_as(&self, policy: &Value, mark: &Mark) -> bool {
        self.is_begun && self.mark.as_ref() == Some(mark) && self.plain == *policy
    }

    /// All that is its own, whatever it is compared with.
    pub(crate) fn content(&self) -> Text {
        Value::List(vec![self.plain.clone(), Value::Bool(self.is_begun)]).digest()
    }

    /// It in Elasticsearch's words. What these have no equal for is shown as it is, in place of the phases.
    pub(crate) fn document(&self, wanted: Option<(&Value, &[Value])>) -> Value {
        let of_phases = |phases: Value| {
            let mut document = Value::EMPTY_MAP;
            document.set(&["policy", "phases"], phases);
            document
        };
        if self.is_begun {
            return of_phases("written, and not yet given to every index that it is for".into());
        }
        let told = from_opensearch(&self.plain);
        let as_it_is = || of_phases(Value::List(vec![self.plain.clone()]));
        let Some((wanted, templates)) = wanted else { return told.unwrap_or_else(as_it_is) };
        if in_opensearch(wanted, templates).as_ref() == Ok(&self.plain) {
            return wanted.clone();
        }
        let has_templates = self.plain.get("ism_template").and_then(Value::as_list).unwrap_or_default() == templates;
        let told = told.map(|told| respelled(told, wanted));
        told.filter(|told| has_templates && told != wanted).unwrap_or_else(as_it_is)
    }
}

/// `seen` with the letters that `wanted` has for the same: the server makes small ones of some.
fn respelled(seen: Value, wanted: &Value) -> Value {
    match (seen, wanted) {
        (Value::Map(map), Value::Map(_)) => {
            let entry = |(key, value): (Text, Value)| match wanted.get(&key) {
                Some(wanted) => (key, respelled(value, wanted)),
                None => (key, value),
            };
            Value::Map(map.into_iter().map(entry).collect())
        }
        (Value::String(seen), Value::String(word)) if seen.eq_ignore_ascii_case(word) => wanted.clone(),
        (seen, _) => seen,
    }
}

/// What is sent to make a policy so; `is_begun` while not every index has it.
pub(crate) fn body(policy: &Value, mark: &Mark, is_begun: bool) -> Value {
    let mut policy = policy.clone();
    policy.set(&["description"], description(if is_begun { BEGUN } else { KEPT }, mark));
    if let Some(Value::List(templates)) = policy.remove(&["ism_template"]) {
        let from = |mut template: Value| {
            template.set(&["last_updated_time"], Value::Integer(FROM_THE_BEGINNING));
            template
        };
        policy.set(&["ism_template"], Value::List(templates.into_iter().map(from).collect()));
    }
    let mut body = Value::EMPTY_MAP;
    body.set(&["policy"], policy);
    body
}

/// The patterns of the data streams that a policy in its plain form is for.
pub(crate) fn patterns(policy: &Value) -> Vec<&str> {
    patterns_of(policy.get("ism_template").and_then(Value::as_list).unwrap_or_default())
}

/// The same of what a policy says of the templates that name it.
pub(crate) fn patterns_of(templates: &[Value]) -> Vec<&str> {
    templates
        .iter()
        .flat_map(|template| template.get("index_patterns").and_then(Value::as_list).unwrap_or_default())
        .filter_map(Value::as_str)
        .collect()
}

/// A policy without its description, and without what the server adds to any.
fn plain(raw: &Value) -> Value {
    let Some(map) = raw.as_map() else { return Value::Null };
    let mut policy = map.clone();
    for key in ["description", "last_updated_time", "policy_id", "schema_version"] {
        policy.remove(key);
    }
    policy.retain(|_, value| !value.is_no_list());
    if let Some(Value::List(states)) = policy.get_mut("states") {
        states.iter_mut().for_each(plain_state);
    }
    if let Some(Value::List(templates)) = policy.get_mut("ism_template") {
        templates.iter_mut().for_each(|template| {
            template.remove(&["last_updated_time"]);
        });
    }
    Value::Map(policy)
}

fn plain_state(state: &mut Value) {
    let Value::Map(state) = state else { return };
    state.retain(|_, value| !value.is_no_list());
    let Some(Value::List(actions)) = state.get_mut("actions") else { return };
    for action in actions {
        let Value::Map(action) = action else { continue };
        action.retain(|key, value| key != "retry" || !is_usual(value));
        if let Some(Value::Map(rollover)) = action.get_mut("rollover") {
            rollover.retain(|key, value| key != "copy_alias" || value.as_bool() != Some(false));
        }
    }
}

/// Whether it is how often an action is tried where nobody said.
fn is_usual(retry: &Value) -> bool {
    let usual: Map =
        [("backoff", "exponential".into()), ("count", Value::Integer(3)), ("delay", "1m".into())].into_iter().collect();
    retry.as_map() == Some(&usual)
}
