//! TEN-3: tenants cannot see each other.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use std::collections::BTreeMap;

pub(crate) const RULE: Rule = Rule {
    id: "TEN-3",
    severity: Severity::Must,
    title: "tenants share no schema, no path in Vault and no index",
    page: page!("TEN-3"),
    checks: &[Check::Platform(check)],
};

/// All three are named after the namespace, so that two tenants share them exactly if one has a namespace of the other. A tenant and its
/// environments never have the same one.
fn check(case: &Case<'_>) -> Option<Breach> {
    let names = Names::of(case.spec);
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for tenant in case.tenants() {
        let own = tenant.environments().map(|environment| names.environment(tenant.name, environment.name));
        for namespace in std::iter::once(names.tenant(tenant.name)).chain(own) {
            if let Some(other) = owners.insert(namespace.clone(), tenant.name) {
                let breach = Breach::at(tenant.declared.place, format!("the tenants {other} and {tenant} would share schema, path and index {namespace}"))
                    .saw("shared", namespace)
                    .remedy("rename one of the two");
                return Some(breach);
            }
        }
    }
    None
}
