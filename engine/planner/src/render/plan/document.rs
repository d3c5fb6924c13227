//! A document as indented text in the manner of YAML, for reading; a secret as the place where it is.

use super::super::style::{escape, is_unsafe};
use model::Value;
use std::fmt::Write;

/// `value`, every line indented by `indent` columns.
pub fn document(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    block(&mut text, value, indent);
    text
}

fn block(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (key, value) in map.iter() {
                let _ = write!(text, "{:indent$}{}:", "", escape(key));
                inside(text, value, indent + 2);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                block(&mut inner, item, indent + 2);
                // The first line of the item stands behind the dash.
                let _ = writeln!(text, "{:indent$}- {}", "", inner.trim_start().trim_end_matches('\n'));
            }
        }
        _ => {
            let _ = writeln!(text, "{:indent$}{}", "", scalar(value));
        }
    }
}

/// What stands behind `key:`.
fn inside(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            text.push('\n');
            block(text, value, indent);
        }
        Value::List(items) if !items.is_empty() => {
            text.push('\n');
            block(text, value, indent - 2);
        }
        Value::String(lines) if lines.contains('\n') => {
            text.push_str(" |\n");
            for line in lines.lines() {
                let _ = writeln!(text, "{:indent$}{}", "", escape(line));
            }
        }
        _ => {
            let _ = writeln!(text, " {}", scalar(value));
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.to_string(),
        Value::Secret(reference) => format!("(secret: {})", escape(&reference.to_string())),
        other => escape(&other.to_string()).into_owned(),
    }
}

/// Whether a text reads as itself without quotes.
fn is_plain(text: &str) -> bool {
    let special = |character: char| is_unsafe(character) || "\"'#{}[],&*!|>%@`".contains(character);
    let reads_as_other = matches!(text, "" | "true" | "false" | "null" | "yes" | "no") || text.parse::<f64>().is_ok();
    !reads_as_other && !text.contains(special) && !text.contains(": ") && text.trim() == text && !text.ends_with(':')
}
