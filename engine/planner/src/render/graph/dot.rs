//! The graph in the language of Graphviz: `vamp graph --format dot | dot -Tsvg`.

use super::by_system::by_system;
use model::Graph;
use std::fmt::Write;

/// The graph for Graphviz: a box for each system, a node for each resource.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::from(
        "digraph platform {\n  rankdir = LR;\n  graph [fontname = \"sans-serif\"];\n  node [shape = box, style = rounded, fontname = \"sans-serif\"];\n  edge [fontname = \"sans-serif\", fontsize = 10];\n",
    );
    for (index, (system, resources)) in by_system(graph).into_iter().enumerate() {
        let _ = writeln!(text, "  subgraph cluster_{index} {{\n    label = {};", quoted(system));
        for (_, resource) in resources {
            let address = &resource.address;
            let label = format!("{}\n{}", address.kind(), address.key());
            let _ = writeln!(text, "    {} [label = {}];", quoted(address.as_str()), quoted(&label));
        }
        text.push_str("  }\n");
    }
    for (dependent, dependency, edge) in graph.edges() {
        let label = edge.rule.map_or(edge.reason.to_string(), |rule| format!("{} ({rule})", edge.reason));
        let (from, to) = (quoted(dependent.address.as_str()), quoted(dependency.address.as_str()));
        let _ = writeln!(text, "  {from} -> {to} [label = {}];", quoted(&label));
    }
    text.push_str("}\n");
    text
}

/// A quoted identifier: inside, only quotes, backslashes and line breaks mean something.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => quoted.push('\u{fffd}'),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
