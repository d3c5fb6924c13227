//! A document with its secrets in it, on its way to a server: overwritten when it is dropped, and never shown.

use crate::secret::Fetched;
use model::{SecretReference, Value};
use serde_json::Value as Tree;
use std::fmt;
use zeroize::Zeroize;

/// A document with secrets.
pub(crate) struct Plain(pub(crate) Tree);

impl Drop for Plain {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

/// Overwrite every string.
pub(crate) fn wipe(tree: &mut Tree) {
    match tree {
        Tree::String(text) => text.zeroize(),
        Tree::Array(items) => items.iter_mut().for_each(wipe),
        Tree::Object(map) => map.values_mut().for_each(wipe),
        _ => {}
    }
}

/// `document` with the secrets that were fetched in place of the references to them. A secret that is generated is the one that is
/// there already, or a new one.
pub(crate) fn render(document: &Value, present: Option<&Tree>, fetched: &mut Fetched<'_>) -> Tree {
    match document {
        Value::Secret(reference) => match (reference.as_ref(), present) {
            (SecretReference::Generated { .. }, Some(Tree::String(kept))) => Tree::String(kept.clone()),
            (reference, _) => Tree::String(fetched.take(reference)),
        },
        Value::Map(map) => {
            let entry = |(key, value): (&model::value::Text, &Value)| {
                let present = present.and_then(|present| present.get(key.as_str()));
                (key.to_string(), render(value, present, fetched))
            };
            Tree::Object(map.iter().map(entry).collect())
        }
        Value::List(items) => {
            let present = present.and_then(Tree::as_array);
            let item = |(index, item): (usize, &Value)| render(item, present.and_then(|list| list.get(index)), fetched);
            Tree::Array(items.iter().enumerate().map(item).collect())
        }
        open => serde_json::to_value(open).unwrap_or(Tree::Null),
    }
}
