//! VGA-2: they do not fall together.

use crate::compile::HOSTNAME;
use crate::policy::rule::page;
use crate::policy::rules::vga_1::FEWEST;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use model::resource::Role;
use model::{Resource, Value};

pub(crate) const RULE: Rule = Rule {
    id: "VGA-2",
    severity: Severity::Must,
    title: "the gateway agents of a cell stand on at least two nodes",
    page: page!("VGA-2"),
    checks: &[Check::Cell(nodes), Check::Resource(apart)],
};

fn nodes(case: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    let count = case.node_count(&cell.cluster);
    (count < FEWEST).then(|| {
        let on = counted(count as usize, "node", "nodes");
        Breach::at(cell.cluster.nodes.count.place, format!("the gateway agents of {cell} have {on} to stand on; they need two"))
            .saw("nodes", count)
            .saw("replicas", cell.environment.gateway_agents.replicas.value)
            .remedy(format!("give {} two nodes at least", cell.cluster))
    })
}

fn apart(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::GatewayAgent {
        return None;
    }
    let affinity = ["spec", "template", "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = resource.document.at(&affinity).and_then(Value::as_list).unwrap_or_default();
    let by_node = terms.iter().any(|term| term.str_at(&["topologyKey"]) == Some(HOSTNAME));
    (!by_node).then(|| {
        Breach::at(resource.place, format!("two gateway agents of {} may stand on one node", resource.scope))
            .saw("anti-affinity on", "nothing")
            .remedy("this is made by vamp itself: report it")
    })
}
