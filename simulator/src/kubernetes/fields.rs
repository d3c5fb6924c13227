//! Sets of fields, held as documents: a manager owns the leaves of a part of the object. The document that somebody applied is
//! such a part already, so that an object with one manager needs no second copy of anything.

use super::schema::{Cursor, Shape, item_key, position};
use model::path::{FieldPath, Segment};
use model::{Map, Value};

/// `document` without the nulls: the API server takes a null for a field that is not there.
pub(super) fn without_nulls(document: &Value) -> Option<Value> {
    has_null(document).then(|| strip_nulls(document))
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.iter().any(|(_, value)| has_null(value)),
        Value::List(items) => items.iter().any(has_null),
        _ => false,
    }
}

fn strip_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(
            map.iter()
                .filter(|(_, value)| **value != Value::Null)
                .map(|(key, value)| (key.clone(), strip_nulls(value)))
                .collect(),
        ),
        Value::List(items) => Value::List(items.iter().map(strip_nulls).collect()),
        other => other.clone(),
    }
}

/// Lay `over` upon `base`: what `over` says wins, what it does not mention stays.
pub(super) fn overlay(base: &mut Value, over: &Value, cursor: Cursor<'_>) {
    match (cursor.shape(over), over) {
        (Shape::Granular, Value::Map(map)) => {
            let base = base.make_map();
            for (key, value) in map.iter() {
                overlay(base.entry(key), value, cursor.enter(key));
            }
        }
        (Shape::Keyed(keys), Value::List(items)) => {
            let base = make_list(base);
            for item in items {
                match position(base, keys, &item_key(item, keys)) {
                    Some(index) => overlay(&mut base[index], item, cursor),
                    None => base.push(item.clone()),
                }
            }
        }
        (Shape::Set, Value::List(items)) => {
            let base = make_list(base);
            for item in items {
                if !base.contains(item) {
                    base.push(item.clone());
                }
            }
        }
        _ => *base = over.clone(),
    }
}

fn make_list(value: &mut Value) -> &mut Vec<Value> {
    if !matches!(value, Value::List(_)) {
        *value = Value::List(Vec::new());
    }
    match value {
        Value::List(items) => items,
        _ => unreachable!("made a list above"),
    }
}

/// What lies at `key` of a keyed list, if `value` is one that has it.
fn item_of<'a>(value: &'a Value, keys: &[&str], key: &str) -> Option<&'a Value> {
    let items = value.as_list()?;
    position(items, keys, key).map(|index| &items[index])
}

fn holds_item(value: &Value, item: &Value) -> bool {
    value.as_list().is_some_and(|items| items.contains(item))
}

/// Take away from `base` every field of `dropped` that none of `kept` has. A field that goes takes along what defaults put
/// inside it.
pub(super) fn prune(base: &mut Value, dropped: &Value, kept: &[&Value], cursor: Cursor<'_>) {
    match (cursor.shape(dropped), dropped, base) {
        (Shape::Granular, Value::Map(map), Value::Map(base)) => {
            for (key, value) in map.iter() {
                let inner: Vec<&Value> = kept.iter().filter_map(|kept| kept.get(key)).collect();
                match base.get_mut(key) {
                    _ if inner.is_empty() => drop(base.remove(key)),
                    Some(base) => prune(base, value, &inner, cursor.enter(key)),
                    None => {}
                }
            }
        }
        (Shape::Keyed(keys), Value::List(items), Value::List(base)) => {
            for item in items {
                let key = item_key(item, keys);
                let inner: Vec<&Value> = kept.iter().filter_map(|kept| item_of(kept, keys, &key)).collect();
                match position(base, keys, &key) {
                    Some(index) if inner.is_empty() => drop(base.remove(index)),
                    Some(index) => prune(&mut base[index], item, &inner, cursor),
                    None => {}
                }
            }
        }
        (Shape::Set, Value::List(items), Value::List(base)) => {
            base.retain(|item| !items.contains(item) || kept.iter().any(|kept| holds_item(kept, item)));
        }
        _ => {}
    }
}

