//! What a person writes on the command line about the world: what breaks, what changes, how long.

use super::{Broken, ByHand};
use crate::error::CommandError;
use crate::input::read_text;
use model::{Duration, Value};
use simulator::fault::Fault;
use simulator::world::edit::{self, DEEPEST};
use simulator::world::{Edit, FaultError};

/// Largest document that an object is made from: what etcd takes for one object (`--max-request-bytes`, 1.5 MiB).
const LARGEST_DOCUMENT: u64 = 3 << 19;

/// The fault that was written, and how.
pub(super) fn fault(broken: &Broken) -> Result<(Fault, String), CommandError> {
    let words = broken.name.as_ref().map_or_else(|| broken.kind.clone(), |name| format!("{} {name}", broken.kind));
    let fault = Fault::by_hand(&broken.kind, broken.name.as_deref()).map_err(|error| {
        let (FaultError::Words { help, .. } | FaultError::Cannot { help, .. }) = &error;
        CommandError::new(error.to_string()).hint(help).usage()
    })?;
    Ok((fault, words))
}

pub(super) fn by_hand(by_hand: &ByHand) -> Result<Edit, CommandError> {
    if let Some(set) = &by_hand.set {
        let wrong =
            || CommandError::new(format!("{set:?} is not PATH=VALUE")).hint("for example metadata.labels.team=blue").usage();
        let (path, value) = set.split_once('=').ok_or_else(wrong)?;
        let json: serde_json::Value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        let path = field_path(path)?;
        return Ok(Edit::Set { value: document(&json, path.len())?, path });
    }
    if let Some(path) = &by_hand.remove {
        return Ok(Edit::Remove { path: field_path(path)? });
    }
    if let Some(file) = &by_hand.create {
        let text = read_text(file, "document", LARGEST_DOCUMENT)?;
        let wrong =
            |error| CommandError::new(format!("{} is not JSON", file.display())).because(error).hint("give one object as JSON");
        let json: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        return Ok(Edit::Create { document: document(&json, 0)? });
    }
    Ok(Edit::Delete)
}

/// The value, to stand `below` levels down in a document.
fn document(json: &serde_json::Value, below: usize) -> Result<Value, CommandError> {
    if depth(json) + below > DEEPEST {
        let message = format!("the value would lie more than {DEEPEST} levels deep in the document");
        return Err(CommandError::new(message).hint("no object of a system needs that").usage());
    }
    model::value::to_value(json).map_err(|error| CommandError::new("the value cannot stand in a document").because(error))
}

/// Levels of a value. What a parser gave has 128 at most.
fn depth(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The keys of `metadata.labels["app.kubernetes.io/name"]`: joined by dots, in brackets and quotes where a key has dots itself.
fn field_path(text: &str) -> Result<Vec<String>, CommandError> {
    let wrong = || {
        let hint = "keys are joined by dots; one with dots in it is written [\"app.kubernetes.io/name\"]";
        CommandError::new(format!("{text:?} is no path into a document")).hint(hint).usage()
    };
    edit::field_path(text).ok_or_else(wrong)
}

/// `30s`, `10m`, `2h`, `1d`, or several of them: `1h30m`.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let found = simulator::scenario::bound::length(text).filter(|length| *length > Duration::ZERO);
    found.ok_or_else(|| format!("{text:?} is no length of time; write 30s, 10m, 2h, 1d or 1h30m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        assert_eq!(length("10m"), Ok(Duration::minutes(10)));
        assert_eq!(length("1h30m"), Ok(Duration::minutes(90)));
        assert_eq!(length("250ms"), Ok(Duration(250)));
        for wrong in ["", "10", "m", "-3s", "10 m", "99999999999999999999d", "0s", "1000000d"] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_keys_joined_by_dots_and_quoted_where_a_key_has_dots() {
        assert_eq!(field_path("spec.replicas").unwrap(), ["spec", "replicas"]);
        assert_eq!(field_path("metadata.labels[\"vamp.io/tenant\"].x").unwrap(), ["metadata", "labels", "vamp.io/tenant", "x"]);
        for wrong in ["", ".", "a.", "a..b", "a[b]", "a[\"b", "[\"\"]"] {
            assert!(field_path(wrong).is_err(), "{wrong}");
        }
    }
}
