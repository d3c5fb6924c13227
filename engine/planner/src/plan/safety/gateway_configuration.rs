//! VGA-8: a published gateway configuration never loses a gateway, or all routes of one, unless the spec names it as retired.

use super::Objection;
use crate::plan::Request;
use crate::policy::rules;
use model::change::FieldChange;
use model::inventory::{Inventory, inventory};
use model::observation::{Gap, Observation};
use model::plan::{Action, Step};
use model::resource::{Role, Scope};
use model::{Kind, Resource, Value};

pub(super) fn does_not_shrink(request: &Request<'_>, step: &Step) -> Option<Objection> {
    if step.role != Role::GatewayConfiguration || !matches!(step.action, Action::Update | Action::Replace | Action::Adopt) {
        return None;
    }
    let Observation::Present(seen) = request.snapshot.observe(&step.address) else { return None };
    let lost = lost(request, &step.scope, &seen.document, step.document.as_deref()?)?;
    Some(objection(format!("the configuration would lose {lost}, which is served now"), &lost))
}

/// The doors of a gateway stay open as long as it is served: no port of the cell's Service or NetworkPolicy is closed while its
/// configuration may not shrink, or cannot be looked at.
pub(super) fn keeps_open_what_is_served(request: &Request<'_>, step: &Step) -> Option<Objection> {
    let is_door = matches!(step.address.kind(), Kind::Service | Kind::NetworkPolicy);
    if !is_door || step.action != Action::Update || !step.changes.iter().any(is_about_ports) {
        return None;
    }
    let configuration = configuration_behind(request, step)?;
    match request.snapshot.observe(&configuration.address) {
        Observation::Absent | Observation::Unknown(Gap::NotYet { .. }) => None,
        Observation::Present(seen) => {
            let lost = lost(request, &configuration.scope, &seen.document, &configuration.document)?;
            Some(objection(format!("the ports of {lost} would be closed, which is served now"), &lost))
        }
        Observation::Unknown(gap) => Some(Objection {
            rule: rules::VGA_8,
            message: format!("ports would be changed while nobody can tell what is served: {gap}"),
            help: "plan again when the gateway configuration can be looked at".to_owned(),
        }),
    }
}

/// Whether ports may be closed: where nothing was, one is only opened.
fn is_about_ports(change: &FieldChange) -> bool {
    change.before.is_some() && ["ports", "ingress"].iter().any(|word| change.path.contains(word))
}

/// The gateway configuration that the agents read whose Service or NetworkPolicy this is.
fn configuration_behind<'a>(request: &Request<'a>, step: &Step) -> Option<&'a Resource> {
    let agents = request.graph.dependents(&step.address).map(|(agents, _)| agents);
    let agents = agents.filter(|agents| agents.role == Role::GatewayAgent);
    let read = agents.flat_map(|agents| request.graph.dependencies(&agents.address)).map(|(read, _)| read);
    read.into_iter().find(|read| read.role == Role::GatewayConfiguration)
}

fn objection(message: String, lost: &str) -> Objection {
    let help = format!("if that is meant, write `retiredGateways: [{lost}]` in the environment");
    Objection { rule: rules::VGA_8, message, help }
}

/// The gateways that are served now, would be no more, and are not named as retired.
fn lost(request: &Request<'_>, scope: &Scope, live: &Value, wanted: &Value) -> Option<String> {
    let (live, wanted) = (gateways(live)?, gateways(wanted)?);
    let lost: Vec<&str> = live.lost_in(&wanted).filter(|gateway| !is_retired(request, scope, gateway)).collect();
    (!lost.is_empty()).then(|| lost.join(", "))
}

fn gateways(document: &Value) -> Option<Inventory> {
    document.str_at(&["data", "configuration"]).map(inventory)
}

fn is_retired(request: &Request<'_>, scope: &Scope, gateway: &str) -> bool {
    let (Some(tenant), Some(environment)) = (&scope.tenant, &scope.environment) else { return false };
    let environment = request.spec.tenants.get(tenant.as_str()).and_then(|tenant| tenant.environments.get(environment.as_str()));
    environment.is_some_and(|environment| environment.retired_gateways.iter().any(|retired| retired.value == gateway))
}
