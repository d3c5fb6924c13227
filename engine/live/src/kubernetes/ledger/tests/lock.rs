//! Who holds the lock, who is waited for, and who was overtaken.

use super::server::Server;
use super::{ended, holder, ran, started, step};
use crate::journal::Journal;
use crate::wire::fake::block_on;
use port::{Ledger, LedgerError};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long it took in virtual time, in seconds.
async fn seconds<T>(future: impl Future<Output = T>) -> (T, f64) {
    let begun = Instant::now();
    let value = future.await;
    (value, begun.elapsed().as_secs_f64())
}

fn held_by(result: Result<u64, LedgerError>) -> String {
    match result {
        Err(LedgerError::Held(holder)) => holder.name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lock_that_was_given_back_is_taken_at_once_and_its_run_is_a_later_one() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        let ((first, second), took) = seconds(async {
            let first = ran(&mut anna, 1).await.0;
            (first, ben.begin(holder("ben")).await.unwrap())
        })
        .await;
        assert_eq!((first, second), (1, 2));
        assert!(took < 0.1, "{took}");
    });
}

#[test]
fn a_holder_that_lives_is_named_as_soon_as_it_is_heard_of_again() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        anna.begin(holder("anna")).await.unwrap();
        let (result, took) = seconds(ben.begin(holder("ben"))).await;
        let Err(LedgerError::Held(present)) = result else { panic!("{result:?}") };
        assert_eq!((present.name.as_str(), present.process), ("anna", 7));
        assert!((9.0..=12.0).contains(&took), "{took}");
        // It was renewed just now, on the clock of whoever asks.
        let now = u64::try_from(Instant::now().elapsed().as_millis()).unwrap();
        assert!(present.expires.0 > now && present.expires.0 < 1_000_000, "{:?}", present.expires);
    });
}

#[test]
fn whoever_waits_is_told_for_whom_and_how_long_and_whoever_need_not_wait_is_told_nothing() {
    let server = Server::default();
    let said = Arc::new(Mutex::new(Vec::new()));
    let listening = |name: &str| {
        let said = said.clone();
        server.ledger(name).telling(Box::new(move |line| said.lock().unwrap().push(line.to_owned())))
    };
    block_on(async {
        let mut anna = listening("anna");
        anna.begin(holder("anna")).await.unwrap();
        assert!(said.lock().unwrap().is_empty());
        drop(anna);
        listening("ben").begin(holder("ben")).await.unwrap();
    });
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("anna on ") && said[0].ends_with("; whether that run still lives shows within 40s"), "{said:?}");
}

#[test]
fn a_holder_that_died_is_waited_for_as_long_as_its_lock_holds_and_its_journal_stays() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        let run = anna.begin(holder("anna")).await.unwrap();
        anna.record(&started(run, 1)).await.unwrap();
        drop(anna);
        let (next, took) = seconds(ben.begin(holder("ben"))).await;
        assert_eq!(next.unwrap(), run + 1);
        assert!((40.0..=41.0).contains(&took), "{took}");
        assert_eq!(Ledger::journal(&mut ben, run).await.unwrap(), started(run, 1));
        let runs = ben.runs(10).await.unwrap();
        let told: Vec<_> = runs.iter().map(|run| (run.run, run.holder.name.as_str(), run.steps, run.verdict)).collect();
        assert_eq!(told, [(2, "ben", 0, None), (1, "anna", 1, None)]);
    });
}

#[test]
fn a_run_that_died_at_its_very_beginning_has_a_number_and_a_place_in_the_history() {
    let server = Server::default();
    block_on(async {
        let mut anna = server.ledger("anna");
        let run = anna.begin(holder("anna")).await.unwrap();
        drop(anna);
        let mut ben = server.ledger("ben");
        assert_eq!(ben.begin(holder("ben")).await.unwrap(), run + 1);
        assert_eq!(ben.runs_after(0).await.unwrap().iter().map(|run| run.run).collect::<Vec<_>>(), [1, 2]);
        assert!(Ledger::journal(&mut ben, run).await.unwrap().is_empty());
    });
}

#[test]
fn whoever_is_overtaken_writes_nothing_more_and_gives_nothing_away() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        let run = anna.begin(holder("anna")).await.unwrap();
        anna.record(&started(run, 2)).await.unwrap();
        server.cut_off("anna", true);
        let taken = ben.begin(holder("ben")).await.unwrap();
        server.cut_off("anna", false);
        let before = server.state().objects.clone();
        let refused = anna.record(&step(run, 0)).await.unwrap_err();
        assert_eq!(refused.to_string(), "another run has taken the lock of this platform over");
        assert_eq!(refused.help.as_deref(), Some("`vamp history` says which; plan again when it has ended"));
        assert_eq!(server.state().objects, before, "nothing more was written for the first");
        anna.end().await.unwrap();
        ben.record(&started(taken, 1)).await.unwrap();
        let mut carl = server.ledger("carl");
        assert_eq!(held_by(carl.begin(holder("carl")).await), "ben");
        ben.end().await.unwrap();
        // Also when nobody holds it any more.
        let mut anna = server.ledger("anna");
        assert!(anna.record(&ended(run)).await.is_err());
        assert_eq!(anna.begin(holder("anna")).await.unwrap(), taken + 1);
    });
}

