//! What all stores have in common: objects with a version and a mark of whose they are, and the rules by which a request is
//! let through, found to be done already, or refused.

use crate::kernel::{Damaged, Document, Record, Store};
use model::observation::Observed;
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::value::Text;
use model::{Address, Value};
use serde::{Deserialize, Serialize};

/// One object of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Whose it is, and what was last written; nothing for what others made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The version that the store gives it.
    pub version: u64,
    /// The object.
    pub document: Document,
}

impl Kept {
    /// The object as somebody sees it who looks at the store. What a store holds does its work by being there.
    pub fn observed(&self) -> Observed {
        Observed::marked(self.document.value().clone(), Text::from(self.version.to_string()), self.mark.as_ref())
    }
}

/// A request to bring an object to a document.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Which object.
    pub address: &'a Address,
    /// What it should be.
    pub document: &'a std::sync::Arc<Value>,
    /// Mark to leave on it.
    pub mark: &'a Mark,
    /// What must be there.
    pub expected: &'a Expectation,
    /// Take over what is not ours.
    pub force: bool,
}

impl Wanted<'_> {
    /// The object as it will be, under `version`.
    pub fn kept(&self, version: u64) -> Kept {
        Kept { mark: Some(self.mark.clone()), version, document: self.document.clone().into() }
    }
}

/// What comes of a request that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was carried out before; this is the version that is there.
    Done(u64),
    /// It is to be carried out.
    Write,
}

/// Whether `wanted` may be carried out, given what is there. `same` compares documents by what they mean to the store.
///
/// A request whose effect is there already has succeeded, whatever it expected: it is repeated after an answer was lost.
///
/// # Errors
/// `Refused` for what is not ours, `Stale` if something else is there than was expected.
pub fn judge_apply(
    wanted: &Wanted<'_>,
    present: Option<&Kept>,
    same: fn(&Value, &Value) -> bool,
) -> Result<Decision, OperationError> {
    if let Some(kept) = present {
        if kept.mark.as_ref() == Some(wanted.mark) && same(kept.document.value(), wanted.document) {
            return Ok(Decision::Done(kept.version));
        }
        let ours = kept.mark.as_ref().is_some_and(|mark| mark.platform == wanted.mark.platform);
        if !ours && !wanted.force {
            return Err(not_owned(wanted.address, Some(&wanted.mark.platform), kept.mark.as_ref()));
        }
    }
    expect(wanted.expected, present.map(|kept| kept.version))?;
    Ok(Decision::Write)
}

/// Whether the object at `address` may be taken away. `None` if it is gone already.
///
/// # Errors
/// `Refused` for what belongs to nobody that we know, `Stale` if another version is there than was expected.
pub fn judge_delete(address: &Address, expected: &Expectation, present: Option<&Kept>) -> Result<Option<()>, OperationError> {
    let Some(kept) = present else { return Ok(None) };
    if kept.mark.is_none() {
        return Err(not_owned(address, None, None));
    }
    expect(expected, Some(kept.version))?;
    Ok(Some(()))
}

/// Whether an object may be moved, given what is at both ends. `Done` if it has been moved before.
///
/// # Errors
/// As [`judge_apply`], and `Refused` if something else is in the way.
pub fn judge_move(
    from: &Address,
    wanted: &Wanted<'_>,
    source: Option<&Kept>,
    target: Option<&Kept>,
) -> Result<Decision, OperationError> {
    match (source, target) {
        (None, Some(kept)) if kept.mark.as_ref() == Some(wanted.mark) => Ok(Decision::Done(kept.version)),
        (None, _) => Err(OperationError::Stale { expected: describe(wanted.expected), found: format!("nothing at {from}") }),
        (Some(_), Some(_)) => {
            Err(OperationError::Refused(format!("{} is there already; {from} cannot take its place", wanted.address)))
        }
        (Some(kept), None) => {
            if kept.mark.as_ref().is_none_or(|mark| mark.platform != wanted.mark.platform) {
                return Err(not_owned(from, Some(&wanted.mark.platform), kept.mark.as_ref()));
            }
            expect(wanted.expected, Some(kept.version))?;
            Ok(Decision::Write)
        }
    }
}

