//! The paths of mounts, auth methods, their roles, and policies. Settings of a role that nobody made are shown as what they are then, and not kept.

use super::{Served, errors, listed, missing, no_route, nothing, unsupported, with_data, writes};
use crate::issuer;
use crate::kept::{Kept, Objects};
use crate::server::{Answer, Question};
use crate::vault::Vault;
use model::mark_in_vault::{self, COMMENT};
use model::operation::Mark;
use model::value::Text;
use model::{Kind, Map, Value};

/// Mounts and auth methods that every Vault has, by path and type.
const OWN_MOUNTS: [(&str, &str); 3] = [("cubbyhole/", "cubbyhole"), ("identity/", "identity"), ("sys/", "system")];
const OWN_METHODS: [(&str, &str); 1] = [("token/", "token")];
/// Policies that every Vault has.
const OWN_POLICIES: [&str; 2] = ["default", "root"];

/// A mount or an auth method as it is listed.
fn mount(kind: &str, options: Value, description: &str) -> Value {
    let mut shown = Value::EMPTY_MAP;
    for ttl in ["default_lease_ttl", "max_lease_ttl"] {
        shown.set(&["config", ttl], 0);
    }
    shown.set(&["config", "force_no_cache"], false);
    shown.set(&["description"], description);
    shown.set(&["external_entropy_access"], false);
    shown.set(&["local"], false);
    shown.set(&["options"], options);
    shown.set(&["seal_wrap"], false);
    shown.set(&["type"], kind);
    shown
}

fn described(kept: &Kept, comment: &str, field: &str) -> String {
    let text = kept.document.value().str_at(&[field]).unwrap_or_default();
    kept.mark.as_ref().map_or_else(|| text.to_owned(), |mark| mark_in_vault::append(text, comment, mark))
}

fn shown(kept: &Kept) -> Value {
    let document = kept.document.value();
    let options = document.get("options").cloned().unwrap_or_default();
    mount(document.str_at(&["type"]).unwrap_or_default(), options, &described(kept, "", "description"))
}

/// What a role is where nobody says anything (Vault documentation, JWT/OIDC auth method, "Create/update role"; Vault 1.21.0).
fn unsaid() -> Value {
    let mut role = Value::EMPTY_MAP;
    for text in ["bound_subject", "groups_claim", "user_claim"] {
        role.set(&[text], "");
    }
    for number in ["clock_skew_leeway", "expiration_leeway", "max_age", "not_before_leeway"] {
        role.set(&[number], 0);
    }
    for number in ["token_explicit_max_ttl", "token_max_ttl", "token_num_uses", "token_period", "token_ttl"] {
        role.set(&[number], 0);
    }
    for list in ["allowed_redirect_uris", "bound_audiences", "bound_claims", "claim_mappings", "oidc_scopes"] {
        role.set(&[list], Value::Null);
    }
    for list in ["token_bound_cidrs", "token_policies"] {
        role.set(&[list], Value::List(Vec::new()));
    }
    for switch in ["token_no_default_policy", "user_claim_json_pointer", "verbose_oidc_logging"] {
        role.set(&[switch], false);
    }
    role.set(&["bound_claims_type"], "string");
    role.set(&["token_type"], "default");
    role
}

/// What Vault has against a role, if anything.
fn complaint(role: &Value) -> Option<&'static str> {
    let is_empty = |field: &str| match role.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::List(items)) => items.is_empty(),
        Some(Value::Map(map)) => map.is_empty(),
        Some(_) => false,
    };
    let bounds = ["bound_audiences", "bound_claims", "bound_subject", "token_bound_cidrs"];
    if is_empty("user_claim") {
        Some("a user claim must be defined on the role")
    } else if role.str_at(&["role_type"]) == Some("oidc") && is_empty("allowed_redirect_uris") {
        Some("'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or unspecified.")
    } else if bounds.iter().all(|bound| is_empty(bound)) {
        Some("must have at least one bound constraint when creating/updating a role")
    } else {
        None
    }
}

