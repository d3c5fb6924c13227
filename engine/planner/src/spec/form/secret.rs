//! References to secrets. A secret itself is never taken, and never repeated in a complaint.

use super::name::{FilePath, VaultText};
use crate::spec::code;
use crate::spec::node::{Node, Tree};
use crate::spec::reader::{Reader, quote};
use crate::spec::shape::{Definitions, Record, Shape, TextShape, record, record_schema};
use model::Diagnostic;
use model::secret::SecretReference;
use model::source::Place;
use serde_json::{Value as Json, json};

record! {
    /// Where a secret comes from: one of the three.
    SecretSource {
        /// Name of an environment variable of `vamp` that holds it.
        env: VariableName = optional "env",
        /// Path of a file that holds it.
        file: FilePath = optional "file",
        /// Entry of the platform's own Vault that holds it.
        vault: VaultEntry = optional "vault",
    }
}

record! {
    /// A field of an entry in the platform's own Vault.
    VaultEntry {
        /// Path of the entry, the mount first: `acme/shop/database`.
        path: VaultPath = required "path",
        /// Field inside the entry.
        field: VaultText = required "field",
    }
}

/// A reference to a secret.
pub(in crate::spec) struct Secret;

const FORMS: &str = "write `{ env: NAME }`, `{ file: PATH }` or `{ vault: { path: PATH, field: FIELD } }` instead, and change the secret: it has been in a file";

impl Shape for Secret {
    type Value = SecretReference;

    fn read(node: &Node, reader: &mut Reader) -> Option<SecretReference> {
        let Tree::Map(entries) = &node.tree else {
            match node.tree {
                Tree::Null => reader.wrong_kind(node, "a reference to a secret (a map)"),
                _ => in_the_open(node, reader),
            }
            return None;
        };
        let known = |name: &str| SecretSource::fields().any(|field| field.key == name);
        let mut unknown = entries.iter().filter(|(key, _)| !known(&key.text)).peekable();
        if unknown.peek().is_some() {
            unknown.for_each(|(_, value)| in_the_open(value, reader));
            return None;
        }
        let source = SecretSource::read(node, reader)?;
        one_of_three(&source, reader)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        record_schema::<SecretSource>(definitions)
    }
}

/// Every single value inside may be the secret, so each is complained about, and left out by whoever shows the line.
fn in_the_open(node: &Node, reader: &mut Reader) {
    match &node.tree {
        Tree::List(items) => items.iter().for_each(|item| in_the_open(item, reader)),
        Tree::Map(entries) => entries.iter().for_each(|(_, value)| in_the_open(value, reader)),
        _ => {
            let message = format!("a secret may not stand in the spec, and something stands in {}", reader.owner());
            reader.error(code::SECRET_IN_THE_OPEN, node.place, message, FORMS);
        }
    }
}

fn one_of_three(source: &SecretSource, reader: &mut Reader) -> Option<SecretReference> {
    let given = [!source.env.is_no(), !source.file.is_no(), !source.vault.is_no()].into_iter().filter(|given| *given).count();
    if given != 1 {
        let message = format!("{} must have exactly one of `env`, `file` and `vault`", reader.owner());
        reader.error(code::KEYS_CLASH, reader.key_place(), message, "keep the one that holds the secret");
        return None;
    }
    let env = source.env.yes().map(|name| SecretReference::Env(name.value.clone()));
    let file = source.file.yes().map(|path| SecretReference::File(path.value.clone()));
    let vault = source.vault.yes().and_then(|entry| {
        Some(SecretReference::Vault { path: entry.path.yes()?.value.clone(), field: entry.field.yes()?.value.clone() })
    });
    env.or(file).or(vault)
}

/// The name of an environment variable (POSIX: letters, digits and underscores, no digit first).
pub(in crate::spec) struct VariableName;

impl TextShape for VariableName {
    type Value = String;

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !text.is_empty() && text.bytes().all(inside) && !text.starts_with(|first: char| first.is_ascii_digit()) {
            return Ok(text.to_owned());
        }
        Err(Diagnostic::error(code::BAD_VARIABLE_NAME, place, "this is no name of an environment variable")
            .help("write its name alone, such as `ACME_MYSQL`: letters, digits and `_`, no `$` before it"))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })
    }
}

/// The path of an entry in Vault, the mount first.
pub(in crate::spec) struct VaultPath;

impl TextShape for VaultPath {
    type Value = String;

    fn parse(text: &str, place: Place) -> Result<String, Diagnostic> {
        let segment =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if text.contains('/') && text.split('/').all(segment) {
            return Ok(text.to_owned());
        }
        Err(Diagnostic::error(code::BAD_VAULT_PATH, place, format!("{} is no path of a Vault entry", quote(text)))
            .help("write the mount and then the path, such as `acme/shop/database`: no slash first or last"))
    }

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[-_.A-Za-z0-9]+(/[-_.A-Za-z0-9]+)+$" })
    }
}
