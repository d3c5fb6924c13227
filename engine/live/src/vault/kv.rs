//! Entries of a KV version 2 mount. The mark is written before the data: a run that is cut off in between leaves what is known to be ours.

use super::client::Vault;
use super::refusal::Trouble;
use crate::judge::{self, Asked, Decision, Left, Present, receipt};
use crate::plain::{Plain, render};
use crate::secret::Fetched;
use model::observation::Observed;
use model::operation::{Expectation, Mark, OperationError, Receipt};
use model::value::Text;
use model::{Address, Map, Value, mark_in_vault as marks};
use std::collections::BTreeMap;
use std::sync::Arc;
use vaultrs::api::kv2::requests::{
    DeleteSecretMetadataRequest, ReadSecretRequest, SetSecretMetadataRequest, SetSecretRequest, SetSecretRequestOptions,
};

/// An entry as it is there.
pub(super) struct Entry {
    /// The latest version; nothing was ever written if it is 0.
    latest: u64,
    /// The latest version, if it can be read.
    data: Option<serde_json::Value>,
    metadata: BTreeMap<String, String>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.data.iter_mut().for_each(crate::plain::wipe);
    }
}

/// `acme/shop/x` is the entry `shop/x` of the mount `acme`.
fn parts(address: &Address) -> Result<(String, String), OperationError> {
    let (mount, path) = address.key().split_once('/').unwrap_or_default();
    if path.is_empty() || marks::is_a_mark(path) {
        return Err(OperationError::Refused(format!("{address} names no entry of a mount")));
    }
    Ok((mount.to_owned(), path.to_owned()))
}

impl Vault {
    /// An entry; its latest version and metadata are known even if it was deleted.
    pub(super) async fn entry(&self, mount: &str, path: &str) -> Result<Entry, Trouble> {
        let request = ReadSecretRequest { mount: mount.to_owned(), path: path.to_owned(), version: None };
        let body = match self.ask(&request).await {
            Ok(body) => zeroize::Zeroizing::new(body),
            Err(Trouble::Refusal(refusal)) if refusal.is_nothing() => {
                let metadata = refusal.custom_metadata.clone().unwrap_or_default();
                return Ok(Entry { latest: refusal.latest.unwrap_or(0), data: None, metadata });
            }
            Err(trouble) => return Err(trouble),
        };
        self.read_entry(&body)
    }

    fn read_entry(&self, body: &[u8]) -> Result<Entry, Trouble> {
        let mut tree: serde_json::Value = match serde_json::from_slice(body) {
            Ok(tree) => tree,
            Err(_) => return Err(self.parsed(body).err().unwrap_or_else(|| Trouble::Nonsense(String::new()))),
        };
        let metadata = &tree["data"]["metadata"];
        let latest = metadata["version"].as_u64().unwrap_or(0);
        let custom = metadata["custom_metadata"].as_object();
        let text = |(key, value): (&String, &serde_json::Value)| Some((key.clone(), value.as_str()?.to_owned()));
        let metadata = custom.map(|map| map.iter().filter_map(text).collect()).unwrap_or_default();
        let data = Some(tree["data"]["data"].take()).filter(|data| !data.is_null());
        Ok(Entry { latest, data, metadata })
    }

    /// Bring an entry to a document.
    pub(super) async fn apply_entry(
        &self,
        asked: &Asked<'_>,
        document: &Value,
        fetched: &mut Fetched<'_>,
    ) -> Result<Receipt, OperationError> {
        let (mount, path) = parts(asked.address)?;
        let entry = self.entry(&mount, &path).await.map_err(|trouble| self.told(trouble))?;
        let data = wanted_data(document, entry.data.as_ref(), fetched);
        match judge::apply(asked, entry.present(Some(&data.0)).as_ref())? {
            Decision::Done(version) => Ok(receipt(Some(version), false)),
            Decision::Write => self.put_entry(&mount, &path, &entry, data, asked.mark).await,
        }
    }

    async fn put_entry(
        &self,
        mount: &str,
        path: &str,
        entry: &Entry,
        mut data: Plain,
        mark: &Mark,
    ) -> Result<Receipt, OperationError> {
        let mut metadata = entry.metadata.clone();
        marks::put(&mut metadata, mark);
        self.write_metadata(mount, path, metadata).await?;
        // What was deleted still counts: the next version comes after it.
        let cas = u32::try_from(entry.latest).unwrap_or(u32::MAX);
        let mut request = SetSecretRequest {
            mount: mount.to_owned(),
            path: path.to_owned(),
            data: data.0.take(),
            options: Some(SetSecretRequestOptions { cas }),
        };
        let written = self.data(&request).await;
        crate::plain::wipe(&mut request.data);
        let version = written.map_err(|trouble| self.overtaken(trouble, entry))?.integer_at(&["version"]);
        Ok(receipt(version.map(|version| Text::from(version.to_string())), true))
    }

