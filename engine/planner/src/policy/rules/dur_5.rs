//! DUR-5: then MySQL alone restores both.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::subject::first_written;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::VaultStorage;
use crate::topology::DeploymentModel;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-5",
    severity: Severity::High,
    title: "a Vault in the management cluster stores in MySQL",
    page: page!("DUR-5"),
    checks: &[Check::Store(check)],
};

fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Store::Vault(vault) = store else { return None };
    let management = case.management().filter(|_| case.model != DeploymentModel::M0)?;
    (store.cluster() == Some(management.name) && vault.storage.value != VaultStorage::Mysql).then(|| {
        let place = first_written([vault.storage.place, vault.placement.place]);
        Breach::at(place, "Vault runs in the management cluster and does not store in MySQL: restoring MySQL would not restore it")
            .saw("cluster", management.name)
            .saw("storage", if vault.storage.value == VaultStorage::Memory { "memory" } else { "raft" })
            .remedy("write `storage: mysql`, or move Vault outside (DUR-4); one of the two is enough")
    })
}
