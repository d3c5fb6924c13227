//! What is needed in MySQL.

use super::Wanted;
use model::value::Value;
use model::{Kind, System};
use std::collections::{BTreeMap, BTreeSet};

/// The schema of lock, journal, history and marks. All platforms of a server share it.
const OWN: &str = "vamp";

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Privileges, in order.
    pub privileges: Vec<String>,
    /// On what.
    pub on: Level,
    /// Whether they may be given to others.
    pub grant_option: bool,
}

/// What a grant is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// The whole server.
    Server,
    /// A schema, by its name.
    Schema(String),
    /// A table of the server's own schema `mysql`.
    Catalogue(&'static str),
}

pub(super) fn needs(wanted: &Wanted<'_>) -> Vec<Grant> {
    let plain = |privileges: &[&str], on| Grant {
        privileges: privileges.iter().map(|word| (*word).to_owned()).collect(),
        on,
        grant_option: false,
    };
    let mut all = vec![
        plain(&["CREATE USER"], Level::Server),
        // Whether a user is there, and whether its password is still the one that was written.
        plain(&["SELECT (Host, User, authentication_string, plugin)"], Level::Catalogue("user")),
        plain(&["SELECT"], Level::Catalogue("db")),
        plain(&["CREATE", "DELETE", "INSERT", "SELECT", "UPDATE"], Level::Schema(OWN.to_owned())),
    ];
    let given = given(wanted);
    for (schema, mut privileges) in schemas(wanted) {
        let given = given.get(&schema);
        privileges.extend(given.into_iter().flatten().cloned());
        let privileges = privileges.into_iter().collect();
        all.push(Grant { privileges, on: Level::Schema(schema), grant_option: given.is_some() });
    }
    all
}

/// Each schema with what the engine itself does there. Who renames a table has to be able to write rows where it goes (MySQL manual,
/// "RENAME TABLE"), which is given to the tenant's user as well.
fn schemas(wanted: &Wanted<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut schemas: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for address in wanted.addresses(&System::Mysql) {
        let words: &[&str] = match address.kind() {
            Kind::Schema | Kind::Table => &["ALTER", "CREATE", "DROP"],
            _ => continue,
        };
        schemas.entry(first(address.key()).to_owned()).or_default().extend(words.iter().map(|word| (*word).to_owned()));
    }
    schemas
}

/// What users are given on each schema: nobody gives what he has not himself.
fn given(wanted: &Wanted<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let grants = wanted.graph.resources().filter(|one| one.address.kind() == Kind::Grant);
    for grant in grants {
        let Some((_, schema)) = grant.address.key().split_once('/') else { continue };
        let words = grant.document.get("privileges").and_then(Value::as_list).unwrap_or_default();
        let words = words.iter().filter_map(Value::as_str).map(ToOwned::to_owned);
        given.entry(schema.to_owned()).or_default().extend(words);
    }
    given
}

/// `SCHEMA` of `SCHEMA/TABLE`, or all of it.
fn first(key: &str) -> &str {
    key.split('/').next().unwrap_or(key)
}
