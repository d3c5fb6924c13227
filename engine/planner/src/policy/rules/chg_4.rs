//! CHG-4: nothing that carries the platform becomes weaker.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};
use crate::spec::types::{Storage, VaultStorage};
use model::Place;
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "CHG-4",
    severity: Severity::Should,
    title: "replicas, nodes and storage are not weakened",
    page: page!("CHG-4"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let mut found = Found { older, breaches: Vec::new() };
    for (before, now) in older.kept_environments(case) {
        let (old, new) = (&before.gateway_agents.replicas, &now.gateway_agents.replicas);
        found.fewer(&now, "gateway agents a cell", (old, old.place), (new, new.place));
    }
    for (name, before) in &older.spec.clusters {
        let Some(now) = case.cluster(name) else { continue };
        let (old, new) = (&before.value.nodes, &now.nodes);
        found.fewer(&now, "nodes", (&old.count, old.count.place), (&new.count, new.count.place));
        found.fewer(&now, "thousandths of a CPU a node", (&old.milli_cpu, old.milli_cpu.place), (&new.milli_cpu, new.milli_cpu.place));
        found.fewer(&now, "bytes of memory a node", (&old.memory_bytes, old.memory_bytes.place), (&new.memory_bytes, new.memory_bytes.place));
        found.fewer(&now, "zones", (&old.zones, old.zones.place), (&new.zones, new.zones.place));
    }
    let (before, now) = (&older.spec.dependencies, &case.spec.dependencies);
    found.storage("mysql", &before.mysql.value.storage, &now.mysql.value.storage);
    found.vault(&before.vault.value.storage, &now.vault.value.storage);
    for (name, before) in &before.elasticsearch {
        let Some(now) = now.elasticsearch.get(name) else { continue };
        let subject = format!("elasticsearch.{name}");
        found.storage(&subject, &before.value.storage, &now.value.storage);
        let (old, new) = (&before.value.nodes, &now.value.nodes);
        found.fewer(&subject, "data nodes", (old, old.place), (new, new.place));
    }
    found.breaches
}

struct Found<'o> {
    older: &'o Older<'o>,
    breaches: Vec<(String, Breach)>,
}

impl Found<'_> {
    fn fewer<N: Copy + Ord + std::fmt::Display + Into<u64>>(
        &mut self,
        subject: &dyn ToString,
        what: &str,
        (old, before): (&Located<N>, Place),
        (new, place): (&Located<N>, Place),
    ) {
        if new.value >= old.value {
            return;
        }
        let breach = Breach::at(place, format!("{} would have {} {what} instead of {}", subject.to_string(), new.value, old.value))
            .saw("before", old.value.into())
            .saw("now", new.value.into())
            .remedy(format!("keep {}, or say in a waiver why fewer are enough", old.value))
            .instead_of(self.older.file(), before);
        self.breaches.push((subject.to_string(), breach));
    }

    fn storage(&mut self, subject: &str, old: &Located<Storage>, new: &Located<Storage>) {
        if (old.value, new.value) == (Storage::Durable, Storage::Local) {
            self.weaker(subject, ("durable", old.place), ("local", new.place));
        }
    }

    fn vault(&mut self, old: &Located<VaultStorage>, new: &Located<VaultStorage>) {
        let word = |storage: VaultStorage| match storage {
            VaultStorage::Memory => "memory",
            VaultStorage::Mysql => "mysql",
            VaultStorage::Raft => "raft",
        };
        // The order of the declaration: what is lost at a restart, what shares the fate of MySQL, what stands by itself.
        if new.value < old.value {
            self.weaker("vault", (word(old.value), old.place), (word(new.value), new.place));
        }
    }

    fn weaker(&mut self, subject: &str, (old, before): (&str, Place), (new, place): (&str, Place)) {
        let breach = Breach::at(place, format!("the storage of {subject} would be {new} instead of {old}"))
            .saw("before", old)
            .saw("now", new)
            .remedy(format!("keep {old}: nothing moves the data, and what the new storage does not hold is lost"))
            .instead_of(self.older.file(), before);
        self.breaches.push((subject.to_owned(), breach));
    }
}
