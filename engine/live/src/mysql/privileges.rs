//! Privileges on a schema, by what they allow: their order and case do not matter, and `ALL` is every one of them but the right to pass
//! them on (MySQL manual, "GRANT Statement").

use model::Value;
use std::collections::BTreeSet;

/// What may be granted on a schema, by the column of `mysql.db` that says so; the same in MySQL 8 and MariaDB 10.
pub(crate) const COLUMNS: [(&str, &str); 19] = [
    ("Select_priv", "SELECT"),
    ("Insert_priv", "INSERT"),
    ("Update_priv", "UPDATE"),
    ("Delete_priv", "DELETE"),
    ("Create_priv", "CREATE"),
    ("Drop_priv", "DROP"),
    ("Grant_priv", GRANT_OPTION),
    ("References_priv", "REFERENCES"),
    ("Index_priv", "INDEX"),
    ("Alter_priv", "ALTER"),
    ("Create_tmp_table_priv", "CREATE TEMPORARY TABLES"),
    ("Lock_tables_priv", "LOCK TABLES"),
    ("Create_view_priv", "CREATE VIEW"),
    ("Show_view_priv", "SHOW VIEW"),
    ("Create_routine_priv", "CREATE ROUTINE"),
    ("Alter_routine_priv", "ALTER ROUTINE"),
    ("Execute_priv", "EXECUTE"),
    ("Event_priv", "EVENT"),
    ("Trigger_priv", "TRIGGER"),
];

/// The right to pass on what one has.
pub(crate) const GRANT_OPTION: &str = "GRANT OPTION";

/// Privileges, each by the name of [`COLUMNS`].
pub(crate) type Privileges = BTreeSet<String>;

/// Every privilege that `ALL` stands for.
pub(crate) fn all() -> Privileges {
    COLUMNS.iter().map(|(_, name)| *name).filter(|name| *name != GRANT_OPTION).map(ToOwned::to_owned).collect()
}

/// The privileges that a document lists, and those of its words that name none.
pub(crate) fn of(document: &Value) -> (Privileges, Vec<String>) {
    let (mut known, mut unknown) = (Privileges::new(), Vec::new());
    for word in document.get("privileges").and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
        let word = word.split_whitespace().map(str::to_ascii_uppercase).collect::<Vec<_>>().join(" ");
        match word.as_str() {
            "ALL" | "ALL PRIVILEGES" => known.extend(all()),
            "USAGE" => {}
            _ if COLUMNS.iter().any(|(_, name)| *name == word) => drop(known.insert(word)),
            _ => unknown.push(word),
        }
    }
    (known, unknown)
}

/// Privileges as a document shows them: in the words of `wanted` if they are what it wants.
pub(crate) fn shown(privileges: &Privileges, wanted: Option<&Value>) -> Value {
    if let Some(wanted) = wanted
        && of(wanted) == (privileges.clone(), Vec::new())
    {
        return wanted.get("privileges").cloned().unwrap_or_default();
    }
    let every = all();
    if every.is_subset(privileges) {
        let passed_on = privileges.difference(&every).map(String::as_str);
        return Value::from(std::iter::once("ALL").chain(passed_on).collect::<Vec<_>>());
    }
    Value::from(privileges.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(words: &[&str]) -> Value {
        let mut document = Value::EMPTY_MAP;
        document.set(&["privileges"], words.to_vec());
        document
    }

    fn same(wanted: &[&str], seen: &[&str]) -> bool {
        let wanted = document(wanted);
        Some(&shown(&of(&document(seen)).0, Some(&wanted))) == wanted.get("privileges")
    }

    #[test]
    fn the_same_rights_are_shown_in_the_words_of_who_wants_them() {
        assert!(same(&["SELECT", "insert"], &["INSERT", "SELECT"]));
        assert!(same(&["lock  tables"], &["LOCK TABLES"]));
        let every = all();
        let every: Vec<&str> = every.iter().map(String::as_str).collect();
        assert!(same(&["all privileges"], &every));
        assert!(same(&["ALL", "SELECT"], &every));
        assert!(!same(&["ALL"], &["SELECT"]));
        assert!(!same(&["SELECT"], &["SELECT", "GRANT OPTION"]), "the right to pass it on is one more");
        assert!(!same(&["SELECT"], &["SELECT", "DROP"]));
    }

    #[test]
    fn every_right_is_shown_as_all() {
        let mut every = all();
        assert_eq!(shown(&every, None), Value::from(vec!["ALL"]));
        every.insert(GRANT_OPTION.to_owned());
        assert_eq!(shown(&every, None), Value::from(vec!["ALL", GRANT_OPTION]));
    }

    #[test]
    fn a_word_that_names_no_right_is_told() {
        assert_eq!(of(&document(&["SELECT", "fly"])).1, ["FLY"]);
    }
}
