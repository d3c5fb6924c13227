//! What is kept of the past, in pieces that an object can hold, and what goes.

use super::server::Server;
use super::{ended, holder, ran, started, step};
use crate::journal::Journal;
use crate::kubernetes::ledger::history::{expendable, latest};
use crate::kubernetes::ledger::summary::Summary;
use crate::wire::fake::block_on;
use model::connection::{Connection, Endpoint};
use model::outcome::{JournalEvent, StepResult, Verdict};
use model::{Address, Duration, System};
use port::{Account, Ledger};
use std::collections::BTreeSet;

#[test]
fn before_anything_is_there_nothing_is_found_and_nothing_is_made() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        assert!(ledger.runs(10).await.unwrap().is_empty() && ledger.runs_after(0).await.unwrap().is_empty());
        assert_eq!(ledger.account().await.unwrap(), Account::default());
        assert!(Ledger::journal(&mut ledger, 1).await.unwrap().is_empty());
        assert!(ledger.connections("acme").await.unwrap().is_empty());
        assert!(ledger.keep_account(&Account::default()).await.is_err(), "nobody holds the lock");
        assert!(ledger.record(&started(1, 1)).await.is_err(), "nobody holds the lock");
        ledger.end().await.unwrap();
    });
    let state = server.state();
    assert!(state.objects.is_empty());
    assert!(state.log.iter().all(|(_, line)| line.starts_with("GET ")), "{:?}", state.log);
}

#[test]
fn a_run_is_written_down_and_read_again_in_order() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let (run, entries) = ran(&mut ledger, 3).await;
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), entries);
        let runs = ledger.runs(10).await.unwrap();
        assert_eq!(
            (runs.len(), runs[0].run, runs[0].verdict, runs[0].steps, runs[0].done),
            (1, 1, Some(Verdict::Converged), 3, 3)
        );
        assert_eq!((runs[0].holder.name.as_str(), runs[0].took), ("anna", Some(Duration::seconds(1))));
        // While a run is under way its journal is read, too.
        let run = ledger.begin(holder("anna")).await.unwrap();
        ledger.record(&started(run, 1)).await.unwrap();
        let mut other = server.ledger("ben");
        assert_eq!(Ledger::journal(&mut other, run).await.unwrap(), started(run, 1));
        assert_eq!(other.runs(1).await.unwrap()[0].steps, 1);
    });
}

/// A write is one request, as long as nothing has to be put away.
#[test]
fn a_journal_is_put_away_in_pieces_that_are_written_once() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let run = ledger.begin(holder("anna")).await.unwrap();
        let (before, mut all) = (server.asked("anna"), Vec::new());
        for number in 0..2_000 {
            ledger.record(&step(run, number)).await.unwrap();
            all.extend(step(run, number));
        }
        let pieces = server.config_maps().len();
        assert!((8..24).contains(&pieces), "{pieces}");
        assert_eq!(server.asked("anna") - before, 2_000 + pieces);
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        ledger.end().await.unwrap();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        assert_eq!(ledger.runs(1).await.unwrap()[0].done, 2_000);
        let state = server.state();
        assert!(!state.log.iter().any(|(_, line)| line.starts_with("PATCH /api/v1")), "written once");
    });
}

#[test]
fn a_batch_that_is_larger_than_any_object_is_written_in_parts() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let run = ledger.begin(holder("anna")).await.unwrap();
        let mut all = started(run, 20_000);
        ledger.record(&all).await.unwrap();
        let batch: Vec<_> = (0..20_000).flat_map(|number| step(run, number)).collect();
        assert!(serde_json::to_string(&batch).unwrap().len() > 3 << 20);
        ledger.record(&batch).await.unwrap();
        // One line that is long by itself.
        let result = StepResult::Failed("x".repeat(300_000));
        let failed = vec![super::entry(run, JournalEvent::StepEnded { address: "vault/policy/p".parse().unwrap(), result })];
        ledger.record(&failed).await.unwrap();
        ledger.record(&ended(run)).await.unwrap();
        all = [all, batch, failed, ended(run)].concat();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        ledger.end().await.unwrap();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        let told = &ledger.runs(1).await.unwrap()[0];
        assert_eq!((told.steps, told.done, told.failed, told.verdict), (20_000, 20_000, 1, Some(Verdict::Converged)));
    });
}

