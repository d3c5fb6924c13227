//! Steps carried out on a cluster: what an operation of the engine is in requests.
//!
//! What is to be made is created (`POST`), so that nothing that somebody made meanwhile is ever taken for ours. What is there is read,
//! compared with what the plan saw, and applied (server-side apply) with the version that was read: nothing slips in between. The API
//! server notes a creation as an update of ours; before the first apply that note is turned into an applied one, so that fields that
//! we no longer want go.

use super::cluster::{Cluster, Found};
use super::kinds::Api;
use super::object;
use super::refusal::Trouble;
use crate::plain::{Plain, render};
use crate::secret::Fetched;
use model::kind::Family;
use model::observation::{Observed, Owner};
use model::operation::{Expectation, Mark, OperationError, Receipt};
use model::value::Text;
use model::{Address, Kind, SecretReference, Value};
use port::Secret;
use std::collections::BTreeMap;

/// How often an object is read again because somebody (most often a controller that writes a status) was quicker.
const ROUNDS: u32 = 8;

/// A request to bring an object to a document.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) address: &'a Address,
    pub(crate) document: &'a Value,
    pub(crate) mark: &'a Mark,
    pub(crate) expected: &'a Expectation,
    pub(crate) force: bool,
}

impl Cluster {
    /// Bring an object to a document. `secrets` are those that the document refers to.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn apply(
        &self,
        wanted: Wanted<'_>,
        secrets: BTreeMap<SecretReference, Secret>,
    ) -> Result<Receipt, OperationError> {
        let api = self.api(wanted.address)?;
        let mut fetched = Fetched { secrets: &self.secrets, by_reference: secrets };
        for _ in 0..ROUNDS {
            match self.attempt(wanted, api, &mut fetched).await {
                Err(Trouble::Refusal(refusal)) if refusal.is_overtaken() => {}
                Err(trouble) => return Err(trouble.into_operation_error(self.server())),
                Ok(result) => return result,
            }
        }
        Err(restless(wanted.address))
    }

    async fn attempt(
        &self,
        wanted: Wanted<'_>,
        api: Api,
        fetched: &mut Fetched<'_>,
    ) -> Result<Result<Receipt, OperationError>, Trouble> {
        if *wanted.expected == Expectation::Absent {
            let body = self.body(wanted, api, None, fetched);
            match self.create(wanted.address, api, body).await {
                Ok(made) => return Ok(Ok(receipt(&made, true))),
                Err(Trouble::Refusal(refusal)) if refusal.is_already_there() => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let Some(found) = self.get(wanted.address, api).await? else {
            return match wanted.expected {
                Expectation::Version(_) => Ok(Err(stale(wanted.expected, None))),
                _ => {
                    let body = self.body(wanted, api, None, fetched);
                    Ok(Ok(receipt(&self.create(wanted.address, api, body).await?, true)))
                }
            };
        };
        if let Err(error) = self.judge(wanted, &found) {
            return Ok(error.map(|version| Receipt { version: Some(version), changed: false }));
        }
        self.apply_to(wanted, api, found, fetched).await.map(Ok)
    }

    async fn apply_to(&self, wanted: Wanted<'_>, api: Api, found: Found, fetched: &mut Fetched<'_>) -> Result<Receipt, Trouble> {
        let found = if found.facts.ours_by_update { self.account(wanted.address, api, &found).await? } else { found };
        let body = self.body(wanted, api, Some(&found), fetched);
        let applied = self.patch(wanted.address, api, body, wanted.force).await?;
        let changed = applied.facts.resource_version != found.facts.resource_version;
        Ok(receipt(&applied, changed))
    }

    /// Whether the document may be applied to what is there. `Err(Ok(version))` if that was done before.
    fn judge(&self, wanted: Wanted<'_>, found: &Found) -> Result<(), Result<Text, OperationError>> {
        let Wanted { address, mark, .. } = wanted;
        if found.facts.is_ending {
            return Err(Err(OperationError::NotYet(format!("{address} is being deleted"))));
        }
        let pin = found.observed.pin(Family::Kubernetes);
        let as_expected = match wanted.expected {
            Expectation::Unseen => true,
            Expectation::Absent => false,
            Expectation::Version(version) => *version == pin,
        };
        // A request whose effect is there already has succeeded: its first answer was lost.
        if !as_expected && is_written(&found.observed, mark) {
            return Err(Ok(found.facts.resource_version.clone()));
        }
        let ours = matches!(&found.observed.owner, Owner::Platform(owner) if *owner == mark.platform);
        if !ours && !wanted.force {
            return Err(Err(self.not_owned(address, &found.observed, Some(&mark.platform))));
        }
        if as_expected { Ok(()) } else { Err(Err(stale(wanted.expected, Some(&pin)))) }
    }

    fn not_owned(&self, address: &Address, observed: &Observed, platform: Option<&str>) -> OperationError {
        let whose = match &observed.owner {
            Owner::Platform(owner) => format!("; platform {owner} owns it"),
            Owner::Foreign => String::new(),
        };
        OperationError::Refused(match platform {
            Some(platform) => format!("{address} is there and not owned by platform {platform}{whose}"),
            None => format!("{address} is not owned by any platform"),
        })
    }

    /// What is sent: bound to what was found, if anything was.
    fn body(&self, wanted: Wanted<'_>, api: Api, found: Option<&Found>, fetched: &mut Fetched<'_>) -> Vec<u8> {
        let Wanted { address, document, mark, .. } = wanted;
        let mut manifest = object::manifest(address, api, document, mark);
        if let Some(found) = found {
            manifest.set(&["metadata", "uid"], found.facts.uid.clone());
            manifest.set(&["metadata", "resourceVersion"], found.facts.resource_version.clone());
        }
        self.serialized(address, &manifest, found, fetched)
    }

    /// A manifest as it is sent. What a Secret holds is put in; what was generated is what `found` has.
    pub(super) fn serialized(
        &self,
        address: &Address,
        manifest: &Value,
        found: Option<&Found>,
        fetched: &mut Fetched<'_>,
    ) -> Vec<u8> {
        if address.kind() != Kind::Secret {
            return serde_json::to_vec(manifest).unwrap_or_default();
        }
        let present =
            Plain(found.map(|found| serde_json::json!({"stringData": object::contents(&found.raw)})).unwrap_or_default());
        let mut plain = Plain(render(manifest, Some(&present.0), fetched));
        object::encode_secret(&mut plain.0);
        serde_json::to_vec(&plain.0).unwrap_or_default()
    }

    /// Take an object away. One that is gone, or going, already is a success.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn remove(&self, address: &Address, expected: &Expectation) -> Result<Receipt, OperationError> {
        let api = self.api(address)?;
        let told = |trouble: Trouble| trouble.into_operation_error(self.server());
        let gone = |changed| Ok(Receipt { version: None, changed });
        for _ in 0..ROUNDS {
            let Some(found) = self.get(address, api).await.map_err(told)? else { return gone(false) };
            if found.facts.is_ending {
                return gone(false);
            }
            if found.observed.owner == Owner::Foreign {
                return Err(self.not_owned(address, &found.observed, None));
            }
            let pin = found.observed.pin(Family::Kubernetes);
            if *expected == Expectation::Absent || matches!(expected, Expectation::Version(version) if *version != pin) {
                return Err(stale(expected, Some(&pin)));
            }
            match self.delete(address, api, &found.facts).await {
                Ok(()) => return gone(true),
                Err(Trouble::Refusal(refusal)) if refusal.is_overtaken() => {}
                Err(trouble) => return Err(told(trouble)),
            }
        }
        Err(restless(address))
    }
}

fn restless(address: &Address) -> OperationError {
    let message = format!("{address} is written to all the time; it was read {ROUNDS} times");
    OperationError::Busy { message, retry_after: None }
}

/// Whether the object carries this very mark.
fn is_written(observed: &Observed, mark: &Mark) -> bool {
    observed.owner == Owner::Platform(mark.platform.clone())
        && observed.applied.as_ref() == Some(&mark.applied)
        && observed.scope == mark.scope
}

fn receipt(found: &Found, changed: bool) -> Receipt {
    Receipt { version: Some(found.facts.resource_version.clone()), changed }
}

fn stale(expected: &Expectation, found: Option<&Text>) -> OperationError {
    let expected = match expected {
        Expectation::Absent => "nothing".to_owned(),
        Expectation::Version(version) => format!("content {version}"),
        Expectation::Unseen => "anything".to_owned(),
    };
    OperationError::Stale { expected, found: found.map_or_else(|| "nothing".to_owned(), |pin| format!("content {pin}")) }
}
