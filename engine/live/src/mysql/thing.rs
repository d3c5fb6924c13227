//! An object and its mark together: as the engine sees it, and as the rules of a step do.

use super::catalogue::{Account, Seen};
use super::marks::{Entry, Password};
use super::privileges;
use super::shape::Shape;
use crate::judge::Present;
use crate::secret::Secrets;
use model::observation::Observed;
use model::value::Text;
use model::{Kind, SecretDigest, Value};
use port::Secret;
use std::sync::Arc;

/// One object that is there.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) document: Value,
    /// The host of its account, for a user and a grant.
    pub(crate) host: String,
    pub(crate) entry: Option<Entry>,
    /// Moves whenever somebody changes the object or its mark.
    pub(crate) version: Text,
    /// Whether its password is the one that is wanted.
    pub(crate) knows_password: bool,
    pub(crate) seen: Seen,
}

/// What an object is held against.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    pub(crate) document: Option<&'a Value>,
    /// The password that the document refers to, if it could be fetched.
    pub(crate) password: Option<&'a Secret>,
    pub(crate) secrets: &'a Secrets,
}

impl Thing {
    /// The object that was seen, with what is kept of it.
    pub(crate) fn of(kind: Kind, seen: Seen, entry: Option<Entry>, against: Against<'_>) -> Thing {
        let hosts = entry.as_ref().map_or(&[][..], |entry| &entry.detail.hosts);
        let mut document = Value::EMPTY_MAP;
        let (mut host, mut kept, mut knows_password) = (String::new(), Text::default(), false);
        match &seen {
            Seen::Schema { character_set, collation } => {
                document.set(&["character_set"], character_set.as_str());
                document.set(&["collation"], collation.as_str());
            }
            Seen::Table(shape) => document = shape.document(against.document.map(Shape::of).as_ref()),
            Seen::User(accounts) => {
                let account = chosen(accounts, |account| &account.host, hosts, against.document);
                if let Some(account) = account {
                    let known = entry.as_ref().and_then(|entry| entry.detail.password.as_ref());
                    let password = against.password.filter(|password| knows(known, account, password));
                    knows_password = password.is_some();
                    let shown = password.map_or(account.password.as_bytes(), |password| password.expose());
                    document.set(&["host"], account.host.as_str());
                    document.set(&["password"], against.secrets.digest(shown));
                    (host, kept) = (account.host.clone(), account.password.as_str().into());
                }
            }
            Seen::Grant(granted) => {
                if let Some((of, privileges)) = chosen(granted, |(host, _)| host, hosts, against.document) {
                    document.set(&["host"], of.as_str());
                    document.set(&["privileges"], privileges::shown(privileges, against.document));
                    host.clone_from(of);
                }
            }
        }
        // An account of another host is another account, whoever made it.
        let is_ours = !matches!(kind, Kind::User | Kind::Grant) || hosts.contains(&host);
        let entry = entry.filter(|_| is_ours);
        let version = version(kind, &seen, &host, &kept, entry.as_ref());
        Thing { document, host, entry, version, knows_password, seen }
    }

    /// It as the engine sees it. What is there does its work by being there.
    pub(crate) fn observed(self) -> Observed {
        let owner = self.entry.as_ref().and_then(Entry::owner);
        // What is only about to be done is ours already, and not yet what was applied.
        Observed {
            applied: self.entry.as_ref().and_then(|entry| entry.mark.as_ref()).map(|mark| mark.applied.clone()),
            ..Observed::marked(Arc::new(self.document), self.version, owner)
        }
    }

    /// Whether it is as `wanted` has it: what means the same was put into its words already.
    pub(crate) fn is(&self, kind: Kind, wanted: &Value) -> bool {
        let host = || self.document.get("host").and_then(Value::as_str) == Some(host_of(wanted));
        match kind {
            Kind::User => self.knows_password && host(),
            Kind::Grant => self.document.get("privileges") == wanted.get("privileges") && host(),
            Kind::Table => {
                let (wanted, seen) = (Shape::of(wanted), Shape::of(&self.document));
                let is_there = |column| seen.columns.contains(column);
                wanted.columns.iter().all(is_there) && seen.primary_key == wanted.primary_key
            }
            _ => self.document == *wanted,
        }
    }

    /// It as the rules of a step see it.
    pub(crate) fn present(&self, kind: Kind, wanted: Option<&Value>) -> Present {
        // What was only begun carries no mark that a step could have left.
        let mark = self.entry.as_ref().and_then(Entry::owner).cloned();
        let ended = self.entry.as_ref().is_some_and(|entry| entry.mark.is_some() && entry.pending.is_none());
        Present { mark, version: self.version.clone(), same: ended && wanted.is_some_and(|wanted| self.is(kind, wanted)) }
    }
}

/// The host that a document names; one without names every host (MySQL manual, "Specifying Account Names").
pub(crate) fn host_of(document: &Value) -> &str {
    document.str_at(&["host"]).unwrap_or("%")
}

/// Which of several accounts is meant: one of ours, or the one that is wanted, or the first.
fn chosen<'a, T>(all: &'a [T], host: impl Fn(&T) -> &String, ours: &[String], wanted: Option<&Value>) -> Option<&'a T> {
    let ours = all.iter().find(|one| ours.contains(host(one)));
    ours.or_else(|| all.iter().find(|one| wanted.is_some_and(|wanted| host(one) == host_of(wanted)))).or(all.first())
}

/// Whether an account has this password.
fn knows(known: Option<&Password>, account: &Account, password: &Secret) -> bool {
    known.is_some_and(|known| known.account == account.password && known.digest == digest(&known.salt, password.expose()))
}

/// The digest of a password under a salt.
pub(crate) fn digest(salt: &str, password: &[u8]) -> String {
    let key = blake3::derive_key("vamp 2026-11 marks of MySQL users", salt.as_bytes());
    SecretDigest::of(&key, password).to_hex()
}

/// A digest of all that somebody may change, in the server's words: the same in every process.
fn version(kind: Kind, seen: &Seen, host: &str, kept: &Text, entry: Option<&Entry>) -> Text {
    let content = match seen {
        Seen::Schema { character_set, collation } => format!("{character_set} {collation}"),
        Seen::Table(shape) => shape.document(None).to_string(),
        Seen::User(_) => format!("{host} {kept}"),
        Seen::Grant(all) => format!("{host} {:?}", all.iter().find(|(of, _)| of == host).map(|(_, privileges)| privileges)),
    };
    let mark = entry.and_then(|entry| entry.mark.as_ref()).and_then(|mark| serde_json::to_string(mark).ok());
    let whole = vec![kind.word().to_owned(), content, mark.unwrap_or_default()];
    Value::from(whole).digest()[..20].into()
}
