//! Vault (HashiCorp's, and OpenBao): KV version 2, mounts, policies, auth methods and their roles.
//!
//! * `client`: requests, and a session that logs in and renews; `login`: how a token is come by; `refusal`: what other answers mean;
//! * `kv`: entries; `objects`: everything else; whose a thing is says `model::mark_in_vault`;
//! * here: looking at all of a kind, and steps.

pub(crate) mod client;
#[cfg(test)]
mod interrupted;
mod kv;
pub(crate) mod login;
mod objects;
pub(crate) mod refusal;
#[cfg(test)]
mod tests;

use crate::judge::{self, Asked, Decision, Left, Present, receipt};
use crate::secret::Fetched;
use client::Vault;
use futures::{StreamExt, TryStreamExt, stream};
use model::observation::{Gap, Listing, Objects, Observed};
use model::operation::{Expectation, Operation, OperationError, Receipt};
use model::{Address, Kind, SecretReference, System, Value, mark_in_vault as marks};
use port::Secret;
use refusal::Trouble;
use std::collections::BTreeMap;
use std::sync::Arc;
use vaultrs::api::kv2::requests::ListSecretsRequest;
use vaultrs::api::sys::requests::{ReadHealthRequest, RemountRequest};

/// Entries that are read at a time: Vault has no request for several.
const AT_A_TIME: usize = 16;

impl Vault {
    /// What tells this Vault from every other. It is asked for with its health, which a standby tells as well; that proves nothing about
    /// whether it can serve.
    ///
    /// # Errors
    /// The gap, if nobody answers, or only to say that it cannot serve.
    pub(crate) async fn identity(&self) -> Result<String, Gap> {
        let id = match self.send_with(&ReadHealthRequest::default(), None).await {
            Ok(body) => {
                let health = self.parsed(&body).map_err(|trouble| trouble.into_gap(self.server()))?;
                health.str_at(&["cluster_id"]).map(ToOwned::to_owned)
            }
            Err(Trouble::Refusal(refusal)) if refusal.cluster_id.is_some() => refusal.cluster_id,
            Err(trouble) => return Err(self.health_gap(trouble)),
        };
        id.filter(|id| !id.is_empty()).ok_or_else(|| Gap::Unavailable(format!("{} does not say who it is", self.server())))
    }

    fn health_gap(&self, trouble: Trouble) -> Gap {
        self.locked(&trouble).map_or_else(|| trouble.into_gap(self.server()), Gap::Unavailable)
    }

    /// Why nobody can log in, if that is so. Nobody has to be logged in to ask.
    async fn is_locked(&self) -> Option<String> {
        let trouble = self.send_with(&ReadHealthRequest::default(), None).await.err()?;
        self.locked(&trouble)
    }

    /// `sys/health` answers without words: 501 is not initialised, 503 sealed. A proxy says 503 as well, and not in Vault's form.
    fn locked(&self, trouble: &Trouble) -> Option<String> {
        let server = self.server();
        match trouble.refusal().filter(|refusal| refusal.is_vaults_own())?.status {
            501 => Some(format!("{server} is not initialised: `vault operator init` does that once")),
            503 => Some(format!("{server} is sealed: whoever holds its keys has to unseal it")),
            _ => None,
        }
    }

    /// All things of a kind.
    pub(crate) async fn list(&self, kind: Kind) -> Listing {
        let listed = match kind {
            Kind::Kv => self.entries().await,
            kind => self.things(kind).await.map(|things| {
                let one = |(key, thing): (String, objects::Thing)| {
                    let version = thing.version();
                    (
                        Address::new(&System::Vault, kind, &key),
                        Observed::marked(Arc::new(thing.document), version, thing.mark.as_ref()),
                    )
                };
                things.into_iter().map(one).collect()
            }),
        };
        match listed {
            Ok(objects) => Listing::Complete(objects),
            Err(trouble) => Listing::Unknown(trouble.into_gap(self.server())),
        }
    }

    /// The entries of the mounts that are the platform's, or that it wants.
    async fn entries(&self) -> Result<Objects, Trouble> {
        let mounts = self.things(Kind::Mount).await?;
        let is_kv = |thing: &objects::Thing| {
            thing.document.str_at(&["type"]) == Some("kv") && thing.document.str_at(&["options", "version"]) == Some("2")
        };
        let mounts = mounts.iter().filter(|(name, thing)| is_kv(thing) && self.is_ours(Kind::Mount, name, thing));
        let mut paths = Vec::new();
        for (mount, _) in mounts {
            self.paths(mount, &mut paths).await?;
        }
        let entries = stream::iter(paths).map(async |address| {
            let observed = self.observe_entry(&address).await?;
            Ok(observed.map(|observed| (address, observed)))
        });
        let entries: Vec<Option<(Address, Observed)>> = entries.buffer_unordered(AT_A_TIME).try_collect().await?;
        Ok(entries.into_iter().flatten().collect())
    }

