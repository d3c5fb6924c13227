//! Indices of Elasticsearch that do not live by the policy which the template of their data stream names: a difference of the policy, for whoever
//! writes it gives it to them.
//!
//! A policy that changes reaches all indices that live by it. Somebody may take it off an index, give it another one, or let it live by the
//! lifecycle of its data stream, which takes documents away by an age of its own. An index that was made while its template named another policy keeps
//! that one. The data streams say of each index by what it lives; servers before 8.11 do not, and nothing is known of theirs.

use super::client::{Elasticsearch, Trouble};
use super::documents::{Thing, is_same};
use super::opensearch::explained::Strays;
use super::opensearch::templates::policy_of;
use elasticsearch::indices::{IndicesGetDataStreamParts, IndicesPutSettingsParts};
use http::Method;
use model::value::Text;
use model::{Address, Kind, Value};
use std::collections::{BTreeMap, BTreeSet};

/// By what an index lives that has a policy, and by what one that goes by its data stream.
const BY_POLICY: &str = "Index Lifecycle Management";
const BY_STREAM: &str = "Data stream lifecycle";

impl Elasticsearch {
    /// Add to policies what differs in their indices, to those that are otherwise as they are wanted.
    pub(super) async fn add_astray(&self, policies: &mut BTreeMap<String, Thing>) -> Result<(), Trouble> {
        let system = &self.server().system;
        let is_as_wanted = |(name, there): &(&String, &Thing)| {
            let wanted = self.wanted.document(&Address::new(system, Kind::LifecyclePolicy, name));
            there.mark.is_some() && wanted.is_some_and(|wanted| is_same(Kind::LifecyclePolicy, &there.document, wanted))
        };
        let well: BTreeSet<&str> = policies.iter().filter(is_as_wanted).map(|(name, _)| name.as_str()).collect();
        let templates: BTreeMap<&str, &str> = self.living().filter(|(_, _, policy)| well.contains(policy)).map(named).collect();
        if templates.is_empty() {
            return Ok(());
        }
        let streams = self.data_streams(IndicesGetDataStreamParts::None).await?;
        for (policy, strays) in among(&streams, &templates) {
            if let (Some(there), Some(sentence)) = (policies.get_mut(policy.as_str()), strays.sentence()) {
                there.add_strays(&sentence);
            }
        }
        Ok(())
    }

    /// The indices that are to live by a policy and do not.
    pub(super) async fn astray(&self, policy: &str) -> Result<Strays, Trouble> {
        let living: Vec<_> = self.living().filter(|(_, _, other)| *other == policy).collect();
        let patterns = living
            .iter()
            .flat_map(|(_, template, _)| template.get("index_patterns").and_then(Value::as_list).unwrap_or_default());
        let streams = self.streams_of(&patterns.filter_map(Value::as_str).collect::<Vec<_>>()).await?;
        Ok(among(&streams, &living.into_iter().map(named).collect()).remove(policy).unwrap_or_default())
    }

    /// Give a policy to the indices that are to live by it and do not. One that is gone needs none.
    pub(super) async fn call_back(&self, policy: &str) -> Result<(), Trouble> {
        let mut body = Value::EMPTY_MAP;
        body.set(&["index", "lifecycle", "name"], policy);
        body.set(&["index", "lifecycle", "prefer_ilm"], Value::Null);
        for index in self.astray(policy).await?.names() {
            match self.ask(Method::PUT, &IndicesPutSettingsParts::Index(&[index]).url(), Some(&body)).await {
                Err(Trouble::Refusal(refusal)) if refusal.is_no_such_index() => {}
                answer => drop(answer?),
            }
        }
        Ok(())
    }

    /// The wanted templates whose data streams live by a policy: name, document, policy.
    pub(super) fn living(&self) -> impl Iterator<Item = (&str, &Value, &str)> {
        let templates = self
            .wanted
            .iter()
            .filter(|(address, _)| address.kind() == Kind::IndexTemplate && address.system() == self.server().system);
        templates.filter_map(|(address, document)| Some((address.key(), document, policy_of(document)?)))
    }
}

fn named<'a>((template, _, policy): (&'a str, &'a Value, &'a str)) -> (&'a str, &'a str) {
    (template, policy)
}

/// Of each policy, the indices of these data streams that are to live by it and do not; a template stands with its policy.
fn among(streams: &[Value], templates: &BTreeMap<&str, &str>) -> BTreeMap<Text, Strays> {
    let mut all = BTreeMap::<Text, (usize, Vec<(Text, String)>)>::new();
    for stream in streams {
        let Some(policy) = stream.str_at(&["template"]).and_then(|template| templates.get(template)) else { continue };
        let (of, found) = all.entry((*policy).into()).or_default();
        for index in stream.get("indices").and_then(Value::as_list).unwrap_or_default() {
            *of += 1;
            found.extend(index.str_at(&["index_name"]).map(Text::from).zip(does_not_live_by(policy, index)));
        }
    }
    all.into_iter().map(|(policy, (of, found))| (policy, Strays::new(of, found))).collect()
}

/// Why not, as far as the server says.
fn does_not_live_by(policy: &str, index: &Value) -> Option<String> {
    match (index.str_at(&["managed_by"])?, index.str_at(&["ilm_policy"])) {
        (BY_POLICY, Some(other)) if other == policy => None,
        (BY_POLICY, Some(other)) => Some(format!("it lives by the policy {other}")),
        (BY_STREAM, _) => Some("it lives by the lifecycle of its data stream".to_owned()),
        _ => Some("it has no policy".to_owned()),
    }
}
