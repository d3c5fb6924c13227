//! Mounts, auth methods, their roles, and policies: what has no version in Vault. Its version is a digest of what is there; a step reads,
//! compares, and writes. Between the two somebody else may write: Vault offers nothing against that.

use super::client::{Raw, Vault};
use super::refusal::Trouble;
use crate::judge::{Asked, Present};
use crate::kubernetes::issuer::Issuer;
use futures::{StreamExt, TryStreamExt, stream};
use model::mark_in_vault::{self as marks, COMMENT};
use model::operation::{Expectation, Mark, OperationError};
use model::value::Text;
use model::{Address, Kind, Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use vaultrs::api::auth::oidc::requests::{DeleteRoleRequest, ListRolesRequest, ReadConfigurationRequest, ReadRoleRequest};
use vaultrs::api::kv2::requests::ReadSecretMetadataRequest;
use vaultrs::api::sys::requests::{
    CreatePolicyRequest, DeletePolicyRequest, DisableAuthRequest, DisableEngineRequest, EnableAuthRequest, EnableEngineRequest,
    ListAuthsRequest, ListMountsRequest, ListPoliciesRequest, ReadPolicyRequest,
};

/// A thing as it is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) document: Value,
    pub(crate) mark: Option<Mark>,
}

impl Thing {
    /// A digest of the document that is there. The mark has no part in it: some are written in a request of their own, and a step that got
    /// no further is to find what it expected when it is tried again.
    pub(crate) fn version(&self) -> Text {
        self.document.digest()[..20].into()
    }

    /// Whether this is what a step to make it leaves that got no further than its first request: an auth method that is not configured.
    pub(crate) fn is_begun(&self, asked: &Asked<'_>, wanted: &Value) -> bool {
        let mut first = wanted.clone();
        first.remove(&["config"]).is_some()
            && *asked.expected == Expectation::Absent
            && self.mark.as_ref() == Some(asked.mark)
            && self.document == first
    }

    pub(crate) fn present(&self, wanted: Option<&Value>) -> Present {
        Present { mark: self.mark.clone(), version: self.version(), same: wanted == Some(&self.document) }
    }
}

/// The type of an auth method by which pods log in.
const OF_PODS: &str = "jwt";
/// How often a look is begun anew.
const RESTARTS: usize = 4;

/// Things by the last part of their address.
pub(crate) type Things = BTreeMap<String, Thing>;

impl Vault {
    /// All things of one kind. An auth method that somebody takes away between two requests of a look makes it a look at nothing that ever
    /// was, so it is begun anew.
    pub(super) async fn things(&self, kind: Kind) -> Result<Things, Trouble> {
        for _ in 0..RESTARTS {
            match self.things_at_once(kind).await {
                Err(Trouble::Refusal(refusal)) if refusal.is_no_mount() => {}
                looked => return looked,
            }
        }
        self.things_at_once(kind).await
    }

    async fn things_at_once(&self, kind: Kind) -> Result<Things, Trouble> {
        match kind {
            Kind::Mount => Ok(mounts(&self.data(&ListMountsRequest {}).await?)),
            Kind::AuthMethod => self.auth_methods(None).await,
            Kind::AuthRole => self.roles().await,
            Kind::Policy => self.policies().await,
            _ => Ok(Things::new()),
        }
    }

    /// One thing, if it is there.
    pub(super) async fn thing(&self, address: &Address) -> Result<Option<Thing>, Trouble> {
        let key = address.key();
        match address.kind() {
            Kind::Policy => self.policy(key).await,
            Kind::AuthMethod => Ok(self.auth_methods(Some(key)).await?.remove(key)),
            Kind::AuthRole => match key.rsplit_once('/') {
                Some((method, role)) => self.role(method, role).await,
                None => Ok(None),
            },
            kind => Ok(self.things(kind).await?.remove(key)),
        }
    }

    /// All auth methods, or only the one at `only`.
    async fn auth_methods(&self, only: Option<&str>) -> Result<Things, Trouble> {
        let listed = self.data(&ListAuthsRequest {}).await?;
        let listed = listed.as_map().into_iter().flat_map(Map::iter);
        let listed = listed.map(|(path, method)| (path.trim_end_matches('/'), mount(method)));
        let asked = listed.filter(|(path, _)| only.is_none_or(|only| only == *path));
        let whole = stream::iter(asked.collect::<Vec<_>>()).map(async |(path, mut thing)| {
            thing.document.remove(&["options"]);
            if self.is_ours(Kind::AuthMethod, path, &thing)
                && thing.document.str_at(&["type"]) == Some(OF_PODS)
                && let Some(config) = self.auth_config(path).await?
            {
                thing.document.set(&["config"], config);
            }
            Ok((path.to_owned(), thing))
        });
        whole.buffer_unordered(super::AT_A_TIME).try_collect().await
    }