fn made(count: usize) -> BTreeSet<Address> {
    (0..count).map(|number| format!("vault/policy/p{number}").parse().unwrap()).collect()
}

#[test]
fn an_account_is_kept_as_a_whole_and_the_one_before_it_goes() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        ledger.begin(holder("anna")).await.unwrap();
        for (through, count) in [(7, 4_500), (8, 3), (9, 0), (10, 4_000)] {
            let account = Account { through, made: made(count) };
            ledger.keep_account(&account).await.unwrap();
            assert_eq!(ledger.account().await.unwrap(), account);
        }
        assert_eq!(server.config_maps(), ["acme.account-0000000010.000000", "acme.account-0000000010.000001"]);
        // A part of a later one is none, and so is one that cannot be read.
        let path = |name: &str| format!("/api/v1/namespaces/vamp-ledger/configmaps/{name}");
        let mut part = server.state().objects[&path("acme.account-0000000010.000000")].clone();
        part["metadata"]["labels"]["ledger.vamp.io/through"] = "11".into();
        server.state().objects.insert(path("acme.account-0000000011.000000"), part.clone());
        assert_eq!(ledger.account().await.unwrap().through, 10);
        part["metadata"]["annotations"]["ledger.vamp.io/parts"] = "1".into();
        part["data"]["account"] = "x".into();
        server.state().objects.insert(path("acme.account-0000000011.000000"), part);
        assert_eq!(ledger.account().await.unwrap().through, 10);
        server.remove(&path("acme.account-0000000010.000001"));
        assert_eq!(ledger.account().await.unwrap(), Account::default());
    });
}

#[test]
fn of_the_runs_that_an_account_takes_in_the_latest_fifty_stay() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        for _ in 0..60 {
            ran(&mut ledger, 1).await;
        }
        let run = ledger.begin(holder("anna")).await.unwrap();
        ledger.keep_account(&Account { through: 58, made: made(2) }).await.unwrap();
        let left: Vec<u64> = ledger.runs_after(0).await.unwrap().iter().map(|run| run.run).collect();
        assert_eq!(left, (9..=run).collect::<Vec<_>>());
        assert!(Ledger::journal(&mut ledger, 8).await.unwrap().is_empty());
        assert_eq!(Ledger::journal(&mut ledger, 9).await.unwrap().len(), 4);
        ledger.end().await.unwrap();
        assert_eq!(ran(&mut ledger, 1).await.0, 62);
    });
}

fn summary(run: u64, bytes: usize) -> Summary {
    let summary = Summary::new(run, &holder("anna"));
    summary.with(&started(run, 1), bytes)
}

#[test]
fn large_journals_go_sooner_and_the_last_one_stays_however_large_it_is() {
    let runs = |size: usize| latest((1..=20).map(|run| summary(run, size)));
    assert!(expendable(&runs(1 << 20), 20).is_empty());
    assert_eq!(expendable(&runs(10 << 20), 20), (1..=14).rev().collect::<Vec<_>>());
    assert_eq!(expendable(&runs(1 << 30), 18), (1..=17).rev().collect::<Vec<_>>());
}

