//! The gateway configuration of a cell: HAProxy's text, in a Vault entry of the cell's own, because targets of one cluster mean nothing
//! in another.

use super::cell::Cell;
use super::compiler::Compiler;
use super::tenant::data;
use super::vault;
use crate::gateway::haproxy::{self, CellGateways};
use model::address::Address;
use model::resource::{Origin, Role};
use model::value::{Map, Value};

/// The entry, which exists before the first gateway agent starts (VGA-6); gives back its address.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell) -> Address {
    let stage = cell.stage;
    let path = compiler.names.environment_entry(stage.tenant, stage.name, &format!("gateways/{}", cell.cluster));
    let mut fields: Map = [("configuration", Value::from(text(compiler, cell)))].into_iter().collect();
    // A gateway agent lets go of a gateway only if whoever publishes says that it is meant (VGA-8).
    let retired = &stage.environment.retired_gateways;
    if !retired.is_empty() {
        fields.insert("retired", Value::List(retired.iter().map(|name| name.value.as_str().into()).collect()));
    }
    let gateway = stage.environment.gateways.values().next();
    let origin = gateway.map_or(Origin::Default("no gateway is declared"), |gateway| Origin::Spec(gateway.place));
    let draft = vault::entry(compiler, &path, fields, cell.owner())
        .role(Role::GatewayConfiguration)
        .origin(data("configuration"), origin);
    let draft = match retired.first() {
        Some(first) => draft.origin(data("retired"), Origin::Spec(first.place)),
        None => draft,
    };
    compiler.add(draft)
}

/// HAProxy's text. What is wrong with a gateway is told once for all cells of its environment.
fn text(compiler: &mut Compiler, cell: &Cell) -> String {
    let title = format!("{}/{} on {}", cell.stage.tenant, cell.stage.name, cell.cluster);
    let gateways = &cell.stage.environment.gateways;
    haproxy::render(&CellGateways { title: &title, namespace: &cell.stage.namespace, gateways }).unwrap_or_else(|complaints| {
        let first = cell.stage.environment.clusters.first();
        if first.is_some_and(|first| first.as_str() == cell.cluster) {
            compiler.complain(complaints);
        }
        String::new()
    })
}
