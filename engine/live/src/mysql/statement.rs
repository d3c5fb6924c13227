//! The statements that bring an object from what was seen to a document, take it away, or move it. Pure: nothing is sent here.

use super::catalogue::Seen;
use super::privileges::{self, GRANT_OPTION, Privileges};
use super::server::Statement;
use super::shape::{Column, Shape, same_type, widens};
use super::text::{account, identifier, literal, pattern, table};
use super::thing::{Thing, host_of};
use model::operation::OperationError;
use model::{Address, Kind, Value};
use zeroize::Zeroizing;

type Statements = Result<Vec<Statement>, OperationError>;

fn refused<T>(why: String) -> Result<T, OperationError> {
    Err(OperationError::Refused(why))
}

/// The two parts of a key `FIRST/SECOND`.
fn parts(address: &Address) -> Result<(&str, &str), OperationError> {
    let parts = address.key().split_once('/').filter(|(first, second)| !first.is_empty() && !second.is_empty());
    parts.ok_or_else(|| OperationError::Refused(format!("{address} names no part after the dash; it is written FIRST/SECOND")))
}

/// Statements that bring the object to `wanted`. `password` is that of a user.
pub(crate) fn apply(address: &Address, wanted: &Value, password: &Zeroizing<String>, there: Option<&Thing>) -> Statements {
    match address.kind() {
        Kind::Schema => schema(address, wanted, there.is_some()),
        Kind::Table => {
            let (schema, name) = parts(address)?;
            let wanted = Shape::of(wanted);
            match there.map(|thing| &thing.seen) {
                Some(Seen::Table(seen)) => alter_table(address, &table(schema, name), &wanted, seen),
                _ => create_table(address, &table(schema, name), &wanted),
            }
        }
        Kind::User => Ok(user(address.key(), host_of(wanted), password, there)),
        Kind::Grant => {
            let (user, schema) = parts(address)?;
            let (privileges, unknown) = privileges::of(wanted);
            match unknown.first() {
                Some(word) => refused(format!("{address}: {word:?} is no privilege on a schema")),
                None if privileges.is_empty() => {
                    refused(format!("{address} grants nothing; whoever may do nothing has no grant"))
                }
                None => Ok(grant(user, schema, host_of(wanted), &privileges, there)),
            }
        }
        other => refused(format!("MySQL keeps no {other}")),
    }
}

/// A name of a character set or of a type is no name that could be quoted, so it has to be one.
fn word<'a>(address: &Address, text: &'a str) -> Result<&'a str, OperationError> {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | ' ' | '(' | ')' | ',');
    if !text.is_empty() && text.chars().all(plain) {
        Ok(text)
    } else {
        refused(format!("{address}: {text:?} is no name that MySQL knows"))
    }
}

fn schema(address: &Address, wanted: &Value, is_there: bool) -> Statements {
    let mut sql = format!("{} DATABASE {}", if is_there { "ALTER" } else { "CREATE" }, identifier(address.key()));
    for (key, clause) in [("character_set", "CHARACTER SET"), ("collation", "COLLATE")] {
        if let Some(name) = wanted.str_at(&[key]) {
            sql.push_str(&format!(" {clause} {}", word(address, name)?));
        }
    }
    Ok(vec![sql.into()])
}

fn definition(address: &Address, column: &Column) -> Result<String, OperationError> {
    let null = if column.nullable { "NULL" } else { "NOT NULL" };
    let counts = if column.auto_increment { " AUTO_INCREMENT" } else { "" };
    Ok(format!("{} {} {null}{counts}", identifier(&column.name), word(address, &column.kind)?))
}

fn create_table(address: &Address, name: &str, wanted: &Shape) -> Statements {
    let columns = wanted.columns.iter().map(|column| definition(address, column));
    let mut parts = columns.collect::<Result<Vec<_>, _>>()?;
    if !wanted.primary_key.is_empty() {
        let key: Vec<String> = wanted.primary_key.iter().map(|name| identifier(name)).collect();
        parts.push(format!("PRIMARY KEY ({})", key.join(", ")));
    }
    Ok(vec![format!("CREATE TABLE {name} ({})", parts.join(", ")).into()])
}

/// Only what loses nothing: columns that are missing, types that hold more. What somebody added stays.
fn alter_table(address: &Address, name: &str, wanted: &Shape, seen: &Shape) -> Statements {
    if !wanted.primary_key.is_empty() && seen.primary_key != wanted.primary_key {
        let key = seen.primary_key.join(", ");
        return refused(format!(
            "{address} has the primary key ({key}); its rows could not all be kept under another: change it by hand"
        ));
    }
    let mut changes = Vec::new();
    for column in &wanted.columns {
        match seen.column(&column.name) {
            None => changes.push(format!("ADD COLUMN {}", definition(address, column)?)),
            Some(there) if same_type(&there.kind, &column.kind) && same_flags(there, column) => {}
            Some(there) if widens(&there.kind, &column.kind) => {
                changes.push(format!("MODIFY COLUMN {}", definition(address, column)?));
            }
            Some(there) => {
                return refused(format!(
                    "{address}: column {} is {}, and {} may not hold all that is in it: change it by hand",
                    column.name, there.kind, column.kind
                ));
            }
        }
    }
    if changes.is_empty() { Ok(Vec::new()) } else { Ok(vec![format!("ALTER TABLE {name} {}", changes.join(", ")).into()]) }
}

