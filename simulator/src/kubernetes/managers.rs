//! Who owns which fields of an object (`metadata.managedFields`), and what server-side apply and an update make of that.

use super::fields::{contested, difference, leaves, overlay, prune, without_nulls};
use super::locate::{at, take};
use super::schema::Cursor;
use crate::kernel::Document;
use model::Value;
use model::path::{FieldPath, Segment};
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a manager came by its fields. One name may stand for both, as two managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// Server-side apply: fields that it applies no longer go.
    Apply,
    /// Any other write: fields that it leaves out stay.
    Update,
}

/// One manager and its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manager {
    name: Text,
    how: How,
    fields: Document,
}

/// All managers of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Managers {
    /// One manager applied all that is written: by far the most objects, which therefore carry no set of fields.
    Sole(Text),
    /// Each owns a part.
    Several(Vec<Manager>),
}

/// Fields that another manager owns with another value: its name, and the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} field(s) belong to another manager", .0.len())]
pub(super) struct Conflict(pub(super) Vec<(Text, FieldPath)>);

/// What is written of an object, without defaults, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The document.
    pub(super) document: Arc<Value>,
    /// Its managers.
    pub(super) managers: Managers,
}

/// Server-side apply of `document` by `manager`, upon what is written so far.
///
/// # Errors
/// [`Conflict`] where another manager owns a field with another value, unless `force` takes it over.
pub(super) fn apply(live: Option<&Written>, manager: &str, document: &Arc<Value>, force: bool) -> Result<Written, Conflict> {
    let document = without_nulls(document).map_or_else(|| Arc::clone(document), Arc::new);
    let sole = || Managers::Sole(manager.into());
    let Some(live) = live else { return Ok(Written { managers: sole(), document }) };
    if live.managers == sole() {
        return Ok(Written { managers: sole(), document: reordered(&live.document, document) });
    }
    let mut managers = live.managers.listed(&live.document);
    let conflicts = conflicts_of(&managers, manager, &live.document, &document);
    if !conflicts.is_empty() && !force {
        return Err(Conflict(conflicts));
    }
    for (owner, path) in &conflicts {
        managers.iter_mut().filter(|other| other.name == *owner).for_each(|other| other.lose(path));
    }
    let is_own = |other: &Manager| other.name == manager && other.how == How::Apply;
    let previous = managers.iter().position(is_own).map(|index| managers.remove(index));
    let mut merged = (*live.document).clone();
    if let Some(previous) = previous {
        let kept = managers.iter().map(Manager::value).chain([&*document]).collect::<Vec<_>>();
        prune(&mut merged, previous.value(), &kept, Cursor::ROOT);
    }
    overlay(&mut merged, &document, Cursor::ROOT);
    managers.push(Manager { name: manager.into(), how: How::Apply, fields: document.into() });
    Ok(settled(&live.document, merged, managers))
}

/// Any other write by `manager`: the object becomes `after`. Fields that it changes or takes away are lost to those who had them.
/// `before` and `after` are with defaults; what nobody wrote stays unwritten.
pub(super) fn update(live: &Written, manager: &str, before: &Value, after: &Value) -> Written {
    let mut managers = live.managers.listed(&live.document);
    let mut merged = (*live.document).clone();
    prune(&mut merged, before, &[after], Cursor::ROOT);
    for other in &mut managers {
        let mut left = (*other.value()).clone();
        prune(&mut left, before, &[after], Cursor::ROOT);
        other.fields = left.into();
    }
    if let Some(changed) = difference(Some(before), after, Cursor::ROOT) {
        overlay(&mut merged, &changed, Cursor::ROOT);
        leaves(&changed, Cursor::ROOT, &FieldPath::ROOT, &mut |path| {
            let differs = |other: &&mut Manager| at(other.value(), &path).is_some_and(|held| Some(held) != at(after, &path));
            managers.iter_mut().filter(differs).for_each(|other| other.lose(&path));
        });
        let is_own = |other: &&mut Manager| other.name == manager && other.how == How::Update;
        match managers.iter_mut().find(is_own) {
            Some(own) => overlay(own.fields.value_mut(), &changed, Cursor::ROOT),
            None => managers.push(Manager { name: manager.into(), how: How::Update, fields: changed.into() }),
        }
    }
    settled(&live.document, merged, managers)
}

/// The account itself is written anew, so that what `said` has as applied was applied (client-go, `util/csaupgrade`).
pub(super) fn accounted(live: &Written, said: &[(&str, &str)]) -> Written {
    let mut managers: Vec<Manager> = Vec::new();
    for mut manager in live.managers.listed(&live.document) {
        let says = |how: How| said.contains(&(manager.name.as_str(), how.word()));
        if manager.how == How::Update && says(How::Apply) && !says(How::Update) {
            manager.how = How::Apply;
        }
        match managers.iter_mut().find(|other| other.name == manager.name && other.how == manager.how) {
            Some(known) => overlay(known.fields.value_mut(), manager.value(), Cursor::ROOT),
            None => managers.push(manager),
        }
    }
    settled(&live.document, (*live.document).clone(), managers)
}

