//! The graph in the language of Mermaid, which code hosts draw inside Markdown.

use super::by_system::by_system;
use model::Graph;
use std::fmt::Write;

/// The graph for Mermaid: a box for each system, a node for each resource.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (index, (system, resources)) in by_system(graph).into_iter().enumerate() {
        let _ = writeln!(text, "  subgraph s{index}[\"{}\"]", escaped(system));
        for (number, resource) in resources {
            let (kind, key) = (resource.address.kind(), escaped(resource.address.key()));
            let _ = writeln!(text, "    n{number}[\"{kind}<br/>{key}\"]");
        }
        text.push_str("  end\n");
    }
    for (dependent, dependency, edge) in graph.edges() {
        let (Some(from), Some(to)) = (graph.position(&dependent.address), graph.position(&dependency.address)) else { continue };
        let _ = writeln!(text, "  n{from} -->|{}| n{to}", edge.reason);
    }
    text
}

/// Mermaid's own escapes: what is no letter, digit or plain sign becomes its number between `#` and `;`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || "-./:_ ".contains(character) {
            escaped.push(character);
        } else if !character.is_control() {
            let _ = write!(escaped, "#{};", u32::from(character));
        }
    }
    escaped
}