fn same_flags(left: &Column, right: &Column) -> bool {
    left.nullable == right.nullable && left.auto_increment == right.auto_increment
}

fn user(name: &str, host: &str, password: &Zeroizing<String>, there: Option<&Thing>) -> Vec<Statement> {
    let mut statements = Vec::new();
    let identified = |verb: &str| {
        let shown = format!("{verb} USER {}", account(name, host));
        let mut sql = Zeroizing::new(String::with_capacity(shown.len() + password.len() * 2 + 20));
        for part in [&shown, " IDENTIFIED BY ", literal(password).as_str()] {
            sql.push_str(part);
        }
        Statement::secret(sql, shown)
    };
    match there {
        None => statements.push(identified("CREATE")),
        Some(thing) => {
            if thing.host != host {
                statements.push(rename_user((name, &thing.host), (name, host)));
            }
            if !thing.knows_password {
                statements.push(identified("ALTER"));
            }
        }
    }
    statements
}

fn rename_user(from: (&str, &str), to: (&str, &str)) -> Statement {
    format!("RENAME USER {} TO {}", account(from.0, from.1), account(to.0, to.1)).into()
}

fn grant(user: &str, schema: &str, host: &str, wanted: &Privileges, there: Option<&Thing>) -> Vec<Statement> {
    let none = Privileges::new();
    let granted = there.map_or(&none, |thing| privileges_of(thing));
    match there {
        Some(thing) if thing.host != host => {
            let mut statements = revoke(user, &thing.host, schema, granted);
            statements.extend(give(user, host, schema, wanted));
            statements
        }
        _ => {
            // What is granted is granted before what is not wanted is taken: nobody loses meanwhile what he is to have.
            let missing: Privileges = wanted.difference(granted).cloned().collect();
            let extra: Privileges = granted.difference(wanted).cloned().collect();
            let mut statements = give(user, host, schema, &missing);
            statements.extend(revoke(user, host, schema, &extra));
            statements
        }
    }
}

fn privileges_of(thing: &Thing) -> &Privileges {
    static NONE: Privileges = Privileges::new();
    match &thing.seen {
        Seen::Grant(all) => all.iter().find(|(host, _)| *host == thing.host).map_or(&NONE, |(_, privileges)| privileges),
        _ => &NONE,
    }
}

/// The words for privileges, without the right to pass them on.
fn words(privileges: &Privileges) -> String {
    let plain: Vec<&str> = privileges.iter().map(String::as_str).filter(|name| *name != GRANT_OPTION).collect();
    if plain.len() == privileges::all().len() { "ALL PRIVILEGES".to_owned() } else { plain.join(", ") }
}

fn give(user: &str, host: &str, schema: &str, privileges: &Privileges) -> Vec<Statement> {
    let words = words(privileges);
    let passes_on = privileges.contains(GRANT_OPTION);
    if words.is_empty() && !passes_on {
        return Vec::new();
    }
    let words = if words.is_empty() { "USAGE" } else { words.as_str() };
    let option = if passes_on { " WITH GRANT OPTION" } else { "" };
    vec![format!("GRANT {words} ON {}.* TO {}{option}", pattern(schema), account(user, host)).into()]
}

fn revoke(user: &str, host: &str, schema: &str, privileges: &Privileges) -> Vec<Statement> {
    let option = privileges.contains(GRANT_OPTION).then(|| GRANT_OPTION.to_owned());
    let words = Some(words(privileges)).filter(|words| !words.is_empty());
    let revoke = |words| format!("REVOKE {words} ON {}.* FROM {}", pattern(schema), account(user, host)).into();
    words.into_iter().chain(option).map(revoke).collect()
}

/// Statements that take the object away.
pub(crate) fn delete(address: &Address, there: &Thing) -> Statements {
    Ok(match address.kind() {
        Kind::Schema => vec![format!("DROP DATABASE {}", identifier(address.key())).into()],
        Kind::Table => {
            let (schema, name) = parts(address)?;
            vec![format!("DROP TABLE {}", table(schema, name)).into()]
        }
        Kind::User => vec![format!("DROP USER {}", account(address.key(), &there.host)).into()],
        _ => {
            let (user, schema) = parts(address)?;
            revoke(user, &there.host, schema, privileges_of(there))
        }
    })
}

