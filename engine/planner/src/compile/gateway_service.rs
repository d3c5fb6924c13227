//! The one entry point of a cell's gateways: a load balancer with every gateway's port, whose backends are the ready gateway agents
//! (VGA-3).

use super::cell::Cell;
use super::draft::Draft;
use super::gateway_agent::{HEALTH_PORT, NAME};
use super::labels;
use super::pods;
use k8s_openapi::api::core::v1::{Service, ServiceSpec};
use model::path::FieldPath;
use model::resource::Origin;
use std::collections::BTreeMap;

/// Port of virtual hosts, open only while there are any.
const VIRTUAL_HOSTS_PORT: u16 = 80;
/// Tells whoever sets up the load balancer what to ask for health: port 80 is closed where there are no virtual hosts.
const HEALTH_CHECK: &str = "vamp.io/load-balancer-health-check";

/// Ports that the gateways of a cell are open on, each with its name.
pub(crate) fn ports(cell: &Cell) -> BTreeMap<u16, String> {
    let gateways = &cell.stage.environment.gateways;
    let virtual_hosts = gateways.values().any(|gateway| !gateway.virtual_hosts.is_empty());
    let shared = virtual_hosts.then(|| (VIRTUAL_HOSTS_PORT, "virtual-hosts".to_owned()));
    let own = gateways.values().map(|gateway| (gateway.port.value, format!("gateway-{}", gateway.port.value)));
    shared.into_iter().chain(own).collect()
}

/// Where the ports come from: the first gateway stands for all.
pub(crate) fn ports_origin(cell: &Cell) -> Origin {
    let first = cell.stage.environment.gateways.values().next();
    first.map_or(Origin::Default("no gateway is declared"), |gateway| Origin::Spec(gateway.port.place))
}

/// The Service; none without a gateway, since a Service has at least one port.
pub(crate) fn service(cell: &Cell) -> Option<Service> {
    let ports: Vec<_> = ports(cell).into_iter().map(|(number, name)| pods::service_port(&name, number)).collect();
    if ports.is_empty() {
        return None;
    }
    let mut metadata = cell.home.metadata(NAME, Some(NAME));
    metadata.annotations = Some(BTreeMap::from([(HEALTH_CHECK.to_owned(), format!("http:{HEALTH_PORT}/health"))]));
    let spec = ServiceSpec {
        type_: Some("LoadBalancer".to_owned()),
        selector: Some(labels::selector(NAME)),
        ports: Some(ports),
        ..ServiceSpec::default()
    };
    Some(Service { metadata, spec: Some(spec), status: None })
}

/// Says of the Service where its ports come from.
pub(crate) fn with_origins(draft: Draft, cell: &Cell) -> Draft {
    draft.origin(FieldPath::keys(&["spec", "ports"]), ports_origin(cell))
}
