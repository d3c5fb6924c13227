//! Names and values as HAProxy reads them back unchanged (its configuration manual, 2.2 "Quoting and escaping").

use model::Value;
pub(crate) use model::inventory::{gateway_frontend, identifier, route_backend};

/// A value as one word: as it is where nothing in it means anything, in strong quotes otherwise. It has no control characters.
pub(super) fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,:;/+@%".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    // Nothing means anything between strong quotes, so that only the quote itself has to stand outside of them.
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A text for a comment: it stays on its line.
pub(super) fn remark(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// A short digest that stands for a name towards clients, who need not learn the name.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let digest = Value::List(parts.iter().map(|part| Value::String((*part).into())).collect()).digest();
    digest.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_something_in_them_means_something() {
        for (value, word) in [
            ("Firefox/120.0", "Firefox/120.0"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            (r#"\ "$HOME" #"#, r#"'\ "$HOME" #'"#),
            ("", "''"),
        ] {
            assert_eq!(quoted(value), word);
        }
    }
}
