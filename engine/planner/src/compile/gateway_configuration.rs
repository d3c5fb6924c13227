//! The gateway configuration of a cell: HAProxy's text, in a Vault entry of the cell's own, because targets of one cluster mean nothing
//! in another.

use super::cell::Cell;
use super::compiler::Compiler;
use super::tenant::data;
use super::vault;
use crate::gateway::haproxy;
use crate::spec::types::Environment;
use model::address::Address;
use model::resource::{Origin, Role};
use model::value::{Map, Value};

/// The entry, which exists before the first gateway agent starts (VGA-6); gives back its address.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell) -> Address {
    let stage = cell.stage;
    let path = compiler.names.environment_entry(stage.tenant, stage.name, &format!("gateways/{}", cell.cluster));
    let title = format!("{}/{} on {}", stage.tenant, stage.name, cell.cluster);
    let text = haproxy::titled(&title, &stage.haproxy);
    let mut fields: Map = [("configuration", Value::from(text))].into_iter().collect();
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

/// HAProxy's text for all cells of an environment, but for the title. What is wrong with a gateway is told here, once for all cells.
pub(crate) fn sections(compiler: &mut Compiler, namespace: &str, environment: &Environment) -> String {
    haproxy::sections(namespace, &environment.gateways).unwrap_or_else(|complaints| {
        compiler.complain(complaints);
        String::new()
    })
}
