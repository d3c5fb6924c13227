//! Lifecycle policies of OpenSearch: the requests of its index management (ISM).
//!
//! Each index that a policy manages has a copy of it, so a changed policy is given to all indices that are there (`managed`). That takes
//! several requests, between which an engine may die: the policy's description says that it is only begun until the last index has it.
//! Every request is right when it is repeated. Whether the indices of one that is as it is wanted still live by it is asked as well (`strays`).
//!
//! A policy is written over what was read and judged, or made where there was none, and never over anything else. It cannot be taken away in
//! that way: there the platform's lock alone keeps two apart. Indices of one that is taken away go on by their copy; data streams
//! go with their template, which goes first.

use super::client::{Elasticsearch, Trouble};
use super::documents::{Thing, is_same};
use super::opensearch::policies::{self, Revision, Seen};
use super::opensearch::templates;
use crate::judge::Asked;
use futures::{StreamExt, TryStreamExt, stream};
use http::Method;
use model::operation::OperationError;
use model::{Address, Kind, Value};
use std::collections::BTreeMap;

/// Where they are kept.
pub(super) const POLICIES: &str = "/_plugins/_ism/policies";
/// As many as one answer may hold (`index.max_result_window`); without it, 20.
const AT_MOST: &str = "?size=10000";
/// Policies asked for by name at once.
const AT_ONCE: usize = 8;

impl Elasticsearch {
    /// All policies, by name, compared with what is wanted. One that is wanted and not in the list is asked for by its name: the server
    /// leaves out whatever belongs to other backend roles, and names that are very long, without a word.
    pub(super) async fn policies(&self) -> Result<BTreeMap<String, Thing>, Trouble> {
        let answer =
            self.ask(Method::GET, &format!("{POLICIES}{AT_MOST}"), None).await.map_err(|trouble| self.plugin(trouble))?;
        let nonsense = || Trouble::Nonsense(format!("{} does not say which lifecycle policies it has", self.server()));
        let listed = answer.get("policies").and_then(Value::as_list).ok_or_else(nonsense)?;
        let total = answer.integer_at(&["total_policies"]).ok_or_else(nonsense)?;
        if usize::try_from(total) != Ok(listed.len()) {
            return Err(Trouble::Nonsense(format!(
                "{} has {total} lifecycle policies and tells {} of them, so nobody knows which are not there",
                self.server(),
                listed.len()
            )));
        }
        let mut all = BTreeMap::new();
        for raw in listed {
            let name = raw.str_at(&["_id"]).ok_or_else(nonsense)?;
            all.insert(name.to_owned(), self.seen(raw, name, self.wanted_policy(name))?);
        }
        let system = &self.server().system;
        let wanted =
            self.wanted.iter().filter(|(address, _)| address.kind() == Kind::LifecyclePolicy && address.system() == *system);
        let missing: Vec<_> = wanted.filter(|(address, _)| !all.contains_key(address.key())).collect();
        let found = stream::iter(missing).map(async |(address, wanted)| {
            let found = self.policy(address.key(), Some(wanted)).await?;
            Ok::<_, Trouble>(found.map(|found| (address.key().to_owned(), found)))
        });
        let found: Vec<_> = found.buffer_unordered(AT_ONCE).try_collect().await?;
        all.extend(found.into_iter().flatten());
        let is_as_wanted = |(name, there): &(&String, &Thing)| self.wanted_policy(name).is_some_and(|wanted| there.is_as(wanted));
        let asked: Vec<&str> = all.iter().filter(is_as_wanted).map(|(name, _)| name.as_str()).collect();
        for (name, strays) in self.strays(&asked).await? {
            all.entry(name).and_modify(|there| there.add_strays(&strays));
        }
        Ok(all)
    }

    /// Add to what was found of one policy what differs in its indices, if it is otherwise as it is wanted.
    pub(super) async fn add_strays(&self, name: &str, wanted: &Value, there: &mut Thing) -> Result<(), Trouble> {
        let strays = match there.policy {
            Some(_) if there.is_as(wanted) => self.strays(&[name]).await?.remove(name),
            // It is Elasticsearch's, which fills in what was not said.
            None if there.mark.is_some() && is_same(Kind::LifecyclePolicy, &there.document, wanted) => {
                self.astray(name).await?.sentence()
            }
            _ => None,
        };
        strays.iter().for_each(|strays| there.add_strays(strays));
        Ok(())
    }

    /// One policy, by its name.
    pub(super) async fn policy(&self, name: &str, wanted: Option<&Value>) -> Result<Option<Thing>, Trouble> {
        let path = self.path(Kind::LifecyclePolicy, Some(name), Method::GET, true)?;
        match self.ask(Method::GET, &path, None).await {
            Ok(raw) => self.seen(&raw, name, wanted).map(Some),
            // Before there is the first one, the index is missing that would hold it.
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => Ok(None),
            Err(trouble) => Err(self.plugin(trouble)),
        }
    }

