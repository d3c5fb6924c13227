//! The parts of a platform that rules are about. Each knows its name and the place that stands for it where no field decides.

use crate::spec::Spec;
use crate::spec::types::{self, ClusterRole, Placement};
use model::source::{Located, Place};
use std::fmt;
use std::ops::Deref;

/// A cluster.
#[derive(Clone, Copy, Debug)]
pub struct Cluster<'a> {
    /// Name.
    pub name: &'a str,
    /// As the spec has it.
    pub declared: &'a Located<types::Cluster>,
}

/// MySQL, Vault or an Elasticsearch.
#[derive(Clone, Copy, Debug)]
pub enum Store<'a> {
    /// MySQL.
    Mysql(&'a Located<types::Mysql>),
    /// Vault.
    Vault(&'a Located<types::Vault>),
    /// An Elasticsearch and its name.
    Elasticsearch(&'a str, &'a Located<types::Elasticsearch>),
}

/// A tenant.
#[derive(Clone, Copy, Debug)]
pub struct Tenant<'a> {
    /// Name.
    pub name: &'a str,
    /// As the spec has it.
    pub declared: &'a Located<types::Tenant>,
}

/// An environment of a tenant.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a> {
    /// The tenant.
    pub tenant: Tenant<'a>,
    /// Name.
    pub name: &'a str,
    /// As the spec has it.
    pub declared: &'a Located<types::Environment>,
}

/// An environment on one of its clusters.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The environment.
    pub environment: Environment<'a>,
    /// The cluster.
    pub cluster: Cluster<'a>,
    /// Where the environment names the cluster.
    pub named_at: Place,
}

impl Cluster<'_> {
    /// Whether environments run on it.
    pub fn serves(&self) -> bool {
        self.role.value != ClusterRole::Management
    }
}

impl<'a> Store<'a> {
    /// Where it runs.
    pub fn placement(&self) -> &'a Located<Placement> {
        match self {
            Store::Mysql(mysql) => &mysql.value.placement,
            Store::Vault(vault) => &vault.value.placement,
            Store::Elasticsearch(_, elasticsearch) => &elasticsearch.value.placement,
        }
    }

    /// The cluster that it runs in.
    pub fn cluster(&self) -> Option<&'a str> {
        match &self.placement().value {
            Placement::InCluster(cluster) => Some(cluster),
            Placement::External { .. } => None,
        }
    }

    /// Where the spec declares it.
    pub fn place(&self) -> Place {
        match self {
            Store::Mysql(mysql) => mysql.place,
            Store::Vault(vault) => vault.place,
            Store::Elasticsearch(_, elasticsearch) => elasticsearch.place,
        }
    }
}

impl<'a> Tenant<'a> {
    /// Its environments, in the order of the file.
    pub fn environments(self) -> impl Iterator<Item = Environment<'a>> + use<'a> {
        self.declared.value.environments.iter().map(move |(name, declared)| Environment { tenant: self, name, declared })
    }
}

impl<'a> Environment<'a> {
    /// It on each of its clusters.
    pub fn cells(self, spec: &'a Spec) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        self.declared.value.clusters.iter().filter_map(move |named| {
            let (name, declared) = spec.clusters.get_key_value(named.value.as_str())?;
            Some(Cell { environment: self, cluster: Cluster { name, declared }, named_at: named.place })
        })
    }
}

impl Cell<'_> {
    /// The place that stands for it: where the environment names the cluster, or the environment itself.
    pub fn place(&self) -> Place {
        first_written([self.named_at, self.environment.declared.place])
    }
}

/// The first place that somebody wrote.
pub fn first_written(places: impl IntoIterator<Item = Place>) -> Place {
    places.into_iter().find(Place::is_written).unwrap_or(Place::NOWHERE)
}

macro_rules! reads_as {
    ($($subject:ident => $target:ident),*) => {$(
        impl<'a> Deref for $subject<'a> {
            type Target = types::$target;

            fn deref(&self) -> &types::$target {
                &self.declared.value
            }
        }
    )*};
}
reads_as!(Cluster => Cluster, Tenant => Tenant, Environment => Environment);

impl fmt::Display for Cluster<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cluster {}", self.name)
    }
}

impl fmt::Display for Store<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Store::Mysql(_) => f.write_str("mysql"),
            Store::Vault(_) => f.write_str("vault"),
            Store::Elasticsearch(name, _) => write!(f, "elasticsearch.{name}"),
        }
    }
}

impl fmt::Display for Tenant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant.name, self.name)
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.environment, self.cluster.name)
    }
}