fn not_owned(address: &Address, platform: Option<&Text>, mark: Option<&Mark>) -> OperationError {
    let whose = mark.map(|mark| format!("; platform {} owns it", mark.platform)).unwrap_or_default();
    OperationError::Refused(match platform {
        Some(platform) => format!("{address} is not owned by platform {platform}{whose}"),
        None => format!("{address} is not owned by any platform"),
    })
}

fn expect(expected: &Expectation, present: Option<u64>) -> Result<(), OperationError> {
    let as_expected = match (expected, present) {
        (Expectation::Unseen, _) | (Expectation::Absent, None) => true,
        (Expectation::Version(version), Some(present)) => *version == present.to_string(),
        _ => false,
    };
    if as_expected {
        return Ok(());
    }
    let found = present.map_or_else(|| "nothing".to_owned(), |version| format!("version {version}"));
    Err(OperationError::Stale { expected: describe(expected), found })
}

fn describe(expected: &Expectation) -> String {
    match expected {
        Expectation::Absent => "nothing".to_owned(),
        Expectation::Version(version) => format!("version {version}"),
        Expectation::Unseen => "anything".to_owned(),
    }
}

/// What an operation says that found its work done, or did it.
pub fn receipt(version: Option<u64>, changed: bool) -> Receipt {
    Receipt { version: version.map(|version| Text::from(version.to_string())), changed }
}

/// The objects of one kind in one store, by key.
#[derive(Clone, Debug)]
pub struct Objects {
    table: &'static str,
    same: fn(&Value, &Value) -> bool,
    kept: Store<Text, Kept>,
}

impl Objects {
    /// No objects, kept in `table`; two documents are the same if they are equal.
    pub fn new(table: &'static str) -> Self {
        Objects::compared(table, |left, right| left == right)
    }

    /// No objects, kept in `table`; `same` says whether two documents mean the same.
    pub fn compared(table: &'static str, same: fn(&Value, &Value) -> bool) -> Self {
        Objects { table, same, kept: Store::new() }
    }

    /// One object.
    pub fn get(&self, key: &str) -> Option<&Kept> {
        self.kept.get(key)
    }

