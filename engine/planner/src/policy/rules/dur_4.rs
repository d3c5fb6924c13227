//! DUR-4: better still than storing in MySQL.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::VaultStorage;
use crate::topology::DeploymentModel;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-4",
    severity: Severity::Should,
    title: "Vault is outside of the management cluster",
    page: page!("DUR-4"),
    checks: &[Check::Store(check)],
};

/// An alternative to DUR-5, not a sum: a Vault inside that does not store in MySQL is told by DUR-5 alone.
fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Store::Vault(vault) = store else { return None };
    let management = case.management().filter(|_| case.model != DeploymentModel::M0)?;
    (store.cluster() == Some(management.name) && vault.storage.value == VaultStorage::Mysql).then(|| {
        Breach::at(vault.placement.place, "Vault runs in the management cluster; outside of it, it would outlive that cluster")
            .saw("cluster", management.name)
            .saw("storage", "mysql")
            .remedy("give it an `address` outside of the clusters")
    })
}
