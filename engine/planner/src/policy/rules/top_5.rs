//! TOP-5: agents at home.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::subject::Cell;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Resource;
use model::resource::Role;

pub(crate) const RULE: Rule = Rule {
    id: "TOP-5",
    severity: Severity::Must,
    title: "agents run on the cluster that they serve, in the namespace of their environment",
    page: page!("TOP-5"),
    checks: &[Check::Cell(declared), Check::Resource(made)],
};

fn declared(_: &Case<'_>, cell: &Cell<'_>) -> Option<Breach> {
    (!cell.cluster.serves()).then(|| {
        Breach::at(cell.place(), format!("{} would run on the management cluster", cell.environment))
            .saw("cluster", cell.cluster.name)
            .saw("role", "management")
            .remedy("name a service cluster in `clusters`")
    })
}

fn made(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if !matches!(resource.role, Role::GatewayAgent | Role::WorkflowAgent) {
        return None;
    }
    let (tenant, environment) = (resource.scope.tenant.as_deref()?, resource.scope.environment.as_deref()?);
    let at_home = resource.address.system_text().strip_prefix("cluster.") == resource.scope.cluster.as_deref();
    let namespace = Names::of(case.spec).environment(tenant, environment);
    let found = resource.address.namespace().unwrap_or_default();
    (!at_home || found != namespace).then(|| {
        Breach::at(resource.place, format!("{} of {} would run somewhere else", resource.address.name(), resource.scope))
            .saw("runs in", resource.address.system_text())
            .saw("namespace", found)
            .saw("belongs in", namespace)
            .remedy("this is made by vamp itself: report it")
    })
}
