//! Elasticsearch and OpenSearch: index templates, lifecycle policies, roles.
//!
//! * `client`: requests, and what an answer that is no success means; `documents`: what is sent and what is seen, with its mark;
//! * `opensearch`: what OpenSearch says in other words; `lifecycle`, `managed`, `strays`: its lifecycle policies, the indices that live by them,
//!   and those that should and do not;
//! * `astray`: indices of Elasticsearch that do not live by the policy of their template; `effect`: whether it lives by its policies at all;
//! * `streams`: data streams, which stand on index templates;
//! * `audit`: chains of audit documents, which are created and read and nothing else;
//! * here: looking at all of a kind, and steps.
//!
//! But for OpenSearch's lifecycle policies, neither server compares versions when such an object is written, so a step reads, compares and
//! writes: two who write at the same instant are kept apart by the platform's lock alone.

mod astray;
mod audit;
pub(crate) mod client;
mod documents;
mod effect;
mod lifecycle;
mod managed;
mod opensearch;
mod strays;
mod streams;

#[cfg(test)]
mod tests;

use crate::judge::{self, Asked, Decision, Left, receipt};
use client::{Elasticsearch, Trouble};
use documents::Thing;
use elasticsearch::ilm::{IlmDeleteLifecycleParts, IlmGetLifecycleParts, IlmPutLifecycleParts};
use elasticsearch::indices::{IndicesDeleteIndexTemplateParts, IndicesGetIndexTemplateParts, IndicesPutIndexTemplateParts};
use elasticsearch::security::{SecurityDeleteRoleParts, SecurityGetRoleParts, SecurityPutRoleParts};
use http::Method;
use lifecycle::POLICIES;
use model::observation::{Gap, Listing, Objects};
use model::operation::{Operation, OperationError, Receipt};
use model::{Address, Kind, Value};
use std::collections::BTreeMap;

/// Where OpenSearch's security plugin keeps roles.
const OPENSEARCH_ROLES: &str = "/_plugins/_security/api/roles";

impl Elasticsearch {
    /// What tells this cluster from every other.
    ///
    /// # Errors
    /// The gap, if nobody answers.
    pub(crate) async fn identity(&self) -> Result<String, Gap> {
        let (_, uuid) = self.server_kind().await.map_err(|trouble| trouble.into_gap(self.server()))?;
        Ok(uuid)
    }

    /// All objects of a kind that are ours or another platform's, and those that have a name which we want.
    pub(crate) async fn list(&self, kind: Kind) -> Listing {
        match self.listed(kind).await {
            Ok(objects) => Listing::Complete(objects),
            Err(trouble) => Listing::Unknown(trouble.into_gap(self.server())),
        }
    }

    async fn listed(&self, kind: Kind) -> Result<Objects, Trouble> {
        let address = |key: &str| Address::new(&self.server().system, kind, key);
        let all = match kind {
            Kind::LifecyclePolicy if self.is_opensearch().await? => self.policies().await?,
            Kind::LifecyclePolicy => {
                let mut all = self.things(kind, None).await?;
                self.add_astray(&mut all).await?;
                all
            }
            _ => self.things(kind, None).await?,
        };
        let all = all.into_iter().map(|(key, thing)| (address(&key), thing));
        let ours = all.filter(|(address, thing)| thing.mark.is_some() || self.wanted.document(address).is_some());
        let mut objects: Objects = ours.map(|(address, thing)| (address, thing.observed())).collect();
        if kind == Kind::IndexTemplate && !objects.is_empty() {
            let mut streams = self.streams().await?;
            for (address, seen) in objects.iter_mut() {
                seen.streams = streams.remove(address.key()).unwrap_or_default();
            }
        }
        if kind == Kind::LifecyclePolicy && !self.is_opensearch().await? {
            self.add_effect(&mut objects).await?;
        }
        Ok(objects)
    }

