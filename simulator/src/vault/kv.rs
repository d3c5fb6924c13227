//! The KV version 2 engine: entries with versions, check-and-set, and the difference between deleted, destroyed and never written.

use super::{Refusal, Vault};
use crate::kernel::Document;
use model::Timestamp;
use model::operation::Mark;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry. Of its versions only the latest can be read; nothing on the platform asks for an older one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Whose it is: its custom metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What others wrote into its custom metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
    /// Number of the latest version; the first is 1. Of an entry that has only metadata it is 0.
    pub version: u64,
    /// When the latest version was written.
    pub written: Timestamp,
    /// When the latest version was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
    /// Whether every write needs a check-and-set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cas_required: bool,
    /// The latest version; nothing once it is destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Document>,
}

/// What a read gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The document.
    pub data: &'a Document,
    /// Its version.
    pub version: u64,
}

impl Entry {
    /// One that has only metadata.
    pub(super) fn unwritten(now: Timestamp) -> Self {
        Entry { mark: None, custom: BTreeMap::new(), version: 0, written: now, deleted: None, cas_required: false, data: None }
    }

    /// The latest version, if it can be read.
    pub fn live(&self) -> Option<Reading<'_>> {
        let data = self.data.as_ref().filter(|_| self.deleted.is_none())?;
        Some(Reading { data, version: self.version })
    }
}

impl Vault {
    /// Whether a KV engine is mounted for `path` (the mount first).
    fn mounted(&self, path: &str) -> Result<(), Refusal> {
        let mount = path.split('/').next().unwrap_or_default();
        if self.mounts.get(mount).is_some() { Ok(()) } else { Err(Refusal::NoMount(path.to_owned())) }
    }

    /// The entry at `path`, with whatever its metadata says; nothing if it was never written.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Paths of all entries below `prefix` that can be read.
    pub(super) fn live_entries(&self) -> impl Iterator<Item = (&Text, &Entry)> {
        self.entries.iter().filter(|(_, entry)| entry.live().is_some())
    }

    /// Read the latest version at `path`. What was read before is answered from the cache even while the storage is away.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn read(&self, path: &str) -> Result<Reading<'_>, Refusal> {
        self.serving()?;
        if !self.cached.contains(path) {
            self.stored(false)?;
        }
        self.mounted(path)?;
        let entry = self.entries.get(path).filter(|entry| entry.version > 0).ok_or(Refusal::NeverWritten)?;
        let gone = Refusal::Gone { version: entry.version, deleted: entry.deleted, destroyed: entry.data.is_none() };
        entry.live().ok_or(gone)
    }

    /// Remember that `path` was read, so that the cache can answer for it.
    pub fn remember_read(&mut self, path: &str) {
        if self.read(path).is_ok() && !self.cached.contains(path) {
            self.cached.insert(path.into(), ());
        }
    }

    /// Write a new version at `path`; gives back its number. A check-and-set of 0 asks for an entry that was never written.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn write(&mut self, path: &str, data: Document, cas: Option<u64>, now: Timestamp) -> Result<u64, Refusal> {
        self.stored(true)?;
        self.mounted(path)?;
        let present = self.entries.get(path);
        let version = present.map_or(0, |entry| entry.version);
        match cas {
            Some(expected) if expected != version => return Err(Refusal::CheckAndSet),
            None if present.is_some_and(|entry| entry.cas_required) => return Err(Refusal::CheckAndSetRequired),
            _ => {}
        }
        let present = present.cloned().unwrap_or_else(|| Entry::unwritten(now));
        let written = self.clock(now);
        let entry = Entry { version: version + 1, written, deleted: None, data: Some(data), ..present };
        self.entries.insert(path.into(), entry);
        if !self.cached.contains(path) {
            self.cached.insert(path.into(), ());
        }
        Ok(version + 1)
    }

    /// Let there be an entry at `path`, if only of metadata.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub(super) fn ensure_entry(&mut self, path: &str, now: Timestamp) -> Result<(), Refusal> {
        self.stored(true)?;
        self.mounted(path)?;
        if !self.entries.contains(path) {
            self.entries.insert(path.into(), Entry::unwritten(now));
        }
        Ok(())
    }

    /// Change the metadata of an entry.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn write_metadata(&mut self, path: &str, change: impl FnOnce(&mut Entry)) -> Result<(), Refusal> {
        self.stored(true)?;
        self.mounted(path)?;
        change(self.entries.get_mut(path).ok_or(Refusal::NeverWritten)?);
        Ok(())
    }

    /// Delete the latest version; it can be had back.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn delete_latest(&mut self, path: &str, now: Timestamp) -> Result<(), Refusal> {
        self.write_metadata(path, |entry| entry.deleted = Some(now))
    }

    /// Destroy the latest version for good; its number is still known.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn destroy_latest(&mut self, path: &str) -> Result<(), Refusal> {
        self.write_metadata(path, |entry| entry.data = None)
    }

    /// Take the entry away with its metadata and all its versions, as if it was never written. Whether it was there.
    ///
    /// # Errors
    /// What Vault answers instead.
    pub fn delete_metadata(&mut self, path: &str) -> Result<bool, Refusal> {
        self.stored(true)?;
        self.mounted(path)?;
        self.cached.remove(path);
        Ok(self.entries.remove(path).is_some())
    }
}