impl Vault {
    fn shelf_of(&mut self, kind: Kind) -> &mut Objects {
        match kind {
            Kind::AuthMethod => &mut self.auth_methods,
            Kind::AuthRole => &mut self.auth_roles,
            Kind::Policy => &mut self.policies,
            _ => &mut self.mounts,
        }
    }

    fn store(&mut self, kind: Kind, key: &str, mark: Option<Mark>, document: Value) -> Answer {
        let mut revision = self.state().revision;
        self.shelf_of(kind).put(key, mark, document, &mut revision);
        self.change(|state| state.revision = revision);
        self.touch(kind, key);
        nothing()
    }

    fn take(&mut self, kind: Kind, key: &str) -> Answer {
        if self.shelf_of(kind).remove(key).is_some() {
            self.touch(kind, key);
        }
        self.delete_with(kind, key);
        nothing()
    }

    pub(super) fn serve_mounts(&self, kind: Kind) -> Served {
        self.stored(false)?;
        let (shelf, own) = match kind {
            Kind::AuthMethod => (&self.auth_methods, &OWN_METHODS[..]),
            _ => (&self.mounts, &OWN_MOUNTS[..]),
        };
        let own = own.iter().map(|(path, kind)| (Text::from(*path), mount(kind, Value::Null, "")));
        let kept = shelf.iter().map(|(name, kept)| (Text::from(format!("{name}/")), shown(kept)));
        Ok(with_data(Value::Map(own.chain(kept).collect::<Map>())))
    }

    pub(super) fn serve_mount(&mut self, kind: Kind, name: &str, question: &Question) -> Served {
        self.stored(question.method != "GET")?;
        let there = self.shelf_of(kind).get(name).map(shown);
        match question.method.as_str() {
            "POST" if there.is_some() => Err(errors(400, &[format!("path is already in use at {name}/").as_str()])),
            "POST" => {
                let Some(kind_of_mount) = question.body.str_at(&["type"]) else {
                    return Err(errors(400, &["backend type must be specified as a string"]));
                };
                let (description, mark) = mark_in_vault::split(question.body.str_at(&["description"]).unwrap_or_default(), "");
                let mut document = Value::EMPTY_MAP;
                document.set(&["description"], description.trim_end());
                if let Some(options) = question.body.get("options").filter(|options| options.as_map().is_some()) {
                    document.set(&["options"], options.clone());
                }
                document.set(&["type"], kind_of_mount);
                Ok(self.store(kind, name, mark, document))
            }
            "DELETE" => Ok(self.take(kind, name)),
            "GET" => there.map(with_data).ok_or_else(|| errors(400, &[format!("No secret engine mount at {name}/").as_str()])),
            _ => Err(unsupported()),
        }
    }

    /// Change what can be changed of a mount that is there.
    pub(super) fn tune(&mut self, kind: Kind, name: &str, question: &Question) -> Served {
        self.stored(true)?;
        if !writes(question) {
            return Err(unsupported());
        }
        let Some(kept) = self.shelf_of(kind).get(name).cloned() else {
            let path = if kind == Kind::AuthMethod { format!("auth/{name}/") } else { format!("{name}/") };
            return Err(errors(400, &[format!("tune of path {path:?} failed: no mount entry found").as_str()]));
        };
        let (mut mark, mut document) = (kept.mark, (**kept.document.value()).clone());
        if let Some(description) = question.body.str_at(&["description"]) {
            let (description, marked) = mark_in_vault::split(description, "");
            document.set(&["description"], description.trim_end());
            mark = marked;
        }
        if let Some(options) = question.body.get("options").filter(|options| options.as_map().is_some()) {
            document.set(&["options"], options.clone());
        }
        Ok(self.store(kind, name, mark, document))
    }

