//! OpenSearch's index management as a function: its answers are those of a server (2.19.1) word for word, as far as they are looked at.

use super::Answer;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An index of a data stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// The states of its copy of a policy.
    pub(super) copy: Option<Value>,
    /// The policy that it is a copy of.
    pub(super) policy: String,
    /// Why the policy was given up, if it was.
    pub(super) given_up: Option<String>,
    /// How often it is still said not to have the policy that it has.
    pub(super) unseen: usize,
    pub(super) is_between_states: bool,
    /// Nobody may give it a policy.
    pub(super) is_closed_to_us: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Ism {
    /// Each with its sequence number.
    pub(super) policies: BTreeMap<String, (i64, Value)>,
    pub(super) streams: BTreeMap<String, BTreeMap<String, Index>>,
    /// Policies that a list does not show.
    pub(super) hidden: Vec<String>,
    pub(super) counted: i64,
}

fn error(status: u16, kind: &str, reason: &str) -> Answer {
    let cause = json!({"type": kind, "reason": reason});
    Answer::Is(status, json!({"error": {"root_cause": [&cause], "type": kind, "reason": reason}, "status": status}).to_string())
}

/// What the server adds to a policy that it is sent.
pub(super) fn filled(name: &str, sent: &Value) -> Value {
    let mut policy = sent.clone();
    for (key, value) in
        [("policy_id", json!(name)), ("last_updated_time", json!(1_795_805_932_708_i64)), ("schema_version", json!(21))]
    {
        policy[key] = value;
    }
    policy["error_notification"] = Value::Null;
    if policy.get("ism_template").is_none() {
        policy["ism_template"] = Value::Null;
    }
    for state in policy["states"].as_array_mut().unwrap() {
        for key in ["actions", "transitions"] {
            if state.get(key).is_none() {
                state[key] = json!([]);
            }
        }
        for action in state["actions"].as_array_mut().unwrap() {
            action["retry"] = json!({"count": 3, "backoff": "exponential", "delay": "1m"});
            if action.get("rollover").is_some() {
                action["rollover"]["copy_alias"] = json!(false);
            }
        }
    }
    policy
}

impl Ism {
    /// What it makes of a request that is for it.
    pub(super) fn answer(&mut self, request: &Request<Vec<u8>>) -> Option<Answer> {
        let path: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
        let body = || serde_json::from_slice::<Value>(request.body()).unwrap();
        Some(match (request.method().as_str(), path.as_slice()) {
            ("GET", ["_plugins", "_ism", "policies"]) => self.list(request.uri().query()),
            ("GET", ["_plugins", "_ism", "policies", name]) => self.policy(name),
            ("PUT", ["_plugins", "_ism", "policies", name]) => self.put(name, request.uri().query(), &body()),
            ("DELETE", ["_plugins", "_ism", "policies", name]) => match self.policies.remove(*name) {
                Some(_) => {
                    Answer::json(json!({"_index": ".opendistro-ism-config", "_id": name, "_version": 2, "result": "deleted"}))
                }
                None => error(404, "status_exception", &format!("Policy {name} is not found")),
            },
            ("POST", ["_plugins", "_ism", "remove", index]) => self.take_off(index),
            ("GET", ["_plugins", "_ism", "explain", streams]) => self.explain(streams),
            ("POST", ["_plugins", "_ism", "change_policy", stream]) => self.give(stream, &body(), true),
            ("POST", ["_plugins", "_ism", "add", stream]) => self.give(stream, &body(), false),
            ("GET", ["_data_stream"]) => self.called("*"),
            ("GET", ["_data_stream", pattern]) => self.called(pattern),
            _ => return None,
        })
    }

    fn list(&self, query: Option<&str>) -> Answer {
        let size = if query == Some("size=10000") { 10_000 } else { 20 };
        let shown = self.policies.iter().filter(|(name, _)| !self.hidden.contains(name));
        let total = shown.clone().count();
        let shown = shown
            .take(size)
            .map(|(name, (number, policy))| json!({"_id": name, "_seq_no": number, "_primary_term": 1, "policy": policy}));
        Answer::json(json!({"policies": shown.collect::<Vec<_>>(), "total_policies": total}))
    }

    fn policy(&self, name: &str) -> Answer {
        match self.policies.get(name) {
            Some((number, policy)) => {
                Answer::json(json!({"_id": name, "_version": 1, "_seq_no": number, "_primary_term": 1, "policy": policy}))
            }
            None => error(404, "status_exception", "Policy not found"),
        }
    }

