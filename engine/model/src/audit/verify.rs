//! Whether the documents of a chain are those that were written: none altered, none missing, none put in.

use super::backlog::Head;
use super::{Chain, Stored, digest, id};
use crate::value::{Text, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a chain was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Number of documents.
    pub documents: u64,
    /// Time of the first.
    pub first: Option<Text>,
    /// Time of the last.
    pub last: Option<Text>,
    /// Number of documents that the journal knows and that are still to be written.
    pub behind: u64,
    /// Times in which the store took no documents, from when until when.
    pub gaps: Vec<(Text, Text)>,
    /// Where the chain is broken; nowhere if it is whole.
    pub faults: Vec<Fault>,
}

/// One place where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "fault")]
pub enum Fault {
    /// A document does not say what it was sealed with.
    #[error("document {position} was altered: it is not what its digest was made of")]
    Altered {
        /// Which.
        position: u64,
    },
    /// A document is another than the one that follows it was written after, or than the journal knows: altered and sealed anew, or put
    /// in its place.
    #[error("document {position} was replaced: {known_by} knows another")]
    Replaced {
        /// Which.
        position: u64,
        /// Who tells.
        known_by: String,
    },
    /// Documents are not there.
    #[error("{} missing", range(*from, *to))]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Two documents or more say that they are the same one.
    #[error("the chain is forked: {} all say that they are document {position}", .ids.join(", "))]
    Forked {
        /// Which.
        position: u64,
        /// Their identifiers.
        ids: Vec<String>,
    },
    /// A document stands where another should.
    #[error("out of order: document {position} stands in the place of {id:?}")]
    OutOfOrder {
        /// Which.
        position: u64,
        /// Where it stands.
        id: String,
    },
    /// A document is none of this chain, or nothing that was applied is told by it.
    #[error("{id:?} was put in: no run of this platform wrote it")]
    PutIn {
        /// Its identifier.
        id: String,
    },
}

fn range(from: u64, to: u64) -> String {
    if from == to { format!("document {from} is") } else { format!("documents {from} to {to} are") }
}

/// Hold what was read of `chain` against itself and against what the journal knows of it: how far it was written, and the documents that
/// come then, which may be there already.
pub fn verify(chain: &Chain, stored: &[Stored], head: Option<&Head>, pending: &[Value]) -> Account {
    let mut checker = Checker { account: Account::default(), at: BTreeMap::new() };
    for one in stored {
        checker.take(chain, one);
    }
    let written = head.map_or(0, |head| head.position);
    checker.places(written + pending.len() as u64);
    checker.links();
    let behind = checker.journal(head, pending);
    checker.finish(stored.len() as u64, behind)
}

struct Checker<'a> {
    account: Account,
    /// What says that it is the document of this number, with its identifier.
    at: BTreeMap<u64, Vec<&'a Stored>>,
}

fn seal_of(document: &Value) -> &str {
    document.str_at(&["digest"]).unwrap_or_default()
}

impl<'a> Checker<'a> {
    fn fault(&mut self, fault: Fault) {
        self.account.faults.push(fault);
    }

    /// Take in one document, by the number that it gives itself.
    fn take(&mut self, chain: &Chain, one: &'a Stored) {
        let is = |key: &str, wanted: &str| one.document.str_at(&[key]) == Some(wanted);
        let ours = is("index", &chain.index) && is("store", &chain.store.to_string());
        let position = one.document.integer_at(&["position"]).and_then(|position| u64::try_from(position).ok());
        match position.filter(|position| ours && *position > 0) {
            Some(position) => self.at.entry(position).or_default().push(one),
            // A document of ours that says it is of another chain was altered, and its number says which it was.
            None => match one.id.parse::<u64>() {
                Ok(position) if position > 0 && id(position) == one.id => self.at.entry(position).or_default().push(one),
                _ => self.fault(Fault::PutIn { id: one.id.to_string() }),
            },
        }
    }

