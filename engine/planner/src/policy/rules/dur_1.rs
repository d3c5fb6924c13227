//! DUR-1: storage that survives.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::{Durability, Storage, VaultStorage};

pub(crate) const RULE: Rule = Rule {
    id: "DUR-1",
    severity: Severity::Must,
    title: "Vault, MySQL and Elasticsearch store on what survives a restart of their cluster",
    page: page!("DUR-1"),
    checks: &[Check::Store(check)],
};

fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let (lost, word, place) = match store {
        Store::Mysql(mysql) => (mysql.storage.value == Storage::Local, "local", mysql.storage.place),
        Store::Vault(vault) => (vault.storage.value == VaultStorage::Memory, "memory", vault.storage.place),
        Store::Elasticsearch(_, search) => (search.storage.value == Storage::Local, "local", search.storage.place),
    };
    (lost && !case.may_be_lost()).then(|| {
        let better = if matches!(store, Store::Vault(_)) { "`raft` or `mysql`" } else { "`durable`" };
        Breach::at(place, format!("{store} loses its data when it restarts: its storage is {word}"))
            .saw("storage", word)
            .saw("durability", if case.spec.durability.value == Durability::None { "none" } else { "needed" })
            .remedy(format!("set `storage` to {better}; if nobody needs the data, write `purpose: development` and `durability: none`"))
    })
}