/// Statements that give the object, with all that is in it, another name. `tables` are those of a schema.
pub(crate) fn rename(from: &Address, to: &Address, there: &Thing, tables: &[String]) -> Statements {
    Ok(match to.kind() {
        Kind::Schema => {
            let Seen::Schema { character_set, collation } = &there.seen else { return Ok(Vec::new()) };
            let (old, new) = (from.key(), to.key());
            let create = format!("CREATE DATABASE {} CHARACTER SET {character_set} COLLATE {collation}", identifier(new));
            let moved: Vec<String> = tables.iter().map(|name| format!("{} TO {}", table(old, name), table(new, name))).collect();
            let rename = (!moved.is_empty()).then(|| format!("RENAME TABLE {}", moved.join(", ")));
            let drop = format!("DROP DATABASE {}", identifier(old));
            [Some(create), rename, Some(drop)].into_iter().flatten().map(Statement::from).collect()
        }
        Kind::Table => {
            let ((old_schema, old), (schema, name)) = (parts(from)?, parts(to)?);
            vec![format!("RENAME TABLE {} TO {}", table(old_schema, old), table(schema, name)).into()]
        }
        Kind::User => vec![rename_user((from.key(), &there.host), (to.key(), &there.host))],
        _ => {
            let ((old_user, old_schema), (user, schema)) = (parts(from)?, parts(to)?);
            let mut statements = give(user, &there.host, schema, privileges_of(there));
            statements.extend(revoke(old_user, &there.host, old_schema, privileges_of(there)));
            statements
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mysql::thing::Against;
    use serde_json::json;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn value(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap()
    }

    fn statements(at: &str, wanted: serde_json::Value, there: Option<Seen>) -> Result<Vec<String>, String> {
        let (address, wanted) = (address(at), value(wanted));
        let secrets = crate::secret::tests::secrets();
        let against = Against { document: Some(&wanted), password: None, secrets: &secrets };
        let there = there.map(|seen| Thing::of(address.kind(), seen, None, against));
        let password = Zeroizing::new("hunter'2".to_owned());
        let made = apply(&address, &wanted, &password, there.as_ref()).map_err(|error| error.to_string())?;
        Ok(made.iter().map(|statement| format!("{statement:?}")).collect())
    }

    fn granted(names: &[&str]) -> Option<Seen> {
        Some(Seen::Grant(vec![("%".into(), names.iter().map(|name| (*name).to_owned()).collect())]))
    }

    #[test]
    fn a_grant_is_changed_by_its_difference_and_what_is_to_stay_stays() {
        let grant = |there| statements("mysql/grant/shop/a_b", json!({"host": "%", "privileges": ["SELECT", "INSERT"]}), there);
        assert_eq!(grant(None).unwrap(), ["GRANT INSERT, SELECT ON `a\\_b`.* TO 'shop'@'%'"]);
        assert_eq!(
            grant(granted(&["SELECT", "DROP", "GRANT OPTION"])).unwrap(),
            [
                "GRANT INSERT ON `a\\_b`.* TO 'shop'@'%'",
                "REVOKE DROP ON `a\\_b`.* FROM 'shop'@'%'",
                "REVOKE GRANT OPTION ON `a\\_b`.* FROM 'shop'@'%'",
            ]
        );
        assert!(grant(granted(&["INSERT", "SELECT"])).unwrap().is_empty());
        let other = statements("mysql/grant/shop/a", json!({"privileges": ["FLY"]}), None);
        assert!(other.unwrap_err().contains("no privilege"));
    }

    #[test]
    fn a_password_is_in_no_statement_that_is_shown() {
        let made = statements("mysql/user/o'brien", json!({"host": "%", "password": "x"}), None).unwrap();
        assert_eq!(made, ["CREATE USER 'o''brien'@'%'"]);
    }

    #[test]
    fn a_table_is_only_changed_where_nothing_is_lost() {
        let shape = json!({"columns": [{"name": "ID", "type": "int", "auto_increment": true, "nullable": false},
            {"name": "Record", "type": "mediumtext", "nullable": false}], "primary_key": ["ID"]});
        let table = |there| statements("mysql/table/s/t", shape.clone(), there);
        assert_eq!(
            table(None).unwrap(),
            ["CREATE TABLE `s`.`t` (`ID` int NOT NULL AUTO_INCREMENT, `Record` mediumtext NOT NULL, PRIMARY KEY (`ID`))"]
        );
        let seen = |record: &str, key: &str| {
            let mut seen = Shape::of(&value(shape.clone()));
            seen.columns[0].kind = "int(11)".to_owned();
            seen.columns[1].kind = record.to_owned();
            seen.primary_key = vec![key.to_owned()];
            Some(Seen::Table(seen))
        };
        assert!(table(seen("mediumtext", "ID")).unwrap().is_empty());
        assert_eq!(table(seen("text", "ID")).unwrap(), ["ALTER TABLE `s`.`t` MODIFY COLUMN `Record` mediumtext NOT NULL"]);
        assert!(table(seen("longtext", "ID")).unwrap_err().contains("column Record is longtext"));
        assert!(table(seen("mediumtext", "Record")).unwrap_err().contains("primary key (Record)"));
        let wrong = json!({"columns": [{"name": "a", "type": "int); DROP TABLE x; --"}]});
        assert!(statements("mysql/table/s/t", wrong, None).unwrap_err().contains("no name that MySQL knows"));
    }
}