/// Call `visit` for every field that `wanted` sets, `owned` has, and `live` has with another value.
pub(super) fn contested(
    wanted: &Value,
    live: &Value,
    owned: &Value,
    at: (Cursor<'_>, &FieldPath),
    visit: &mut impl FnMut(FieldPath),
) {
    let (cursor, path) = at;
    match (cursor.shape(wanted), wanted, owned) {
        (Shape::Granular, Value::Map(map), Value::Map(owned)) => {
            for (key, value) in map.iter() {
                let (Some(owned), live) = (owned.get(key), live.get(key).unwrap_or(&Value::Null)) else { continue };
                contested(value, live, owned, (cursor.enter(key), &path.child(Segment::Key(key.clone()))), visit);
            }
        }
        (Shape::Keyed(keys), Value::List(items), Value::List(_)) => {
            for item in items {
                let key = item_key(item, keys);
                let (Some(owned), live) = (item_of(owned, keys, &key), item_of(live, keys, &key).unwrap_or(&Value::Null)) else {
                    continue;
                };
                contested(item, live, owned, (cursor, &path.child(Segment::Item(key))), visit);
            }
        }
        (Shape::Set, _, _) => {}
        _ if wanted != live => visit(path.clone()),
        _ => {}
    }
}

/// Call `visit` for every field that `document` sets.
pub(super) fn leaves(document: &Value, cursor: Cursor<'_>, path: &FieldPath, visit: &mut impl FnMut(FieldPath)) {
    match (cursor.shape(document), document) {
        (Shape::Granular, Value::Map(map)) if !map.is_empty() => {
            for (key, value) in map.iter() {
                leaves(value, cursor.enter(key), &path.child(Segment::Key(key.clone())), visit);
            }
        }
        (Shape::Keyed(keys), Value::List(items)) if !items.is_empty() => {
            for item in items {
                leaves(item, cursor, &path.child(Segment::Item(item_key(item, keys))), visit);
            }
        }
        _ => visit(path.clone()),
    }
}

/// The part of `after` that differs from `before`, with the keys that tell its list items apart.
pub(super) fn difference(before: Option<&Value>, after: &Value, cursor: Cursor<'_>) -> Option<Value> {
    if before == Some(after) {
        return None;
    }
    match (cursor.shape(after), after) {
        (Shape::Granular, Value::Map(map)) if !map.is_empty() => {
            let changed: Map = map
                .iter()
                .filter_map(|(key, value)| {
                    let before = before.and_then(|before| before.get(key));
                    difference(before, value, cursor.enter(key)).map(|value| (key.clone(), value))
                })
                .collect();
            (!changed.is_empty()).then_some(Value::Map(changed))
        }
        (Shape::Keyed(keys), Value::List(items)) => {
            let changed: Vec<Value> = items.iter().filter_map(|item| changed_item(before, item, keys, cursor)).collect();
            (!changed.is_empty()).then_some(Value::List(changed))
        }
        (Shape::Set, Value::List(items)) => {
            let new = items.iter().filter(|item| !before.is_some_and(|before| holds_item(before, item)));
            let new: Vec<Value> = new.cloned().collect();
            (!new.is_empty()).then_some(Value::List(new))
        }
        _ => Some(after.clone()),
    }
}

fn changed_item(before: Option<&Value>, item: &Value, keys: &[&str], cursor: Cursor<'_>) -> Option<Value> {
    let before = before.and_then(|before| item_of(before, keys, &item_key(item, keys)));
    let mut changed = difference(before, item, cursor)?;
    for key in keys {
        if let Some(value) = item.get(key) {
            changed.set(&[key], value.clone());
        }
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn leaves_stop_at_atomic_fields_and_name_list_items_by_their_keys() {
        let document = value(r#"{"spec":{"selector":{"a":"b"},"containers":[{"name":"web","args":["x","y"]}]}}"#);
        let mut paths = Vec::new();
        leaves(&document, Cursor::ROOT, &FieldPath::ROOT, &mut |path| paths.push(path.to_string()));
        assert_eq!(paths, ["spec.containers[name=web].args", "spec.containers[name=web].name", "spec.selector"]);
    }

    #[test]
    fn a_difference_keeps_what_tells_its_items_apart() {
        let before = value(r#"{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}"#);
        let after = value(r#"{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}"#);
        let expected = value(r#"{"spec":{"containers":[{"name":"b","image":"2"}]}}"#);
        assert_eq!(difference(Some(&before), &after, Cursor::ROOT), Some(expected));
        assert_eq!(difference(Some(&before), &before, Cursor::ROOT), None);
    }
}
