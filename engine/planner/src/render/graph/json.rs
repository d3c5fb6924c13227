//! The graph as JSON, for programs.
//!
//! ```json
//! {
//!   "formatVersion": 1,
//!   "nodes": [{ "address": "vault/mount/acme", "kind": "mount", "system": "vault", "scope": {}, "place": { "line": 2, … } }],
//!   "edges": [{ "from": "vault/kv/acme/shop/configuration", "to": "vault/mount/acme", "reason": "lives in", "rule": null }]
//! }
//! ```
//!
//! Nodes come in the order of the graph; `scope` has `tenant`, `environment` and `cluster` where they apply; `place` is missing for what
//! nobody wrote. `from` comes after `to`. `rule` is the id of the rule of the domain that asks for the edge, or null.

use crate::render::style::escape_json;
use model::resource::Scope;
use model::{Graph, Place};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format_version: u32,
    nodes: Vec<Node<'a>>,
    edges: Vec<EdgeLine<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    address: &'a str,
    kind: &'static str,
    system: &'a str,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

#[derive(Serialize)]
struct EdgeLine<'a> {
    from: &'a str,
    to: &'a str,
    reason: &'static str,
    rule: Option<&'static str>,
}

/// The graph as JSON, indented, with a line break at its end.
pub fn json(graph: &Graph) -> String {
    let nodes = graph.resources().map(|resource| Node {
        address: resource.address.as_str(),
        kind: resource.address.kind().word(),
        system: resource.address.system_text(),
        scope: &resource.scope,
        place: Some(resource.place).filter(Place::is_written),
    });
    let edges = graph.edges().map(|(dependent, dependency, edge)| EdgeLine {
        from: dependent.address.as_str(),
        to: dependency.address.as_str(),
        reason: edge.reason.phrase(),
        rule: edge.rule,
    });
    let document = Document { format_version: 1, nodes: nodes.collect(), edges: edges.collect() };
    // Only maps with keys that are no strings and failing serialisers make this fail, and there are none.
    escape_json(serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}