    /// Objects of a kind, by name: all, or one.
    async fn things(&self, kind: Kind, one: Option<&str>) -> Result<BTreeMap<String, Thing>, Trouble> {
        let is_opensearch = self.is_opensearch().await?;
        let path = self.path(kind, one, Method::GET, is_opensearch)?;
        let answer = match self.ask(Method::GET, &path, None).await {
            Ok(answer) => answer,
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => return Ok(BTreeMap::new()),
            Err(Trouble::Refusal(refusal)) if kind == Kind::SearchRole && !is_opensearch && refusal.has_no_handler() => {
                let its = "its security (`xpack.security.enabled`), which keeps roles";
                return Err(Trouble::Missing(format!("{} is Elasticsearch without {its}", self.server())));
            }
            Err(trouble) => return Err(trouble),
        };
        let wanted = |name: &str| self.wanted.document(&Address::new(&self.server().system, kind, name));
        Ok(documents::read(kind, is_opensearch, answer, wanted))
    }

    async fn thing(&self, address: &Address, wanted: Option<&Value>) -> Result<Option<Thing>, OperationError> {
        self.found(address, wanted).await.map_err(|trouble| trouble.into_operation_error(self.server()))
    }

    async fn found(&self, address: &Address, wanted: Option<&Value>) -> Result<Option<Thing>, Trouble> {
        let is_opensearch = self.is_opensearch().await?;
        if address.kind() == Kind::LifecyclePolicy && is_opensearch {
            return self.policy(address.key(), wanted).await;
        }
        let thing = self.things(address.kind(), Some(address.key())).await?.remove(address.key());
        Ok(thing.map(|thing| match wanted {
            Some(wanted) => thing.in_words_of(address.kind(), is_opensearch, wanted),
            None => thing,
        }))
    }

    /// The path of a request: that of the typed API, or OpenSearch's own.
    fn path(&self, kind: Kind, one: Option<&str>, method: Method, is_opensearch: bool) -> Result<String, Trouble> {
        let names = one.map(|name| [name]);
        let path = match (kind, one) {
            (Kind::LifecyclePolicy, None) => IlmGetLifecycleParts::None.url(),
            (Kind::LifecyclePolicy, Some(name)) if method == Method::GET => IlmGetLifecycleParts::Policy(name).url(),
            (Kind::LifecyclePolicy, Some(name)) if method == Method::DELETE => IlmDeleteLifecycleParts::Policy(name).url(),
            (Kind::LifecyclePolicy, Some(name)) => IlmPutLifecycleParts::Policy(name).url(),
            (Kind::IndexTemplate, None) => IndicesGetIndexTemplateParts::None.url(),
            (Kind::IndexTemplate, Some(name)) if method == Method::GET => IndicesGetIndexTemplateParts::Name(name).url(),
            (Kind::IndexTemplate, Some(name)) if method == Method::DELETE => IndicesDeleteIndexTemplateParts::Name(name).url(),
            (Kind::IndexTemplate, Some(name)) => IndicesPutIndexTemplateParts::Name(name).url(),
            (Kind::SearchRole, None) => SecurityGetRoleParts::None.url(),
            (Kind::SearchRole, Some(_)) if method == Method::GET => {
                SecurityGetRoleParts::Name(names.as_ref().map_or(&[][..], |names| names)).url()
            }
            (Kind::SearchRole, Some(name)) if method == Method::DELETE => SecurityDeleteRoleParts::Name(name).url(),
            (Kind::SearchRole, Some(name)) => SecurityPutRoleParts::Name(name).url(),
            (other, _) => return Err(Trouble::Missing(format!("{} keeps no {other}", self.server()))),
        };
        let own = [("/_security/role", OPENSEARCH_ROLES), ("/_ilm/policy", POLICIES)].into_iter().filter(|_| is_opensearch);
        let own = own.filter_map(|(theirs, ours)| path.strip_prefix(theirs).map(|rest| format!("{ours}{rest}"))).next();
        Ok(own.unwrap_or_else(|| path.into_owned()))
    }