    /// Whether a thing is the platform's, or has a name that it wants. What is inside of others is no business of ours, and may be
    /// closed to us.
    pub(super) fn is_ours(&self, kind: Kind, key: &str, thing: &Thing) -> bool {
        thing.mark.as_ref().is_some_and(|mark| mark.platform == self.platform) || self.is_wanted(kind, key)
    }

    fn is_wanted(&self, kind: Kind, key: &str) -> bool {
        self.wanted.document(&Address::new(&model::System::Vault, kind, key)).is_some()
    }

    async fn auth_config(&self, method: &str) -> Result<Option<Value>, Trouble> {
        match self.data(&ReadConfigurationRequest { mount: method.to_owned() }).await {
            Ok(seen) => Ok(Some(self.named_config(method, &seen).await)),
            // Enabled, and not configured yet.
            Err(Trouble::Refusal(refusal)) if refusal.is_nothing() => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// A configuration as it is wanted: by the name of the cluster, where it holds the keys of that cluster.
    async fn named_config(&self, method: &str, seen: &Value) -> Value {
        let mut config = without_defaults(seen);
        let address = Address::new(&model::System::Vault, Kind::AuthMethod, method);
        let wanted = self.wanted.document(&address).and_then(|document| document.str_at(&["config", "cluster"]));
        let Some(cluster) = wanted else { return config };
        // Of a cluster that does not say nobody knows whether these are its keys; they are left alone.
        if self.issuer(cluster).await.is_ok_and(|issuer| !holds(&config, &issuer)) {
            return config;
        }
        config.remove(&["bound_issuer"]);
        config.remove(&["jwt_validation_pubkeys"]);
        config.set(&["cluster"], cluster);
        config
    }

    /// Who signs the tokens of the pods of a cluster.
    async fn issuer(&self, cluster: &str) -> Result<Issuer, OperationError> {
        let unknown = |gap| OperationError::NotYet(format!("the pods of cluster.{cluster} are to log in to Vault: {gap}"));
        self.clusters.named(cluster).map_err(unknown)?.issuer().await
    }

    async fn roles(&self) -> Result<Things, Trouble> {
        let mut things = Things::new();
        for method in self.methods_of_pods().await? {
            let listed = match self.data(&ListRolesRequest { mount: method.clone() }).await {
                Ok(listed) => listed,
                Err(Trouble::Refusal(refusal)) if refusal.is_nothing() => continue,
                Err(trouble) => return Err(trouble),
            };
            for role in listed.get("keys").and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
                if let Some(thing) = self.role(&method, role).await? {
                    things.insert(format!("{method}/{role}"), thing);
                }
            }
        }
        Ok(things)
    }

    /// Auth methods in which the platform may have roles: its own, and those that it wants.
    async fn methods_of_pods(&self) -> Result<Vec<String>, Trouble> {
        let listed = self.data(&ListAuthsRequest {}).await?;
        let listed = listed.as_map().into_iter().flat_map(Map::iter);
        let of_pods = listed.filter(|(_, method)| method.str_at(&["type"]) == Some(OF_PODS));
        let ours = of_pods.filter(|(path, method)| self.is_ours(Kind::AuthMethod, path.trim_end_matches('/'), &mount(method)));
        Ok(ours.map(|(path, _)| path.trim_end_matches('/').to_owned()).collect())
    }

    async fn role(&self, method: &str, role: &str) -> Result<Option<Thing>, Trouble> {
        let request = ReadRoleRequest { mount: method.to_owned(), name: role.to_owned() };
        let seen = match self.data(&request).await {
            Ok(seen) => seen,
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let mark = self.role_mark(&format!("{method}/{role}")).await?;
        Ok(Some(Thing { document: without_defaults(&seen), mark }))
    }

    async fn role_mark(&self, key: &str) -> Result<Option<Mark>, Trouble> {
        let request = ReadSecretMetadataRequest { mount: self.platform.to_string(), path: marks::path_of_role(key) };
        let metadata = match self.data(&request).await {
            Ok(metadata) => metadata,
            // No mark, or no mount to keep one in.
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let text = |(key, value): (&Text, &Value)| Some((key.to_string(), value.as_str()?.to_owned()));
        let custom = metadata.get("custom_metadata").and_then(Value::as_map);
        Ok(custom.and_then(|custom| marks::read(&custom.iter().filter_map(text).collect())))
    }

    async fn policies(&self) -> Result<Things, Trouble> {
        let listed = self.data(&ListPoliciesRequest {}).await?;
        let names = listed.get("keys").or_else(|| listed.get("policies")).and_then(Value::as_list).unwrap_or_default();
        let mut things = Things::new();
        // Whose a policy is only its text tells; those of the platform begin with its name, and nothing of others is read.
        let prefix = format!("{}-", self.platform);
        let is_ours = |name: &&str| name.starts_with(&prefix) || self.is_wanted(Kind::Policy, name);
        for name in names.iter().filter_map(Value::as_str).filter(is_ours) {
            if let Some(thing) = self.policy(name).await? {
                things.insert(name.to_owned(), thing);
            }
        }
        Ok(things)
    }

    async fn policy(&self, name: &str) -> Result<Option<Thing>, Trouble> {
        let seen = match self.data(&ReadPolicyRequest { name: name.to_owned() }).await {
            Ok(seen) => seen,
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let (text, mark) = marks::split(seen.str_at(&["rules"]).unwrap_or_default(), COMMENT);
        let mut document = Value::EMPTY_MAP;
        document.set(&["policy"], text);
        Ok(Some(Thing { document, mark }))
    }

    /// Write a thing. `new` if it is not there.
    pub(super) async fn put_thing(
        &self,
        address: &Address,
        document: &Value,
        mark: &Mark,
        new: bool,
    ) -> Result<(), OperationError> {
        let key = address.key();
        match address.kind() {
            Kind::Policy => {
                let policy = marks::append(document.str_at(&["policy"]).unwrap_or_default(), COMMENT, mark);
                self.done(&CreatePolicyRequest { name: key.to_owned(), policy }).await
            }
            Kind::AuthRole => self.put_role(address, document, mark).await,
            Kind::AuthMethod => self.put_method(key, document, mark, new).await,
            _ => self.put_mount(key, document, mark, new).await,
        }
    }

    async fn put_mount(&self, path: &str, document: &Value, mark: &Mark, new: bool) -> Result<(), OperationError> {
        let description = marks::append(document.str_at(&["description"]).unwrap_or_default(), "", mark);
        let options = document.get("options").and_then(Value::as_map);
        let text = |(key, value): (&Text, &Value)| (key.to_string(), value.as_str().unwrap_or_default().to_owned());
        let options: Option<std::collections::BTreeMap<String, String>> = options.map(|map| map.iter().map(text).collect());
        if new {
            let request = EnableEngineRequest {
                path: path.to_owned(),
                engine_type: document.str_at(&["type"]).map(ToOwned::to_owned),
                description: Some(description),
                config: None,
                options: options.map(|options| options.into_iter().collect()),
            };
            return self.done(&request).await;
        }
        let body = serde_json::json!({ "description": description, "options": options });
        self.done(&Raw::post(format!("sys/mounts/{path}/tune"), Some(&body))).await
    }

    async fn put_method(&self, path: &str, document: &Value, mark: &Mark, new: bool) -> Result<(), OperationError> {
        let config = self.full_config(document).await?;
        let description = marks::append(document.str_at(&["description"]).unwrap_or_default(), "", mark);
        if new {
            let engine_type = document.str_at(&["type"]).map(ToOwned::to_owned);
            let request = EnableAuthRequest { path: path.to_owned(), engine_type, description: Some(description), config: None };
            self.done(&request).await?;
        } else {
            let body = serde_json::json!({ "description": description });
            self.done(&Raw::post(format!("sys/auth/{path}/tune"), Some(&body))).await?;
        }
        match config {
            Some(config) => self.done(&Raw::post(format!("auth/{path}/config"), Some(&config))).await,
            None => Ok(()),
        }
    }

    /// The configuration that is written: with the keys of the cluster that it names.
    ///
    /// # Errors
    /// If the cluster does not say.
    pub(super) async fn full_config(&self, document: &Value) -> Result<Option<serde_json::Value>, OperationError> {
        let Some(mut config) = document.get("config").cloned() else { return Ok(None) };
        if let Some(Value::String(cluster)) = config.remove(&["cluster"]) {
            let issuer = self.issuer(&cluster).await?;
            config.set(&["bound_issuer"], issuer.name);
            config.set(&["jwt_validation_pubkeys"], issuer.keys);
        }
        Ok(Some(serde_json::to_value(&config).unwrap_or_default()))
    }

    async fn put_role(&self, address: &Address, document: &Value, mark: &Mark) -> Result<(), OperationError> {
        let Some((method, role)) = address.key().rsplit_once('/') else {
            return Err(OperationError::Refused(format!("{address} names no role of an auth method")));
        };
        let mut metadata = BTreeMap::new();
        marks::put(&mut metadata, mark);
        self.write_metadata(&self.platform, &marks::path_of_role(address.key()), metadata).await?;
        let there = self.role(method, role).await.map_err(|trouble| self.told(trouble))?;
        let document = there.map_or_else(|| document.clone(), |there| without_others(&there.document, document));
        let body = serde_json::to_value(&document).unwrap_or_default();
        self.done(&Raw::post(format!("auth/{method}/role/{role}"), Some(&body))).await
    }

    /// Take a thing away.
    pub(super) async fn delete_thing(&self, address: &Address) -> Result<(), OperationError> {
        let key = address.key().to_owned();
        match address.kind() {
            Kind::Policy => self.done(&DeletePolicyRequest { name: key }).await,
            Kind::AuthMethod => self.done(&DisableAuthRequest { path: key }).await,
            Kind::Mount => self.done(&DisableEngineRequest { path: key }).await,
            _ => {
                let (method, role) = key.rsplit_once('/').unwrap_or_default();
                self.done(&DeleteRoleRequest { mount: method.to_owned(), name: role.to_owned() }).await?;
                self.delete_mark(address).await
            }
        }
    }

    /// Take away the mark of a role. It goes after the role, so it may be left of one that is gone.
    pub(super) async fn delete_mark(&self, address: &Address) -> Result<(), OperationError> {
        match address.kind() {
            Kind::AuthRole => self.delete_metadata(&self.platform, &marks::path_of_role(address.key())).await,
            _ => Ok(()),
        }
    }

    async fn done<E: rustify::endpoint::Endpoint>(&self, request: &E) -> Result<(), OperationError> {
        self.ask(request).await.map(drop).map_err(|trouble| self.told(trouble))
    }

    pub(super) fn told(&self, trouble: Trouble) -> OperationError {
        trouble.into_operation_error(self.server())
    }
}

fn mounts(listed: &Value) -> Things {
    let listed = listed.as_map().into_iter().flat_map(Map::iter);
    // Vault's own are nobody's business.
    let listed = listed.filter(|(_, seen)| !matches!(seen.str_at(&["type"]), Some("system" | "identity" | "cubbyhole")));
    listed.map(|(path, seen)| (path.trim_end_matches('/').to_owned(), mount(seen))).collect()
}

/// A mount, or an auth method, as it is written.
fn mount(seen: &Value) -> Thing {
    let (description, mark) = marks::split(seen.str_at(&["description"]).unwrap_or_default(), "");
    let mut document = Value::EMPTY_MAP;
    document.set(&["description"], description.trim_end());
    if let Some(options) = seen.get("options").filter(|options| options.as_map().is_some_and(|map| !map.is_empty())) {
        document.set(&["options"], options.clone());
    }
    document.set(&["type"], seen.str_at(&["type"]).unwrap_or_default());
    Thing { document, mark }
}

/// What is written to bring a role from `seen` to `wanted`: Vault keeps each setting that is not named, so those that somebody else made are
/// brought back to what they are when nobody says anything.
fn without_others(seen: &Value, wanted: &Value) -> Value {
    let mut written = wanted.clone();
    let others = seen.as_map().into_iter().flat_map(Map::iter).filter(|(key, _)| wanted.get(key).is_none());
    for (key, value) in others {
        let unsaid = match (key.as_str(), value) {
            ("bound_claims_type", _) => Value::from("string"),
            ("callback_mode", _) => Value::from("client"),
            ("token_type", _) => Value::from("default"),
            (_, Value::Bool(_)) => Value::Bool(false),
            (_, Value::Integer(_)) => Value::Integer(0),
            (_, Value::List(_)) => Value::List(Vec::new()),
            (_, Value::Map(_)) => Value::EMPTY_MAP,
            _ => Value::from(""),
        };
        written.set(&[key.as_str()], unsaid);
    }
    written
}

/// Whether a configuration holds the keys of `issuer`, in whatever order, and no others.
fn holds(config: &Value, issuer: &Issuer) -> bool {
    let held = config.get("jwt_validation_pubkeys").and_then(Value::as_list).unwrap_or_default();
    let held: BTreeSet<&str> = held.iter().filter_map(Value::as_str).map(str::trim).collect();
    let told: BTreeSet<&str> = issuer.keys.iter().map(|key| key.trim()).collect();
    config.str_at(&["bound_issuer"]) == Some(&*issuer.name) && held == told
}

/// A role, or a configuration, without what nobody wrote (Vault documentation, JWT/OIDC auth method, "Configure" and "Create/update role").
fn without_defaults(seen: &Value) -> Value {
    let is_default = |key: &str, value: &Value| match value {
        Value::Null | Value::Bool(false) | Value::Integer(0) => true,
        // Of no weight for tokens that a program shows.
        Value::Bool(true) => key == "namespace_in_state",
        Value::String(text) if text.is_empty() => true,
        // The last two are OpenBao's: how a person would be led back, and what it thinks of the keys.
        Value::String(text) => matches!(
            (key, text.as_str()),
            ("bound_claims_type", "string") | ("token_type", "default") | ("callback_mode", "client") | ("status", _)
        ),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    };
    let mut document = seen.clone();
    if let Value::Map(map) = &mut document {
        map.retain(|key, value| !is_default(key, value));
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap()
    }

    /// As Vault 1.21.0 answers, and with what OpenBao 2.4 has beside.
    #[test]
    fn what_nobody_wrote_is_not_seen_whoever_made_the_server() {
        let role = json!({"bound_audiences": ["vault"], "bound_subject": "system:serviceaccount:shop:agent", "role_type": "jwt",
            "token_ttl": 60, "user_claim": "sub"});
        let mut seen = json!({"allowed_redirect_uris": null, "bound_claims": null, "bound_claims_type": "string", "claim_mappings": null,
            "clock_skew_leeway": 0, "expiration_leeway": 0, "groups_claim": "", "max_age": 0, "not_before_leeway": 0,
            "oidc_scopes": null, "token_bound_cidrs": [], "token_explicit_max_ttl": 0, "token_max_ttl": 0,
            "token_no_default_policy": false, "token_num_uses": 0, "token_period": 0, "token_policies": [], "token_type": "default",
            "user_claim_json_pointer": false, "verbose_oidc_logging": false});
        seen.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
        assert_eq!(without_defaults(&value(seen.clone())), value(role.clone()));
        let openbao = json!({"callback_mode": "client", "oauth2_metadata": null, "oidc_disable_confirmation": false,
            "token_policies_template_claims": false, "token_strictly_bind_ip": false});
        seen.as_object_mut().unwrap().extend(openbao.as_object().unwrap().clone());
        assert_eq!(without_defaults(&value(seen)), value(role));

        let config = json!({"bound_issuer": "https://issuer", "jwt_validation_pubkeys": ["key"]});
        let seen = json!({"bound_issuer": "https://issuer", "default_role": "", "jwks_ca_pem": "", "jwks_pairs": [], "jwks_url": "",
            "jwt_supported_algs": [], "jwt_validation_pubkeys": ["key"], "namespace_in_state": true, "oidc_client_id": "",
            "oidc_discovery_ca_pem": "", "oidc_discovery_url": "", "oidc_response_mode": "", "oidc_response_types": [],
            "override_allowed_server_names": null, "provider_config": {}, "status": "valid",
            "unsupported_critical_cert_extensions": []});
        assert_eq!(without_defaults(&value(seen)), value(config));
    }

    #[test]
    fn what_others_made_of_a_role_is_brought_back_to_what_it_is_when_nobody_says_anything() {
        let wanted = value(json!({"role_type": "jwt", "token_ttl": 60}));
        let seen = value(
            json!({"bound_claims_type": "glob", "bound_claims": {"a": "b"}, "callback_mode": "direct", "groups_claim": "g",
            "oidc_scopes": ["s"], "role_type": "jwt", "token_num_uses": 5, "token_ttl": 90, "token_type": "batch", "verbose_oidc_logging": true}),
        );
        let written = value(
            json!({"bound_claims_type": "string", "bound_claims": {}, "callback_mode": "client", "groups_claim": "",
            "oidc_scopes": [], "role_type": "jwt", "token_num_uses": 0, "token_ttl": 60, "token_type": "default", "verbose_oidc_logging": false}),
        );
        assert_eq!(without_others(&seen, &wanted), written);
    }
}
