//! Where a dependency is reached.

use super::{host_and_port, is_host};
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::shape::TextShape;
use model::Diagnostic;
use model::source::Place;
use serde_json::{Value as Json, json};

/// The word that leads into the embedded platform.
const EMBEDDED: &str = "embedded";

/// `embedded`, or `host:port`; read as nothing for the former.
pub(in crate::spec) struct DatabaseAddress;

impl TextShape for DatabaseAddress {
    type Value = Option<String>;
    const EXPECTED: &'static str = "an address (text)";

    fn parse(text: &str, place: Place) -> Result<Option<String>, Diagnostic> {
        if text == EMBEDDED {
            return Ok(None);
        }
        if host_and_port(text).is_some() {
            return Ok(Some(text.to_owned()));
        }
        if text.contains('@') {
            return Err(user_in_address(place));
        }
        let help =
            if is_host(text) { format!("add the port: `{text}:3306`") } else { "write `host:port`, or `embedded`".to_owned() };
        Err(Diagnostic::error(code::BAD_ADDRESS, place, format!("{} is no address of a database", quote(text))).help(help))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^(embedded|.+:[0-9]{1,5})$" })
    }
}

/// `embedded`, or `https://host:port`; read as nothing for the former.
pub(in crate::spec) struct WebAddress;

impl TextShape for WebAddress {
    type Value = Option<String>;
    const EXPECTED: &'static str = "an address (text)";

    fn parse(text: &str, place: Place) -> Result<Option<String>, Diagnostic> {
        if text == EMBEDDED {
            return Ok(None);
        }
        if is_web_address(text) {
            return Ok(Some(text.trim_end_matches('/').to_owned()));
        }
        if text.contains('@') {
            return Err(user_in_address(place));
        }
        let complaint = Diagnostic::error(code::BAD_ADDRESS, place, format!("{} is no web address", quote(text)));
        Err(match text.split_once("://") {
            None if is_web_address(&format!("https://{text}")) => complaint.help(format!("write `https://{text}`")),
            _ => complaint.help("write `https://host:port`, or `embedded`"),
        })
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^(embedded|https?://.+)$" })
    }
}

/// What stands before the `@` of an address may be a password, so it is not repeated.
fn user_in_address(place: Place) -> Diagnostic {
    Diagnostic::error(code::SECRET_IN_THE_OPEN, place, "a user or a password may not stand in an address")
        .help("take them out of it, and write `credentials: { env: NAME }`")
}

fn is_web_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
    (host_and_port(host).is_some() || is_host(host)) && path.bytes().all(plain)
}
