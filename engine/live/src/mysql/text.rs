//! Names and values in SQL. Nothing of a spec or of a secret comes into a statement but through here.
//!
//! Every session has `sql_mode` set (`super::server`), so that a backslash escapes whatever the server's default is.

use zeroize::Zeroizing;

/// A name: `` `acme-shop` ``.
pub(crate) fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Schema and table: `` `acme-shop`.`artifacts` ``.
pub(crate) fn table(schema: &str, table: &str) -> String {
    format!("{}.{}", identifier(schema), identifier(table))
}

/// A schema on which something is granted. There a name is a pattern, so its own `_` and `%` are escaped (MySQL manual, "GRANT Statement").
pub(crate) fn pattern(schema: &str) -> String {
    let escaped = schema.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%");
    identifier(&escaped)
}

/// The one schema that a pattern stands for; nothing if it stands for several.
pub(crate) fn unpattern(pattern: &str) -> Option<String> {
    let mut name = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.push(characters.next()?),
            '_' | '%' => return None,
            other => name.push(other),
        }
    }
    Some(name)
}

/// A text: `'it''s'`.
pub(crate) fn literal(text: &str) -> Zeroizing<String> {
    // Twice the length and the quotes: the text is never copied to a larger place, which would leave it behind.
    let mut quoted = Zeroizing::new(String::with_capacity(text.len() * 2 + 2));
    quoted.push('\'');
    for character in text.chars() {
        match character {
            '\'' => quoted.push_str("''"),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push_str("\\0"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

/// An account: `'acme-shop'@'%'`.
pub(crate) fn account(user: &str, host: &str) -> String {
    format!("{}@{}", literal(user).as_str(), literal(host).as_str())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a server reads from the beginning of `sql`, by the rules of its manual ("String Literals", "Schema Object Names"), and the rest.
    pub(crate) fn read(sql: &str) -> (String, String) {
        let quote = sql.chars().next().unwrap();
        let mut read = String::new();
        let mut characters = sql.char_indices().skip(1).peekable();
        while let Some((index, character)) = characters.next() {
            match character {
                '\\' if quote == '\'' => match characters.next().unwrap().1 {
                    '0' => read.push('\0'),
                    other => read.push(other),
                },
                other if other == quote => match characters.peek() {
                    Some((_, next)) if *next == quote => {
                        read.push(quote);
                        characters.next();
                    }
                    _ => return (read, sql[index + quote.len_utf8()..].to_owned()),
                },
                other => read.push(other),
            }
        }
        panic!("no end: {sql}");
    }

    proptest! {
        #[test]
        fn a_text_is_read_as_it_was_and_nothing_of_it_as_sql(text in any::<String>()) {
            prop_assert_eq!(read(&literal(&text)), (text, String::new()));
        }

        #[test]
        fn a_name_is_read_as_it_was(name in any::<String>()) {
            prop_assert_eq!(read(&identifier(&name)), (name, String::new()));
        }

        #[test]
        fn an_account_is_read_in_two_parts(user in any::<String>(), host in any::<String>()) {
            let sql = account(&user, &host);
            let (first, rest) = read(&sql);
            prop_assert_eq!(first, user);
            prop_assert_eq!(read(rest.strip_prefix('@').unwrap()), (host, String::new()));
        }

        #[test]
        fn a_pattern_stands_for_its_schema_alone(schema in "[a-z_%\\\\`']{1,12}") {
            let sql = pattern(&schema);
            prop_assert_eq!(unpattern(&read(&sql).0), Some(schema));
        }
    }

    #[test]
    fn a_pattern_for_several_schemas_names_none() {
        assert_eq!(unpattern("acme%"), None);
        assert_eq!(unpattern("acme_shop"), None);
        assert_eq!(unpattern("acme\\_shop"), Some("acme_shop".to_owned()));
    }
}
