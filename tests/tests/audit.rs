//! Audit documents of applies, from the journal to the chains of the embedded platform and back: each step once, in order, without a
//! secret; whatever is altered, taken out or put in is found and named.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use embedded::EmbeddedPlatform;
use model::audit::verify::{Account, Fault};
use model::audit::{Chain, Stored};
use model::outcome::JournalEvent;
use model::{System, Value};
use planner::plan::Options;
use port::{Ledger, Observe};
use simulator::fault::{Fault as Trouble, Kind};
use tests::stage::{CANARY, Stage, holder};
use tests::{block_on, root};

fn stage(spec: &str) -> Stage {
    Stage::of_file(&root().join("specs/valid").join(spec))
}

async fn applied(stage: &Stage) -> EmbeddedPlatform {
    let mut platform = stage.open_in_memory().await;
    stage.apply(&mut platform, Options::default()).await.unwrap();
    platform
}

async fn accounts(stage: &Stage, platform: &mut EmbeddedPlatform) -> Vec<(Chain, Account)> {
    stage.audit(platform).await.into_iter().map(|(chain, account)| (chain, account.unwrap())).collect()
}

async fn documents(platform: &mut EmbeddedPlatform, chain: &Chain) -> Vec<Stored> {
    let mut all = platform.audit(chain).await.unwrap().unwrap();
    all.sort_by_key(|one| one.document.integer_at(&["position"]));
    all
}

fn is_whole(all: &[(Chain, Account)]) -> bool {
    all.iter().all(|(_, account)| account.faults.is_empty() && account.behind == 0)
}

#[test]
fn every_step_of_an_apply_is_in_the_chain_of_its_environment_once_and_no_secret_is() {
    for spec in ["quickstart.yaml", "multi-region.yaml"] {
        let stage = stage(spec);
        block_on(async {
            let mut platform = applied(&stage).await;
            let journal = platform.journal(1).await.unwrap();
            let begun = journal.iter().filter(|entry| matches!(entry.event, JournalEvent::StepStarted { .. })).count();
            let all = accounts(&stage, &mut platform).await;
            assert!(is_whole(&all), "{spec}: {all:#?}");
            // One more: the apply itself.
            assert_eq!(all.iter().map(|(_, account)| account.documents).sum::<u64>(), begun as u64 + 1, "{spec}");
            for (chain, account) in &all {
                assert!(account.documents > 0, "{spec}: {chain}");
                for one in documents(&mut platform, chain).await {
                    let text = serde_json::to_string(&one.document).unwrap();
                    assert!(!text.contains(CANARY), "{text}");
                    let about = one.document.str_at(&["environment"]).unwrap().to_owned();
                    assert_eq!(about, chain.scope.to_string());
                }
            }
        });
    }
}

#[test]
fn an_apply_that_changes_nothing_adds_no_step() {
    let stage = stage("quickstart.yaml");
    block_on(async {
        let mut platform = applied(&stage).await;
        let before = accounts(&stage, &mut platform).await;
        let kept = driver::audit::keep(&mut platform).await.unwrap();
        assert_eq!((kept.written, kept.lacking), (0, Vec::new()));
        assert_eq!(accounts(&stage, &mut platform).await, before);
    });
}

/// Change the documents of the second chain by hand, and look again.
fn tampered(change: impl Fn(&[Stored]) -> Vec<(String, Option<Value>)>) -> Vec<Fault> {
    let stage = stage("quickstart.yaml");
    block_on(async {
        let mut platform = applied(&stage).await;
        let chain = accounts(&stage, &mut platform).await.remove(1).0;
        let System::Elasticsearch(store) = &chain.store else { panic!("{chain}") };
        let changes = change(&documents(&mut platform, &chain).await);
        let by_hand = |world: &mut simulator::world::World| {
            for (id, document) in &changes {
                world.put_document(store, &chain.index, id, document.clone());
            }
        };
        platform.alter(holder(), by_hand).await.unwrap();
        let mut all = accounts(&stage, &mut platform).await;
        let account = all.remove(1).1;
        assert!(is_whole(&all), "the other chains are as they were: {all:#?}");
        account.faults
    })
}

fn with(document: &Value, key: &str, value: &str) -> Value {
    let mut changed = document.clone();
    changed.set(&[key], value);
    changed
}

/// The same with a digest that fits, as somebody makes it who knows how.
fn sealed_anew(document: &Value) -> Value {
    let mut document = document.clone();
    document.remove(&["digest"]);
    let text = serde_json::to_vec(&document).unwrap();
    let digest: String = sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), text))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    document.set(&["digest"], digest);
    document
}

#[test]
fn an_altered_document_is_named() {
    let faults = tampered(|all| vec![("3".to_owned(), Some(with(&all[2].document, "actor", "mallory")))]);
    assert_eq!(faults, [Fault::Altered { position: 3 }]);
}