    /// All objects, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Kept)> {
        self.kept.iter()
    }

    /// Objects whose keys begin with `prefix`, by key.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a Text, &'a Kept)> {
        let onwards = self.kept.range::<str>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        onwards.take_while(move |(key, _)| key.starts_with(prefix))
    }

    /// Keys that begin with `prefix`.
    pub fn keys_under(&self, prefix: &str) -> Vec<Text> {
        self.under(prefix).map(|(key, _)| key.clone()).collect()
    }

    /// Bring one object to a document. `revision` counts the changes of the whole store.
    ///
    /// # Errors
    /// As [`judge_apply`].
    pub fn apply(&mut self, wanted: &Wanted<'_>, revision: &mut u64) -> Result<Receipt, OperationError> {
        let key = wanted.address.key();
        match judge_apply(wanted, self.kept.get(key), self.same)? {
            Decision::Done(version) => Ok(receipt(Some(version), false)),
            Decision::Write => {
                *revision += 1;
                self.kept.insert(key.into(), wanted.kept(*revision));
                Ok(receipt(Some(*revision), true))
            }
        }
    }

    /// Whether an operation that is let through writes anything.
    ///
    /// # Errors
    /// As [`judge_apply`], [`judge_delete`] and [`judge_move`].
    pub fn writes(&self, operation: &Operation) -> Result<bool, OperationError> {
        let decision = match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let wanted = Wanted { address, document, mark, expected, force: *force };
                judge_apply(&wanted, self.kept.get(address.key()), self.same)?
            }
            Operation::Delete { address, expected, .. } => {
                return Ok(judge_delete(address, expected, self.kept.get(address.key()))?.is_some());
            }
            Operation::Move { from, to, document, mark, expected } => {
                let wanted = Wanted { address: to, document, mark, expected, force: false };
                judge_move(from, &wanted, self.kept.get(from.key()), self.kept.get(to.key()))?
            }
        };
        Ok(decision == Decision::Write)
    }

    /// Take one object away.
    ///
    /// # Errors
    /// As [`judge_delete`].
    pub fn delete(&mut self, address: &Address, expected: &Expectation) -> Result<Receipt, OperationError> {
        let present = self.kept.get(address.key());
        Ok(match judge_delete(address, expected, present)? {
            None => receipt(None, false),
            Some(()) => receipt(None, self.kept.remove(address.key()).is_some()),
        })
    }

    /// Give one object another name.
    ///
    /// # Errors
    /// As [`judge_move`].
    pub fn rename(&mut self, from: &Address, wanted: &Wanted<'_>, revision: &mut u64) -> Result<Receipt, OperationError> {
        let key = wanted.address.key();
        match judge_move(from, wanted, self.kept.get(from.key()), self.kept.get(key))? {
            Decision::Done(version) => Ok(receipt(Some(version), false)),
            Decision::Write => {
                *revision += 1;
                self.kept.remove(from.key());
                self.kept.insert(key.into(), wanted.kept(*revision));
                Ok(receipt(Some(*revision), true))
            }
        }
    }

    /// Change one object by hand, past every rule; what is absent is made, as somebody else's.
    pub fn edit(&mut self, key: &str, revision: &mut u64, change: impl FnOnce(&mut Value)) {
        *revision += 1;
        if !self.kept.contains(key) {
            self.kept.insert(key.into(), Kept { mark: None, version: 0, document: Value::EMPTY_MAP.into() });
        }
        if let Some(kept) = self.kept.get_mut(key) {
            change(kept.document.value_mut());
            kept.version = *revision;
        }
    }

    /// Let an object be so, as it is said, past every rule.
    pub fn put(&mut self, key: &str, mark: Option<Mark>, document: Value, revision: &mut u64) {
        *revision += 1;
        self.kept.insert(key.into(), Kept { mark, version: *revision, document: document.into() });
    }

    /// Say whose an object is, if it is there.
    pub fn set_mark(&mut self, key: &str, mark: Option<Mark>) {
        if let Some(kept) = self.kept.get_mut(key) {
            kept.mark = mark;
        }
    }

    /// Put an object at another key as it is.
    pub(crate) fn rekey(&mut self, from: &str, to: &str) {
        if let Some(kept) = self.kept.remove(from) {
            self.kept.insert(to.into(), kept);
        }
    }

    /// Hold what `other` holds.
    pub fn take_content_of(&mut self, other: &Objects) {
        while self.kept.pop_first().is_some() {}
        for (key, kept) in other.kept.iter() {
            self.kept.insert(key.clone(), kept.clone());
        }
    }

    /// Take one object away, whatever it is.
    pub fn remove(&mut self, key: &str) -> Option<Kept> {
        self.kept.remove(key)
    }

    /// Append what changed since the last call.
    pub fn drain_changes(&mut self, prefix: &str, records: &mut Vec<Record>) {
        self.kept.drain_changes(self.table, prefix, records);
    }

    /// Put one kept record back. Whether it was one of these.
    ///
    /// # Errors
    /// [`Damaged`] if it cannot be read.
    pub fn restore(&mut self, table: &str, key: &str, value: &str) -> Result<bool, Damaged> {
        if table != self.table {
            return Ok(false);
        }
        self.kept.restore(table, key, value)?;
        Ok(true)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::resource::Scope;
    use std::sync::Arc;

    /// A mark of platform `acme` for `document`.
    pub(crate) fn mark(document: &Value) -> Mark {
        Mark { platform: "acme".into(), applied: document.digest(), scope: Scope::PLATFORM }
    }

    /// A document with one field.
    pub(crate) fn document(text: &str) -> Arc<Value> {
        let mut value = Value::EMPTY_MAP;
        value.set(&["text"], text);
        Arc::new(value)
    }

    fn apply(
        objects: &mut Objects,
        revision: &mut u64,
        text: &str,
        expected: Expectation,
        force: bool,
    ) -> Result<Receipt, OperationError> {
        let address: Address = "vault/policy/a".parse().unwrap();
        let document = document(text);
        let mark = mark(&document);
        objects.apply(&Wanted { address: &address, document: &document, mark: &mark, expected: &expected, force }, revision)
    }

    #[test]
    fn a_repeated_apply_succeeds_without_a_change_whatever_it_expected() {
        let (mut objects, mut revision) = (Objects::new("t"), 0);
        assert_eq!(apply(&mut objects, &mut revision, "x", Expectation::Absent, false), Ok(receipt(Some(1), true)));
        assert_eq!(apply(&mut objects, &mut revision, "x", Expectation::Absent, false), Ok(receipt(Some(1), false)));
        let updated = apply(&mut objects, &mut revision, "y", Expectation::Version("1".into()), false);
        assert_eq!(updated, Ok(receipt(Some(2), true)));
        let repeated = apply(&mut objects, &mut revision, "y", Expectation::Version("1".into()), false);
        assert_eq!(repeated, Ok(receipt(Some(2), false)));
    }

    #[test]
    fn another_state_than_expected_is_stale() {
        let (mut objects, mut revision) = (Objects::new("t"), 0);
        let error = apply(&mut objects, &mut revision, "x", Expectation::Version("4".into()), false).unwrap_err();
        assert_eq!(error, OperationError::Stale { expected: "version 4".into(), found: "nothing".into() });
        apply(&mut objects, &mut revision, "x", Expectation::Unseen, false).unwrap();
        let error = apply(&mut objects, &mut revision, "y", Expectation::Absent, false).unwrap_err();
        assert_eq!(error, OperationError::Stale { expected: "nothing".into(), found: "version 1".into() });
    }

    #[test]
    fn what_is_not_ours_is_refused_unless_forced() {
        let (mut objects, mut revision) = (Objects::new("t"), 0);
        objects.edit("a", &mut revision, |value| value.set(&["text"], "theirs"));
        let error = apply(&mut objects, &mut revision, "x", Expectation::Version("1".into()), false).unwrap_err();
        assert_eq!(error, OperationError::Refused("vault/policy/a is not owned by platform acme".into()));
        assert!(apply(&mut objects, &mut revision, "x", Expectation::Version("1".into()), true).unwrap().changed);
    }

    #[test]
    fn deleting_what_is_gone_succeeds_and_what_is_foreign_is_refused() {
        let (mut objects, mut revision) = (Objects::new("t"), 0);
        let address: Address = "vault/policy/a".parse().unwrap();
        assert_eq!(objects.delete(&address, &Expectation::Version("9".into())), Ok(receipt(None, false)));
        objects.edit("a", &mut revision, |_| {});
        assert!(matches!(objects.delete(&address, &Expectation::Unseen), Err(OperationError::Refused(_))));
        apply(&mut objects, &mut revision, "x", Expectation::Unseen, true).unwrap();
        assert!(matches!(objects.delete(&address, &Expectation::Version("1".into())), Err(OperationError::Stale { .. })));
        assert_eq!(objects.delete(&address, &Expectation::Version("2".into())), Ok(receipt(None, true)));
    }

    #[test]
    fn a_move_that_was_made_before_succeeds_without_a_change() {
        let (mut objects, mut revision) = (Objects::new("t"), 0);
        apply(&mut objects, &mut revision, "x", Expectation::Absent, false).unwrap();
        let (from, to): (Address, Address) = ("vault/policy/a".parse().unwrap(), "vault/policy/b".parse().unwrap());
        let document = document("x");
        let mark = mark(&document);
        let wanted =
            Wanted { address: &to, document: &document, mark: &mark, expected: &Expectation::Version("1".into()), force: false };
        assert_eq!(objects.rename(&from, &wanted, &mut revision), Ok(receipt(Some(2), true)));
        assert_eq!(objects.rename(&from, &wanted, &mut revision), Ok(receipt(Some(2), false)));
        assert!(objects.get("a").is_none() && objects.get("b").is_some());
    }
}