#[test]
fn a_heart_that_beats_keeps_the_lock_through_hours_and_ends_with_its_ledger() {
    let server = Server::default();
    block_on(async {
        let mut anna = server.ledger("anna");
        let run = anna.begin(holder("anna")).await.unwrap();
        let begun = server.asked("anna");
        sleep(Duration::from_secs(3600)).await;
        let asked = server.asked("anna") - begun;
        assert!((355..=361).contains(&asked), "{asked} in an hour");
        // What is written renews it, too.
        for number in 0..60 {
            anna.record(&step(run, number)).await.unwrap();
            sleep(Duration::from_secs(6)).await;
        }
        let asked = server.asked("anna") - begun - asked;
        assert!(asked < 63, "{asked} in six minutes with a write every six seconds");
        drop(anna);
        let ended = server.asked("anna");
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(server.asked("anna"), ended);
    });
}

#[test]
fn what_a_stranger_writes_is_neither_an_overtaking_nor_a_sign_of_life() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        let run = anna.begin(holder("anna")).await.unwrap();
        let meddle = |number: usize| server.edit_lease(&json!({"metadata": {"labels": {"seen": number.to_string()}}}));
        for number in 0..5 {
            meddle(number);
            anna.record(&step(run, number)).await.unwrap();
        }
        meddle(5);
        sleep(Duration::from_secs(60)).await;
        drop(anna);
        let meddling = async {
            for number in 6.. {
                sleep(Duration::from_secs(7)).await;
                meddle(number);
            }
        };
        let taken = async { seconds(ben.begin(holder("ben"))).await };
        let (taken, took) = tokio::select! { taken = taken => taken, () = meddling => unreachable!() };
        assert_eq!(taken.unwrap(), run + 1);
        assert!((40.0..=43.0).contains(&took), "{took}");
        assert_eq!(Ledger::journal(&mut ben, run).await.unwrap().len(), 10);
        assert_eq!(server.state().objects.values().filter(|object| object["metadata"]["labels"]["seen"].is_string()).count(), 1);
    });
}

#[test]
fn while_the_api_server_is_away_nobody_counts_as_dead() {
    let server = Server::default();
    block_on(async {
        let (mut anna, mut ben) = (server.ledger("anna"), server.ledger("ben"));
        let run = anna.begin(holder("anna")).await.unwrap();
        let away = async {
            sleep(Duration::from_secs(3)).await;
            ["anna", "ben"].iter().for_each(|who| server.cut_off(who, true));
            sleep(Duration::from_secs(50)).await;
            ["anna", "ben"].iter().for_each(|who| server.cut_off(who, false));
        };
        let (begun, ()) = futures::future::join(ben.begin(holder("ben")), away).await;
        assert_eq!(held_by(begun), "anna");
        anna.record(&started(run, 1)).await.unwrap();
    });
}

#[test]
fn of_all_who_wait_for_a_dead_holder_one_gets_the_lock() {
    let server = Server::default();
    block_on(async {
        let mut anna = server.ledger("anna");
        anna.begin(holder("anna")).await.unwrap();
        drop(anna);
        let names: Vec<String> = (0..8).map(|number| format!("n{number}")).collect();
        let begun = names.iter().map(|name| {
            let mut ledger = server.ledger(name);
            async move { (ledger.begin(holder(name)).await, ledger) }
        });
        let results = futures::future::join_all(begun).await;
        let got: Vec<u64> = results.iter().filter_map(|(result, _)| result.as_ref().ok().copied()).collect();
        assert_eq!(got, [2], "one, and once");
        assert_eq!(results.iter().filter(|(result, _)| matches!(result, Err(LedgerError::Held(_)))).count(), 7);
    });
}

#[test]
fn platforms_that_begin_for_the_first_time_at_once_make_one_lock() {
    let server = Server::default();
    block_on(async {
        let names: Vec<String> = (0..4).map(|number| format!("n{number}")).collect();
        let begun = names.iter().map(|name| {
            let mut ledger = server.ledger(name);
            async move { (ledger.begin(holder(name)).await, ledger) }
        });
        let results = futures::future::join_all(begun).await;
        assert_eq!(results.iter().filter_map(|(result, _)| result.as_ref().ok()).count(), 1);
    });
}

#[test]
fn a_lock_that_somebody_takes_away_ends_the_run_and_its_numbers_go_on() {
    let server = Server::default();
    block_on(async {
        let mut anna = server.ledger("anna");
        ran(&mut anna, 1).await;
        let run = anna.begin(holder("anna")).await.unwrap();
        server.remove("/apis/coordination.k8s.io/v1/namespaces/vamp-ledger/leases/acme");
        let refused = anna.record(&started(run, 1)).await.unwrap_err();
        assert_eq!(refused.to_string(), "cluster.eu-1 (https://server.test): somebody took the lock of the platform acme away");
        let mut ben = server.ledger("ben");
        assert_eq!(ben.begin(holder("ben")).await.unwrap(), 2, "the last that is told of was the first");
        // The new lock has the same fence as the old one had, and is another all the same.
        assert!(anna.record(&started(run, 1)).await.is_err());
        anna.end().await.unwrap();
        assert_eq!(held_by(server.ledger("carl").begin(holder("carl")).await), "ben");
    });
}

#[test]
fn a_lock_that_was_opened_by_hand_and_not_taken_goes_on() {
    let server = Server::default();
    block_on(async {
        let mut anna = server.ledger("anna");
        let run = anna.begin(holder("anna")).await.unwrap();
        server.edit_lease(&json!({"spec": {"holderIdentity": ""}}));
        sleep(Duration::from_secs(30)).await;
        anna.record(&started(run, 1)).await.unwrap();
        assert_eq!(held_by(server.ledger("ben").begin(holder("ben")).await), "anna");
        server.edit_lease(&json!({"spec": {"holderIdentity": ""}}));
        let mut carl = server.ledger("carl");
        carl.begin(holder("carl")).await.unwrap();
        assert!(anna.record(&ended(run)).await.is_err());
        assert_eq!(Ledger::journal(&mut carl, run).await.unwrap(), started(run, 1));
    });
}
