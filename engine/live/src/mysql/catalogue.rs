//! What the server's own tables say, all of a kind in one query. Every column is cast: MySQL 8 gives some of them as bytes.

use super::privileges::{COLUMNS, Privileges};
use super::refusal::Trouble;
use super::server::{Row, Session, column};
use super::shape::{Column, Shape};
use super::text;
use model::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Schemas that are the server's, or our own.
const HIDDEN: [&str; 5] = ["information_schema", "mysql", "performance_schema", "sys", super::marks::SCHEMA];

/// One object, as the server's tables tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Schema {
        character_set: String,
        collation: String,
    },
    Table(Shape),
    /// Its accounts: the same user from different hosts.
    User(Vec<Account>),
    /// What each of the user's accounts may do on the schema, by host.
    Grant(Vec<(String, Privileges)>),
}

/// A user from one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) host: String,
    /// A digest of what the server keeps of the password.
    pub(crate) password: String,
}

/// Which objects of a kind.
#[derive(Clone, Debug)]
pub(crate) enum Which<'a> {
    All,
    /// All tables of these schemas.
    Within(BTreeSet<&'a str>),
    One(&'a str),
}

impl Which<'_> {
    /// A condition on the columns that make up the key.
    fn condition(&self, columns: &[&str]) -> String {
        let equals = |(column, part): (&&str, &str)| format!("{column} = {}", text::literal(part).as_str());
        match self {
            Which::All => "1 = 1".to_owned(),
            Which::Within(schemas) => {
                let schemas: Vec<String> = schemas.iter().map(|schema| text::literal(schema).to_string()).collect();
                format!("{} IN ({})", columns.first().unwrap_or(&"1"), schemas.join(", "))
            }
            Which::One(key) => columns.iter().zip(key.splitn(columns.len(), '/')).map(equals).collect::<Vec<_>>().join(" AND "),
        }
    }
}

fn cast(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("CAST({column} AS CHAR)")).collect::<Vec<_>>().join(", ")
}

fn hidden() -> String {
    HIDDEN.iter().map(|schema| text::literal(schema).to_string()).collect::<Vec<_>>().join(", ")
}

