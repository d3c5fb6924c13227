//! DUR-2: either alone is not enough.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::{Purpose, VaultStorage};
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-2",
    severity: Severity::Must,
    title: "Vault and MySQL are restored to one moment",
    page: page!("DUR-2"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let (mysql, vault) = (&case.spec.dependencies.mysql, &case.spec.dependencies.vault);
    let in_mysql = vault.storage.value == VaultStorage::Mysql;
    let of_vault = if in_mysql { vault.backup.as_ref().or(mysql.backup.as_ref()) } else { vault.backup.as_ref() };
    let (first, second) = (mysql.backup.as_ref(), of_vault);
    let (place, what) = match (first, second) {
        _ if case.spec.purpose.value == Purpose::Development => return None,
        (Some(first), Some(second)) if first.value == second.value => return None,
        (None, None) => (mysql.place, "neither MySQL nor Vault is in a backup".to_owned()),
        (None, _) => (mysql.place, "MySQL is in no backup".to_owned()),
        (_, None) => (vault.place, "Vault is in no backup".to_owned()),
        (Some(first), Some(second)) => (second.place, format!("MySQL is in the backup {} and Vault in {}, which are of two moments", first.value, second.value)),
    };
    let name = |backup: Option<&Located<String>>| backup.map_or("none".to_owned(), |backup| backup.value.clone());
    let breach = Breach::at(place, format!("{what}; a restore needs both, of one moment"))
        .saw("backup of MySQL", name(first))
        .saw("backup of Vault", name(second))
        .remedy("give both the same `backup: NAME`: one that takes both at one moment");
    Some(breach)
}