    /// A mount, or an auth method (`auth/NAME`), goes with all that is in it.
    pub(super) fn remount(&mut self, question: &Question) -> Served {
        self.stored(true)?;
        let path = |field: &str| question.body.str_at(&[field]).unwrap_or_default().trim_end_matches('/').to_owned();
        let (from, to) = (path("from"), path("to"));
        let (kind, from, to) = match (from.strip_prefix("auth/"), to.strip_prefix("auth/")) {
            (Some(from), Some(to)) => (Kind::AuthMethod, from, to),
            _ => (Kind::Mount, from.as_str(), to.as_str()),
        };
        let shelf = self.shelf_of(kind);
        if shelf.get(to).is_some() {
            return Err(errors(400, &[format!("path already in use at {to:?}").as_str()]));
        }
        if shelf.get(from).is_none() {
            return Err(errors(400, &[format!("no matching mount at {:?}", format!("{from}/")).as_str()]));
        }
        shelf.rekey(from, to);
        self.move_with(kind, from, to);
        self.touch(kind, from);
        self.touch(kind, to);
        let mut body = Value::EMPTY_MAP;
        body.set(&["data", "migration_id"], format!("migration-{from}-{to}"));
        Ok(Answer::new(200, body))
    }

    pub(super) fn serve_policies(&self) -> Served {
        self.stored(false)?;
        let mut names: Vec<&str> = OWN_POLICIES.into_iter().chain(self.policies.iter().map(|(name, _)| name.as_str())).collect();
        names.sort_unstable();
        let mut data = Value::EMPTY_MAP;
        data.set(&["keys"], names.clone());
        data.set(&["policies"], names);
        Ok(with_data(data))
    }

    /// One policy, whose text the older path calls `rules`.
    pub(super) fn serve_policy(&mut self, name: &str, field: &str, question: &Question) -> Served {
        self.stored(question.method != "GET")?;
        match question.method.as_str() {
            "GET" => {
                let kept = self.policies.get(name).ok_or_else(missing)?;
                let mut data = Value::EMPTY_MAP;
                data.set(&["name"], name);
                data.set(&[field], described(kept, COMMENT, "policy"));
                Ok(with_data(data))
            }
            "PUT" | "POST" => {
                let text = question.body.str_at(&["policy"]).unwrap_or_default();
                if text.is_empty() {
                    return Err(errors(400, &["'policy' parameter not supplied or empty"]));
                }
                let (text, mark) = mark_in_vault::split(text, COMMENT);
                let mut document = Value::EMPTY_MAP;
                document.set(&["policy"], text);
                Ok(self.store(Kind::Policy, name, mark, document))
            }
            "DELETE" => Ok(self.take(Kind::Policy, name)),
            _ => Err(unsupported()),
        }
    }

    /// What is below an auth method for pods.
    pub(super) fn serve_method(&mut self, method: &str, rest: &[&str], question: &Question) -> Served {
        let Some(kept) = self.auth_methods.get(method).cloned() else {
            return Err(no_route(&[&["auth", method], rest].concat(), question));
        };
        self.stored(!matches!(question.method.as_str(), "GET" | "LIST"))?;
        match rest {
            ["config"] if question.method == "GET" => {
                let config = kept.document.value().get("config").ok_or_else(missing)?;
                Ok(with_data(shown_config(config)))
            }
            ["config"] if writes(question) => {
                check_config(&question.body)?;
                let mut document = (**kept.document.value()).clone();
                document.set(&["config"], kept_config(&question.body));
                Ok(self.store(Kind::AuthMethod, method, kept.mark, document))
            }
            ["role"] if question.method == "LIST" => {
                let prefix = format!("{method}/");
                let names: Vec<&str> = self.roles_of(method).filter_map(|(key, _)| key.strip_prefix(&prefix)).collect();
                listed(&names)
            }
            ["role", role] => self.serve_role(&format!("{method}/{role}"), question),
            _ => Err(unsupported()),
        }
    }

