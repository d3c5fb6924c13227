//! Who holds the lock of a platform: each holder is a ledger of its own, as each is a process of its own.

use model::outcome::{JournalEntry, JournalEvent, StepResult};
use model::{Duration, Timestamp};
use port::{Holder, Ledger, LedgerError, PlatformError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What came of it, in a word, and the rest.
pub(crate) type Came = Result<(&'static str, Value), String>;

/// The holders of a case by name, each with its run.
pub(crate) struct Holders<L>(BTreeMap<String, (L, u64)>);

impl<L> Default for Holders<L> {
    fn default() -> Self {
        Holders(BTreeMap::new())
    }
}

impl<L: Ledger> Holders<L> {
    /// Whether somebody has begun to be one.
    pub(crate) fn knows(&self, who: &str) -> bool {
        self.0.contains_key(who)
    }

    /// Somebody who may take it, with a ledger that nobody else has.
    pub(crate) fn come(&mut self, who: &str, ledger: L) {
        self.0.insert(who.to_owned(), (ledger, 0));
    }

    /// `take`, `give` or `die`.
    pub(crate) async fn act(&mut self, what: &str, who: &str) -> Came {
        if what == "die" {
            self.0.remove(who);
            return Ok(("died", json!({})));
        }
        let (ledger, run) = self.0.get_mut(who).ok_or_else(|| format!("{who} is nobody"))?;
        match what {
            "take" => match ledger.begin(holder(who)).await {
                Ok(begun) => {
                    *run = begun;
                    Ok(("taken", json!({ "run": begun })))
                }
                Err(LedgerError::Held(present)) => Ok(("held", json!({ "name": present.name }))),
                Err(LedgerError::Platform(error)) => Err(error.to_string()),
            },
            "give" => ledger.end().await.map(|()| ("given", json!({}))).map_err(|error| error.to_string()),
            other => Err(format!("{other} cannot be done with a lock")),
        }
    }

    /// The ledger of somebody, and what he would write into it.
    pub(crate) fn writer(&mut self, who: &str) -> Result<(&mut L, Vec<JournalEntry>), String> {
        let (ledger, run) = self.0.get_mut(who).ok_or_else(|| format!("{who} is nobody"))?;
        let event =
            JournalEvent::StepEnded { address: "vault/policy/a".parse().unwrap(), result: StepResult::Done { changed: true } };
        Ok((ledger, vec![JournalEntry { at: Timestamp(1_795_000_001_000), run: *run, event }]))
    }
}

/// What came of a write.
pub(crate) fn written(result: Result<(), PlatformError>) -> Came {
    Ok(match result {
        Ok(()) => ("written", json!({})),
        Err(error) => ("refused", json!({ "why": error.to_string() })),
    })
}

fn holder(name: &str) -> Holder {
    let since = Timestamp(1_795_000_000_000);
    let expires = since + Duration::minutes(60);
    Holder { name: name.to_owned(), host: "bench".to_owned(), process: 7, command: "apply".to_owned(), since, expires }
}
