//! The world in a few lines a system, for people: what answers, and how many things of each kind are there.

use planner::render::style::{Paint, Style, escape};
use serde_json::{Map, Value};
use std::fmt::Write;

/// An outline of what `vamp world show --format json` has in full.
pub(super) fn text(shown: &Value, style: Style) -> String {
    let mut text = String::new();
    let fields = || shown.as_object().into_iter().flatten();
    for (name, value) in fields().filter(|(_, value)| !value.is_object() && !value.is_null()) {
        let _ = writeln!(text, "{name}: {}", scalar(value));
    }
    for (name, value) in fields() {
        match value {
            Value::Object(parts) if parts.values().all(Value::is_object) => {
                for (part, value) in parts {
                    system(&mut text, &format!("{name} {part}"), value, style);
                }
            }
            Value::Object(_) => system(&mut text, name, value, style),
            _ => {}
        }
    }
    text
}

/// One system: its properties, then its things by kind.
fn system(text: &mut String, name: &str, value: &Value, style: Style) {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, &escape(name)));
    for (field, value) in fields {
        match value {
            Value::Null => {}
            Value::Object(things) if things.is_empty() => {}
            Value::Object(things) if things.values().all(is_object_of_a_system) => {
                let _ = writeln!(text, "  {field}: {}", things.len());
            }
            Value::Object(things) => {
                let _ = writeln!(text, "  {field}:");
                for (thing, value) in things {
                    let _ = writeln!(text, "    {}  {}", escape(thing), properties(value));
                }
            }
            other => {
                let _ = writeln!(text, "  {field}: {}", scalar(other));
            }
        }
    }
}

/// Whether it is an object with a document, of which an outline only counts how many there are.
fn is_object_of_a_system(value: &Value) -> bool {
    value.get("document").is_some()
}

/// The simple properties of a thing on one line: `ready: true, zone: zone-1`.
fn properties(value: &Value) -> String {
    let Value::Object(fields) = value else { return scalar(value) };
    let simple = fields.iter().filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null());
    simple.map(|(field, value)| format!("{field}: {}", scalar(value))).collect::<Vec<_>>().join(", ")
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        other => escape(&other.to_string()).into_owned(),
    }
}
