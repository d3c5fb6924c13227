//! TEN-2: without one it is of no use.

use crate::policy::rule::page;
use crate::policy::subject::Tenant;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-2",
    severity: Severity::Must,
    title: "a tenant has at least one environment",
    page: page!("TEN-2"),
    checks: &[Check::Tenant(check)],
};

fn check(_: &Case<'_>, tenant: &Tenant<'_>) -> Option<Breach> {
    tenant.environments.is_empty().then(|| {
        Breach::at(tenant.declared.place, format!("the tenant {tenant} has no environment"))
            .saw("environments", 0u32)
            .remedy("declare one in `environments`, or remove the tenant")
    })
}
