//! The HTTP API of Vault as its clients see it: paths, verbs, status codes and bodies (observed on Vault 1.21.0).
//!
//! * `tokens`: what a client asks of its own token; `entries`: KV version 2; `settings`: mounts, auth methods, policies and roles;
//! * here: which request goes where, who may make it, and health.
//!
//! A request without a token named is its administrator's; the token `none` is none at all. Marks stand where a client writes them
//! (`model::mark_in_vault`), and apart in what is kept.

mod entries;
mod settings;
mod tokens;

use super::{Refusal, Vault, policy};
use crate::server::{Answer, Question};
use model::{Address, Kind, System, Timestamp, Value};

/// What a Vault calls its cluster; every one of a world has another storage behind it, and they are not told apart.
const CLUSTER_ID: &str = "5f3f4c2e-8f0b-4b6a-9c57-7a1d0e6b2c11";
/// The version that is simulated.
const VERSION: &str = "1.21.0";

type Served = Result<Answer, Answer>;

fn errors(status: u16, texts: &[&str]) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["errors"], texts.to_vec());
    Answer::new(status, body)
}

fn nothing() -> Answer {
    Answer::new(204, Value::Null)
}

fn missing() -> Answer {
    errors(404, &[])
}

fn unsupported() -> Answer {
    errors(405, &["1 error occurred:\n\t* unsupported operation\n\n"])
}

fn with_data(data: Value) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["data"], data);
    Answer::new(200, body)
}

/// Names, as a list gives them; one of nothing is not found.
fn listed(keys: &[&str]) -> Served {
    if keys.is_empty() {
        return Err(missing());
    }
    let mut data = Value::EMPTY_MAP;
    data.set(&["keys"], keys.to_vec());
    Ok(with_data(data))
}

/// Nothing is mounted where a request goes; a list is one of a folder.
fn no_route(segments: &[&str], question: &Question) -> Answer {
    let folder = if question.method == "LIST" { "/" } else { "" };
    Refusal::NoMount(format!("{}{folder}", segments.join("/"))).into()
}

fn writes(question: &Question) -> bool {
    matches!(question.method.as_str(), "POST" | "PUT")
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.status().unwrap_or(500);
        let texts = refusal.errors();
        errors(status, &texts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Vault {
    /// Answer a request; nothing if nobody answers.
    pub fn ask(&mut self, question: &Question, now: Timestamp) -> Option<Answer> {
        self.health()?;
        let path = question.path.strip_prefix("/v1/").unwrap_or(&question.path).trim_end_matches('/').to_owned();
        let served = self.serve(&path, question, now);
        Some(served.unwrap_or_else(|refusal| refusal))
    }

    /// What requests changed since the last call.
    pub fn take_touched(&mut self) -> Vec<Address> {
        std::mem::take(&mut self.touched)
    }

    fn touch(&mut self, kind: Kind, key: &str) {
        self.touched.push(Address::new(&System::Vault, kind, key));
    }

    fn serve(&mut self, path: &str, question: &Question, now: Timestamp) -> Served {
        if let ("sys/health", Some(status)) = (path, self.health()) {
            return Ok(self.told_of_health(status, now));
        }
        self.serving()?;
        self.allowed(path, question, now)?;
        let segments: Vec<&str> = path.split('/').collect();
        match segments.as_slice() {
            ["sys", "policies", "acl"] | ["sys", "policy"] => self.serve_policies(),
            ["sys", "policies", "acl", name] => self.serve_policy(name, "policy", question),
            ["sys", "policy", name] => self.serve_policy(name, "rules", question),
            ["sys", "mounts"] => self.serve_mounts(Kind::Mount),
            ["sys", "auth"] => self.serve_mounts(Kind::AuthMethod),
            ["sys", "mounts", name] => self.serve_mount(Kind::Mount, name, question),
            ["sys", "auth", name] => self.serve_mount(Kind::AuthMethod, name, question),
            ["sys", "mounts", name, "tune"] => self.tune(Kind::Mount, name, question),
            ["sys", "auth", name, "tune"] => self.tune(Kind::AuthMethod, name, question),
            ["sys", "remount"] => self.remount(question),
            ["auth", "token", action] => self.serve_token(action, question, now),
            ["auth", method, rest @ ..] => self.serve_method(method, rest, question),
            [mount, rest @ ..] => self.serve_entry(mount, rest, question, now),
            [] => Err(missing()),
        }
    }

    fn told_of_health(&self, status: u16, now: Timestamp) -> Answer {
        let state = self.state();
        let mut body = Value::EMPTY_MAP;
        body.set(&["initialized"], state.initialised);
        body.set(&["sealed"], state.sealed);
        body.set(&["standby"], state.standby || state.sealed || !state.initialised);
        body.set(&["performance_standby"], false);
        body.set(&["version"], VERSION);
        body.set(&["server_time_utc"], i64::try_from(self.clock(now).0 / 1000).unwrap_or(i64::MAX));
        // Behind its seal it does not know who it is.
        if state.initialised && !state.sealed {
            body.set(&["cluster_name"], "vault-cluster-simulated");
            body.set(&["cluster_id"], CLUSTER_ID);
        }
        Answer::new(status, body)
    }

    /// Whether the token that came lets the request through.
    fn allowed(&self, path: &str, question: &Question, now: Timestamp) -> Result<(), Answer> {
        let token = match question.token.as_deref() {
            None => return Ok(()),
            Some("none" | "") => return Err(Refusal::NoToken.into()),
            Some(token) => self.tokens.get(token),
        };
        let token = token.filter(|token| token.is_valid(self.state().generation, now)).ok_or(Refusal::InvalidToken)?;
        // What the policy `default` gives to everybody, and the policy `root` to whoever has it.
        let own = matches!(path, "auth/token/lookup-self" | "auth/token/renew-self" | "auth/token/revoke-self");
        if own || token.policies.iter().any(|name| name == tokens::ROOT) {
            return Ok(());
        }
        let capabilities: &[&str] = match question.method.as_str() {
            "GET" => &["read"],
            "LIST" => &["list"],
            "DELETE" => &["delete"],
            _ => &["create", "update"],
        };
        // A list is one of a folder.
        let path = if question.method == "LIST" { format!("{path}/") } else { path.to_owned() };
        let mut texts = token.policies.iter().filter_map(|name| self.policy(name));
        if texts.any(|text| policy::allows(text, &path, capabilities)) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
    }
}