impl Session<'_> {
    /// Objects of a kind, by key.
    pub(crate) async fn seen(&mut self, kind: Kind, which: &Which<'_>) -> Result<BTreeMap<String, Seen>, Trouble> {
        match kind {
            Kind::Schema => {
                let columns = cast(&["SCHEMA_NAME", "DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME"]);
                let condition = which.condition(&["SCHEMA_NAME"]);
                let from = format!("information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ({}) AND {condition}", hidden());
                Ok(schemas(&self.rows(format!("SELECT {columns} FROM {from}")).await?))
            }
            Kind::Table => self.tables(which).await,
            Kind::User => {
                let columns = cast(&["User", "Host", "plugin", "HEX(authentication_string)"]);
                // A role of MariaDB has no host.
                let from = format!("mysql.user WHERE User <> '' AND Host <> '' AND {}", which.condition(&["User"]));
                Ok(users(&self.rows(format!("SELECT {columns} FROM {from} ORDER BY User, Host")).await?))
            }
            Kind::Grant => {
                let rights: Vec<&str> = COLUMNS.iter().map(|(column, _)| *column).collect();
                let columns = cast(&["User", "Db", "Host"].iter().chain(&rights).copied().collect::<Vec<_>>());
                // The schema is a pattern there, so it is compared here.
                let user = match which {
                    Which::One(key) => Which::One(key.split_once('/').map_or(*key, |(user, _)| user)),
                    _ => Which::All,
                };
                let from = format!("mysql.db WHERE User <> '' AND {}", user.condition(&["User"]));
                let mut all = grants(&self.rows(format!("SELECT {columns} FROM {from} ORDER BY User, Db, Host")).await?);
                if let Which::One(one) = which {
                    all.retain(|key, _| key == one);
                }
                Ok(all)
            }
            _ => Ok(BTreeMap::new()),
        }
    }

    async fn tables(&mut self, which: &Which<'_>) -> Result<BTreeMap<String, Seen>, Trouble> {
        if matches!(which, Which::Within(schemas) if schemas.is_empty()) {
            return Ok(BTreeMap::new());
        }
        let condition = format!("TABLE_SCHEMA NOT IN ({}) AND {}", hidden(), which.condition(&["TABLE_SCHEMA", "TABLE_NAME"]));
        let columns = cast(&["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "COLUMN_TYPE", "IS_NULLABLE", "EXTRA"]);
        let order = "ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";
        let columns = self.rows(format!("SELECT {columns} FROM information_schema.COLUMNS WHERE {condition} {order}")).await?;
        let keys = cast(&["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"]);
        let from = format!("information_schema.STATISTICS WHERE INDEX_NAME = 'PRIMARY' AND {condition}");
        let order = "ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX";
        let keys = self.rows(format!("SELECT {keys} FROM {from} {order}")).await?;
        Ok(tables(&columns, &keys))
    }
}

fn schemas(rows: &[Row]) -> BTreeMap<String, Seen> {
    let seen = |row: &Row| {
        let seen = Seen::Schema { character_set: column(row, 1).to_owned(), collation: column(row, 2).to_owned() };
        (column(row, 0).to_owned(), seen)
    };
    rows.iter().map(seen).collect()
}

fn users(rows: &[Row]) -> BTreeMap<String, Seen> {
    let mut users: BTreeMap<String, Vec<Account>> = BTreeMap::new();
    for row in rows {
        let kept = format!("{} {}", column(row, 2), column(row, 3));
        let password = blake3::hash(kept.as_bytes()).to_hex()[..32].to_owned();
        users.entry(column(row, 0).to_owned()).or_default().push(Account { host: column(row, 1).to_owned(), password });
    }
    users.into_iter().map(|(user, accounts)| (user, Seen::User(accounts))).collect()
}

fn grants(rows: &[Row]) -> BTreeMap<String, Seen> {
    let mut grants: BTreeMap<String, Vec<(String, Privileges)>> = BTreeMap::new();
    for row in rows {
        // A grant on several schemas is none on any of them by name: it is shown under its pattern, and is nobody's that we know.
        let schema = text::unpattern(column(row, 1)).unwrap_or_else(|| column(row, 1).to_owned());
        let granted = COLUMNS.iter().enumerate().filter(|(index, _)| column(row, index + 3) == "Y");
        let privileges = granted.map(|(_, (_, name))| (*name).to_owned()).collect();
        grants.entry(format!("{}/{schema}", column(row, 0))).or_default().push((column(row, 2).to_owned(), privileges));
    }
    grants.into_iter().map(|(key, hosts)| (key, Seen::Grant(hosts))).collect()
}

fn tables(columns: &[Row], keys: &[Row]) -> BTreeMap<String, Seen> {
    let key = |row: &Row| format!("{}/{}", column(row, 0), column(row, 1));
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for row in columns {
        shapes.entry(key(row)).or_default().columns.push(Column {
            name: column(row, 2).to_owned(),
            kind: column(row, 3).to_owned(),
            nullable: column(row, 4) == "YES",
            auto_increment: column(row, 5).to_ascii_lowercase().contains("auto_increment"),
        });
    }
    for row in keys {
        if let Some(shape) = shapes.get_mut(&key(row)) {
            shape.primary_key.push(column(row, 2).to_owned());
        }
    }
    shapes.into_iter().map(|(key, shape)| (key, Seen::Table(shape))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[&str]) -> Row {
        columns.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn a_user_has_an_account_a_host_and_nothing_of_its_password_is_kept() {
        let native = "mysql_native_password";
        let rows = [row(&["shop", "%", native, "2A41"]), row(&["shop", "localhost", native, "2A42"])];
        let Some(Seen::User(accounts)) = users(&rows).remove("shop") else { panic!("no user") };
        assert_eq!(accounts.iter().map(|account| account.host.as_str()).collect::<Vec<_>>(), ["%", "localhost"]);
        assert!(accounts[0].password != accounts[1].password && !accounts[0].password.contains("2A41"));
    }

    #[test]
    fn a_grant_on_an_escaped_schema_is_one_on_that_schema() {
        let mut rights = vec!["N"; COLUMNS.len()];
        rights[0] = "Y";
        let grant = |schema: &str| row(&[&["shop", schema, "%"], rights.as_slice()].concat());
        let seen = grants(&[grant("acme\\_shop"), grant("acme%")]);
        assert_eq!(seen.keys().collect::<Vec<_>>(), ["shop/acme%", "shop/acme_shop"]);
        assert_eq!(seen["shop/acme_shop"], Seen::Grant(vec![("%".into(), Privileges::from(["SELECT".to_owned()]))]));
    }

    #[test]
    fn a_table_has_its_columns_and_its_key_in_order() {
        let columns =
            [row(&["s", "t", "ID", "int(11)", "NO", "auto_increment"]), row(&["s", "t", "Record", "mediumtext", "YES", ""])];
        let Seen::Table(shape) = &tables(&columns, &[row(&["s", "t", "ID"]), row(&["s", "gone", "x"])])["s/t"] else {
            panic!("no table")
        };
        assert!(shape.columns[0].auto_increment && !shape.columns[0].nullable && shape.columns[1].nullable);
        assert_eq!(shape.primary_key, ["ID"]);
    }

    #[test]
    fn one_object_is_asked_for_by_its_key() {
        assert_eq!(Which::One("a/b'c").condition(&["S", "T"]), "S = 'a' AND T = 'b''c'");
        assert_eq!(Which::Within(BTreeSet::from(["a", "b"])).condition(&["S", "T"]), "S IN ('a', 'b')");
    }
}
