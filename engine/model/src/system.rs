//! The systems that the engine looks at and changes.

use crate::kind::Family;
use crate::value::Text;
use std::fmt;
use std::str::FromStr;

/// Port of Vault's API (Vault documentation, `api_addr`).
pub const VAULT_PORT: u16 = 8200;
/// Port of MySQL (MySQL reference manual, `port`).
pub const MYSQL_PORT: u16 = 3306;
/// Port of Elasticsearch's API (Elasticsearch reference, `http.port`).
pub const ELASTICSEARCH_PORT: u16 = 9200;

/// One system with an interface of its own. In an address it is written `cluster.eu-1`, `vault`, `mysql`, `elasticsearch.central`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// A Kubernetes cluster, by its name in the spec.
    Cluster(Text),
    /// The platform's Vault.
    Vault,
    /// The platform's MySQL server.
    Mysql,
    /// An Elasticsearch, by its name in the spec.
    Elasticsearch(Text),
}

impl System {
    /// The kind of system that it is.
    pub fn family(&self) -> Family {
        match self {
            System::Cluster(_) => Family::Kubernetes,
            System::Vault => Family::Vault,
            System::Mysql => Family::Mysql,
            System::Elasticsearch(_) => Family::Elasticsearch,
        }
    }

    /// The port that its server listens on where the platform itself runs it. A cluster is reached as its kubeconfig says.
    pub fn port(&self) -> Option<u16> {
        match self {
            System::Cluster(_) => None,
            System::Vault => Some(VAULT_PORT),
            System::Mysql => Some(MYSQL_PORT),
            System::Elasticsearch(_) => Some(ELASTICSEARCH_PORT),
        }
    }

    /// How it is written, in two parts: `cluster.` and its name, or `vault` and nothing more.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            System::Cluster(name) => ("cluster.", name),
            System::Vault => ("vault", ""),
            System::Mysql => ("mysql", ""),
            System::Elasticsearch(name) => ("elasticsearch.", name),
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (family, name) = self.parts();
        f.write_str(family)?;
        f.write_str(name)
    }
}

/// A text that names no system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no system; a system is written cluster.NAME, vault, mysql or elasticsearch.NAME")]
pub struct NotASystem(pub String);

impl FromStr for System {
    type Err = NotASystem;

    fn from_str(text: &str) -> Result<Self, NotASystem> {
        match text.split_once('.') {
            None if text == "vault" => Ok(System::Vault),
            None if text == "mysql" => Ok(System::Mysql),
            // A slash would make it an address.
            Some((_, name)) if name.is_empty() || name.contains('/') => Err(NotASystem(text.to_owned())),
            Some(("cluster", name)) => Ok(System::Cluster(name.into())),
            Some(("elasticsearch", name)) => Ok(System::Elasticsearch(name.into())),
            _ => Err(NotASystem(text.to_owned())),
        }
    }
}

crate::value::serde_as_text!(System);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_reads_back_and_an_address_is_none() {
        for text in ["cluster.eu-1", "vault", "mysql", "elasticsearch.central"] {
            assert_eq!(text.parse::<System>().map(|system| system.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "vault.a", "cluster.", "moon.a", "cluster.eu-1/service/acme/web"] {
            assert!(text.parse::<System>().is_err(), "{text}");
        }
    }
}