    /// Addresses of all entries of a mount, folder by folder.
    async fn paths(&self, mount: &str, addresses: &mut Vec<Address>) -> Result<(), Trouble> {
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let listed = match self.data(&ListSecretsRequest { mount: mount.to_owned(), path: folder.clone() }).await {
                Ok(listed) => listed,
                Err(Trouble::Refusal(refusal)) if refusal.is_nothing() => continue,
                Err(trouble) => return Err(trouble),
            };
            for key in listed.get("keys").and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
                let path = format!("{folder}{key}");
                if marks::is_a_mark(&path) {
                    continue;
                }
                if key.ends_with('/') {
                    folders.push(path);
                } else {
                    addresses.push(Address::new(&System::Vault, Kind::Kv, &format!("{mount}/{path}")));
                }
            }
        }
        Ok(())
    }

    /// Carry out one operation. `secrets` are those that its document refers to.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn execute(
        &self,
        operation: &Operation,
        secrets: BTreeMap<SecretReference, Secret>,
    ) -> Result<Receipt, OperationError> {
        let mut fetched = Fetched { secrets: &self.secrets, by_reference: secrets };
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let asked = Asked { address, mark, expected, force: *force };
                match address.kind() {
                    Kind::Kv => self.apply_entry(&asked, document, &mut fetched).await,
                    _ => self.apply_thing(&asked, document).await,
                }
            }
            Operation::Delete { address, expected, .. } if address.kind() == Kind::Kv => {
                self.delete_entry(address, expected).await
            }
            Operation::Delete { address, expected, .. } => {
                let there = self.thing(address).await.map_err(|trouble| self.told(trouble))?;
                let changed = judge::delete(address, expected, there.map(|thing| thing.present(None)).as_ref())?;
                if changed {
                    self.delete_thing(address).await?;
                } else {
                    self.delete_mark(address).await?;
                }
                Ok(receipt(None, changed))
            }
            Operation::Move { from, to, document, mark, expected } => {
                let asked = Asked { address: to, mark, expected, force: false };
                match to.kind() {
                    Kind::Kv => self.move_entry(from, &asked, document, &mut fetched).await,
                    _ => self.move_thing(from, &asked, document).await,
                }
            }
        }
    }

    async fn apply_thing(&self, asked: &Asked<'_>, document: &Value) -> Result<Receipt, OperationError> {
        let there = self.thing(asked.address).await.map_err(|trouble| self.told(trouble))?;
        let present = there.as_ref().map(|thing| thing.present(Some(document)));
        let is_begun = there.as_ref().is_some_and(|there| there.is_begun(asked, document));
        if !is_begun && let Decision::Done(version) = judge::apply(asked, present.as_ref())? {
            return Ok(receipt(Some(version), false));
        }
        self.put_thing(asked.address, document, asked.mark, there.is_none()).await?;
        self.written(asked.address).await
    }

    /// The version of what was just written.
    async fn written(&self, address: &Address) -> Result<Receipt, OperationError> {
        let there = self.thing(address).await.map_err(|trouble| self.told(trouble))?;
        Ok(receipt(there.map(|thing| thing.version()), true))
    }

    /// A mount and an auth method move with all that is in them; a policy and a role are written anew.
    async fn move_thing(&self, from: &Address, asked: &Asked<'_>, document: &Value) -> Result<Receipt, OperationError> {
        let source = self.thing(from).await.map_err(|trouble| self.told(trouble))?;
        let target = self.thing(asked.address).await.map_err(|trouble| self.told(trouble))?;
        let (old, new) = (source.map(|thing| thing.present(None)), target.map(|thing| thing.present(Some(document))));
        match asked.address.kind() {
            Kind::Mount => self.remount(from, asked, document, "", old, new).await,
            Kind::AuthMethod => self.remount(from, asked, document, "auth/", old, new).await,
            _ => self.rewrite(from, asked, document, old, new).await,
        }
    }

    async fn remount(
        &self,
        from: &Address,
        asked: &Asked<'_>,
        document: &Value,
        prefix: &str,
        old: Option<Present>,
        new: Option<Present>,
    ) -> Result<Receipt, OperationError> {
        if !is_carried_over(asked, old.as_ref(), new.as_ref()) {
            if let Decision::Done(version) = judge::rename(from, asked, old.as_ref(), new.as_ref())? {
                return Ok(receipt(Some(version), false));
            }
            // What is to be written there is asked for first: nothing is moved that could then not be written.
            self.full_config(document).await?;
            let path = |address: &Address| format!("{prefix}{}", address.key());
            let request = RemountRequest { from: path(from), to: path(asked.address) };
            self.ask(&request).await.map_err(|trouble| self.told(trouble))?;
        }
        self.put_thing(asked.address, document, asked.mark, false).await?;
        self.written(asked.address).await
    }

    async fn rewrite(
        &self,
        from: &Address,
        asked: &Asked<'_>,
        document: &Value,
        old: Option<Present>,
        new: Option<Present>,
    ) -> Result<Receipt, OperationError> {
        match judge::rewrite(from, asked, old.as_ref(), new.as_ref())? {
            Left::Nothing(version) => {
                self.delete_mark(from).await?;
                return Ok(receipt(Some(version), false));
            }
            Left::Second(_) => {}
            Left::Both => self.put_thing(asked.address, document, asked.mark, true).await?,
        }
        self.delete_thing(from).await?;
        self.written(asked.address).await
    }

    /// A field of an entry.
    ///
    /// # Errors
    /// `NotYet` if it is not there.
    pub(crate) async fn secret_field(&self, path: &str, field: &str) -> Result<Secret, OperationError> {
        let (mount, inside) = path.split_once('/').unwrap_or_default();
        let entry = self.entry(mount, inside).await.map_err(|trouble| self.told(trouble))?;
        let bytes = entry.field(field).map(Secret::of_bytes);
        bytes.ok_or_else(|| OperationError::NotYet(format!("vault/kv/{path} has no field {field} yet")))
    }
}

/// Whether a mount, or an auth method, is the one that is to be moved, and was, and not all of it is written yet that is to be.
fn is_carried_over(asked: &Asked<'_>, old: Option<&Present>, new: Option<&Present>) -> bool {
    let (None, Some(new)) = (old, new) else { return false };
    match &new.mark {
        Some(mark) if mark == asked.mark => !new.same,
        Some(mark) => mark.platform == asked.mark.platform && *asked.expected == Expectation::Version(new.version.clone()),
        None => false,
    }
}