    fn seen(&self, raw: &Value, name: &str, wanted: Option<&Value>) -> Result<Thing, Trouble> {
        let (Some(policy), Some(revision)) = (raw.get("policy"), Revision::of(raw)) else {
            return Err(Trouble::Nonsense(format!("{} does not say what the lifecycle policy {name} is", self.server())));
        };
        Ok(Thing::policy(Seen::new(policy, revision), wanted.map(|wanted| (wanted, self.templates(name)))))
    }

    /// What went wrong; without the plugin that keeps such policies, that it lacks.
    fn plugin(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Refusal(refusal) if refusal.has_no_handler() => Trouble::Missing(format!(
                "{} is OpenSearch without the plugin opensearch-index-management, which keeps its lifecycle policies (ISM)",
                self.server()
            )),
            trouble => trouble,
        }
    }

    fn wanted_policy(&self, name: &str) -> Option<&Value> {
        self.wanted.document(&Address::new(&self.server().system, Kind::LifecyclePolicy, name))
    }

    /// What a policy says of the templates that are wanted to live by it.
    pub(super) fn templates(&self, policy: &str) -> &[Value] {
        let all = self.templates.get_or_init(|| templates::by_policy(self.wanted.iter(), &self.server().system));
        all.get(policy).map_or(&[], Vec::as_slice)
    }

    /// Whether what is there was begun by this very step, which was cut off.
    pub(super) fn is_begun(&self, asked: &Asked<'_>, document: &Value, there: Option<&Thing>) -> bool {
        let Some(seen) = there.and_then(|there| there.policy.as_ref()) else { return false };
        let policy = policies::in_opensearch(document, self.templates(asked.address.key()));
        policy.is_ok_and(|policy| seen.is_begun_as(&policy, asked.mark))
    }

    /// Write a policy over what was read of it, and give it to all indices of its data streams.
    ///
    /// # Errors
    /// `Stale` if somebody wrote it meanwhile, `Busy` while an index is between two states.
    pub(super) async fn write_policy(
        &self,
        asked: &Asked<'_>,
        document: &Value,
        there: Option<&Thing>,
    ) -> Result<(), OperationError> {
        let told = |trouble: Trouble| trouble.into_operation_error(self.server());
        let name = asked.address.key();
        let policy = policies::in_opensearch(document, self.templates(name));
        let policy = policy.map_err(|what| self.has_no(asked.address, &what))?;
        let patterns = policies::patterns(&policy);
        let body = |is_begun| policies::body(&policy, asked.mark, is_begun);
        let seen = there.and_then(|there| there.policy.as_ref());
        let begun = match seen {
            // Nobody is to be told: an index that is made from now on finds the policy, and the policy one that was made just now.
            None if self.indices_of(&patterns).await.map_err(told)?.is_empty() => None,
            Some(seen) if seen.is_begun_as(&policy, asked.mark) => Some(seen.revision),
            seen => Some(self.put_policy(name, &body(true), seen.map(|seen| seen.revision)).await?),
        };
        if begun.is_some() {
            self.give(name, &self.indices_of(&patterns).await.map_err(told)?).await?;
        }
        self.put_policy(name, &body(false), begun).await.map(drop)
    }

    /// Write over this revision, or make one.
    async fn put_policy(&self, name: &str, body: &Value, over: Option<Revision>) -> Result<Revision, OperationError> {
        let told = |trouble: Trouble| self.plugin(trouble).into_operation_error(self.server());
        let path = self.path(Kind::LifecyclePolicy, Some(name), Method::PUT, true).map_err(told)?;
        let condition = over.map(|Revision { number, term }| format!("?if_seq_no={number}&if_primary_term={term}"));
        match self.ask(Method::PUT, &format!("{path}{}", condition.unwrap_or_default()), Some(body)).await {
            Ok(answer) => Revision::of(&answer).ok_or_else(|| {
                OperationError::Unreachable(format!("{} does not say what became of the lifecycle policy {name}", self.server()))
            }),
            Err(Trouble::Refusal(refusal)) if refusal.is_version_conflict() => Err(stale(over)),
            // It looks for other policies that claim the same names before it looks at the revision.
            Err(Trouble::Refusal(refusal)) if refusal.status == 400 => {
                let there = self.policy(name, None).await.map_err(told)?;
                let found = there.and_then(|there| there.policy).map(|seen| seen.revision);
                Err(if found == over { told(Trouble::Refusal(refusal)) } else { stale(over) })
            }
            Err(trouble) => Err(told(trouble)),
        }
    }
}

fn stale(over: Option<Revision>) -> OperationError {
    let expected = match over {
        Some(Revision { number, term }) => format!("number {number} of term {term}"),
        None => "nothing".to_owned(),
    };
    OperationError::Stale { expected, found: "what somebody wrote meanwhile".to_owned() }
}
