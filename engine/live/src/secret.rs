//! Secrets: fetched when a step is carried out, digested when something is looked at.

use crate::json::Json;
use model::operation::OperationError;
use model::value::Text;
use model::{Map, SecretDigest, SecretReference, Value};
use port::{Entropy, Secret, SecretSource};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// What makes secrets and digests of them.
pub(crate) struct Secrets {
    source: SecretSource,
    entropy: RefCell<Entropy>,
    key: [u8; 32],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Characters of a generated secret: nothing that a shell, a URL, or a configuration file would need quoted.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Secrets {
    /// Digests are under a key that dies with the process.
    pub(crate) fn new(source: SecretSource, mut entropy: Entropy) -> Self {
        let mut key = [0; 32];
        entropy(&mut key);
        Secrets { source, entropy: RefCell::new(entropy), key }
    }

    /// The digest of a secret.
    pub(crate) fn digest(&self, secret: &[u8]) -> Value {
        Value::Digest(Box::new(self.digest_of(secret)))
    }

    pub(crate) fn digest_of(&self, secret: &[u8]) -> SecretDigest {
        SecretDigest::of(&self.key, secret)
    }

    /// A secret of the environment or a file of whoever runs this.
    ///
    /// # Errors
    /// [`OperationError::Secret`].
    pub(crate) fn outside(&self, reference: &SecretReference) -> Result<Secret, OperationError> {
        (self.source)(reference).map_err(OperationError::Secret)
    }

    /// A secret that nobody knows: each character is one of 64, so nothing is thrown away and none is likelier than another.
    pub(crate) fn generate(&self, length: u16) -> String {
        let mut bytes = zeroize::Zeroizing::new(vec![0; usize::from(length)]);
        (self.entropy.borrow_mut())(&mut bytes);
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte % 64)])).collect()
    }

    /// What was seen, as far as it may be kept: a value stands in the open only where `wanted` writes one in the open; everything
    /// else becomes a digest, whoever wrote it.
    pub(crate) fn masked(&self, wanted: Option<&Value>, seen: &Value) -> Value {
        match (wanted, seen) {
            (_, Value::Map(map)) if !matches!(wanted, Some(Value::Secret(_))) => {
                let entry =
                    |(key, value): (&Text, &Value)| (key.clone(), self.masked(wanted.and_then(|wanted| wanted.get(key)), value));
                Value::Map(map.iter().map(entry).collect::<Map>())
            }
            (Some(Value::List(wanted)), Value::List(items)) => {
                let item = |(index, item): (usize, &Value)| self.masked(wanted.get(index), item);
                Value::List(items.iter().enumerate().map(item).collect())
            }
            (None | Some(Value::Secret(_) | Value::Map(_) | Value::List(_)), seen) => self.digest(text_of(seen).as_bytes()),
            (Some(_), seen) => seen.clone(),
        }
    }
}

/// A value as the bytes whose digest stands for it.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The text of a secret that stands in a document, if one does.
pub(crate) fn text_in(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    let looks_like_a_document = text.trim_start().starts_with(['{', '[']);
    looks_like_a_document.then(|| crate::json::parse::<Json>(bytes).ok().map(|Json(value)| value)).flatten()
}

/// Secrets that were fetched for one document.
pub(crate) struct Fetched<'a> {
    pub(crate) secrets: &'a Secrets,
    pub(crate) by_reference: BTreeMap<SecretReference, Secret>,
}

impl Fetched<'_> {
    /// The secret behind `reference` as text; a generated one is made.
    pub(crate) fn take(&mut self, reference: &SecretReference) -> String {
        match (reference, self.by_reference.get(reference)) {
            (SecretReference::Generated { length }, _) => self.secrets.generate(*length),
            (_, Some(secret)) => String::from_utf8_lossy(secret.expose()).into_owned(),
            // Whoever makes this fetches every reference of the document first.
            (_, None) => String::new(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// Secrets from nowhere: each reference is its own text.
    pub(crate) fn secrets() -> Secrets {
        let source = |reference: &SecretReference| Ok(Secret::new(format!("the {reference}")));
        let mut n = 0_u8;
        let entropy = move |bytes: &mut [u8]| {
            bytes.iter_mut().for_each(|byte| {
                n = n.wrapping_add(37);
                *byte = n;
            });
        };
        Secrets::new(Box::new(source), Box::new(entropy))
    }

    fn value(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_what_we_write_in_the_open_is_seen_in_the_open() {
        let secrets = secrets();
        let wanted =
            value(json!({"host": "db", "password": {"$secret": {"env": "P"}}, "list": ["a", {"$secret": {"env": "Q"}}]}));
        let seen =
            value(json!({"host": "other", "password": "hunter2", "list": ["a", "q"], "more": {"deep": "d"}, "flag": true}));
        let masked = secrets.masked(Some(&wanted), &seen);
        assert_eq!(masked.str_at(&["host"]), Some("other"));
        assert_eq!(masked.get("password"), Some(&secrets.digest(b"hunter2")));
        assert_eq!(masked.at(&["more", "deep"]), Some(&secrets.digest(b"d")));
        assert_eq!(masked.get("flag"), Some(&secrets.digest(b"true")));
        assert_eq!(masked.get("list").unwrap().as_list().unwrap()[1], secrets.digest(b"q"));
    }

    #[test]
    fn a_document_in_the_place_of_a_secret_is_a_secret_as_a_whole() {
        let secrets = secrets();
        let wanted = value(json!({"password": {"$secret": {"env": "P"}}}));
        let masked = secrets.masked(Some(&wanted), &value(json!({"password": {"a": "b"}})));
        assert!(matches!(masked.get("password"), Some(Value::Digest(_))));
    }

    #[test]
    fn generated_secrets_have_their_length_and_differ() {
        let secrets = secrets();
        let (one, two) = (secrets.generate(40), secrets.generate(40));
        assert!(one.len() == 40 && one != two && one.bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn a_generated_secret_that_is_there_stays() {
        let secrets = secrets();
        let wanted =
            value(json!({"salt": {"$secret": {"generated": {"length": 8}}}, "open": 1, "env": {"$secret": {"env": "E"}}}));
        let reference = SecretReference::Env("E".into());
        let by_reference = BTreeMap::from([(reference, Secret::new("e".into()))]);
        let mut fetched = Fetched { secrets: &secrets, by_reference };
        let kept = crate::plain::render(&wanted, Some(&json!({"salt": "kept"})), &mut fetched);
        assert_eq!(kept, json!({"salt": "kept", "open": 1, "env": "e"}));
        let made = crate::plain::render(&wanted, None, &mut fetched);
        assert_eq!(made["salt"].as_str().unwrap().len(), 8);
    }
}
