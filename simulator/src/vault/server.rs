//! The HTTP API of Vault as its clients see it: paths, verbs, status codes and bodies (observed on Vault 1.21.0).
//!
//! A request without a token named is its administrator's; the token `none` is none at all.

use super::kv::Entry;
use super::{Refusal, Token, Vault, policy};
use crate::kept::{Kept, Objects};
use crate::kernel::Document;
use crate::server::{Answer, Question};
use model::{Duration, Timestamp, Value};

/// Lifetime of a token that asks for none (`default_lease_ttl`), and its longest life (`max_lease_ttl`): 768 hours.
const LONGEST: Duration = Duration::seconds(768 * 3600);

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

fn seconds(value: Option<&Value>) -> Option<Duration> {
    let value = value?;
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<u64>().ok().map(|number| Duration::seconds(number.saturating_mul(factor)))
}

fn whole(seconds: Duration) -> i64 {
    i64::try_from(seconds.0 / 1000).unwrap_or(i64::MAX)
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.status().unwrap_or(500);
        if let Refusal::Gone { version, deleted, destroyed } = refusal {
            let mut metadata = Value::EMPTY_MAP;
            metadata.set(&["version"], i64::try_from(version).unwrap_or(i64::MAX));
            metadata.set(&["deletion_time"], deleted.map(model::time::rfc3339).unwrap_or_default());
            metadata.set(&["destroyed"], destroyed);
            let mut data = Value::EMPTY_MAP;
            data.set(&["data"], Value::Null);
            data.set(&["metadata"], metadata);
            return Answer { status, ..with_data(data) };
        }
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

    fn serve(&mut self, path: &str, question: &Question, now: Timestamp) -> Served {
        if let ("sys/health", Some(status)) = (path, self.health()) {
            let state = self.state();
            let mut body = Value::EMPTY_MAP;
            body.set(&["initialized"], state.initialised);
            body.set(&["sealed"], state.sealed);
            body.set(&["standby"], state.standby || state.sealed);
            return Ok(Answer::new(status, body));
        }
        self.serving()?;
        self.allowed(path, question, now)?;
        let segments: Vec<&str> = path.split('/').collect();
        match segments.as_slice() {
            ["sys", "policies", "acl", name] => self.serve_policy(name, question),
            ["sys", "mounts", name] => self.serve_mount(name, question),
            ["auth", "token", action] => self.serve_token(action, question, now),
            [mount, rest @ ..] => self.serve_entry(mount, rest, question, now),
            [] => Err(missing()),
        }
    }

    /// Whether the token that came lets the request through.
    fn allowed(&self, path: &str, question: &Question, now: Timestamp) -> Result<(), Answer> {
        let token = match question.token.as_deref() {
            None => return Ok(()),
            Some("none" | "") => return Err(Refusal::NoToken.into()),
            Some(token) => self.tokens.get(token),
        };
        let token = token.filter(|token| token.is_valid(self.state().generation, now)).ok_or(Refusal::InvalidToken)?;
        // What the policy `default` gives to everybody.
        if matches!(path, "auth/token/lookup-self" | "auth/token/renew-self" | "auth/token/revoke-self") {
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

    fn put_by_hand(shelf: &mut Objects, key: &str, revision: &mut u64, body: Value) {
        shelf.edit(key, revision, |document| *document = body);
    }

    fn serve_policy(&mut self, name: &str, question: &Question) -> Served {
        match question.method.as_str() {
            "GET" => {
                let text = self.policy(name).ok_or_else(missing)?;
                let mut data = Value::EMPTY_MAP;
                data.set(&["name"], name);
                data.set(&["policy"], text);
                Ok(with_data(data))
            }
            "PUT" | "POST" => {
                self.stored(true)?;
                let text = question.body.str_at(&["policy"]).unwrap_or_default();
                if text.is_empty() {
                    return Err(errors(400, &["'policy' parameter not supplied or empty"]));
                }
                let mut document = Value::EMPTY_MAP;
                document.set(&["policy"], text);
                let mut revision = self.state().revision;
                Self::put_by_hand(&mut self.policies, name, &mut revision, document);
                self.change(|state| state.revision = revision);
                Ok(nothing())
            }
            "DELETE" => {
                self.stored(true)?;
                self.policies.remove(name);
                Ok(nothing())
            }
            _ => Err(unsupported()),
        }
    }

    fn serve_mount(&mut self, name: &str, question: &Question) -> Served {
        self.stored(true)?;
        match question.method.as_str() {
            "POST" if self.mounts.get(name).is_some() => {
                Err(errors(400, &[format!("path is already in use at {name}/").as_str()]))
            }
            "POST" => {
                let mut revision = self.state().revision;
                Self::put_by_hand(&mut self.mounts, name, &mut revision, question.body.clone());
                self.change(|state| state.revision = revision);
                Ok(nothing())
            }
            "DELETE" => {
                self.mounts.remove(name);
                self.delete_with(model::Kind::Mount, name);
                Ok(nothing())
            }
            "GET" => {
                let mount = self.mounts.get(name).map(|kept: &Kept| (**kept.document.value()).clone());
                mount.map(with_data).ok_or_else(|| errors(400, &["No secret engine mount"]))
            }
            _ => Err(unsupported()),
        }
    }

    fn serve_token(&mut self, action: &str, question: &Question, now: Timestamp) -> Served {
        self.stored(true)?;
        let body = &question.body;
        if action == "create" {
            let longest = seconds(body.get("explicit_max_ttl")).unwrap_or(LONGEST);
            let ttl = seconds(body.get("ttl")).unwrap_or(LONGEST).min(longest);
            let policies = body.get("policies").and_then(Value::as_list).unwrap_or_default();
            let token = Token {
                policies: policies.iter().filter_map(Value::as_str).map(Into::into).collect(),
                role: Default::default(),
                ends: now + ttl,
                life_ends: now + longest,
                generation: self.state().generation,
            };
            let name = format!("hvs.{}", self.tokens.len());
            self.tokens.insert(name.as_str().into(), token);
            return Ok(lease(Some(&name), ttl));
        }
        let name = question.token.as_deref().unwrap_or_default();
        let token = self.tokens.get_mut(name).ok_or(Refusal::InvalidToken)?;
        match action {
            "lookup-self" => {
                let mut data = Value::EMPTY_MAP;
                data.set(&["ttl"], whole(token.ends.since(now)));
                data.set(&["renewable"], true);
                Ok(with_data(data))
            }
            "renew-self" => {
                let asked = seconds(body.get("increment")).unwrap_or(LONGEST);
                Ok(lease(Some(name), token.renew(asked, now)))
            }
            "revoke-self" => {
                self.tokens.remove(name);
                Ok(nothing())
            }
            _ => Err(missing()),
        }
    }

    fn serve_entry(&mut self, mount: &str, rest: &[&str], question: &Question, now: Timestamp) -> Served {
        let [face, rest @ ..] = rest else { return Err(Refusal::NoMount(format!("{mount}/")).into()) };
        if self.mounts.get(mount).is_none() {
            return Err(Refusal::NoMount([&[mount, face], rest].concat().join("/")).into());
        }
        let path = [&[mount], rest].concat().join("/");
        match (question.method.as_str(), *face) {
            ("GET", "data") => self.read_entry(&path),
            ("POST" | "PUT", "data") => {
                let body = &question.body;
                let Some(data) = body.get("data") else { return Err(errors(400, &["no data provided"])) };
                let cas = body.integer_at(&["options", "cas"]).and_then(|cas| u64::try_from(cas).ok());
                let mut document = Value::EMPTY_MAP;
                document.set(&["data"], data.clone());
                let version = self.write(&path, Document::from(document), cas, now)?;
                let mut written = Value::EMPTY_MAP;
                written.set(&["version"], i64::try_from(version).unwrap_or(i64::MAX));
                Ok(with_data(written))
            }
            ("DELETE", "data") => changed(self.delete_latest(&path, now)),
            ("POST" | "PUT", "undelete") => changed(self.write_metadata(&path, |entry| entry.deleted = None)),
            ("POST" | "PUT", "destroy") => changed(self.destroy_latest(&path)),
            ("GET", "metadata") => {
                self.stored(false)?;
                let entry = self.entry(&path).ok_or(Refusal::NeverWritten)?;
                Ok(with_data(metadata(entry)))
            }
            ("POST" | "PUT", "metadata") => {
                let required = question.body.at(&["cas_required"]).and_then(Value::as_bool);
                changed(self.write_metadata(&path, |entry| entry.cas_required = required.unwrap_or(entry.cas_required)))
            }
            ("DELETE", "metadata") => self.delete_metadata(&path).map(|_| nothing()).map_err(Into::into),
            ("LIST", "metadata") => self.list_entries(&path),
            _ => Err(unsupported()),
        }
    }

    fn read_entry(&mut self, path: &str) -> Served {
        let reading = self.read(path)?;
        let mut data = Value::EMPTY_MAP;
        let written = reading.data.value();
        data.set(&["data"], written.get("data").cloned().unwrap_or_else(|| (**written).clone()));
        data.set(&["metadata", "version"], i64::try_from(reading.version).unwrap_or(i64::MAX));
        data.set(&["metadata", "destroyed"], false);
        data.set(&["metadata", "deletion_time"], "");
        self.remember_read(path);
        Ok(with_data(data))
    }

    fn list_entries(&self, below: &str) -> Served {
        self.stored(false)?;
        let prefix = format!("{below}/");
        let mut keys: Vec<String> = Vec::new();
        for path in self.entries.keys().filter_map(|path| path.strip_prefix(&prefix)) {
            let key = path.split_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/"));
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Err(missing());
        }
        let mut data = Value::EMPTY_MAP;
        data.set(&["keys"], keys.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(with_data(data))
    }
}

/// What is asked of an entry that was never written is done already.
fn changed(result: Result<(), Refusal>) -> Served {
    match result {
        Ok(()) | Err(Refusal::NeverWritten) => Ok(nothing()),
        Err(refusal) => Err(refusal.into()),
    }
}

fn lease(token: Option<&str>, ttl: Duration) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["auth", "lease_duration"], whole(ttl));
    body.set(&["auth", "renewable"], true);
    if let Some(token) = token {
        body.set(&["auth", "client_token"], token);
    }
    Answer::new(200, body)
}

fn metadata(entry: &Entry) -> Value {
    let mut metadata = Value::EMPTY_MAP;
    metadata.set(&["current_version"], i64::try_from(entry.version).unwrap_or(i64::MAX));
    metadata.set(&["cas_required"], entry.cas_required);
    let version = entry.version.to_string();
    metadata.set(&["versions", &version, "destroyed"], entry.data.is_none());
    metadata.set(&["versions", &version, "deletion_time"], entry.deleted.map(model::time::rfc3339).unwrap_or_default());
    metadata
}
