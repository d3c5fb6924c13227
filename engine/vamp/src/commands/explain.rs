//! `vamp explain ADDRESS|CODE|RULE`: why a resource exists and what depends on it, what an error means, what a rule asks for.

use super::Ended;
use crate::cli::{Format, Output};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prepare::{Prepared, prepare};
use crate::ui::Ui;
use clap::Args;
use model::graph::Edge;
use model::resource::{Origin, Resource};
use model::{Address, Place};
use planner::policy::catalogue;
use planner::render::style::{Paint, Style, escape};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// The spec that is read when none is named.
const DEFAULT_SPEC: &str = "vamp.yaml";

/// Explain why a resource exists, or what an error code or a rule means
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vamp explain SPEC-104\n  vamp explain VGA-1\n  vamp explain vault/mount/acme vamp.yaml")]
pub(crate) struct Arguments {
    /// An address (SYSTEM/KIND/KEY), the code of an error, or the id of a rule
    #[arg(value_name = "ADDRESS|CODE|RULE")]
    subject: String,
    /// The spec that the address belongs to
    #[arg(value_name = "SPEC", default_value = DEFAULT_SPEC)]
    spec: PathBuf,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    if let Some(page) =
        planner::spec::explain_error(&arguments.subject).or_else(|| simulator::scenario::explain_error(&arguments.subject))
    {
        match ui.format() {
            Format::Json => ui.json(&json!({ "code": arguments.subject.to_uppercase(), "page": page }))?,
            Format::Text => ui.data(&format!("{}\n", page.trim_end()))?,
        }
        return Ok(Exit::Done);
    }
    if let Some(rule) = catalogue::find(&arguments.subject) {
        match ui.format() {
            Format::Json => ui.json(&json!({
                "policy": rule.id, "severity": rule.severity, "title": rule.title, "page": rule.page,
            }))?,
            Format::Text => ui.data(&format!("{}\n", rule.page.trim_end()))?,
        }
        return Ok(Exit::Done);
    }
    let address: Address = arguments.subject.parse().map_err(|error| {
        let failure =
            CommandError::new(format!("{} is neither an address, nor the code of an error, nor a rule", arguments.subject));
        failure.because(error).hint("`vamp graph SPEC --format json` lists every address").usage()
    })?;
    let prepared = prepare(&arguments.spec, ui)?;
    let resource = prepared.graph.get(&address).ok_or_else(|| unknown(&address, &prepared))?;
    match ui.format() {
        Format::Json => ui.json(&in_json(resource, &prepared))?,
        Format::Text => ui.data(&in_words(resource, &prepared, ui.out()))?,
    }
    Ok(Exit::Done)
}

/// What to say of an address that the spec does not make: the nearest that it does.
pub(crate) fn unknown(address: &Address, prepared: &Prepared) -> CommandError {
    let failure = CommandError::new(format!("{} makes no {address}", prepared.spec.file));
    let alike = |resource: &&Resource| resource.address.kind() == address.kind() && resource.address.name() == address.name();
    let nearest = prepared.graph.resources().find(alike);
    match nearest {
        Some(nearest) => failure.hint(format!("did you mean {}?", nearest.address)),
        None => failure.hint("`vamp graph SPEC --format json` lists every address"),
    }
}

fn in_words(resource: &Resource, prepared: &Prepared, style: Style) -> String {
    let file = escape(&prepared.spec.file);
    let mut text = format!("{}\n", style.paint(Paint::Heading, &escape(resource.address.as_str())));
    let _ = writeln!(text, "  belongs to {}", escape(&resource.scope.to_string()));
    if resource.holds_data {
        text.push_str("  holds data: it is only deleted with --allow-destroy and this address\n");
    }
    let line = line_of(resource.place, &prepared.source);
    let _ = writeln!(text, "  is there because of {file}:{}\n    {}", resource.place, style.paint(Paint::Faint, &line));
    let before: Vec<(&Resource, Edge)> = prepared.graph.dependencies(&resource.address).collect();
    let after: Vec<(&Resource, Edge)> = prepared.graph.dependents(&resource.address).collect();
    edges(&mut text, "comes after", &before, style);
    edges(&mut text, "comes before", &after, style);
    if !resource.origins.is_empty() {
        let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, "its values"));
    }
    for (path, origin) in &resource.origins {
        let origin = match origin {
            Origin::Spec(place) => format!("{file}:{place}  {}", line_of(*place, &prepared.source)),
            Origin::Default(name) => format!("default: {name}"),
            Origin::Dependency(address) => format!("follows from {address}"),
        };
        let _ = writeln!(text, "  {}  {}", escape(&path.to_string()), style.paint(Paint::Faint, &escape(&origin)));
    }
    text
}

fn edges(text: &mut String, title: &str, edges: &[(&Resource, Edge)], style: Style) {
    if edges.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, title));
    let mut edges: Vec<_> = edges.iter().map(|(resource, edge)| (&resource.address, edge)).collect();
    edges.sort_by_key(|(address, _)| *address);
    for (address, edge) in edges {
        let rule = edge.rule.map(|rule| format!(" [{rule}]")).unwrap_or_default();
        let why = format!("{}{rule}", edge.reason);
        let _ = writeln!(text, "  {}  {}", escape(address.as_str()), style.paint(Paint::Faint, &why));
    }
}

/// The line of the spec, without what surrounds it.
fn line_of(place: Place, source: &str) -> String {
    let line = (place.line as usize).checked_sub(1).and_then(|index| source.lines().nth(index));
    escape(line.unwrap_or_default().trim()).into_owned()
}

fn in_json(resource: &Resource, prepared: &Prepared) -> Value {
    let place = |place: Place| json!({ "file": prepared.spec.file, "line": place.line, "column": place.column });
    let edge =
        |(other, edge): (&Resource, Edge)| json!({ "address": other.address, "reason": edge.reason.phrase(), "rule": edge.rule });
    let origin = |origin: &Origin| match origin {
        Origin::Spec(at) => json!({ "spec": place(*at) }),
        Origin::Default(name) => json!({ "default": name }),
        Origin::Dependency(address) => json!({ "dependency": address }),
    };
    json!({
        "address": resource.address,
        "scope": resource.scope,
        "role": resource.role,
        "holdsData": resource.holds_data,
        "place": place(resource.place),
        "comesAfter": prepared.graph.dependencies(&resource.address).map(edge).collect::<Vec<_>>(),
        "comesBefore": prepared.graph.dependents(&resource.address).map(edge).collect::<Vec<_>>(),
        "values": resource.origins.iter().map(|(path, from)| json!({ "path": path, "from": origin(from) })).collect::<Vec<_>>(),
    })
}