    fn put(&mut self, name: &str, query: Option<&str>, body: &Value) -> Answer {
        let conflict =
            |why: String| error(409, "version_conflict_engine_exception", &format!("[{name}]: version conflict, {why}"));
        match (query, self.policies.get(name)) {
            (None, Some(_)) => return conflict("document already exists (current version [1])".to_owned()),
            (Some(query), there) => {
                let number = query.strip_prefix("if_seq_no=").unwrap().strip_suffix("&if_primary_term=1").unwrap();
                match there {
                    None => return conflict(format!("required seqNo [{number}], primary term [1]. but no document was found")),
                    Some((found, _)) if found.to_string() != number => {
                        return conflict(format!(
                            "required seqNo [{number}], primary term [1]. current document has seqNo [{found}] and primary term [1]"
                        ));
                    }
                    Some(_) => {}
                }
            }
            (None, None) => {}
        }
        self.counted += 1;
        let policy = filled(name, &body["policy"]);
        let status = if self.policies.insert(name.to_owned(), (self.counted, policy.clone())).is_some() { 200 } else { 201 };
        let answer =
            json!({"_id": name, "_version": 1, "_primary_term": 1, "_seq_no": self.counted, "policy": {"policy": policy}});
        Answer::Is(status, answer.to_string())
    }

    fn called(&self, pattern: &str) -> Answer {
        let found: Vec<_> = self
            .streams
            .iter()
            .filter(|(name, _)| match pattern.strip_suffix('*') {
                Some(begin) => name.starts_with(begin),
                None => *name == pattern,
            })
            .map(|(name, indices)| {
                let indices: Vec<_> = indices.keys().map(|index| json!({"index_name": index, "index_uuid": "u"})).collect();
                json!({"name": name, "indices": indices, "generation": 1, "status": "GREEN", "template": "a"})
            })
            .collect();
        if found.is_empty() && !pattern.contains('*') {
            return error(404, "index_not_found_exception", &format!("no such index [{pattern}]"));
        }
        Answer::json(json!({"data_streams": found}))
    }

    fn give(&mut self, stream: &str, body: &Value, is_change: bool) -> Answer {
        let name = body["policy_id"].as_str().unwrap();
        let Some((_, policy)) = self.policies.get(name) else {
            return error(404, "status_exception", &format!("Could not find policy={name}"));
        };
        let Some(indices) = self.streams.get_mut(stream) else {
            return match is_change {
                true => error(404, "index_not_found_exception", &format!("no such index [{stream}]")),
                false => Answer::json(json!({"updated_indices": 0, "failures": false, "failed_indices": []})),
            };
        };
        let (mut updated, mut failed) = (0, Vec::new());
        for (index_name, index) in indices {
            let why = match (index.copy.is_some(), is_change) {
                _ if index.is_between_states => "Cannot change policy while transitioning to new state",
                (false, true) => "This index is not being managed",
                (true, false) => "This index already has a policy, use the update policy API to update index policies",
                _ if index.is_closed_to_us => continue,
                _ => {
                    // One that was given up is told so, and goes on with what it has.
                    if index.given_up.is_none() {
                        (index.copy, index.policy) = (Some(policy["states"].clone()), name.to_owned());
                    }
                    updated += 1;
                    continue;
                }
            };
            failed.push(json!({"index_name": index_name, "index_uuid": "u", "reason": why}));
        }
        Answer::json(json!({"updated_indices": updated, "failures": !failed.is_empty(), "failed_indices": failed}))
    }

    fn take_off(&mut self, name: &str) -> Answer {
        let Some(index) = self.streams.values_mut().find_map(|indices| indices.get_mut(name)) else {
            return error(404, "index_not_found_exception", &format!("no such index [{name}]"));
        };
        let failed = match index.copy {
            Some(_) => Vec::new(),
            None => vec![json!({"index_name": name, "index_uuid": "u", "reason": "This index does not have a policy to remove"})],
        };
        *index = Index { is_closed_to_us: index.is_closed_to_us, ..Index::default() };
        Answer::json(json!({"updated_indices": 1 - failed.len(), "failures": !failed.is_empty(), "failed_indices": failed}))
    }

    fn explain(&mut self, streams: &str) -> Answer {
        let mut told = serde_json::Map::new();
        let asked = |name: &str| streams.split(',').any(|asked| asked == name);
        for (name, index) in self.streams.iter_mut().filter(|(name, _)| asked(name)).flat_map(|(_, indices)| indices) {
            let is_seen = index.copy.is_some() && index.unseen == 0;
            index.unseen = index.unseen.saturating_sub(1);
            let policy = is_seen.then(|| index.policy.clone());
            let mut one = json!({"index.plugins.index_state_management.policy_id": policy, "enabled": is_seen.then_some(true)});
            if is_seen {
                one["action"] = json!({"name": "delete", "failed": index.given_up.is_some()});
                one["retry_info"] = json!({"failed": false, "consumed_retries": 0});
                one["info"] = json!({"message": index.given_up.as_deref().unwrap_or("Successfully initialized policy")});
            }
            told.insert(name.clone(), one);
        }
        if told.is_empty() {
            return error(400, "action_request_validation_exception", "Validation Failed: 1: no documents to get;");
        }
        let managed = told.len();
        told.insert("total_managed_indices".into(), json!(managed));
        Answer::json(told.into())
    }
}
