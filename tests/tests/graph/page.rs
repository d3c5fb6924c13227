//! A graph and a document as pages that a person reads.

use model::connection::{Connection, Endpoint};
use model::resource::{Resource, Role};
use model::value::Value;
use planner::compile::Compiled;
use std::fmt::Write as _;

/// The whole graph: where each system is, then each resource in order with what it comes after and why.
pub(crate) fn graph(name: &str, compiled: &Compiled) -> String {
    let graph = &compiled.graph;
    let mut page =
        format!("specs/valid/{name}.yaml: {} resources, {} edges\n\nconnections\n", graph.len(), graph.edges().count());
    for connection in &compiled.connections {
        let _ = writeln!(page, "  {:<24} {}", connection.system.to_string(), place_of(connection));
    }
    page.push_str("\nresources, in order\n");
    for resource in graph.order().unwrap() {
        page.push_str(&paragraph(compiled, resource));
    }
    page
}

fn place_of(connection: &Connection) -> String {
    let endpoint = match &connection.endpoint {
        Endpoint::Embedded => "embedded".to_owned(),
        Endpoint::KubeconfigContext { context, .. } => format!("context {context}"),
        Endpoint::Server(address) => address.clone(),
        Endpoint::InCluster { workload } => format!("run by {workload}"),
    };
    let credentials = connection.credentials.as_ref().map(|secret| format!(", credentials: {secret}")).unwrap_or_default();
    let memory = if connection.capacity.durable { "" } else { ", forgets at a restart" };
    format!("{endpoint}{memory}{credentials}")
}

fn paragraph(compiled: &Compiled, resource: &Resource) -> String {
    let role = if resource.role == Role::Plain { String::new() } else { format!(", {:?}", resource.role) };
    let data = if resource.holds_data { ", holds data" } else { "" };
    let mut text = format!("\n{}\n  for {}, line {}{role}{data}\n", resource.address, resource.scope, resource.place.line);
    for (dependency, edge) in compiled.graph.dependencies(&resource.address) {
        let rule = edge.rule.map(|rule| format!(" ({rule})")).unwrap_or_default();
        let _ = writeln!(text, "  {:<16} {}{rule}", edge.reason.phrase(), dependency.address);
    }
    text
}

/// A document as YAML.
pub(crate) fn document(resource: &Resource) -> String {
    let mut page = String::new();
    write_value(&mut page, &resource.document, 0);
    page.push('\n');
    page.trim_start().to_owned()
}

fn write_value(page: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (key, value) in map.iter() {
                let key = if key.starts_with('@') { format!("{key:?}") } else { key.to_string() };
                let _ = write!(page, "\n{indent}{key}:");
                let nested = matches!(value, Value::Map(_) | Value::List(_));
                write_value(page, value, if nested { depth + 1 } else { depth });
            }
        }
        Value::List(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(page, "\n{indent}-");
                let mut text = String::new();
                write_value(&mut text, item, depth + 1);
                page.push(' ');
                page.push_str(text.trim_start());
            }
        }
        Value::String(text) if text.contains('\n') => {
            page.push_str(" |");
            for line in text.lines() {
                let line = if line.is_empty() { String::new() } else { format!("{indent}  {line}") };
                let _ = write!(page, "\n{line}");
            }
        }
        Value::Secret(secret) => {
            let _ = write!(page, " (secret: {secret})");
        }
        Value::String(text) if plain(text) => {
            let _ = write!(page, " {text}");
        }
        other => {
            let _ = write!(page, " {other}");
        }
    }
}

/// Whether YAML reads the text as this very text without quotes.
fn plain(text: &str) -> bool {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_./:$(){}@".contains(letter);
    text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/')
        && text.chars().all(letters)
        && !text.ends_with(':')
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str())
}
