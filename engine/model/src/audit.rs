//! Audit documents: what was done to an environment, by whom and when, each with a digest of the one before it, so that none can be
//! changed, taken out or put in without being noticed.
//!
//! * here: [`Chain`], where the documents of an environment are kept, and the form of a document ([`seal`]);
//! * [`history`]: what a journal tells, as records that belong into chains;
//! * [`backlog`]: what of that is not in its chain yet;
//! * [`verify`]: whether what is read back is what was written.
//!
//! A document is a function of the journal alone: whoever writes it a second time writes the same. It names objects and digests, never
//! a value.

pub mod backlog;
pub mod history;
pub mod verify;

use crate::resource::Scope;
use crate::system::System;
use crate::time::rfc3339;
use crate::value::{Map, Text, Value};
use history::{Record, What};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Where the audit documents of one environment, or of the platform as a whole, are kept, one after another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chain {
    /// The Elasticsearch.
    pub store: System,
    /// The index there, which holds this chain and nothing else.
    pub index: Text,
    /// What it is about: an environment, or the platform as a whole with all that belongs to no environment.
    pub scope: Scope,
}

impl Chain {
    /// The chain among `chains` into which belongs what is about `scope`: that of its environment; that of the platform for the rest, and
    /// for an environment of which nobody wants to know any more.
    pub fn of<'a>(chains: &'a [Chain], scope: &Scope) -> Option<&'a Chain> {
        let is_own = |chain: &&Chain| chain.scope.tenant == scope.tenant && chain.scope.environment == scope.environment;
        let own = chains.iter().find(is_own).filter(|_| scope.environment.is_some());
        own.or_else(|| chains.iter().find(|chain| chain.scope.is_platform()))
    }
}

impl std::fmt::Display for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the audit log of {}", about(&self.scope))
    }
}

/// What a chain is about, in words.
pub fn about(scope: &Scope) -> String {
    if scope.is_platform() { "the platform".to_owned() } else { scope.to_string() }
}

/// A document as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its `_id`: its position in its chain, if nobody put it there by hand.
    pub id: Text,
    /// What it says.
    pub document: Value,
}

/// Identifier of the document at `position` of its chain. A second one with the same is refused by the store.
pub fn id(position: u64) -> String {
    position.to_string()
}

/// Identifier that a document belongs under, by the position that it names.
pub fn id_of(document: &Value) -> String {
    let position = document.integer_at(&["position"]).and_then(|position| u64::try_from(position).ok());
    id(position.unwrap_or(0))
}

/// The document at `position` (from 1) of `chain`, after the one with the digest `previous`, which is empty for the first.
pub fn seal(chain: &Chain, position: u64, previous: &str, record: &Record) -> Value {
    let mut fields: Vec<(&str, Value)> = vec![
        ("@timestamp", rfc3339(record.at).into()),
        ("actor", record.actor.clone().into()),
        ("command", record.command.clone().into()),
        ("environment", chain.scope.to_string().into()),
        ("index", chain.index.clone().into()),
        ("position", number(position)),
        ("previous", previous.into()),
        ("run", number(record.run)),
        ("store", chain.store.to_string().into()),
        ("type", record.what.word().into()),
    ];
    match &record.what {
        What::Step { address, action, before, after, result } => {
            fields.extend([
                ("action", action.word().into()),
                ("address", address.to_string().into()),
                ("result", (*result).into()),
            ]);
            fields.extend(before.clone().map(|before| ("before", before.into())));
            fields.extend(after.clone().map(|after| ("after", after.into())));
        }
        What::Apply { plan, steps, result } => {
            fields.extend([("plan", plan.clone().into()), ("result", (*result).into()), ("steps", number(*steps))]);
        }
        What::Gap { from, until } => {
            fields.extend([("from", rfc3339(*from).into()), ("until", rfc3339(*until).into())]);
        }
    }
    let mut document: Map = fields.into_iter().map(|(key, value)| (Text::from(key), value)).collect();
    let digest = digest(&document);
    document.insert("digest", digest);
    Value::Map(document)
}

/// SHA-256 of a document without its own digest, as JSON with sorted keys and without spaces: anybody can compute it again
/// (`jq -cjS 'del(.digest)' | sha256sum`).
fn digest(document: &Map) -> Text {
    let mut bare = document.clone();
    bare.remove("digest");
    let text = serde_json::to_vec(&Value::Map(bare)).unwrap_or_default();
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(&text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

/// A counter as a document holds it. None comes near the end of what JSON's readers understand.
fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::time::Timestamp;

    pub(crate) fn chain() -> Chain {
        let scope = Scope { tenant: Some("shop".into()), environment: Some("production".into()), cluster: None };
        Chain { store: System::Elasticsearch("central".into()), index: "acme-shop-production-applies".into(), scope }
    }

    pub(crate) fn platform_chain() -> Chain {
        Chain { index: "acme-applies".into(), scope: Scope::PLATFORM, ..chain() }
    }

    pub(crate) fn record(run: u64, address: &str) -> Record {
        let what = What::Step {
            address: address.parse().unwrap(),
            action: crate::plan::Action::Update,
            before: Some("b".into()),
            after: Some("a".into()),
            result: "done",
        };
        Record { at: Timestamp(1_000 * run), run, actor: "ann@desk".into(), command: "apply".into(), what }
    }

    #[test]
    fn a_document_says_who_what_when_and_what_came_before() {
        let document = seal(&chain(), 2, "0a", &record(7, "vault/policy/a"));
        let text = serde_json::to_string(&document).unwrap();
        let expected = concat!(
            r#"{"@timestamp":"1970-01-01T00:00:07Z","action":"update","actor":"ann@desk","address":"vault/policy/a","after":"a","before":"b","#,
            r#""command":"apply","digest":"DIGEST","environment":"shop/production","index":"acme-shop-production-applies","position":2,"#,
            r#""previous":"0a","result":"done","run":7,"store":"elasticsearch.central","type":"step"}"#
        );
        let digest = document.str_at(&["digest"]).unwrap();
        assert_eq!(text, expected.replace("DIGEST", digest));
        assert_eq!(digest.len(), 64);
        assert_eq!(document, seal(&chain(), 2, "0a", &record(7, "vault/policy/a")), "written again it is the same");
    }

    #[test]
    fn what_belongs_to_no_environment_belongs_to_the_platform() {
        let chains = [chain(), platform_chain()];
        let tenant = Scope { tenant: Some("shop".into()), ..Scope::PLATFORM };
        let cell = Scope { cluster: Some("eu-1".into()), ..chain().scope };
        let other = Scope { environment: Some("staging".into()), ..chain().scope };
        assert_eq!(Chain::of(&chains, &tenant), Some(&chains[1]));
        assert_eq!(Chain::of(&chains, &cell), Some(&chains[0]));
        assert_eq!(Chain::of(&chains, &other), Some(&chains[1]));
    }
}
