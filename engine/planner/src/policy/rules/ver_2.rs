//! VER-2: new enough for what is asked of them.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::release_of_image;
use crate::spec::types::Release;
use model::source::Located;

pub(crate) const RULE: Rule = Rule {
    id: "VER-2",
    severity: Severity::Must,
    title: "MySQL is 5.7 or newer, Vault 1.4, Elasticsearch 7.14",
    page: page!("VER-2"),
    checks: &[Check::Store(check)],
};

fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let (declared, image, oldest, why) = match store {
        Store::Mysql(mysql) => (mysql.version, &case.spec.images.mysql, MYSQL, "tables and users are made with its statements"),
        Store::Vault(vault) => (vault.version, &case.spec.images.vault, VAULT, "it keeps versions of an entry and stores on disks of its own"),
        Store::Elasticsearch(_, search) => (search.version, &case.spec.images.elasticsearch, ELASTICSEARCH, "a lifecycle policy says whose it is"),
    };
    let version = declared.or_else(|| in_image(image).filter(|_| store.cluster().is_some()))?;
    (version.value < oldest).then(|| {
        Breach::at(version.place, format!("{store} is version {}; from {oldest} on {why}", version.value))
            .saw("version", version.value.to_string())
            .saw("oldest", oldest.to_string())
            .remedy(format!("upgrade it to {oldest} or newer"))
    })
}

/// The oldest that Vamp 1.0 worked with.
const MYSQL: Release = Release { major: 5, minor: 7 };
/// Integrated storage is there from 1.4 on, and version 2 of the key-value store from 0.10 (release notes of Vault).
const VAULT: Release = Release { major: 1, minor: 4 };
/// Lifecycle policies have a place for a mark (`_meta`) from 7.14 on, data streams are there from 7.9 (release notes of Elasticsearch).
const ELASTICSEARCH: Release = Release { major: 7, minor: 14 };

fn in_image(image: &Located<String>) -> Option<Located<Release>> {
    release_of_image(&image.value).map(|release| Located::at(release, image.place))
}