    fn serve_role(&mut self, key: &str, question: &Question) -> Served {
        let there = self.auth_roles.get(key).cloned();
        let mut role = unsaid();
        let made = there.as_ref().map(|kept| (**kept.document.value()).clone()).unwrap_or_default();
        made.as_map().into_iter().flat_map(Map::iter).for_each(|(field, value)| role.set(&[field.as_str()], value.clone()));
        match question.method.as_str() {
            "GET" if there.is_some() => Ok(with_data(role)),
            "GET" => Err(missing()),
            "DELETE" => Ok(self.take(Kind::AuthRole, key)),
            _ if writes(question) => {
                let said = question.body.as_map().into_iter().flat_map(Map::iter);
                said.for_each(|(field, value)| role.set(&[field.as_str()], value.clone()));
                // This one is not kept where nobody says it.
                role.set(&["role_type"], question.body.str_at(&["role_type"]).unwrap_or("oidc"));
                if let Some(complaint) = complaint(&role) {
                    return Err(errors(400, &[complaint]));
                }
                let unsaid = unsaid();
                if let Value::Map(map) = &mut role {
                    map.retain(|field, value| unsaid.get(field) != Some(value));
                }
                let mark = there.map_or_else(|| self.mark_before(key), |kept| kept.mark);
                Ok(self.store(Kind::AuthRole, key, mark, role))
            }
            _ => Err(unsupported()),
        }
    }

    /// The mark that was written for a role before it was there.
    fn mark_before(&self, key: &str) -> Option<Mark> {
        let path = mark_in_vault::path_of_role(key);
        self.mounts.iter().find_map(|(mount, _)| self.entry(&format!("{mount}/{path}"))?.mark.clone())
    }
}

/// The keys of a configuration.
fn keys(config: &Value) -> Vec<&str> {
    let listed = config.get("jwt_validation_pubkeys").and_then(Value::as_list).unwrap_or_default();
    listed.iter().filter_map(Value::as_str).map(str::trim).collect()
}

fn check_config(body: &Value) -> Result<(), Answer> {
    let keys = keys(body);
    if keys.is_empty() {
        let needed = "exactly one of 'jwt_validation_pubkeys', 'jwks_url' or 'oidc_discovery_url' must be set";
        return Err(errors(400, &[needed]));
    }
    if keys.iter().any(|key| !key.starts_with("-----BEGIN PUBLIC KEY-----")) {
        return Err(errors(400, &["error parsing public key: data does not contain any valid public keys"]));
    }
    Ok(())
}

/// The configuration of an auth method as it is kept: a cluster of the world by its name.
fn kept_config(body: &Value) -> Value {
    let issuer = body.str_at(&["bound_issuer"]).unwrap_or_default();
    let mut config = Value::EMPTY_MAP;
    match issuer::cluster(issuer).filter(|name| keys(body) == [issuer::pem(name)]) {
        Some(name) => config.set(&["cluster"], name),
        None => {
            config.set(&["bound_issuer"], issuer);
            config.set(&["jwt_validation_pubkeys"], keys(body));
        }
    }
    config
}

/// The reverse of [`kept_config`].
fn shown_config(kept: &Value) -> Value {
    let mut config = Value::EMPTY_MAP;
    for text in ["default_role", "jwks_ca_pem", "jwks_url", "oidc_client_id", "oidc_discovery_ca_pem", "oidc_discovery_url"] {
        config.set(&[text], "");
    }
    config.set(&["jwt_supported_algs"], Value::List(Vec::new()));
    config.set(&["namespace_in_state"], true);
    config.set(&["oidc_response_mode"], "");
    config.set(&["oidc_response_types"], Value::List(Vec::new()));
    config.set(&["provider_config"], Value::EMPTY_MAP);
    let cluster = kept.str_at(&["cluster"]);
    let issuer = cluster.map(issuer::name).or_else(|| kept.str_at(&["bound_issuer"]).map(ToOwned::to_owned));
    config.set(&["bound_issuer"], issuer.unwrap_or_default());
    let keys = cluster.map_or_else(|| keys(kept).into_iter().map(ToOwned::to_owned).collect(), |name| vec![issuer::pem(name)]);
    config.set(&["jwt_validation_pubkeys"], keys);
    config
}
