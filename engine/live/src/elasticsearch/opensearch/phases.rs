//! The phases of a lifecycle policy of Elasticsearch as the states of one of OpenSearch, both ways.
//!
//! A phase is a state of the same name, with its actions; what Elasticsearch counts from (the rollover, or else the making of an index) is
//! what the transition to the next one counts from. An index that has no phase yet is in the state `new`, as Elasticsearch calls that.
//! Only what has an exact equal is translated. Two things differ all the same: OpenSearch rolls over an index that is
//! empty, so that a stream into which nobody writes has a new one each day, and it gives up an action after its retries, where
//! Elasticsearch goes on trying.

use model::Value;

/// The state of an index that has no phase yet.
const NEW: &str = "new";

/// An action of Elasticsearch: what it and its fields are called there, and here.
struct Action {
    names: (&'static str, &'static str),
    fields: &'static [(&'static str, &'static str)],
}

/// Those of a phase, in the order in which Elasticsearch goes through them.
struct Phase {
    name: &'static str,
    actions: &'static [Action],
}

const HOT: Phase = Phase {
    name: "hot",
    actions: &[
        Action { names: ("set_priority", "index_priority"), fields: &[("priority", "priority")] },
        Action {
            names: ("rollover", "rollover"),
            fields: &[
                ("max_age", "min_index_age"),
                ("max_docs", "min_doc_count"),
                ("max_primary_shard_size", "min_primary_shard_size"),
                ("max_size", "min_size"),
            ],
        },
        Action { names: ("readonly", "read_only"), fields: &[] },
        Action { names: ("forcemerge", "force_merge"), fields: &[("max_num_segments", "max_num_segments")] },
    ],
};
const DELETE: Phase = Phase { name: "delete", actions: &[Action { names: ("delete", "delete"), fields: &[] }] };

/// Sizes, of which the server makes small letters.
const SIZES: [&str; 2] = ["min_primary_shard_size", "min_size"];

/// A policy of Elasticsearch as one of OpenSearch, in its plain form.
///
/// # Errors
/// What OpenSearch has no equal for.
pub(crate) fn in_opensearch(document: &Value, templates: &[Value]) -> Result<Value, String> {
    let no_equal = |path: String| format!("no equal of `{path}`");
    translated(document, templates).map_err(no_equal)
}

/// The same; an error is the path of what has no equal.
fn translated(document: &Value, templates: &[Value]) -> Result<Value, String> {
    let policy = only(Some(document), "", &["policy"])?.and_then(|document| document.get("policy"));
    let phases = only(policy, "policy", &["phases"])?.and_then(|policy| policy.get("phases"));
    let phases = only(phases, "policy.phases", &["delete", "hot"])?;
    let phase = |phase: &Phase| phases.and_then(|phases| phases.get(phase.name));
    let hot = phase(&HOT);
    if hot.and_then(|hot| hot.get("min_age")).is_some_and(|age| age.as_str() != Some("0ms")) {
        return Err("policy.phases.hot.min_age".to_owned());
    }
    let mut first = state(if hot.is_some() { HOT.name } else { NEW }, actions(hot, &HOT)?);
    let mut states = Vec::with_capacity(2);
    if let Some(delete) = phase(&DELETE) {
        let counted_from = match hot.and_then(|hot| hot.at(&["actions", "rollover"])) {
            Some(_) => "min_rollover_age",
            None => "min_index_age",
        };
        let mut transition = Value::EMPTY_MAP;
        transition.set(&["state_name"], DELETE.name);
        if let Some(age) = delete.get("min_age") {
            transition.set(&["conditions", counted_from], age.clone());
        }
        first.set(&["transitions"], Value::List(vec![transition]));
        states.push(state(DELETE.name, actions(Some(delete), &DELETE)?));
    }
    states.insert(0, first);
    let mut policy = Value::EMPTY_MAP;
    policy.set(&["default_state"], if hot.is_some() { HOT.name } else { NEW });
    policy.set(&["states"], Value::List(states));
    if !templates.is_empty() {
        policy.set(&["ism_template"], Value::List(templates.to_vec()));
    }
    Ok(policy)
}