    /// Somebody was quicker: then what was expected is no longer there.
    fn overtaken(&self, trouble: Trouble, entry: &Entry) -> OperationError {
        if trouble.refusal().is_some_and(super::refusal::Refusal::is_check_and_set) {
            return OperationError::Stale { expected: format!("version {}", entry.latest), found: "a later version".to_owned() };
        }
        self.told(trouble)
    }

    pub(super) async fn write_metadata(
        &self,
        mount: &str,
        path: &str,
        metadata: BTreeMap<String, String>,
    ) -> Result<(), OperationError> {
        let request = SetSecretMetadataRequest {
            mount: mount.to_owned(),
            path: path.to_owned(),
            custom_metadata: Some(metadata.into_iter().collect()),
            ..SetSecretMetadataRequest::default()
        };
        self.ask(&request).await.map(drop).map_err(|trouble| self.told(trouble))
    }

    pub(super) async fn delete_metadata(&self, mount: &str, path: &str) -> Result<(), OperationError> {
        let request = DeleteSecretMetadataRequest { mount: mount.to_owned(), path: path.to_owned() };
        match self.ask(&request).await {
            Ok(_) => Ok(()),
            Err(Trouble::Refusal(refusal)) if refusal.is_nothing() || refusal.is_no_mount() => Ok(()),
            Err(trouble) => Err(self.told(trouble)),
        }
    }

    /// Take an entry away, with its metadata and all its versions.
    pub(super) async fn delete_entry(&self, address: &Address, expected: &Expectation) -> Result<Receipt, OperationError> {
        let (mount, path) = parts(address)?;
        let entry = self.entry(&mount, &path).await.map_err(|trouble| self.told(trouble))?;
        let changed = judge::delete(address, expected, entry.present(None).as_ref())?;
        if changed {
            self.delete_metadata(&mount, &path).await?;
        }
        Ok(receipt(None, changed))
    }

    /// Write the entry at its new path, and take the old one away.
    pub(super) async fn move_entry(
        &self,
        from: &Address,
        asked: &Asked<'_>,
        document: &Value,
        fetched: &mut Fetched<'_>,
    ) -> Result<Receipt, OperationError> {
        let (mount, path) = parts(from)?;
        let (new_mount, new_path) = parts(asked.address)?;
        let source = self.entry(&mount, &path).await.map_err(|trouble| self.told(trouble))?;
        let target = self.entry(&new_mount, &new_path).await.map_err(|trouble| self.told(trouble))?;
        let data = wanted_data(document, source.data.as_ref(), fetched);
        let (old, new) = (source.present(None), target.present(Some(&data.0)));
        let receipt = match judge::rewrite(from, asked, old.as_ref(), new.as_ref())? {
            Left::Nothing(version) => return Ok(receipt(Some(version), false)),
            Left::Second(version) => receipt(Some(version), true),
            Left::Both => self.put_entry(&new_mount, &new_path, &target, data, asked.mark).await?,
        };
        self.delete_metadata(&mount, &path).await?;
        Ok(receipt)
    }

    /// An entry as the engine sees it; nothing if its latest version cannot be read.
    pub(super) async fn observe_entry(&self, address: &Address) -> Result<Option<Observed>, Trouble> {
        let Ok((mount, path)) = parts(address) else { return Ok(None) };
        let entry = self.entry(&mount, &path).await?;
        let Some(data) = &entry.data else { return Ok(None) };
        let text = zeroize::Zeroizing::new(serde_json::to_vec(data).unwrap_or_default());
        let seen = self.parsed(&text)?;
        let wanted = self.wanted.document(address).and_then(|document| document.get("data"));
        let mut document = Map::EMPTY;
        document.insert("data", self.secrets.masked(wanted, &seen));
        let (version, mark) = (Text::from(entry.latest.to_string()), marks::read(&entry.metadata));
        Ok(Some(Observed::marked(Arc::new(Value::Map(document)), version, mark.as_ref())))
    }
}

/// The data of the document, with its secrets.
fn wanted_data(document: &Value, present: Option<&serde_json::Value>, fetched: &mut Fetched<'_>) -> Plain {
    Plain(document.get("data").map_or(serde_json::Value::Null, |data| render(data, present, fetched)))
}

impl Entry {
    /// It as the rules see it: only a version that can be read is there.
    fn present(&self, wanted: Option<&serde_json::Value>) -> Option<Present> {
        let data = self.data.as_ref()?;
        Some(Present {
            mark: marks::read(&self.metadata),
            version: Text::from(self.latest.to_string()),
            same: wanted == Some(data),
        })
    }

    /// One field, as text.
    pub(super) fn field(&self, field: &str) -> Option<Vec<u8>> {
        match self.data.as_ref()?.get(field)? {
            serde_json::Value::String(text) => Some(text.as_bytes().to_vec()),
            other => Some(other.to_string().into_bytes()),
        }
    }
}
