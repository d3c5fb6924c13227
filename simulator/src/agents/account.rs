//! What Vault answers to an agent that logs in with its service account and reads one entry.

pub(crate) use crate::vault::Token;
use crate::vault::{Refusal, policy};
use crate::world::Stores;
use model::login::SERVICE_ACCOUNT;
use model::value::Text;
use model::{Duration, System, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use vault_session::{Failure, Lease};

/// Lifetime of a token whose role says nothing of it, and its longest life (Vault, `max_lease_ttl`: 768 h).
const DEFAULT_TTL: Duration = Duration::seconds(768 * 3600);

/// Whom the tokens are for with which pods log in.
const AUDIENCE: &str = "vault";

/// Who an agent is in Vault, and what it reads there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) namespace: Text,
    pub(crate) service_account: Text,
    /// Path of the auth method.
    pub(crate) method: Text,
    /// Path of its entry, the mount first.
    pub(crate) path: Text,
}

impl Account {
    /// `cluster` is where the agent runs; variables of its pod win over what follows from its path.
    pub(crate) fn new(cluster: &str, pod: &crate::kubernetes::AgentPod) -> Option<Self> {
        let path = pod.path.clone()?;
        let mount = path.split('/').next().unwrap_or_default();
        let named = pod.variables.get("VAMP_VAULT_AUTH_METHOD").cloned();
        let method = named.unwrap_or_else(|| format!("{mount}-{cluster}").into());
        Some(Account { namespace: pod.namespace.clone(), service_account: pod.service_account.clone(), method, path })
    }

    /// The role that lets it in, with its name.
    fn role<'a>(&'a self, stores: &'a Stores) -> Option<(&'a Text, &'a Value)> {
        let Account { namespace, service_account, method, .. } = self;
        let subject = format!("{SERVICE_ACCOUNT}{namespace}:{service_account}");
        let is_for_vault = |role: &Value| {
            let audiences = role.get("bound_audiences").and_then(Value::as_list).unwrap_or_default();
            audiences.iter().any(|audience| audience.as_str() == Some(AUDIENCE))
        };
        let binds = |role: &Value| role.str_at(&["bound_subject"]) == Some(&*subject) && is_for_vault(role);
        stores.vault.roles_of(method).find(|(_, role)| binds(role))
    }

    /// The policies that its tokens have.
    pub(crate) fn policies(&self, stores: &Stores) -> Vec<Text> {
        let role = self.role(stores).map(|(_, role)| role);
        let policies = role.and_then(|role| role.get("token_policies")?.as_list()).unwrap_or_default();
        policies.iter().filter_map(Value::as_str).map(Text::from).collect()
    }

    /// Log in.
    pub(crate) fn log_in(&self, stores: &Stores, now: Timestamp) -> Result<(Token, Lease), Failure> {
        answers(stores)?;
        stores.vault.writable().map_err(failure)?;
        let Account { namespace, service_account, method, .. } = self;
        let now = stores.vault.clock(now);
        let (name, role) = self.role(stores).ok_or_else(|| {
            Failure::Forbidden(format!(
                "vault: permission denied: no role of {method} is bound to service account {namespace}/{service_account}"
            ))
        })?;
        let seconds = |field: &str| role.integer_at(&[field]).and_then(|seconds| u64::try_from(seconds).ok());
        let longest = seconds("token_max_ttl").filter(|seconds| *seconds > 0).map_or(DEFAULT_TTL, Duration::seconds);
        let ttl = seconds("token_ttl").filter(|seconds| *seconds > 0).map_or(DEFAULT_TTL, Duration::seconds).min(longest);
        let token = Token {
            policies: self.policies(stores),
            role: name.clone(),
            ends: now + ttl,
            life_ends: now + longest,
            generation: stores.vault.state().generation,
        };
        Ok((token, Lease { ttl }))
    }

    /// Renew a token.
    pub(crate) fn renew(token: Option<&mut Token>, asked: Duration, stores: &Stores, now: Timestamp) -> Result<Lease, Failure> {
        answers(stores)?;
        stores.vault.writable().map_err(failure)?;
        let now = stores.vault.clock(now);
        let is_valid = valid(token.as_deref(), stores, now).is_some();
        let token = token.filter(|_| is_valid).ok_or(Failure::Denied)?;
        Ok(Lease { ttl: token.renew(asked, now) })
    }

    /// Read the entry.
    pub(crate) fn read(&self, token: Option<&Token>, stores: &mut Stores, now: Timestamp) -> Result<Entry, Failure> {
        answers(stores)?;
        stores.vault.serving().map_err(failure)?;
        let token = valid(token, stores, stores.vault.clock(now)).ok_or(Failure::Denied)?;
        let path = &self.path;
        let texts = token.policies.iter().filter_map(|name| stores.vault.policy(name));
        if !texts.into_iter().any(|text| policy::may_read(text, path)) {
            let policies = token.policies.iter().map(Text::as_str).collect::<Vec<_>>().join(", ");
            return Err(Failure::Forbidden(format!("vault: permission denied: policies {policies} do not allow to read {path}")));
        }
        let read = stores.vault.read(path).map_err(|refusal| named(path, refusal))?;
        let (version, document) = (read.version, read.data.value().clone());
        let written = stores.vault.entry(path).map_or(Timestamp(0), |entry| entry.written);
        stores.vault.remember_read(path);
        Ok(Entry { version, written, document })
    }
}

/// What a read gives.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) version: u64,
    pub(crate) written: Timestamp,
    document: Arc<Value>,
}

impl Entry {
    /// What was written.
    pub(crate) fn data(&self) -> &Value {
        self.document.get("data").unwrap_or(&self.document)
    }
}

/// The token, if it is good at `now` by Vault's own clock.
fn valid<'a>(token: Option<&'a Token>, stores: &Stores, now: Timestamp) -> Option<&'a Token> {
    token.filter(|token| token.is_valid(stores.vault.state().generation, now))
}

/// Whether anybody answers at all: the workload that runs Vault may be away.
fn answers(stores: &Stores) -> Result<(), Failure> {
    stores.reaches(&System::Vault).map_err(|why| Failure::Away(format!("vault: {why}")))
}

fn named(path: &str, refusal: Refusal) -> Failure {
    match failure(refusal) {
        Failure::Missing(text) => Failure::Missing(format!("{path}: {text}")),
        other => other,
    }
}

/// What an agent makes of an answer.
fn failure(refusal: Refusal) -> Failure {
    let text = refusal.clone().into_operation_error().to_string();
    match refusal {
        Refusal::NoToken | Refusal::InvalidToken => Failure::Denied,
        Refusal::NotAllowed => Failure::Forbidden(text),
        Refusal::NeverWritten | Refusal::Gone { .. } | Refusal::NoMount(_) => Failure::Missing(text),
        Refusal::CheckAndSet | Refusal::CheckAndSetRequired => Failure::Refused(text),
        _ => Failure::Away(text),
    }
}

/// Which of an agent's variables say where its documents go.
pub(crate) fn sink(variables: &BTreeMap<Text, Text>) -> Option<(Text, Text)> {
    Some((variables.get("VAMP_ELASTICSEARCH_URL")?.clone(), variables.get("VAMP_ELASTICSEARCH_STREAM")?.clone()))
}
