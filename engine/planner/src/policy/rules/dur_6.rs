//! DUR-6: audit logs live there, in all cases.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Storage;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-6",
    severity: Severity::Should,
    title: "the storage of every Elasticsearch outlives its cluster",
    page: page!("DUR-6"),
    checks: &[Check::Store(check)],
};

fn check(_: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Store::Elasticsearch(_, search) = store else { return None };
    (search.storage.value == Storage::Local).then(|| {
        Breach::at(search.storage.place, format!("{store} keeps audit logs on storage that is lost with its pod"))
            .saw("storage", "local")
            .remedy("set `storage: durable`")
    })
}
