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
    /// update lifecycle policy").
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

    /// In OpenSearch: to see which data streams there are, so that the template of one is not taken away unasked.
    pub fn open_search_streams(&self) -> &'static [&'static str] {
        if self.kinds.contains(&Kind::IndexTemplate) { &["indices:admin/data_stream/get"] } else { &[] }
    }

    /// In OpenSearch: to take the data streams of a template away with it, where somebody consents to that.
    pub fn open_search_templates(&self) -> &'static [&'static str] {
        if self.kinds.contains(&Kind::IndexTemplate) { &["indices:admin/data_stream/delete"] } else { &[] }
    }

    /// The same in OpenSearch, as far as `vamp` drives it: it has no lifecycle policies of this kind. The right to write roles is none of
    /// a role there: the role's name has to stand in `plugins.security.restapi.roles_enabled`.
    pub fn open_search(&self) -> Vec<&'static str> {
        let mut actions = vec!["cluster:monitor/main", "indices:admin/index_template/get"];
        if self.kinds.contains(&Kind::IndexTemplate) {
            actions.extend(["indices:admin/index_template/delete", "indices:admin/index_template/put"]);
        }
        if !self.chains.is_empty() {
            actions.extend(["indices:data/read/mget", "indices:data/read/scroll*", "indices:data/write/bulk"]);
        }
        actions.sort_unstable();
        actions
    }
}
