//! Names and values as HAProxy reads them back unchanged (its configuration manual, 2.2 "Quoting and escaping").

use model::Value;

/// A name as an identifier of HAProxy: letters, digits, `-` and `.` stay, every other byte becomes `_` and its two hexadecimal digits.
/// Different names stay different, and [`name`] reads it back.
pub(crate) fn identifier(name: &str) -> String {
    let mut identifier = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' {
            identifier.push(char::from(byte));
        } else {
            identifier.push_str(&format!("_{byte:02x}"));
        }
    }
    identifier
}

/// The name that [`identifier`] encoded; what it cannot have written is left as it is.
pub(crate) fn name(identifier: &str) -> String {
    let mut bytes = Vec::with_capacity(identifier.len());
    let mut rest = identifier;
    while let Some((before, after)) = rest.split_once('_') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => return identifier.to_owned(),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| identifier.to_owned())
}

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

/// The name of a gateway's frontend.
pub(crate) fn gateway_frontend(gateway: &str) -> String {
    format!("{GATEWAY}{}", identifier(gateway))
}

/// The name of a route's backend.
pub(crate) fn route_backend(gateway: &str, route: &str) -> String {
    format!("{ROUTE}{}:{}", identifier(gateway), identifier(route))
}

/// What the name of a gateway's frontend begins with.
pub(crate) const GATEWAY: &str = "gateway:";
/// What the name of a route's backend begins with.
pub(crate) const ROUTE: &str = "route:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers_and_come_back() {
        for (name_, identifier_) in [("web-v1.2", "web-v1.2"), ("a_b", "a_5fb"), ("a/b:c", "a_2fb_3ac"), ("ü\n", "_c3_bc_0a")] {
            assert_eq!((identifier(name_).as_str(), name(identifier_).as_str()), (identifier_, name_));
        }
        assert_eq!(name("not_ours"), "not_ours");
    }

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
