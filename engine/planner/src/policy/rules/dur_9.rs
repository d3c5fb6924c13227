//! DUR-9: the blast radius of a Vault that stores in MySQL.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use crate::spec::types::VaultStorage;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-9",
    severity: Severity::Should,
    title: "MySQL and Vault do not share one fate",
    page: page!("DUR-9"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let storage = &case.spec.dependencies.vault.storage;
    let cells = case.cells().count();
    (storage.value == VaultStorage::Mysql && cells > 0).then(|| {
        Breach::at(storage.place, format!("Vault stores in MySQL: while MySQL is down, no gateway agent of {} can start", counted(cells, "cell", "cells")))
            .saw("storage", "mysql")
            .saw("cells", cells)
            .saw("environments", case.environments().count())
            .remedy("let Vault store on disks of its own, outside of the clusters (`storage: raft`)")
    })
}