/// A map that has no keys but these.
fn only<'a>(value: Option<&'a Value>, path: &str, keys: &[&str]) -> Result<Option<&'a Value>, String> {
    let Some(value) = value else { return Ok(None) };
    let map = value.as_map().ok_or_else(|| path.to_owned())?;
    match map.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
        Some((key, _)) if path.is_empty() => Err(key.to_string()),
        Some((key, _)) => Err(format!("{path}.{key}")),
        None => Ok(Some(value)),
    }
}

fn state(name: &str, actions: Vec<Value>) -> Value {
    let mut state = Value::EMPTY_MAP;
    state.set(&["name"], name);
    if !actions.is_empty() {
        state.set(&["actions"], Value::List(actions));
    }
    state
}

/// The actions of a phase, in their order.
fn actions(seen: Option<&Value>, phase: &Phase) -> Result<Vec<Value>, String> {
    let path = format!("policy.phases.{}", phase.name);
    let seen = only(seen, &path, &["actions", "min_age"])?.and_then(|phase| phase.get("actions"));
    let path = format!("{path}.actions");
    let names: Vec<&str> = phase.actions.iter().map(|action| action.names.0).collect();
    let seen = only(seen, &path, &names)?;
    let there = phase.actions.iter().filter_map(|action| Some((action, seen?.get(action.names.0)?)));
    there.map(|(action, fields)| in_its_words(action, fields, &format!("{path}.{}", action.names.0))).collect()
}

fn in_its_words(action: &Action, fields: &Value, path: &str) -> Result<Value, String> {
    let known: Vec<&str> = action.fields.iter().map(|(name, _)| *name).collect();
    only(Some(fields), path, &known)?;
    let mut translated = Value::EMPTY_MAP;
    for (theirs, ours) in action.fields {
        if let Some(value) = fields.get(theirs) {
            translated.set(&[ours], small(ours, value.clone()));
        }
    }
    // Elasticsearch refuses what OpenSearch takes for "at once": a rollover that names no condition.
    if !action.fields.is_empty() && translated == Value::EMPTY_MAP {
        return Err(path.to_owned());
    }
    let mut whole = Value::EMPTY_MAP;
    whole.set(&[action.names.1], translated);
    Ok(whole)
}

/// A size in small letters.
fn small(field: &str, value: Value) -> Value {
    match &value {
        Value::String(size) if SIZES.contains(&field) => size.to_lowercase().as_str().into(),
        _ => value,
    }
}

/// A policy in its plain form as one of Elasticsearch, if that says all of it.
pub(super) fn from_opensearch(plain: &Value) -> Option<Value> {
    let states = plain.get("states").and_then(Value::as_list)?;
    let mut phases = Value::EMPTY_MAP;
    for phase in [&HOT, &DELETE] {
        if let Some(state) = states.iter().find(|state| state.str_at(&["name"]) == Some(phase.name)) {
            phases.set(&[phase.name, "actions"], in_elasticsearch(state, phase));
        }
    }
    let transitions = states.first()?.get("transitions").and_then(Value::as_list).unwrap_or_default();
    let conditions = transitions.first().and_then(|transition| transition.get("conditions")).and_then(Value::as_map);
    if let Some((_, age)) = conditions.and_then(|conditions| conditions.iter().next()) {
        phases.set(&[DELETE.name, "min_age"], age.clone());
    }
    let mut document = Value::EMPTY_MAP;
    document.set(&["policy", "phases"], phases);
    let templates = plain.get("ism_template").and_then(Value::as_list).unwrap_or_default();
    (translated(&document, templates).as_ref() == Ok(plain)).then_some(document)
}

/// The actions of a state in Elasticsearch's words, as far as it has any.
fn in_elasticsearch(state: &Value, phase: &Phase) -> Value {
    let mut all = Value::EMPTY_MAP;
    for seen in state.get("actions").and_then(Value::as_list).unwrap_or_default() {
        for action in phase.actions {
            let Some(fields) = seen.get(action.names.1) else { continue };
            all.set(&[action.names.0], Value::EMPTY_MAP);
            for (theirs, ours) in action.fields {
                if let Some(value) = fields.get(ours) {
                    all.set(&[action.names.0, theirs], value.clone());
                }
            }
        }
    }
    all
}
