//! The paths of a KV version 2 mount. What marks a role is an entry without any version, and is kept with the role as soon as that is there.

use super::{Served, errors, listed, no_route, nothing, unsupported, with_data, writes};
use crate::kernel::Document;
use crate::server::{Answer, Question};
use crate::vault::{Entry, Refusal, Vault};
use model::operation::Mark;
use model::time::rfc3339;
use model::value::Text;
use model::{Kind, Timestamp, Value, mark_in_vault};
use std::collections::BTreeMap;

fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// What is asked of an entry that was never written is done already.
fn changed(result: Result<(), Refusal>) -> Served {
    match result {
        Ok(()) | Err(Refusal::NeverWritten) => Ok(nothing()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The custom metadata of an entry; `null` where nobody ever wrote any.
fn custom(mark: Option<&Mark>, others: &BTreeMap<String, String>) -> Value {
    let mut all = others.clone();
    mark.iter().for_each(|mark| mark_in_vault::put(&mut all, mark));
    if all.is_empty() {
        return Value::Null;
    }
    Value::Map(all.into_iter().map(|(key, text)| (Text::from(key), Value::from(text))).collect())
}

/// The latest version, as it stands beside the data.
fn version(entry: &Entry) -> Value {
    let mut shown = Value::EMPTY_MAP;
    shown.set(&["created_time"], rfc3339(entry.written));
    shown.set(&["custom_metadata"], custom(entry.mark.as_ref(), &entry.custom));
    shown.set(&["deletion_time"], entry.deleted.map(rfc3339).unwrap_or_default());
    shown.set(&["destroyed"], entry.data.is_none());
    shown.set(&["version"], number(entry.version));
    shown
}

fn metadata(entry: &Entry) -> Value {
    let mut shown = Value::EMPTY_MAP;
    shown.set(&["cas_required"], entry.cas_required);
    shown.set(&["current_version"], number(entry.version));
    shown.set(&["custom_metadata"], custom(entry.mark.as_ref(), &entry.custom));
    shown.set(&["delete_version_after"], "0s");
    shown.set(&["max_versions"], 0);
    shown.set(&["updated_time"], rfc3339(entry.written));
    shown.set(&["versions"], Value::EMPTY_MAP);
    if entry.version > 0 {
        let (number, mut latest) = (entry.version.to_string(), version(entry));
        latest.remove(&["custom_metadata"]);
        latest.remove(&["version"]);
        shown.set(&["versions", &number], latest);
    }
    shown
}

impl Vault {
    pub(super) fn serve_entry(&mut self, mount: &str, rest: &[&str], question: &Question, now: Timestamp) -> Served {
        let [face, rest @ ..] = rest else { return Err(Refusal::NoMount(format!("{mount}/")).into()) };
        if self.mounts.get(mount).is_none() {
            return Err(no_route(&[&[mount, face], rest].concat(), question));
        }
        let path = [&[mount], rest].concat().join("/");
        let served = match (question.method.as_str(), *face) {
            ("GET", "data") => return self.read_entry(&path),
            ("GET", "metadata") => return self.read_metadata(&path),
            ("LIST", "metadata") => return self.list_entries(&path),
            ("POST" | "PUT", "data") => self.write_entry(&path, &question.body, now),
            ("DELETE", "data") => changed(self.delete_latest(&path, now)),
            (_, "undelete") if writes(question) => changed(self.write_metadata(&path, |entry| entry.deleted = None)),
            (_, "destroy") if writes(question) => changed(self.destroy_latest(&path)),
            (_, "metadata") if writes(question) => self.put_metadata(&path, &question.body, now),
            ("DELETE", "metadata") => self.remove_entry(&path),
            _ => return Err(unsupported()),
        };
        // Only metadata are no entry yet.
        if served.is_ok() && (*face, question.method.as_str()) != ("metadata", "POST") {
            self.touch(Kind::Kv, &path);
        }
        served
    }

    fn read_entry(&mut self, path: &str) -> Served {
        let reading = match self.read(path) {
            Ok(reading) => reading,
            Err(Refusal::Gone { .. }) => {
                let mut data = Value::EMPTY_MAP;
                data.set(&["data"], Value::Null);
                data.set(&["metadata"], self.entry(path).map(version).unwrap_or_default());
                return Err(Answer { status: 404, ..with_data(data) });
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let mut data = Value::EMPTY_MAP;
        let written = reading.data.value();
        data.set(&["data"], written.get("data").cloned().unwrap_or_else(|| (**written).clone()));
        data.set(&["metadata"], self.entry(path).map(version).unwrap_or_default());
        self.remember_read(path);
        Ok(with_data(data))
    }

    fn write_entry(&mut self, path: &str, body: &Value, now: Timestamp) -> Served {
        let Some(data) = body.get("data") else { return Err(errors(400, &["no data provided"])) };
        let cas = body.integer_at(&["options", "cas"]).and_then(|cas| u64::try_from(cas).ok());
        let mut document = Value::EMPTY_MAP;
        document.set(&["data"], data.clone());
        self.write(path, Document::from(document), cas, now)?;
        Ok(with_data(self.entry(path).map(version).unwrap_or_default()))
    }

    /// The role whose mark would be kept at `path`.
    fn role_marked_at(path: &str) -> Option<&str> {
        mark_in_vault::role_at(path.split_once('/')?.1)
    }

    fn read_metadata(&self, path: &str) -> Served {
        self.stored(false)?;
        let role = Self::role_marked_at(path).and_then(|role| self.auth_roles.get(role));
        if let Some(mark) = role.and_then(|kept| kept.mark.clone()) {
            let entry = Entry { mark: Some(mark), ..Entry::unwritten(Timestamp(0)) };
            return Ok(with_data(metadata(&entry)));
        }
        Ok(with_data(metadata(self.entry(path).ok_or(Refusal::NeverWritten)?)))
    }

    /// Custom metadata are replaced as a whole.
    fn put_metadata(&mut self, path: &str, body: &Value, now: Timestamp) -> Served {
        let required = body.at(&["cas_required"]).and_then(Value::as_bool);
        let text = |(key, value): (&Text, &Value)| Some((key.to_string(), value.as_str()?.to_owned()));
        let written = body.get("custom_metadata").and_then(Value::as_map);
        let written: Option<BTreeMap<String, String>> = written.map(|map| map.iter().filter_map(text).collect());
        let mark = written.as_ref().and_then(mark_in_vault::read);
        self.ensure_entry(path, now)?;
        self.write_metadata(path, |entry| {
            entry.cas_required = required.unwrap_or(entry.cas_required);
            if let Some(written) = written {
                (entry.custom, entry.mark) = (mark_in_vault::of_others(written), mark.clone());
            }
        })?;
        if let Some(role) = Self::role_marked_at(path) {
            self.auth_roles.set_mark(role, mark);
        }
        Ok(nothing())
    }

    fn remove_entry(&mut self, path: &str) -> Served {
        self.delete_metadata(path)?;
        if let Some(role) = Self::role_marked_at(path) {
            self.auth_roles.set_mark(role, None);
        }
        Ok(nothing())
    }

    fn list_entries(&self, below: &str) -> Served {
        self.stored(false)?;
        let prefix = format!("{below}/");
        let mut keys: Vec<String> = Vec::new();
        for path in self.entries.keys().filter_map(|path| path.strip_prefix(&prefix)) {
            let key = path.split_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/"));
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
        listed(&keys.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
