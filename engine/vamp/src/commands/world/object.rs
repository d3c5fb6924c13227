//! `vamp world show ADDRESS`: one object, whose it is, who manages which of its fields, how it does, and its document.

use crate::cli::Format;
use crate::error::CommandError;
use crate::ui::Ui;
use model::observation::{Condition, Observed, Owner};
use model::resource::Scope;
use model::{Address, Value};
use planner::render::plan::document;
use planner::render::style::{Paint, Style, escape};
use serde_json::json;
use simulator::world::World;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Show the object at `address`.
pub(super) fn show(world: &World, address: &Address, ui: &mut Ui) -> Result<(), CommandError> {
    let unseen =
        |gap| CommandError::new(format!("{address} cannot be looked at: {gap}")).hint("`vamp world heal` mends what was broken");
    let found = world.find(address).map_err(unseen)?;
    let none = || CommandError::new(format!("{address} is not in this world")).hint("`vamp world show` says what there is");
    let seen = found.ok_or_else(none)?;
    match ui.format() {
        Format::Json => ui.json(&in_json(address, &seen)),
        Format::Text => ui.data(&in_words(address, &seen, ui.out())),
    }
}

/// The fields of each manager other than `vamp` itself, as the system keeps account of them.
fn managers(seen: &Observed) -> BTreeMap<&str, Vec<String>> {
    let mut managers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (field, manager) in &seen.foreign {
        managers.entry(manager).or_default().push(field.to_string());
    }
    managers
}

/// The state of an object in a word, and the reason for it if it is not ready.
fn condition(seen: &Observed) -> (&'static str, Option<&str>) {
    match &seen.condition {
        Condition::Ready => ("ready", None),
        Condition::NotReady(why) => ("not ready", Some(why)),
        Condition::Failed(why) => ("failed", Some(why)),
    }
}

fn in_json(address: &Address, seen: &Observed) -> serde_json::Value {
    let owner = match &seen.owner {
        Owner::Platform(platform) => json!(platform),
        Owner::Foreign => serde_json::Value::Null,
    };
    let (state, reason) = condition(seen);
    json!({
        "address": address,
        "owner": owner,
        "scope": seen.scope,
        "version": seen.version,
        "incarnation": seen.incarnation,
        "applied": seen.applied,
        "condition": { "state": state, "reason": reason },
        "managers": managers(seen),
        "document": *seen.document,
    })
}

fn in_words(address: &Address, seen: &Observed, style: Style) -> String {
    let mut text = format!("{}\n", style.paint(Paint::Heading, &escape(address.as_str())));
    let owner = match &seen.owner {
        Owner::Platform(platform) if seen.scope == Scope::PLATFORM => format!("platform {platform}"),
        Owner::Platform(platform) => format!("platform {platform}, for {}", seen.scope),
        Owner::Foreign => "nobody that vamp knows".to_owned(),
    };
    let _ = writeln!(text, "  owner: {}", escape(&owner));
    let _ = writeln!(text, "  version: {}", escape(&seen.version));
    let (state, reason) = condition(seen);
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let _ = writeln!(text, "  condition: {state}{}", escape(&reason));
    for (manager, fields) in managers(seen) {
        let _ = writeln!(text, "  managed by {}: {}", escape(manager), escape(&fields.join(", ")));
    }
    let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, "document"));
    text + &document(&without_digests(&seen.document), 2)
}

/// The document with a word for every secret: its digest says nothing to a reader.
fn without_digests(value: &Value) -> Value {
    match value {
        Value::Digest(_) => Value::from("(secret)"),
        Value::List(items) => Value::List(items.iter().map(without_digests).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), without_digests(value))).collect()),
        open => open.clone(),
    }
}
