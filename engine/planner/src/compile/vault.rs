//! What the platform keeps in Vault as a whole: its mount, and for each cluster the way in which pods log in.
//!
//! A pod shows a token of its ServiceAccount that is made for Vault alone. Vault knows it by the public keys of the cluster that signed it (auth
//! method `jwt`), so it has to ask no API server, needs no account in any cluster, and lets pods in while an API server is away. The price:
//! a token that was revoked is taken until it ends, within the hour.

use super::compiler::Compiler;
use super::draft::{Draft, Owner, document, texts};
use super::pods::VAULT_AUDIENCE;
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, LivesIn, NeedsReady, References};
use model::kind::Kind;
use model::login::SERVICE_ACCOUNT;
use model::resource::Scope;
use model::system::System;
use model::value::{Map, Value};

/// Lifetime of a login's token, renewed at half of it: an hour.
const TOKEN_SECONDS: u32 = 3600;
/// Longest life of a login's token: after it a pod logs in again with its ServiceAccount (Vault's own default, `max_lease_ttl`).
const TOKEN_MAXIMUM_SECONDS: u32 = 768 * 3600;

/// The mount and the auth methods.
pub(crate) fn compile(compiler: &mut Compiler) {
    let spec = compiler.spec;
    let platform = compiler.names.platform;
    let place = spec.dependencies.vault.place;
    let mount = document([
        ("description", format!("Configuration of the platform {platform}").into()),
        ("options", document([("version", "2".into())])),
        ("type", "kv".into()),
    ]);
    let mount = Draft::new(compiler.mount.clone(), mount, &Scope::PLATFORM, place);
    compiler.add(in_vault(compiler, mount));
    for (cluster, declared) in &spec.clusters {
        let scope = Scope { cluster: Some(cluster.as_str().into()), ..Scope::PLATFORM };
        let method = document([
            // Whoever applies this asks the cluster for its keys.
            ("config", document([("cluster", cluster.as_str().into())])),
            ("description", format!("Pods of the cluster {cluster} of the platform {platform}").into()),
            ("type", "jwt".into()),
        ]);
        let draft = Draft::new(method_address(compiler, cluster), method, &scope, declared.place);
        compiler.add(in_vault(compiler, draft));
    }
}

/// After the workload that runs Vault, or the MySQL that Vault stores in, if either runs in a cluster.
pub(crate) fn in_vault(compiler: &Compiler, draft: Draft) -> Draft {
    use crate::spec::types::VaultStorage;
    let topology = &compiler.topology;
    let on_mysql = compiler.spec.dependencies.vault.storage.value == VaultStorage::Mysql;
    let mysql = topology.mysql.workload.as_ref().filter(|_| on_mysql && topology.vault.workload.is_none());
    draft.after_all(&topology.vault.workload, NeedsReady).after_all(mysql, NeedsReady)
}

fn method_address(compiler: &Compiler, cluster: &str) -> Address {
    Address::new(&System::Vault, Kind::AuthMethod, &compiler.names.auth_method(cluster))
}

/// An entry with these fields.
pub(crate) fn entry(compiler: &Compiler, path: &str, fields: Map, owner: Owner) -> Draft {
    Draft::at(&System::Vault, Kind::Kv, path, document([("data", Value::Map(fields))]), owner).after(&compiler.mount, LivesIn)
}

/// What a pod may do in Vault, and who it is there.
pub(crate) struct Login<'a> {
    /// Cluster that the pod runs in.
    pub(crate) cluster: &'a str,
    /// Name of the role.
    pub(crate) role: String,
    /// Name of the policy.
    pub(crate) policy: String,
    /// The policy: paths of entries, the mount first, each with what may be done.
    pub(crate) rules: Vec<(String, &'static [&'static str])>,
    /// The ServiceAccount that the pod runs as.
    pub(crate) account: &'a Address,
    pub(crate) owner: Owner<'a>,
}

impl Login<'_> {
    /// Policy and role; gives back the role's address.
    pub(crate) fn compile(self, compiler: &mut Compiler) -> Address {
        let policy = document([("policy", hcl(&self.rules).into())]);
        let draft = Draft::at(&System::Vault, Kind::Policy, &self.policy, policy, self.owner);
        let policy_address = compiler.add(in_vault(compiler, draft));
        let namespace = self.account.namespace().unwrap_or_default();
        let role = document([
            ("bound_audiences", texts([VAULT_AUDIENCE])),
            ("bound_subject", format!("{SERVICE_ACCOUNT}{namespace}:{}", self.account.name()).into()),
            ("role_type", "jwt".into()),
            ("token_max_ttl", TOKEN_MAXIMUM_SECONDS.into()),
            ("token_policies", texts([self.policy.as_str()])),
            ("token_ttl", TOKEN_SECONDS.into()),
            ("user_claim", "sub".into()),
        ]);
        let method = method_address(compiler, self.cluster);
        let key = format!("{}/{}", method.key(), self.role);
        let draft = Draft::at(&System::Vault, Kind::AuthRole, &key, role, self.owner)
            .after(&method, LivesIn)
            // It has no place of its own for the mark of whose it is: that lives in the platform's mount.
            .after(&compiler.mount, LivesIn)
            .after(&policy_address, IsAllowedBy)
            .after(self.account, References);
        compiler.add(draft)
    }
}

/// A policy in Vault's language. In a KV version 2 mount the content of an entry is under `data/`.
fn hcl(rules: &[(String, &'static [&'static str])]) -> String {
    let rule = |(path, capabilities): &(String, &'static [&'static str])| {
        let (mount, rest) = path.split_once('/').unwrap_or((path, ""));
        let section = if capabilities.contains(&"list") { "metadata" } else { "data" };
        let words: Vec<String> = capabilities.iter().map(|word| format!("\"{word}\"")).collect();
        format!("path \"{mount}/{section}/{rest}\" {{\n  capabilities = [{}]\n}}\n", words.join(", "))
    };
    rules.iter().map(rule).collect::<Vec<_>>().join("\n")
}