#[test]
fn one_that_was_sealed_anew_is_found_by_the_one_after_it_and_the_last_by_the_journal() {
    let forged = |all: &[Stored], at: usize| Some(sealed_anew(&with(&all[at].document, "actor", "mallory")));
    let faults = tampered(|all| vec![("3".to_owned(), forged(all, 2))]);
    assert_eq!(faults, [Fault::Replaced { position: 3, known_by: "document 4".to_owned() }]);
    let faults = tampered(|all| vec![(all.len().to_string(), forged(all, all.len() - 1))]);
    assert!(matches!(&faults[..], [Fault::Replaced { known_by, .. }] if known_by == "the journal"), "{faults:?}");
}

#[test]
fn what_is_missing_is_named_at_the_beginning_inside_at_the_end_and_as_a_whole() {
    assert_eq!(tampered(|_| vec![("1".to_owned(), None)]), [Fault::Missing { from: 1, to: 1 }]);
    let faults = tampered(|_| vec![("3".to_owned(), None), ("4".to_owned(), None)]);
    assert_eq!(faults, [Fault::Missing { from: 3, to: 4 }]);
    let faults = tampered(|all| vec![(all.len().to_string(), None)]);
    assert!(matches!(faults[..], [Fault::Missing { from, to }] if from == to), "{faults:?}");
    let faults = tampered(|all| all.iter().map(|one| (one.id.to_string(), None)).collect());
    assert!(matches!(faults[..], [Fault::Missing { from: 1, .. }]), "{faults:?}");
}

#[test]
fn what_was_put_in_is_named_wherever_it_stands() {
    let next = |all: &[Stored]| all.len() + 1;
    let appended = |all: &[Stored]| {
        let last = &all[all.len() - 1].document;
        let mut forged = with(last, "previous", last.str_at(&["digest"]).unwrap());
        forged.set(&["position"], next(all) as u32);
        sealed_anew(&forged)
    };
    let faults = tampered(|all| vec![(next(all).to_string(), Some(appended(all)))]);
    assert!(matches!(&faults[..], [Fault::PutIn { .. }]), "{faults:?}");
    let faults = tampered(|all| {
        vec![("note".to_owned(), Some(with(&Value::EMPTY_MAP, "text", "nothing to see")))].into_iter().take(all.len()).collect()
    });
    assert_eq!(faults, [Fault::PutIn { id: "note".to_owned() }]);
    let faults = tampered(|all| vec![("3b".to_owned(), Some(all[2].document.clone()))]);
    assert_eq!(faults, [Fault::Forked { position: 3, ids: vec!["3".to_owned(), "3b".to_owned()] }]);
    let faults =
        tampered(|all| vec![("3".to_owned(), Some(all[3].document.clone())), ("4".to_owned(), Some(all[2].document.clone()))]);
    let swapped = |position, id: &str| Fault::OutOfOrder { position, id: id.to_owned() };
    assert_eq!(faults, [swapped(3, "4"), swapped(4, "3")]);
}

#[test]
fn a_store_that_takes_nothing_is_a_gap_in_the_journal_and_then_in_the_chain() {
    let mut stage = stage("quickstart.yaml");
    let text = std::fs::read_to_string(root().join("specs/valid/quickstart.yaml")).unwrap();
    block_on(async {
        let mut platform = applied(&stage).await;
        let before = accounts(&stage, &mut platform).await;
        let System::Elasticsearch(store) = before[0].0.store.clone() else { panic!("{before:?}") };
        let flood = |flooded| {
            let store = store.clone();
            move |world: &mut simulator::world::World| {
                let target = format!("elasticsearch {store}").parse().unwrap();
                let fault = Trouble::new(Kind::ElasticsearchFull, target);
                if flooded {
                    world.inject(&fault).unwrap()
                } else {
                    world.mend(&fault).unwrap()
                };
            }
        };
        platform.alter(holder(), flood(true)).await.unwrap();
        stage.change(&text.replace("weight: 90", "weight: 80").replace("weight: 10 ", "weight: 20 "));
        stage.apply(&mut platform, Options::default()).await.unwrap();
        let gaps = async |platform: &mut EmbeddedPlatform, run| {
            let journal = platform.journal(run).await.unwrap();
            journal.iter().filter(|entry| matches!(entry.event, JournalEvent::AuditGap { .. })).count()
        };
        assert!(gaps(&mut platform, 2).await > 0);
        let during = accounts(&stage, &mut platform).await;
        assert!(during.iter().any(|(_, account)| account.behind > 0), "{during:#?}");
        assert!(during.iter().all(|(_, account)| account.faults.is_empty()), "{during:#?}");
        platform.alter(holder(), flood(false)).await.unwrap();
        stage.apply(&mut platform, Options::default()).await.unwrap();
        let after = accounts(&stage, &mut platform).await;
        assert!(is_whole(&after), "{after:#?}");
        assert!(after.iter().any(|(_, account)| account.gaps.len() == 1), "{after:#?}");
    });
}
