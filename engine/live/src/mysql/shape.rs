//! Columns of a table, by what they can hold: `int(11)` is what MariaDB says where MySQL says `int`, and both mean `integer`.

use model::Value;
use model::value::Text;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type in the server's words, or the spec's.
    pub(crate) kind: String,
    pub(crate) nullable: bool,
    pub(crate) auto_increment: bool,
}

/// What a table is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<Column>,
    pub(crate) primary_key: Vec<String>,
}

impl Shape {
    /// The shape that a document declares.
    pub(crate) fn of(document: &Value) -> Shape {
        let list = |key: &str| document.get(key).and_then(Value::as_list).unwrap_or_default();
        let column = |column: &Value| {
            let flag = |key: &str| column.get(key).and_then(Value::as_bool).unwrap_or(false);
            Some(Column {
                name: column.str_at(&["name"])?.to_owned(),
                kind: column.str_at(&["type"])?.to_owned(),
                nullable: flag("nullable"),
                auto_increment: flag("auto_increment"),
            })
        };
        let key = list("primary_key").iter().filter_map(Value::as_str).map(ToOwned::to_owned);
        Shape { columns: list("columns").iter().filter_map(column).collect(), primary_key: key.collect() }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// It as a document: in the words of `wanted` where they mean the same, its columns first and in its order.
    pub(crate) fn document(&self, wanted: Option<&Shape>) -> Value {
        let rank = |column: &&Column| {
            let place = |wanted: &Shape| wanted.columns.iter().position(|other| other.name.eq_ignore_ascii_case(&column.name));
            wanted.and_then(place).unwrap_or(usize::MAX)
        };
        let mut columns: Vec<&Column> = self.columns.iter().collect();
        columns.sort_by_key(rank);
        let shown = |column: &Column| {
            let like = wanted.and_then(|wanted| wanted.column(&column.name));
            let kind = like.filter(|like| same_type(&like.kind, &column.kind)).map_or(&column.kind, |like| &like.kind);
            let mut document = Value::EMPTY_MAP;
            document.set(&["auto_increment"], column.auto_increment);
            document.set(&["name"], like.map_or(column.name.as_str(), |like| like.name.as_str()));
            document.set(&["nullable"], column.nullable);
            document.set(&["type"], kind.as_str());
            document
        };
        let mut document = Value::EMPTY_MAP;
        document.set(&["columns"], Value::List(columns.into_iter().map(shown).collect()));
        let key = self.primary_key.iter().map(|name| Value::from(Text::from(name.as_str()))).collect();
        document.set(&["primary_key"], Value::List(key));
        document
    }
}

/// Whether two types are one.
pub(crate) fn same_type(left: &str, right: &str) -> bool {
    canonical(left) == canonical(right)
}

/// Names that mean another type (MySQL manual, "Numeric Data Types", "Using Data Types from Other Database Engines").
const SYNONYMS: [(&str, &str); 7] = [
    ("integer", "int"),
    ("bool", "tinyint"),
    ("boolean", "tinyint"),
    ("numeric", "decimal"),
    ("dec", "decimal"),
    ("character varying", "varchar"),
    ("double precision", "double"),
];

const INTEGERS: [&str; 5] = ["tinyint", "smallint", "mediumint", "int", "bigint"];

/// A type in one form: small letters, no synonym, and integers without the width of their display, which holds no digit more or less.
fn canonical(kind: &str) -> String {
    let lower = kind.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase().replace(" (", "(").replace(", ", ",");
    let end = lower.find(|character: char| !(character.is_ascii_alphabetic() || character == ' ')).unwrap_or(lower.len());
    let (word, rest) = lower.split_at(end);
    let (word, attributes) = match word.split_once(" unsigned") {
        Some((word, after)) => (word, format!(" unsigned{after}")),
        None => (word, String::new()),
    };
    let word = SYNONYMS.iter().find(|(name, _)| *name == word.trim()).map_or(word.trim(), |(_, meant)| meant);
    let rest = match rest.split_once(')') {
        Some((_, after)) if INTEGERS.contains(&word) && rest.starts_with('(') => after,
        _ => rest,
    };
    format!("{word}{attributes}{rest}")
}

/// Types that hold whatever those before them hold.
const LADDERS: [&[&str]; 3] = [
    &["tinyint", "smallint", "mediumint", "int", "bigint"],
    &["tinytext", "text", "mediumtext", "longtext"],
    &["tinyblob", "blob", "mediumblob", "longblob"],
];

/// Whether every value of a column is one of the other type too: then nothing is lost.
pub(crate) fn widens(from: &str, to: &str) -> bool {
    let (from, to) = (canonical(from), canonical(to));
    from == to
        || LADDERS.iter().any(|ladder| {
            let step = |kind: &str| ladder.iter().position(|one| *one == kind);
            matches!((step(&from), step(&to)), (Some(from), Some(to)) if from <= to)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_type_in_other_words_is_the_same() {
        for (left, right) in [
            ("int", "int(11)"),
            ("INTEGER", "int"),
            ("int unsigned", "int(10) unsigned"),
            ("boolean", "tinyint(1)"),
            ("varchar (20)", "VARCHAR(20)"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("MEDIUMTEXT", "mediumtext"),
        ] {
            assert!(same_type(left, right), "{left} {right}: {} {}", canonical(left), canonical(right));
        }
        for (left, right) in [("int", "bigint"), ("varchar(20)", "varchar(30)"), ("int", "int unsigned"), ("text", "mediumtext")]
        {
            assert!(!same_type(left, right), "{left} {right}");
        }
    }

    #[test]
    fn only_what_loses_nothing_widens() {
        assert!(widens("text", "mediumtext") && widens("int(11)", "bigint") && widens("int", "int(11)"));
        assert!(!widens("mediumtext", "text") && !widens("mediumtext", "int") && !widens("int unsigned", "bigint"));
    }

    #[test]
    fn a_shape_that_was_seen_is_shown_in_the_words_of_the_spec() {
        let column = |name: &str, kind: &str| Column {
            name: name.into(),
            kind: kind.into(),
            nullable: false,
            auto_increment: name == "ID",
        };
        let wanted = Shape { columns: vec![column("ID", "int"), column("Record", "mediumtext")], primary_key: vec!["ID".into()] };
        let seen = Shape {
            columns: vec![column("Extra", "date"), column("Record", "mediumtext"), column("ID", "int(11)")],
            primary_key: vec!["ID".into()],
        };
        let shown = seen.document(Some(&wanted));
        let names: Vec<_> =
            shown.get("columns").unwrap().as_list().unwrap().iter().map(|one| one.str_at(&["name"]).unwrap()).collect();
        assert_eq!(names, ["ID", "Record", "Extra"]);
        assert_eq!(shown.get("columns").unwrap().as_list().unwrap()[0].str_at(&["type"]), Some("int"));
        assert_eq!(Shape::of(&wanted.document(None)), wanted);
    }
}
