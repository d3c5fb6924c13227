//! TEN-1: names that can be joined and taken apart.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::names::{NAMESPACE_LENGTH, is_tenancy_name};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-1",
    severity: Severity::Must,
    title: "names of tenants and environments are small letters and digits, and fit into a namespace",
    page: page!("TEN-1"),
    checks: &[Check::Environment(check)],
};

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let (tenant, name) = (environment.tenant.name, environment.name);
    let namespace = Names::of(case.spec).environment(tenant, name);
    let why = if [tenant, name].into_iter().any(|name| !is_tenancy_name(name)) {
        "may have small letters and digits only".to_owned()
    } else if namespace.len() > NAMESPACE_LENGTH {
        format!("make a namespace of {} characters, and {NAMESPACE_LENGTH} fit", namespace.len())
    } else {
        return None;
    };
    let breach = Breach::at(environment.declared.place, format!("the names {tenant} and {name} {why}"))
        .saw("namespace", namespace.as_str())
        .measured("length", namespace.len(), "characters")
        .remedy("rename the tenant or the environment");
    Some(breach)
}
