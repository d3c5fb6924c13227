//! Every request of a run goes wrong once, and twice, in every way: what is written is written once.

use super::server::{Fault, PASSING, Server};
use super::{ended, holder, started, step};
use crate::journal::Journal;
use crate::kubernetes::ledger::chunk::TAIL;
use crate::wire::fake::block_on;
use model::connection::{Connection, Endpoint};
use model::outcome::JournalEntry;
use model::{Address, System};
use port::{Account, Ledger, LedgerError};
use std::collections::BTreeSet;

/// So many steps that they are more than the Lease holds.
fn many(run: u64) -> Vec<JournalEntry> {
    (0..400).flat_map(|number| step(run, number)).collect()
}

fn connection() -> Connection {
    let endpoint = Endpoint::KubeconfigContext { context: "eu-1".to_owned(), kubeconfig: None };
    Connection::new(System::Cluster("eu-1".into()), endpoint)
}

fn account() -> Account {
    let made: BTreeSet<Address> = (0..2_500).map(|number| format!("vault/policy/p{number}").parse().unwrap()).collect();
    Account { through: 1, made }
}

/// What is found afterwards.
#[derive(Debug, PartialEq)]
struct Found {
    journal: Vec<JournalEntry>,
    told: (u64, u64, bool),
    account: Account,
    known: Vec<Connection>,
    names: Vec<String>,
}

/// A run with all that one does; an error of looking for the first time is told at once, and whoever is told looks again.
async fn run(server: &Server) -> Found {
    let mut ledger = server.ledger("anna");
    let run = loop {
        match ledger.begin(holder("anna")).await {
            Ok(run) => break run,
            Err(LedgerError::Held(by)) => panic!("{by:?}"),
            Err(LedgerError::Platform(_)) => {}
        }
    };
    ledger.remember("acme", &[connection()]).await.unwrap();
    ledger.record(&started(run, 400)).await.unwrap();
    ledger.record(&many(run)).await.unwrap();
    ledger.record(&many(run)[..200]).await.unwrap();
    ledger.keep_account(&account()).await.unwrap();
    ledger.record(&many(run)[200..300]).await.unwrap();
    ledger.record(&ended(run)).await.unwrap();
    ledger.end().await.unwrap();
    let mut reader = server.ledger("reader");
    let runs = reader.runs(10).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [run]);
    Found {
        journal: Ledger::journal(&mut reader, run).await.unwrap(),
        told: (runs[0].steps, runs[0].done, runs[0].verdict.is_some()),
        account: reader.account().await.unwrap(),
        known: reader.connections("acme").await.unwrap(),
        names: server.config_maps(),
    }
}

fn expected(found: &Found) {
    let all = [started(1, 400), many(1), many(1)[..300].to_vec(), ended(1)].concat();
    assert_eq!(found.journal, all);
    assert_eq!(found.told, (400, 550, true));
    assert_eq!((&found.account, &found.known), (&account(), &vec![connection()]));
}

#[test]
fn a_run_that_is_cut_off_at_any_request_is_written_down_once() {
    let server = Server::default();
    let undisturbed = block_on(run(&server));
    expected(&undisturbed);
    let requests = server.asked("anna");
    assert!(serde_json::to_string(&many(1)).unwrap().len() > TAIL && requests > 15, "{requests}");
    for fault in PASSING {
        // Of those that are answered one is as good as two.
        let twice = matches!(fault, Fault::Before | Fault::After);
        for (first, times) in (1..=requests).flat_map(|first| (1..=1 + usize::from(twice)).map(move |times| (first, times))) {
            let server = Server::default();
            let faults = (first..first + times).map(|number| (("anna".to_owned(), number), fault));
            server.state().faults.extend(faults);
            let found = block_on(run(&server));
            assert_eq!(found, undisturbed, "{fault:?} from request {first} on, {times} times");
        }
    }
}

/// As often as an operation is tried, and the first answer of all lost.
#[test]
fn what_never_comes_back_is_given_up_and_named() {
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let run = ledger.begin(holder("anna")).await.unwrap();
        server.cut_off("anna", true);
        let error = ledger.record(&started(run, 1)).await.unwrap_err();
        assert_eq!(error.to_string(), "the ledger of the platform acme, which cluster.eu-1 keeps, cannot be written");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.starts_with("cluster.eu-1 (https://server.test) does not answer: Connection refused"), "{source}");
    });
}

#[test]
fn whoever_dies_at_any_request_of_taking_over_loses_nothing() {
    let dead = async |server: &Server| {
        let mut anna = server.ledger("anna");
        let run = anna.begin(holder("anna")).await.unwrap();
        anna.record(&started(run, 1)).await.unwrap();
        anna.record(&step(run, 0)).await.unwrap();
    };
    let server = Server::default();
    block_on(async {
        dead(&server).await;
        server.ledger("ben").begin(holder("ben")).await.unwrap();
    });
    let requests = server.asked("ben");
    for last in requests.saturating_sub(4)..=requests {
        for fault in [Fault::Before, Fault::After] {
            let server = Server::default();
            block_on(async {
                dead(&server).await;
                server.state().faults.extend((last..last + 200).map(|number| (("ben".to_owned(), number), fault)));
                let mut ben = server.ledger("ben");
                drop(tokio::time::timeout(std::time::Duration::from_secs(50), ben.begin(holder("ben"))).await);
                drop(ben);
                let mut carl = server.ledger("carl");
                let run = carl.begin(holder("carl")).await.unwrap();
                let numbers: Vec<u64> = carl.runs_after(0).await.unwrap().iter().map(|run| run.run).collect();
                assert_eq!(numbers, (1..=run).collect::<Vec<_>>(), "{fault:?} from {last} on");
                let journal = Ledger::journal(&mut carl, 1).await.unwrap();
                assert_eq!(journal, [started(1, 1), step(1, 0)].concat());
            });
        }
    }
}

#[test]
fn who_is_forbidden_something_is_told_which_right_is_missing() {
    let rights = "`vamp permissions SPEC --system cluster.eu-1` prints the rights that vamp needs";
    let told = |error: LedgerError, what: &str| {
        let LedgerError::Platform(error) = error else { panic!("{error:?}") };
        assert_eq!(error.to_string(), format!("the ledger of the platform acme, which cluster.eu-1 keeps, cannot be {what}"));
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.starts_with("cluster.eu-1 (https://server.test) does not allow it") && source.ends_with(rights),
            "{source}"
        );
    };
    for forbidden in ["GET /apis", "POST /apis", "POST /api/v1/namespaces"] {
        let server = Server::default();
        server.state().forbidden = Some(forbidden);
        block_on(async {
            let mut ledger = server.ledger("anna");
            told(ledger.begin(holder("anna")).await.unwrap_err(), "written");
            if forbidden.starts_with("GET") {
                told(ledger.runs(1).await.unwrap_err(), "read");
            }
            assert!(server.asked("anna") < 8, "at once");
        });
    }
    let server = Server::default();
    block_on(async {
        let mut ledger = server.ledger("anna");
        let run = ledger.begin(holder("anna")).await.unwrap();
        server.state().forbidden = Some("PATCH");
        told(ledger.record(&started(run, 1)).await.unwrap_err().into(), "written");
        server.state().forbidden = Some("POST");
        told(ledger.end().await.unwrap_err(), "written");
    });
}
