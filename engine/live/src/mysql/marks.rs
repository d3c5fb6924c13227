//! Whose an object is. MySQL has no place for it on a schema, a user or a grant, so marks are rows of a table of our own: one a
//! object, for all platforms of a server.
//!
//! A definition of data commits by itself, so an object and its mark cannot change in one transaction. Therefore a mark is written twice:
//! before, what is about to be done (`pending`), and after, that it was. Wherever a process dies in between, the next one sees an object
//! that is ours (a mark, or one pending), and a step that is repeated knows its own beginning and goes on.

use super::refusal::{NO_SUCH_SCHEMA, NO_SUCH_TABLE, Trouble};
use super::server::{Session, Statement, column};
use super::text::{self, literal};
use model::operation::{Expectation, Mark};
use model::{Address, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Our own schema: marks, and the ledgers of platforms.
pub(crate) const SCHEMA: &str = "vamp";

/// What is kept of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whose it is, and what was last written.
    pub(crate) mark: Option<Mark>,
    /// What was begun and not ended.
    pub(crate) pending: Option<Pending>,
    pub(crate) detail: Detail,
}

/// A step that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) mark: Mark,
    pub(crate) expected: Expectation,
}

/// What the server itself does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    /// Which accounts of a user, or of whom a grant is, are ours: those of other hosts are other accounts.
    pub(crate) hosts: Vec<String>,
    pub(crate) password: Option<Password>,
}

/// By what a password is known again, without being kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Password {
    /// Makes equal passwords differ.
    pub(crate) salt: String,
    /// Of the password, under a key that is made of the salt.
    pub(crate) digest: String,
    /// Of what the server kept of it then: another password there has another.
    pub(crate) account: String,
}

impl Entry {
    /// Whose the object is, if it is there.
    pub(crate) fn owner(&self) -> Option<&Mark> {
        self.mark.as_ref().or(self.pending.as_ref().map(|pending| &pending.mark))
    }
}

fn marks() -> String {
    text::table(SCHEMA, "marks")
}

impl Session<'_> {
    /// Make our schema and its table of marks, if they are not there.
    pub(crate) async fn make_marks(&mut self) -> Result<(), Trouble> {
        self.run(format!("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", text::identifier(SCHEMA)))
            .await?;
        // Without letters' case, as MySQL's rows of bytes are: two objects never share a row. 767 bytes is the least that a key may have.
        let columns = "kind VARCHAR(32) NOT NULL, name VARCHAR(150) NOT NULL, mark MEDIUMTEXT, pending MEDIUMTEXT, \
                       detail MEDIUMTEXT NOT NULL, PRIMARY KEY (kind, name)";
        let shape = format!("({columns}) ENGINE = InnoDB, CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        self.run(format!("CREATE TABLE IF NOT EXISTS {} {shape}", marks())).await.map(drop)
    }

    /// The marks of a kind, by key; of all its objects, or of one. No table of marks is none.
    pub(crate) async fn marks(&mut self, kind: Kind, key: Option<&str>) -> Result<BTreeMap<String, Entry>, Trouble> {
        let mut condition = format!("kind = {}", literal(kind.word()).as_str());
        if let Some(key) = key {
            condition.push_str(&format!(" AND name = {}", literal(key).as_str()));
        }
        let select = format!("SELECT name, mark, pending, detail FROM {} WHERE {condition}", marks());
        let rows = match self.rows(select).await {
            Ok(rows) => rows,
            Err(trouble) if matches!(trouble.number(), Some(NO_SUCH_SCHEMA | NO_SUCH_TABLE)) => return Ok(BTreeMap::new()),
            Err(trouble) => return Err(trouble),
        };
        let entry = |row: &super::server::Row| {
            let entry = Entry {
                mark: serde_json::from_str(column(row, 1)).ok(),
                pending: serde_json::from_str(column(row, 2)).ok(),
                detail: serde_json::from_str(column(row, 3)).unwrap_or_default(),
            };
            (column(row, 0).to_owned(), entry)
        };
        Ok(rows.iter().map(entry).collect())
    }

    /// Write what is kept of an object.
    pub(crate) async fn put_mark(&mut self, address: &Address, entry: &Entry) -> Result<(), Trouble> {
        let json = |text: Option<String>| text.map_or_else(|| "NULL".to_owned().into(), |text| literal(&text));
        let mark = json(entry.mark.as_ref().and_then(|mark| serde_json::to_string(mark).ok()));
        let pending = json(entry.pending.as_ref().and_then(|pending| serde_json::to_string(pending).ok()));
        let detail = literal(&serde_json::to_string(&entry.detail).unwrap_or_default());
        let (kind, name) = (literal(address.kind().word()), literal(address.key()));
        let values = [&kind, &name, &mark, &pending, &detail].map(|value: &Zeroizing<String>| value.as_str()).join(", ");
        let into = format!("REPLACE INTO {} (kind, name, mark, pending, detail)", marks());
        let shown = format!("{into} of {address}");
        self.run(Statement::secret(format!("{into} VALUES ({values})").into(), shown)).await.map(drop)
    }

    /// Forget an object, and with a schema its tables, with a user what it may do.
    pub(crate) async fn drop_mark(&mut self, address: &Address) -> Result<(), Trouble> {
        let (kind, name) = (literal(address.kind().word()), literal(address.key()));
        let mut condition = format!("kind = {} AND name = {}", kind.as_str(), name.as_str());
        if let Some(inner) = inner(address.kind()) {
            let (kind, prefix) = (literal(inner.word()), literal(&format!("{}/", address.key())));
            let prefix = prefix.as_str();
            condition = format!("({condition}) OR (kind = {} AND LEFT(name, CHAR_LENGTH({prefix})) = {prefix})", kind.as_str());
        }
        self.run(format!("DELETE FROM {} WHERE {condition}", marks())).await.map(drop)
    }
}

/// What goes with an object of this kind.
pub(crate) fn inner(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Schema => Some(Kind::Table),
        Kind::User => Some(Kind::Grant),
        _ => None,
    }
}
