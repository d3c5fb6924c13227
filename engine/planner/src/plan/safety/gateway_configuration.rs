//! VGA-8: a published gateway configuration never loses a gateway, or all routes of one, unless the spec names it as retired.

use super::Objection;
use crate::plan::Request;
use model::Value;
use model::inventory::{Inventory, inventory};
use model::observation::Observation;
use model::plan::{Action, Step};
use model::resource::Role;

pub(super) fn does_not_shrink(request: &Request<'_>, step: &Step) -> Option<Objection> {
    if step.role != Role::GatewayConfiguration || !matches!(step.action, Action::Update | Action::Replace | Action::Adopt) {
        return None;
    }
    let Observation::Present(seen) = request.snapshot.observe(&step.address) else { return None };
    let (live, wanted) = (gateways(&seen.document)?, gateways(step.document.as_deref()?)?);
    let lost: Vec<&str> = live.lost_in(&wanted).filter(|gateway| !is_retired(request, step, gateway)).collect();
    (!lost.is_empty()).then(|| Objection {
        rule: "VGA-8",
        message: format!("the configuration would lose {}, which is served now", lost.join(", ")),
        help: format!("if that is meant, write `retiredGateways: [{}]` in the environment", lost.join(", ")),
    })
}

fn gateways(document: &Value) -> Option<Inventory> {
    document.str_at(&["data", "configuration"]).map(inventory)
}

fn is_retired(request: &Request<'_>, step: &Step, gateway: &str) -> bool {
    let (Some(tenant), Some(environment)) = (&step.scope.tenant, &step.scope.environment) else { return false };
    let environment = request.spec.tenants.get(tenant.as_str()).and_then(|tenant| tenant.environments.get(environment.as_str()));
    environment.is_some_and(|environment| environment.retired_gateways.iter().any(|retired| retired.value == gateway))
}
