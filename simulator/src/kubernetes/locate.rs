//! What lies at the end of a field path, whose list items are named by their merge keys.

use super::schema::{Cursor, Shape, item_key};
use model::Value;
use model::path::{FieldPath, Segment};

/// The value at `path`.
pub(super) fn at<'a>(document: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    let mut cursor = Cursor::ROOT;
    let mut value = document;
    let mut segments = path.0.iter();
    for segment in segments.by_ref() {
        value = match segment {
            Segment::Key(key) => {
                cursor = cursor.enter(key);
                value.get(key)?
            }
            Segment::Item(key) => {
                let Shape::Keyed(keys) = cursor.shape(value) else { return None };
                value.as_list()?.iter().find(|item| item_key(item, keys) == *key)?
            }
            Segment::Index(index) => value.as_list()?.get(*index as usize)?,
        };
    }
    Some(value)
}

/// Take away what lies at the end of `path`, and the maps and lists around it that become empty.
pub(super) fn take(document: &mut Value, path: &[Segment]) {
    take_from(document, path, Cursor::ROOT);
}

fn take_from(value: &mut Value, path: &[Segment], cursor: Cursor<'_>) {
    let Some((first, rest)) = path.split_first() else { return };
    let shape = cursor.shape(value);
    match (first, value) {
        (Segment::Key(key), Value::Map(map)) => {
            let Some(inner) = map.get_mut(key) else { return };
            take_from(inner, rest, cursor.enter(key));
            if rest.is_empty() || is_empty(inner) {
                map.remove(key);
            }
        }
        (Segment::Item(key), Value::List(items)) => {
            let Shape::Keyed(keys) = shape else { return };
            let Some(index) = items.iter().position(|item| item_key(item, keys) == *key) else { return };
            take_from(&mut items[index], rest, cursor);
            if rest.is_empty() || is_empty(&items[index]) {
                items.remove(index);
            }
        }
        (Segment::Index(index), Value::List(items)) if rest.is_empty() && (*index as usize) < items.len() => {
            items.remove(*index as usize);
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_map().is_some_and(|map| map.is_empty()) || value.as_list().is_some_and(<[Value]>::is_empty)
}
