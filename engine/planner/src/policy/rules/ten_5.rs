//! TEN-5: what is one is configured once.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::{Address, Kind, Resource, System};

pub(crate) const RULE: Rule = Rule {
    id: "TEN-5",
    severity: Severity::Should,
    title: "a tenant and its environments use one server, one user and one source of the password",
    page: page!("TEN-5"),
    checks: &[Check::Environment(check)],
};

/// Where Vamp reads how MySQL is reached.
const KEYS: [&str; 3] = ["url", "user", "password"];

fn check(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let (names, tenant) = (Names::of(case.spec), environment.tenant.name);
    let entry = |path: &str| case.graph.get(&Address::new(&System::Vault, Kind::Kv, path));
    let organization = entry(&names.tenant_entry(tenant, "configuration"))?;
    let own = entry(&names.environment_entry(tenant, environment.name, "configuration"))?;
    let of = |resource: &Resource, key: &str| resource.document.at(&["data", &format!("vamp.persistence.database.sql.{key}")]).cloned();
    let differs = KEYS.into_iter().find(|key| of(organization, key) != of(own, key))?;
    let breach = Breach::at(own.place, format!("{environment} and its tenant {tenant} have a different {differs} for MySQL"))
        .saw("differs", differs)
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}
