//! The keeper of audit chains, one effect after another.

use crate::audit::{Backlog, Effect, Keeper, Kept};
use model::audit::Chain;
use model::audit::history::Run;
use model::operation::OperationError;
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::plan::Action;
use model::resource::Scope;
use model::{System, Timestamp, Value};
use port::{Event, Request};

fn chain(index: &str, scope: Scope) -> Chain {
    Chain { store: System::Elasticsearch("central".into()), index: index.into(), scope }
}

fn production() -> Scope {
    Scope { tenant: Some("shop".into()), environment: Some("production".into()), cluster: None }
}

/// A run of one step in an environment.
fn run(number: u64) -> Run {
    let entry = |event| JournalEntry { at: Timestamp(number), run: number, event };
    let audit = vec![chain("acme-applies", Scope::PLATFORM), chain("acme-shop-production-applies", production())];
    let address: model::Address = "vault/policy/a".parse().unwrap();
    let (action, scope, before, after) = (Action::Create, production(), None, None);
    let entries = vec![
        entry(JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit }),
        entry(JournalEvent::StepStarted { address: address.clone(), action, scope, before, after }),
        entry(JournalEvent::StepEnded { address, result: StepResult::Done { changed: true } }),
        entry(JournalEvent::RunEnded { verdict: Verdict::Converged }),
    ];
    Run { number, actor: "ann@desk".into(), command: "apply".into(), entries }
}

/// Every chain under one roof: a store that takes documents or not, and a journal.
#[derive(Default)]
struct Site {
    now: u64,
    runs: Vec<Run>,
    /// Documents by index.
    stored: std::collections::BTreeMap<String, Vec<Value>>,
    asked: usize,
}

impl Site {
    fn backlog(&self) -> Backlog {
        let said = |entry: &JournalEntry| match &entry.event {
            JournalEvent::Audited { heads } => Some(heads.clone()),
            _ => None,
        };
        let heads = self.runs.iter().rev().find_map(|run| run.entries.iter().rev().find_map(said)).unwrap_or_default();
        Backlog { heads, runs: self.runs.clone() }
    }

    /// Let the keeper do what it can; `answer` is what the store says.
    fn keep(&mut self, answer: Result<(), OperationError>) -> Option<Kept> {
        let mut keeper = Keeper::new(&self.backlog())?;
        let mut effects = keeper.start(Timestamp(self.now));
        loop {
            let mut events = Vec::new();
            for effect in std::mem::take(&mut effects) {
                match effect {
                    Effect::Finished(kept) => return Some(kept),
                    Effect::Request(Request::Record { ticket, entries }) => {
                        self.runs.last_mut().unwrap().entries.extend(entries);
                        events.push(Event::Recorded { ticket });
                    }
                    Effect::Request(Request::Append { ticket, chain, documents }) => {
                        self.asked += 1;
                        if answer.is_ok() {
                            self.stored.entry(chain.index.to_string()).or_default().extend(documents);
                        }
                        events.push(Event::Appended { ticket, result: answer.clone() });
                    }
                    Effect::Request(Request::Wake { at }) => {
                        self.now = at.0;
                        events.push(Event::Woken);
                    }
                    Effect::Request(other) => panic!("{other:?}"),
                }
            }
            assert!(!events.is_empty(), "the keeper waits for nothing");
            effects = keeper.step(Timestamp(self.now), events);
        }
    }

    fn count(&self, wanted: fn(&JournalEvent) -> bool) -> usize {
        self.runs.iter().flat_map(|run| &run.entries).filter(|entry| wanted(&entry.event)).count()
    }

    fn gaps(&self) -> usize {
        self.count(|event| matches!(event, JournalEvent::AuditGap { .. }))
    }

    fn words(&self, index: &str) -> Vec<String> {
        let word =
            |document: &Value| format!("{} {}", document.str_at(&["type"]).unwrap(), document.integer_at(&["run"]).unwrap());
        self.stored.get(index).into_iter().flatten().map(word).collect()
    }
}

#[test]
fn what_a_run_did_is_written_once() {
    let mut site = Site { runs: vec![run(1)], ..Site::default() };
    assert_eq!(site.keep(Ok(())), Some(Kept { written: 2, lacking: Vec::new() }));
    assert_eq!(
        (site.words("acme-applies"), site.words("acme-shop-production-applies")),
        (vec!["apply 1".into()], vec!["step 1".into()])
    );
    assert_eq!(site.keep(Ok(())), None, "nothing is lacking");
    site.runs.push(run(2));
    assert_eq!(site.keep(Ok(())).unwrap().written, 2);
    let documents = &site.stored["acme-applies"];
    assert_eq!(documents[1].str_at(&["previous"]), documents[0].str_at(&["digest"]));
}

#[test]
fn a_gap_is_told_once_and_what_it_lacked_follows_with_a_word_about_it() {
    let down = || Err(OperationError::Refused("read-only".to_owned()));
    let mut site = Site { runs: vec![run(1)], now: 10, ..Site::default() };
    let lacking = site.keep(down()).unwrap().lacking;
    assert_eq!(lacking.iter().map(|(_, why)| why.as_str()).collect::<Vec<_>>(), ["read-only", "read-only"]);
    assert_eq!(site.gaps(), 2, "one a chain");
    site.runs.push(run(2));
    site.now = 20;
    assert_eq!(site.keep(down()).unwrap().lacking.len(), 2);
    assert_eq!(site.gaps(), 2, "the same gap");
    site.now = 30_000;
    assert_eq!(site.keep(Ok(())), Some(Kept { written: 6, lacking: Vec::new() }));
    assert_eq!(site.words("acme-applies"), ["apply 1", "apply 2", "gap 2"]);
    let gap = &site.stored["acme-applies"][2];
    assert_eq!((gap.str_at(&["from"]), gap.str_at(&["until"])), (Some("1970-01-01T00:00:00Z"), Some("1970-01-01T00:00:30Z")));
    assert_eq!(site.keep(Ok(())), None);
}

#[test]
fn who_asks_for_patience_is_asked_three_times() {
    let busy = Err(OperationError::Busy { message: "429".to_owned(), retry_after: None });
    let mut site = Site { runs: vec![run(1)], ..Site::default() };
    assert_eq!(site.keep(busy).unwrap().lacking.len(), 2);
    assert_eq!((site.asked, site.now), (6, 2000), "three times a chain, a second apart");
}
