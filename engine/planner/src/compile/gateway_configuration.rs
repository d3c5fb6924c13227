//! The gateway configuration of a cell: HAProxy's text, in a Vault entry of the cell's own, because targets of one cluster mean nothing
//! in another.

use super::cell::Cell;
use super::compiler::Compiler;
use super::tenant::data;
use super::vault;
use model::address::Address;
use model::graph::EdgeReason::StartsAfter;
use model::resource::{Origin, Role};
use model::value::{Map, Value};

/// The entry, which exists before the first gateway agent starts (VGA-6); gives back its address.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell) -> Address {
    let stage = cell.stage;
    let path = compiler.names.environment_entry(stage.tenant, stage.name, &format!("gateways/{}", cell.cluster));
    let fields: Map = [("configuration", Value::from(text(cell)))].into_iter().collect();
    let gateway = stage.environment.gateways.values().next();
    let origin = gateway.map_or(Origin::Default("no gateway is declared"), |gateway| Origin::Spec(gateway.place));
    let draft = vault::entry(compiler, &path, fields, &cell.home.scope, cell.home.place)
        .role(Role::GatewayConfiguration)
        .after_by(&stage.organization, StartsAfter, "TEN-6")
        .origin(data("configuration"), origin);
    compiler.add(draft)
}

/// HAProxy's configuration without any gateway: it serves the health check and nothing else.
fn text(cell: &Cell) -> String {
    format!(
        "# {} on {}\nglobal\n  maxconn 4096\n\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 50s\n  timeout server \
         50s\n\nfrontend health\n  bind :::{} v4v6\n  monitor-uri /health\n",
        cell.stage.namespace,
        cell.cluster,
        super::gateway_agent::HEALTH_PORT
    )
}