    /// Is each where it should be, and unchanged; is nothing missing between the first and the last, nor after the last that was written,
    /// and nothing behind `end`, of which the journal knows nothing.
    fn places(&mut self, end: u64) {
        let mut expected = 1;
        for (position, all) in std::mem::take(&mut self.at) {
            if position > end {
                all.iter().for_each(|one| self.fault(Fault::PutIn { id: one.id.to_string() }));
                continue;
            }
            if position > expected {
                self.fault(Fault::Missing { from: expected, to: position - 1 });
            }
            expected = position + 1;
            if all.len() > 1 {
                let mut ids: Vec<String> = all.iter().map(|one| one.id.to_string()).collect();
                ids.sort();
                self.fault(Fault::Forked { position, ids });
            }
            for one in &all {
                if all.len() == 1 && one.id != id(position) {
                    self.fault(Fault::OutOfOrder { position, id: one.id.to_string() });
                }
                if one.document.as_map().map(digest).as_deref() != Some(seal_of(&one.document)) {
                    self.fault(Fault::Altered { position });
                }
            }
            self.at.insert(position, all);
        }
    }

    /// The one with the right identifier, if several say that they are this one.
    fn one(&self, position: u64) -> Option<&'a Value> {
        let all = self.at.get(&position)?;
        let right = all.iter().find(|one| one.id == id(position)).or(all.first())?;
        Some(&right.document)
    }

    fn is_altered(&self, position: u64) -> bool {
        self.account.faults.contains(&Fault::Altered { position })
    }

    /// Does each follow the one before it?
    fn links(&mut self) {
        let positions: Vec<u64> = self.at.keys().copied().collect();
        for position in positions {
            let Some(next) = self.one(position) else { continue };
            let before = match position.checked_sub(1) {
                Some(0) | None => "",
                Some(before) => match self.one(before) {
                    Some(document) if !self.is_altered(before) => seal_of(document),
                    _ => continue,
                },
            };
            // An altered document may say anything of what came before it.
            if !self.is_altered(position) && next.str_at(&["previous"]) != Some(before) {
                let position = position.saturating_sub(1).max(1);
                let known_by = format!("document {}", position + 1);
                self.fault(Fault::Replaced { position, known_by });
            }
        }
    }

    /// Is the last that was written there, and is what comes after it what the journal tells? How many are still to be written.
    fn journal(&mut self, head: Option<&Head>, pending: &[Value]) -> u64 {
        let written = head.map_or(0, |head| head.position);
        if let Some(head) = head.filter(|_| written > 0) {
            let last = self.at.range(..=written).next_back().map_or(0, |(position, _)| *position);
            let next = self.at.range(written + 1..).next().is_some();
            if last < written && !next {
                self.fault(Fault::Missing { from: last + 1, to: written });
            }
            if self.one(written).is_some_and(|last| !self.is_altered(written) && seal_of(last) != head.digest) {
                self.fault(Fault::Replaced { position: written, known_by: "the journal".to_owned() });
            }
        }
        let mut behind = 0;
        for (position, document) in (written + 1..).zip(pending) {
            match self.one(position) {
                None => behind += 1,
                Some(there) if seal_of(there) != seal_of(document) && !self.is_altered(position) => {
                    self.fault(Fault::Replaced { position, known_by: "the journal".to_owned() });
                }
                Some(_) => {}
            }
        }
        behind
    }

    fn finish(mut self, documents: u64, behind: u64) -> Account {
        let time = |document: &Value, key: &str| document.str_at(&[key]).map(Text::from);
        let positions: Vec<u64> = self.at.keys().copied().collect();
        let all: Vec<&Value> = positions.iter().filter_map(|position| self.one(*position)).collect();
        self.account.first = all.first().and_then(|document| time(document, "@timestamp"));
        self.account.last = all.last().and_then(|document| time(document, "@timestamp"));
        let gaps = all.iter().filter(|document| document.str_at(&["type"]) == Some("gap"));
        self.account.gaps = gaps.filter_map(|gap| Some((time(gap, "from")?, time(gap, "until")?))).collect();
        (self.account.documents, self.account.behind) = (documents, behind);
        self.account.faults.sort();
        self.account.faults.dedup();
        self.account
    }
}