/// One manager that owns all that is written needs no set of fields.
fn settled(before: &Arc<Value>, merged: Value, mut managers: Vec<Manager>) -> Written {
    managers.retain(|manager| *manager.value() != Value::EMPTY_MAP);
    managers.sort_by(|left, right| (&left.name, left.how).cmp(&(&right.name, right.how)));
    let document = if merged == **before { Arc::clone(before) } else { Arc::new(merged) };
    match managers.as_slice() {
        [only] if only.how == How::Apply && *only.value() == *document => {
            Written { managers: Managers::Sole(only.name.clone()), document }
        }
        _ => Written { managers: Managers::Several(managers), document },
    }
}

/// Nothing new is nothing new: the very document that is there already.
fn reordered(live: &Arc<Value>, document: Arc<Value>) -> Arc<Value> {
    if *live == document { Arc::clone(live) } else { document }
}

fn conflicts_of(managers: &[Manager], own: &str, live: &Value, wanted: &Value) -> Vec<(Text, FieldPath)> {
    let mut conflicts = Vec::new();
    for other in managers.iter().filter(|other| other.name != own || other.how == How::Update) {
        contested(wanted, live, other.value(), (Cursor::ROOT, &FieldPath::ROOT), &mut |path| {
            conflicts.push((other.name.clone(), path));
        });
    }
    conflicts
}

impl How {
    const fn word(self) -> &'static str {
        match self {
            How::Apply => "Apply",
            How::Update => "Update",
        }
    }
}

/// One step of a path as it stands in `fieldsV1` (structured-merge-diff, `fieldpath/serialize.go`).
fn in_fields_v1(segment: &Segment) -> Text {
    let json = |value: &str| value.parse::<i64>().map_or_else(|_| format!("{value:?}"), |number| number.to_string());
    let pair = |pair: &str| pair.split_once('=').map(|(key, value)| format!("{key:?}:{}", json(value)));
    match segment {
        Segment::Key(key) => format!("f:{key}"),
        Segment::Item(item) => match item.split(',').map(pair).collect::<Option<Vec<_>>>() {
            Some(pairs) => format!("k:{{{}}}", pairs.join(",")),
            None => format!("v:{item:?}"),
        },
        Segment::Index(index) => format!("i:{index}"),
    }
    .into()
}

impl Manager {
    fn value(&self) -> &Value {
        self.fields.value()
    }

    fn lose(&mut self, path: &FieldPath) {
        take(self.fields.value_mut(), &path.0);
    }
}

impl Managers {
    /// The managers with their fields, given all that is written.
    fn listed(&self, written: &Arc<Value>) -> Vec<Manager> {
        match self {
            Managers::Sole(name) => {
                vec![Manager { name: name.clone(), how: How::Apply, fields: Arc::clone(written).into() }]
            }
            Managers::Several(managers) => managers.clone(),
        }
    }

    /// The names of all managers.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Managers::Sole(name) => vec![name],
            Managers::Several(managers) => managers.iter().map(|manager| manager.name.as_str()).collect(),
        }
    }

    /// All managers, each with how it came by its fields, as `managedFields` says it.
    pub(super) fn with_operations(&self) -> Vec<(&str, &'static str)> {
        match self {
            Managers::Sole(name) => vec![(name, "Apply")],
            Managers::Several(managers) => managers.iter().map(|manager| (manager.name.as_str(), manager.how.word())).collect(),
        }
    }

    /// All managers with how each came by its fields, and these in the API's notation, as `metadata.managedFields` shows them.
    pub(super) fn accounts(&self, written: &Arc<Value>) -> Vec<(Text, &'static str, Value)> {
        let account = |manager: Manager| {
            let mut fields = Value::EMPTY_MAP;
            leaves(manager.value(), Cursor::ROOT, &FieldPath::ROOT, &mut |path| {
                path.0.iter().fold(&mut fields, |at, segment| at.make_map().entry(&in_fields_v1(segment))).make_map();
            });
            (manager.name, manager.how.word(), fields)
        };
        self.listed(written).into_iter().map(account).collect()
    }

    /// The fields that managers other than `own` have, given all that is written.
    pub(super) fn foreign(&self, own: &str, written: &Arc<Value>) -> Vec<(FieldPath, Text)> {
        if matches!(self, Managers::Sole(name) if name == own) {
            return Vec::new();
        }
        let mut fields = Vec::new();
        for other in self.listed(written).iter().filter(|other| other.name != own) {
            leaves(other.value(), Cursor::ROOT, &FieldPath::ROOT, &mut |path| fields.push((path, other.name.clone())));
        }
        fields.sort();
        fields
    }
}

#[cfg(test)]
mod tests;