#[test]
fn what_audit_documents_may_still_be_made_of_stays() {
    let audited = |run: u64, from: Option<u64>| {
        let chain: model::audit::Chain = serde_json::from_value(serde_json::json!({
            "store": "elasticsearch.central", "index": "acme-audit", "scope": {}
        }))
        .unwrap();
        let started = JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit: vec![chain.clone()] };
        let head =
            |run| model::audit::backlog::Head { chain: chain.clone(), position: 0, digest: "d".into(), run, taken: 0, gap: None };
        let heads = from.map(|from| JournalEvent::Audited { heads: vec![head(run), head(from)] });
        let entries: Vec<_> = std::iter::once(started).chain(heads).map(|event| super::entry(run, event)).collect();
        Summary::new(run, &holder("anna")).with(&entries, 10)
    };
    let runs = latest((1..=100).map(|run| audited(run, (run < 90).then_some(run.min(30)))));
    assert_eq!(expendable(&runs, 100), (1..30).rev().collect::<Vec<_>>(), "since the 30th one store takes nothing");
    let runs = latest((1..=100).map(|run| if run < 20 { summary(run, 10) } else { audited(run, None) }));
    assert_eq!(expendable(&runs, 100), (1..20).rev().collect::<Vec<_>>(), "no document was ever written");
    let runs = latest((1..=100).map(|run| audited(run, Some(run))));
    assert_eq!(expendable(&runs, 99).len(), 49);
}

#[test]
fn systems_are_remembered_and_forgotten() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let one = |name: &str| {
            let endpoint = Endpoint::KubeconfigContext { context: name.to_owned(), kubeconfig: None };
            Connection::new(System::Cluster(name.into()), endpoint)
        };
        ledger.begin(holder("anna")).await.unwrap();
        ledger.remember("acme", &[one("b"), one("a")]).await.unwrap();
        ledger.remember("acme", &[one("b")]).await.unwrap();
        ledger.end().await.unwrap();
        let names = |known: Vec<Connection>| known.into_iter().map(|known| known.system.to_string()).collect::<Vec<_>>();
        assert_eq!(names(ledger.connections("acme").await.unwrap()), ["cluster.a", "cluster.b"]);
        assert!(ledger.connections("other").await.unwrap().is_empty());
        ledger.forget(holder("anna"), "acme", &System::Cluster("a".into())).await.unwrap();
        assert_eq!(names(ledger.connections("acme").await.unwrap()), ["cluster.b"]);
        assert_eq!(ledger.runs(10).await.unwrap().len(), 1, "forgetting is no run");
        assert_eq!(server.ledger("ben").begin(holder("ben")).await.unwrap(), 2, "and the lock is free");
    });
}

#[test]
fn it_is_closed_and_opened_under_the_lock() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        assert_eq!(ledger.closed().await.unwrap(), None);
        assert!(ledger.set_closed(Some("moved")).await.is_err(), "nobody holds the lock");
        ledger.begin(holder("anna")).await.unwrap();
        for why in ["it was moved to MySQL", "it was moved to cluster.eu"] {
            ledger.set_closed(Some(why)).await.unwrap();
            assert_eq!(ledger.closed().await.unwrap().as_deref(), Some(why));
        }
        for _ in 0..2 {
            ledger.set_closed(None).await.unwrap();
            assert_eq!(ledger.closed().await.unwrap(), None);
        }
        ledger.end().await.unwrap();
        assert_eq!(ledger.runs(10).await.unwrap().len(), 1, "what it is closed with is no run");
    });
}

/// What a look lists in a cluster are objects with the label of the platform: nothing of the ledger may be taken for one of them.
#[test]
fn nothing_of_the_ledger_is_part_of_what_the_platform_is_made_of() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        ran(&mut ledger, 1).await;
        ledger.begin(holder("anna")).await.unwrap();
        ledger.keep_account(&Account { through: 1, made: made(1) }).await.unwrap();
    });
    let state = server.state();
    assert!(state.objects.values().all(|object| object["metadata"]["labels"][model::mark::PLATFORM].is_null()));
    let others = state
        .objects
        .iter()
        .filter(|(path, _)| !path.starts_with("/api/v1/namespaces/vamp-ledger") && !path.contains("/leases/"));
    assert_eq!(others.count(), 0);
}
