//! One thing that the platform wants, as a document of its system, with the reasons for it.

use crate::address::Address;
use crate::path::FieldPath;
use crate::source::Place;
use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a value of a document comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The spec says so, here.
    Spec(Place),
    /// Nobody wrote it; the word says where the default comes from.
    Default(&'static str),
    /// It follows from another resource.
    Dependency(Address),
}

/// What a resource belongs to; the larger the part of the platform, the fewer the fields that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Text>,
    /// Environment of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Text>,
    /// Cluster of the environment: with it, the scope is a cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Text>,
}

impl Scope {
    /// The platform as a whole.
    pub const PLATFORM: Scope = Scope { tenant: None, environment: None, cluster: None };

    /// Whether this is the platform as a whole.
    pub fn is_platform(&self) -> bool {
        *self == Scope::PLATFORM
    }

    /// Whether this is one environment on one cluster.
    pub fn is_cell(&self) -> bool {
        self.environment.is_some() && self.cluster.is_some()
    }

    /// Whether `inner` lies in this scope.
    pub fn contains(&self, inner: &Scope) -> bool {
        let covers = |outer: &Option<Text>, inner: &Option<Text>| outer.is_none() || outer == inner;
        covers(&self.tenant, &inner.tenant)
            && covers(&self.environment, &inner.environment)
            && covers(&self.cluster, &inner.cluster)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.tenant, &self.environment, &self.cluster) {
            (None, _, None) => f.write_str("platform"),
            (None, _, Some(cluster)) => write!(f, "cluster {cluster}"),
            (Some(tenant), None, _) => f.write_str(tenant),
            (Some(tenant), Some(environment), None) => write!(f, "{tenant}/{environment}"),
            (Some(tenant), Some(environment), Some(cluster)) => write!(f, "{tenant}/{environment} on {cluster}"),
        }
    }
}

/// What a resource does for the platform, where safety rules need to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Nothing that a rule asks for.
    #[default]
    Plain,
    /// The gateway agents of a cell (VGA-1 to VGA-7).
    GatewayAgent,
    /// The gateway configuration of a cell (VGA-6, VGA-8).
    GatewayConfiguration,
    /// The workflow agent of a cell (WFA-1).
    WorkflowAgent,
    /// Vamp itself (VMP-1 to VMP-3).
    Vamp,
    /// A workload that runs Vault, MySQL or Elasticsearch in a cluster.
    Store,
}

/// One thing that the platform wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name.
    pub address: Address,
    /// What it should be. Secrets are references.
    pub document: Arc<Value>,
    /// What it belongs to.
    pub scope: Scope,
    /// What it does for the platform.
    pub role: Role,
    /// Why it exists: the spec's place that asked for it.
    pub place: Place,
    /// Where parts of the document come from; the longest matching path tells, the resource's own place otherwise.
    pub origins: Vec<(FieldPath, Origin)>,
    /// Whether deleting it loses data (DUR-7).
    pub holds_data: bool,
}

impl Resource {
    /// Where the value at `path` comes from.
    pub fn origin(&self, path: &FieldPath) -> Origin {
        self.origins
            .iter()
            .filter(|(prefix, _)| prefix.contains(path))
            .max_by_key(|(prefix, _)| prefix.0.len())
            .map_or(Origin::Spec(self.place), |(_, origin)| origin.clone())
    }
}
