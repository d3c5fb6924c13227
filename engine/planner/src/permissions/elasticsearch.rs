//! What is needed in an Elasticsearch, in its own words and in those of OpenSearch's security plugin.
//!
//! Neither has a right to write one role and not another: whoever may write roles may give himself everything there.

use super::Wanted;
use model::audit::Chain;
use model::value::Value;
use model::{Kind, System};
use std::collections::BTreeSet;

/// What is needed in one Elasticsearch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Kinds of objects that the platform has there.
    pub kinds: BTreeSet<Kind>,
    /// Patterns of the indices that lifecycle policies act on.
    pub patterns: BTreeSet<String>,
    /// Indices of the audit chains that are kept there.
    pub chains: BTreeSet<String>,
}

pub(super) fn needs(wanted: &Wanted<'_>, system: &System, chains: Vec<Chain>) -> Rights {
    let kinds: BTreeSet<Kind> = wanted.addresses(system).map(model::Address::kind).collect();
    let templates =
        wanted.graph.resources().filter(|one| one.address.kind() == Kind::IndexTemplate && one.address.system() == *system);
    let patterns =
        templates.flat_map(|template| template.document.get("index_patterns").and_then(Value::as_list).unwrap_or_default());
    let chains = chains.into_iter().filter(|chain| chain.store == *system).map(|chain| chain.index.to_string());
    Rights { kinds, patterns: patterns.filter_map(Value::as_str).map(ToOwned::to_owned).collect(), chains: chains.collect() }
}

impl Rights {
    /// Cluster privileges (Elasticsearch reference, "Security privileges"): a look at what is not there is a look all the same.
    pub fn cluster(&self) -> Vec<&'static str> {
        let has = |kind| self.kinds.contains(&kind);
        let mut privileges = vec![
            if has(Kind::LifecyclePolicy) { "manage_ilm" } else { "read_ilm" },
            if has(Kind::SearchRole) { "manage_security" } else { "read_security" },
            // Who it is, and its templates.
            "monitor",
        ];
        if has(Kind::IndexTemplate) {
            privileges.push("manage_index_templates");
        }
        privileges.sort_unstable();
        privileges
    }

    /// Privileges on indices: a lifecycle policy acts with the rights of whoever wrote it last (Elasticsearch reference, "Create or
    /// update lifecycle policy"), and who may act is told what fails.
    pub fn indices(&self) -> &'static [&'static str] {
        if self.kinds.contains(&Kind::LifecyclePolicy) { &["manage"] } else { &[] }
    }

    /// Privileges on the indices of audit chains: documents are created and read there, and never changed nor taken away.
    pub fn audit(&self) -> &'static [&'static str] {
        &["create_doc", "create_index", "read"]
    }

    /// The same in OpenSearch (security plugin, "Permissions"). It has no right to create a document that is none to write over one.
    pub fn open_search_audit(&self) -> &'static [&'static str] {
        &["indices:admin/create", "indices:data/read/*", "indices:data/write/bulk*", "indices:data/write/index"]
    }

    /// In OpenSearch, on all indices: to see which data streams there are, so that the template of one is not taken away unasked; and what
    /// a lifecycle policy rolls over with, as its last writer. Its security plugin knows no rollover of one data stream and not of another.
    pub fn open_search_everywhere(&self) -> Vec<&'static str> {
        let seen = self.with(Kind::IndexTemplate, &["indices:admin/data_stream/get"]);
        seen.chain(self.with(Kind::LifecyclePolicy, &["indices:admin/rollover"])).collect()
    }

    /// In OpenSearch, on the platform's own data streams: to take those of a template away with it, where somebody consents to that; and
    /// what a lifecycle policy does with, as its last writer, besides rolling over.
    pub fn open_search_streams(&self) -> Vec<&'static str> {
        let taken = self.with(Kind::IndexTemplate, &["indices:admin/data_stream/delete"]);
        let acts = ["indices:admin/delete", "indices:admin/opensearch/ism/managedindex", "indices:monitor/stats"];
        taken.chain(self.with(Kind::LifecyclePolicy, &acts)).collect()
    }

    fn with<'a>(&self, kind: Kind, actions: &'a [&'static str]) -> impl Iterator<Item = &'static str> + use<'a> {
        actions.iter().copied().take(if self.kinds.contains(&kind) { actions.len() } else { 0 })
    }

    /// The same in OpenSearch: a look at what is not there is a look all the same. The right to write roles is none of a role there: the
    /// role's name has to stand in `plugins.security.restapi.roles_enabled`.
    pub fn open_search(&self) -> Vec<&'static str> {
        let looks = ["cluster:admin/opendistro/ism/policy/search", "cluster:monitor/main", "indices:admin/index_template/get"];
        let policies = [
            "cluster:admin/opendistro/ism/managedindex/add",
            "cluster:admin/opendistro/ism/managedindex/change",
            "cluster:admin/opendistro/ism/managedindex/explain",
            "cluster:admin/opendistro/ism/managedindex/remove",
            "cluster:admin/opendistro/ism/policy/delete",
            "cluster:admin/opendistro/ism/policy/get",
            "cluster:admin/opendistro/ism/policy/write",
        ];
        let templates = ["indices:admin/index_template/delete", "indices:admin/index_template/put"];
        let mut actions = looks.to_vec();
        actions.extend(self.with(Kind::LifecyclePolicy, &policies).chain(self.with(Kind::IndexTemplate, &templates)));
        if !self.chains.is_empty() {
            actions.extend(["indices:data/read/mget", "indices:data/read/scroll*", "indices:data/write/bulk"]);
        }
        actions.sort_unstable();
        actions
    }
}
