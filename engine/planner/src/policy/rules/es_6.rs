//! ES-6: the environment wins over its tenant, the tenant over the platform.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Resource;

pub(crate) const RULE: Rule = Rule {
    id: "ES-6",
    severity: Severity::Must,
    title: "what an environment writes goes to the Elasticsearches that it names",
    page: page!("ES-6"),
    checks: &[Check::Resource(check)],
};

fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let name = resource.address.system_text().strip_prefix("elasticsearch.")?;
    let (tenant, environment) = (resource.scope.tenant.as_deref()?, resource.scope.environment.as_deref()?);
    let declared = case.spec.tenants.get(tenant)?.environments.get(environment)?;
    let named = [declared.audit_sink.value.as_str(), declared.traffic_sink.value.as_str()];
    (!named.contains(&name)).then(|| {
        Breach::at(resource.place, format!("{} would write to {name}, which it does not name", resource.scope))
            .saw("audit", named[0])
            .saw("traffic", named[1])
            .saw("written to", name)
            .remedy("this is made by vamp itself: report it")
    })
}