    /// Carry out one operation.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn execute(&self, operation: &Operation) -> Result<Receipt, OperationError> {
        match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                let asked = Asked { address, mark, expected, force: *force };
                let mut there = self.thing(address, Some(document)).await?;
                if let Some(there) = there.as_mut().filter(|_| address.kind() == Kind::LifecyclePolicy) {
                    let told = self.add_strays(address.key(), document, there).await;
                    told.map_err(|trouble| trouble.into_operation_error(self.server()))?;
                }
                if self.is_begun(&asked, document, there.as_ref()) {
                    return self.put(&asked, document, there.as_ref()).await;
                }
                match judge::apply(&asked, there.as_ref().map(|thing| thing.present(address.kind(), document)).as_ref())? {
                    Decision::Done(version) => Ok(receipt(Some(version), false)),
                    Decision::Write => self.put(&asked, document, there.as_ref()).await,
                }
            }
            Operation::Delete { address, expected, with_data } => {
                let there = self.thing(address, None).await?;
                let changed =
                    judge::delete(address, expected, there.map(|thing| thing.present(address.kind(), &Value::Null)).as_ref())?;
                if changed {
                    if *with_data && address.kind() == Kind::IndexTemplate {
                        let removed = self.remove_streams(address.key()).await;
                        removed.map_err(|trouble| trouble.into_operation_error(self.server()))?;
                    }
                    self.remove(address).await?;
                }
                Ok(receipt(None, changed))
            }
            Operation::Move { from, to, document, mark, expected } => {
                let asked = Asked { address: to, mark, expected, force: false };
                let source = self.thing(from, None).await?.map(|thing| thing.present(from.kind(), &Value::Null));
                let there = self.thing(to, Some(document)).await?;
                let is_begun = self.is_begun(&asked, document, there.as_ref());
                let target = there.as_ref().filter(|_| !is_begun).map(|thing| thing.present(to.kind(), document));
                let written = match judge::rewrite(from, &asked, source.as_ref(), target.as_ref())? {
                    Left::Nothing(version) => return Ok(receipt(Some(version), false)),
                    Left::Second(version) => receipt(Some(version), true),
                    Left::Both => self.put(&asked, document, there.as_ref()).await?,
                };
                self.remove(from).await?;
                Ok(written)
            }
        }
    }

    /// Object and mark are written at once: they are one document.
    async fn put(&self, asked: &Asked<'_>, document: &Value, there: Option<&Thing>) -> Result<Receipt, OperationError> {
        let told = |trouble: Trouble| trouble.into_operation_error(self.server());
        let is_opensearch = self.is_opensearch().await.map_err(told)?;
        let (kind, key) = (asked.address.kind(), asked.address.key());
        if kind == Kind::LifecyclePolicy && is_opensearch {
            self.write_policy(asked, document, there).await?;
        } else {
            let path = self.path(kind, Some(key), Method::PUT, is_opensearch).map_err(told)?;
            let body = documents::body(kind, is_opensearch, document, asked.mark);
            let body = body.map_err(|what| self.has_no(asked.address, &what))?;
            let _turn = self.turn(kind).await.map_err(told)?;
            self.ask(Method::PUT, &path, Some(&body)).await.map_err(told)?;
            if kind == Kind::LifecyclePolicy && there.is_some() {
                self.call_back(key).await.map_err(told)?;
            }
        }
        let there = self.thing(asked.address, Some(document)).await?;
        Ok(receipt(there.map(|thing| thing.version()), true))
    }

    /// What is wanted cannot be said there.
    fn has_no(&self, address: &Address, what: &str) -> OperationError {
        OperationError::Refused(format!("{address}: {} has {what} here", self.server()))
    }

    /// One that is gone already is a success.
    async fn remove(&self, address: &Address) -> Result<(), OperationError> {
        let told = |trouble: Trouble| trouble.into_operation_error(self.server());
        let is_opensearch = self.is_opensearch().await.map_err(told)?;
        let path = self.path(address.kind(), Some(address.key()), Method::DELETE, is_opensearch).map_err(told)?;
        let _turn = self.turn(address.kind()).await.map_err(told)?;
        match self.ask(Method::DELETE, &path, None).await {
            Ok(_) => Ok(()),
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => Ok(()),
            Err(trouble) => Err(told(trouble)),
        }
    }
}
