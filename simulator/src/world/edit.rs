//! Changes by hand, as somebody makes them with `kubectl edit` or in another tool: past the engine, and without its mark.

use super::World;
use crate::agents::Change;
use crate::kubernetes::{EDITOR, Key};
use model::operation::OperationError;
use model::{Address, System, Value};

/// One change by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put a value at the end of a path of keys; what is missing on the way is made.
    Set {
        /// The keys.
        path: Vec<String>,
        /// The value.
        value: Value,
    },
    /// Take away what stands at the end of a path of keys.
    Remove {
        /// The keys.
        path: Vec<String>,
    },
    /// Delete the object.
    Delete,
    /// Make an object that nobody of ours knows.
    Create {
        /// What it is.
        document: Value,
    },
}

/// A change by hand that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is nothing to change.
    #[error("{0} is not there")]
    Missing(Address),
    /// It is there already.
    #[error("{0} is there already")]
    Present(Address),
    /// The object has nothing at that path.
    #[error("{address} has nothing at {}", .path.join("."))]
    NoSuchField {
        /// Which object.
        address: Address,
        /// The path.
        path: Vec<String>,
    },
    /// The system does not let it through.
    #[error("{address} cannot be edited")]
    System {
        /// Which object.
        address: Address,
        /// What the system says.
        source: OperationError,
    },
}

impl World {
    /// Change an object by hand.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn edit(&mut self, address: &Address, edit: &Edit) -> Result<(), EditError> {
        self.editable(address, edit)?;
        self.catch_up();
        let now = self.kernel.now();
        let mut change = |value: &mut Value| match edit {
            Edit::Set { path, value: wanted } => set(value, path, wanted.clone()),
            Edit::Remove { path } => remove(value, path),
            Edit::Create { document } => *value = document.clone(),
            Edit::Delete => {}
        };
        let change: Option<&mut dyn FnMut(&mut Value)> = if *edit == Edit::Delete { None } else { Some(&mut change) };
        let edited = match address.system() {
            System::Cluster(name) => self.edit_in_cluster(&name, address, change),
            _ => self.stores.edit(address, change, now),
        };
        edited.map_err(|source| EditError::System { address: address.clone(), source })?;
        self.kernel.note(&format!("edit {address} {edit:?}"));
        self.touched.insert(address.clone());
        self.stores_changed(Change::of(address));
        self.settle_traffic();
        Ok(())
    }

    fn edit_in_cluster(
        &mut self,
        name: &str,
        address: &Address,
        change: Option<&mut dyn FnMut(&mut Value)>,
    ) -> Result<(), OperationError> {
        let key = Key::new(address.kind(), address.key());
        let edited = self.in_cluster(name, |cluster, context| match change {
            Some(change) => cluster.edit(&key, EDITOR, change, context),
            None => cluster.remove(&key, context),
        });
        edited.unwrap_or_else(|| Err(OperationError::Unreachable(format!("cluster {name} is not in this world"))))
    }

    fn editable(&self, address: &Address, edit: &Edit) -> Result<(), EditError> {
        let present = self.find(address).map_err(|gap| {
            let source = OperationError::Unreachable(gap.to_string());
            EditError::System { address: address.clone(), source }
        })?;
        match (edit, present) {
            (Edit::Create { .. }, Some(_)) => Err(EditError::Present(address.clone())),
            (Edit::Create { .. }, None) => Ok(()),
            (_, None) => Err(EditError::Missing(address.clone())),
            (Edit::Remove { path }, Some(observed)) if at(&observed.document, path).is_none() => {
                Err(EditError::NoSuchField { address: address.clone(), path: path.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Deepest that a field may lie: half of what `serde_json` reads back out of the world.
pub const DEEPEST: usize = 64;

/// The keys of `metadata.labels["app.kubernetes.io/name"]`: joined by dots, in brackets and quotes where a key has dots itself. Nothing
/// if it is no path.
pub fn field_path(text: &str) -> Option<Vec<String>> {
    let (mut keys, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix("[\"") {
            Some(quoted) => quoted.split_once("\"]")?,
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if key.is_empty() {
            return None;
        }
        keys.push(key.to_owned());
        rest = match after.strip_prefix('.') {
            Some("") => return None,
            Some(more) => more,
            None if after.is_empty() || after.starts_with("[\"") => after,
            None => return None,
        };
    }
    (1..=DEEPEST).contains(&keys.len()).then_some(keys)
}

/// What stands at the end of a path of keys. An item of a list is known by its `name`, as lists of containers, volumes and ports are merged.
pub fn at<'a>(document: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, key| match value {
        Value::List(items) => items.iter().find(|item| is_named(item, key)),
        value => value.get(key),
    })
}

fn is_named(item: &Value, name: &str) -> bool {
    item.str_at(&["name"]) == Some(name)
}

fn set(document: &mut Value, path: &[String], wanted: Value) {
    let slot = path.iter().fold(document, |value, key| {
        let item = value.as_list().and_then(|items| items.iter().position(|item| is_named(item, key)));
        match (value, item) {
            (Value::List(items), Some(index)) => &mut items[index],
            (value, _) => value.make_map().entry(key),
        }
    });
    *slot = wanted;
}

fn remove(document: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    let parent = parents.iter().try_fold(document, |value, key| match value {
        Value::List(items) => items.iter_mut().find(|item| is_named(item, key)),
        Value::Map(map) => map.get_mut(key),
        _ => None,
    });
    match parent {
        Some(Value::List(items)) => items.retain(|item| !is_named(item, last)),
        Some(Value::Map(map)) => drop(map.remove(last)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_a_list_is_known_by_its_name() {
        let mut document: Value = serde_json::from_str(r#"{"ports":[{"name":"a","port":1},{"name":"b","port":2}]}"#).unwrap();
        let path = |text: &str| field_path(text).unwrap();
        assert_eq!(at(&document, &path("ports.b.port")), Some(&2_i64.into()));
        set(&mut document, &path("ports.b.port"), 3_i64.into());
        remove(&mut document, &path("ports.a"));
        assert_eq!(serde_json::to_string(&document).unwrap(), r#"{"ports":[{"name":"b","port":3}]}"#);
        assert_eq!(at(&document, &path("ports.a")), None);
    }
}
