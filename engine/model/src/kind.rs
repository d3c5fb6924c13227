//! The kinds of resources, and what is true of every resource of a kind.

use std::fmt;
use std::str::FromStr;

/// Declares the kinds once: variant, word in an address, family.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal in $family:ident;)*) => {
        /// What a resource is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// Every kind, in the order of this file.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];

            /// The word that stands for it in an address.
            pub const fn word(self) -> &'static str {
                match self { $(Kind::$variant => $word,)* }
            }

            /// The kind of system that it lives in.
            pub const fn family(self) -> Family {
                match self { $(Kind::$variant => Family::$family,)* }
            }
        }
    };
}

/// The kind of system that a resource lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A Kubernetes cluster.
    Kubernetes,
    /// Vault.
    Vault,
    /// MySQL.
    Mysql,
    /// Elasticsearch.
    Elasticsearch,
}

kinds! {
    /// Kubernetes Namespace; key `NAME`.
    Namespace = "namespace" in Kubernetes;
    /// Kubernetes ServiceAccount; key `NAMESPACE/NAME`, as for every namespaced kind below.
    ServiceAccount = "service-account" in Kubernetes;
    /// Kubernetes Role.
    Role = "role" in Kubernetes;
    /// Kubernetes RoleBinding.
    RoleBinding = "role-binding" in Kubernetes;
    /// Kubernetes Secret (image pull credentials).
    Secret = "secret" in Kubernetes;
    /// Kubernetes ConfigMap.
    ConfigMap = "config-map" in Kubernetes;
    /// Kubernetes PersistentVolumeClaim.
    PersistentVolumeClaim = "persistent-volume-claim" in Kubernetes;
    /// Kubernetes NetworkPolicy.
    NetworkPolicy = "network-policy" in Kubernetes;
    /// Kubernetes Service.
    Service = "service" in Kubernetes;
    /// Kubernetes PodDisruptionBudget.
    PodDisruptionBudget = "pod-disruption-budget" in Kubernetes;
    /// Kubernetes Deployment.
    Deployment = "deployment" in Kubernetes;
    /// Kubernetes StatefulSet.
    StatefulSet = "stateful-set" in Kubernetes;
    /// Kubernetes Job.
    Job = "job" in Kubernetes;
    /// A mount of a Vault secrets engine (KV version 2); key: its path.
    Mount = "mount" in Vault;
    /// A Vault policy; key: its name.
    Policy = "policy" in Vault;
    /// A mount of a Vault auth method; key: its path.
    AuthMethod = "auth-method" in Vault;
    /// A role of a Vault auth method; key `METHOD-PATH/NAME`.
    AuthRole = "auth-role" in Vault;
    /// An entry of a Vault KV version 2 mount; key `MOUNT/PATH`.
    Kv = "kv" in Vault;
    /// A MySQL schema; key: its name.
    Schema = "schema" in Mysql;
    /// A MySQL table; key `SCHEMA/TABLE`.
    Table = "table" in Mysql;
    /// A MySQL user; key: its name.
    User = "user" in Mysql;
    /// What a MySQL user may do on a schema; key `USER/SCHEMA`.
    Grant = "grant" in Mysql;
    /// An Elasticsearch lifecycle policy; key: its name.
    LifecyclePolicy = "lifecycle-policy" in Elasticsearch;
    /// An Elasticsearch index template; key: its name.
    IndexTemplate = "index-template" in Elasticsearch;
    /// An Elasticsearch role; key: its name. The word differs from Kubernetes' so that an address needs no context.
    SearchRole = "search-role" in Elasticsearch;
}

impl Kind {
    /// Whether deleting it loses what cannot be made again from the spec (DUR-7): it needs consent by name.
    pub const fn holds_data(self) -> bool {
        matches!(self, Kind::PersistentVolumeClaim | Kind::Mount | Kind::Schema | Kind::Table)
    }

    /// Whether a change of its pods rolls over time, so that a step is only done when it is ready.
    pub const fn runs_pods(self) -> bool {
        matches!(self, Kind::Deployment | Kind::StatefulSet | Kind::Job)
    }

    /// Kinds of one family, in order.
    pub fn of(family: Family) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| kind.family() == family)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no kind of resource")]
pub struct NotAKind(pub String);

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Self, NotAKind> {
        Kind::ALL.iter().copied().find(|kind| kind.word() == text).ok_or_else(|| NotAKind(text.to_owned()))
    }
}

crate::value::serde_as_text!(Kind);
