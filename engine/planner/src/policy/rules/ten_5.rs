//! TEN-5: what is one is configured once.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::{Address, Kind, Resource, System, Value};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-5",
    severity: Severity::Should,
    title: "a tenant and its environments use one server, one user and one source of the password",
    page: page!("TEN-5"),
    checks: &[Check::Resource(check)],
};

/// Where Vamp reads how MySQL is reached.
const KEYS: [&str; 3] = ["url", "user", "password"];

fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let is_configuration = resource.address.kind() == Kind::Kv && resource.address.name() == "configuration";
    let tenant = resource.scope.tenant.as_deref().filter(|_| is_configuration && resource.scope.environment.is_some())?;
    let path = Names::of(case.spec).tenant_entry(tenant, "configuration");
    let organization = case.graph.get(&Address::new(&System::Vault, Kind::Kv, &path))?;
    let of = |document: &Value, key: &str| document.at(&["data", &format!("vamp.persistence.database.sql.{key}")]).cloned();
    let differs = KEYS.into_iter().find(|key| of(&organization.document, key) != of(&resource.document, key))?;
    let breach = Breach::at(resource.place, format!("{} and its tenant {tenant} have a different {differs} for MySQL", resource.scope))
        .saw("differs", differs)
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}
