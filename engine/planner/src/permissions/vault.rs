//! What is needed in Vault: paths, and what may be done there.
//!
//! Vault has no escalation prevention: whoever writes policies and the roles that have them could write others. Therefore every policy is
//! named. What begins with the platform's name may be read, since an old policy is known as ours by its text alone.

use super::Wanted;
use model::{Kind, SecretReference, System};
use std::collections::{BTreeMap, BTreeSet};

/// One path of a policy.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// The path; a star at its end stands for everything below.
    pub path: String,
    /// What may be done, in order.
    pub capabilities: Vec<&'static str>,
}

pub(super) fn needs(wanted: &Wanted<'_>) -> Vec<Rule> {
    let platform = wanted.platform;
    let mut paths: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut may = |path: String, capabilities: &[&'static str]| paths.entry(path).or_default().extend(capabilities);
    may("auth/token/lookup-self".to_owned(), &["read"]);
    may("auth/token/renew-self".to_owned(), &["update"]);
    may("sys/mounts".to_owned(), &["read"]);
    may("sys/auth".to_owned(), &["read"]);
    may("sys/policy".to_owned(), &["read"]);
    may(format!("sys/policy/{platform}-*"), &["read"]);
    // Marks of roles are kept in the platform's own mount, whatever else is.
    may(format!("{platform}/metadata/*"), &["read"]);
    for address in wanted.addresses(&System::Vault) {
        let key = address.key();
        match address.kind() {
            Kind::Mount => {
                may(format!("sys/mounts/{key}"), &["create", "delete", "update"]);
                may(format!("sys/mounts/{key}/tune"), &["update"]);
                may(format!("{key}/data/*"), &["create", "read", "update"]);
                may(format!("{key}/metadata/*"), &["create", "delete", "list", "read", "update"]);
            }
            // Vault documentation, "/sys/auth": these ask for `sudo` beside.
            Kind::AuthMethod => {
                may(format!("sys/auth/{key}"), &["create", "delete", "sudo", "update"]);
                may(format!("sys/auth/{key}/tune"), &["sudo", "update"]);
                may(format!("auth/{key}/config"), &["create", "read", "update"]);
                may(format!("auth/{key}/role"), &["list"]);
                may(format!("auth/{key}/role/*"), &["create", "delete", "read", "update"]);
            }
            Kind::Policy => may(format!("sys/policy/{key}"), &["create", "delete", "read", "update"]),
            _ => {}
        }
    }
    for secret in &wanted.secrets {
        if let SecretReference::Vault { path, .. } = secret
            && let Some((mount, inside)) = path.split_once('/')
            && mount != platform
        {
            may(format!("{mount}/data/{inside}"), &["read"]);
        }
    }
    paths.into_iter().map(|(path, capabilities)| Rule { path, capabilities: capabilities.into_iter().collect() }).collect()
}
