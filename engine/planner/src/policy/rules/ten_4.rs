//! TEN-4: until then nobody can enter.

use crate::policy::rule::page;
use crate::policy::subject::Tenant;
use crate::policy::{Breach, Case, Check, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-4",
    severity: Severity::Must,
    title: "a tenant has at least one administrator",
    page: page!("TEN-4"),
    checks: &[Check::Tenant(check)],
};

fn check(_: &Case<'_>, tenant: &Tenant<'_>) -> Option<Breach> {
    tenant.administrators.is_empty().then(|| {
        Breach::at(tenant.declared.place, format!("nobody can enter the tenant {tenant}: it has no administrator"))
            .saw("administrators", 0u32)
            .remedy("name one in `administrators`")
    })
}
