//! The lock, the journal and the history of a platform on a real MySQL server: who holds it, who took it over, what is written once.

use super::bench::{Bench, now, unique};
use live::{Journal, MysqlLedger, MysqlServer, Traffic};
use model::connection::{Connection, Endpoint};
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::{Duration, System, Timestamp};
use port::{Account, Holder, Ledger, LedgerError, RunSummary, Secret};
use std::sync::Arc;
use tests::block_on;

pub(super) fn holder(name: &str) -> Holder {
    let since = Timestamp(1_795_000_000_000);
    Holder {
        name: name.to_owned(),
        host: "bench".to_owned(),
        process: 7,
        command: "apply".to_owned(),
        since,
        expires: since + Duration::minutes(60),
    }
}

pub(super) fn entry(run: u64, event: JournalEvent) -> JournalEntry {
    JournalEntry { at: Timestamp(1_795_000_001_000), run, event }
}

fn ended(run: u64) -> Vec<JournalEntry> {
    let done = StepResult::Done { changed: true };
    vec![
        entry(run, JournalEvent::StepEnded { address: "vault/policy/a".parse().unwrap(), result: done }),
        entry(run, JournalEvent::RunEnded { verdict: Verdict::Converged }),
    ]
}

#[test]
fn a_run_is_written_down_and_read_again_in_order() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let mut ledger = bench.mysql_ledger(&unique("written"));
        assert!(ledger.runs(10).await.unwrap().is_empty());
        let run = ledger.begin(holder("anna")).await.unwrap();
        let started = vec![entry(run, JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit: Vec::new() })];
        ledger.record(&started).await.unwrap();
        ledger.record(&ended(run)).await.unwrap();
        ledger.end().await.unwrap();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), [started, ended(run)].concat());
        let runs = ledger.runs(10).await.unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].run, runs[0].verdict, runs[0].steps, runs[0].done), (run, Some(Verdict::Converged), 1, 1));
        assert_eq!((runs[0].holder.name.as_str(), runs[0].took), ("anna", Some(Duration::seconds(1))));
        let other = ledger.begin(holder("ben")).await.unwrap();
        assert!(other > run);
        ledger.end().await.unwrap();
    });
}

#[test]
fn one_run_at_a_time_and_a_holder_that_died_is_not_waited_for() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("alone");
        let (mut first, mut second) = (bench.mysql_ledger(&platform), bench.mysql_ledger(&platform));
        first.begin(holder("anna")).await.unwrap();
        match second.begin(holder("ben")).await.unwrap_err() {
            LedgerError::Held(present) => assert_eq!((present.name.as_str(), present.host.as_str()), ("anna", "bench")),
            other => panic!("{other:?}"),
        }
        let mut elsewhere = bench.mysql_ledger(&unique("elsewhere"));
        elsewhere.begin(holder("carl")).await.unwrap();
        elsewhere.end().await.unwrap();
        // Its process dies, and its connection with it.
        drop(first);
        let run = loop {
            match second.begin(holder("ben")).await {
                Ok(run) => break run,
                Err(LedgerError::Held(_)) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                Err(other) => panic!("{other:?}"),
            }
        };
        second.record(&ended(run)).await.unwrap();
        second.end().await.unwrap();
    });
}

#[test]
fn a_holder_that_was_taken_over_cannot_write_any_more() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("fenced");
        let (mut first, mut second) = (bench.mysql_ledger(&platform), bench.mysql_ledger(&platform));
        let run = first.begin(holder("anna")).await.unwrap();
        first.record(&[entry(run, JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit: Vec::new() })]).await.unwrap();
        // It is connected, and was not heard of for longer than it said.
        bench.sql(&format!("UPDATE vamp.locks SET expires = 1 WHERE platform = '{platform}'"));
        let taken = second.begin(holder("ben")).await.unwrap();
        let refused = first.record(&ended(run)).await.unwrap_err();
        assert_eq!(refused.to_string(), "another run has taken the lock of this platform over");
        first.end().await.unwrap();
        second.record(&ended(taken)).await.unwrap();
        second.end().await.unwrap();
        assert_eq!(Ledger::journal(&mut second, run).await.unwrap().len(), 1, "nothing more was written for the first");
    });
}

#[test]
fn a_connection_that_breaks_in_the_middle_is_made_anew_and_nothing_is_written_twice() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("broken");
        let mut ledger = bench.mysql_ledger(&platform);
        let run = ledger.begin(holder("anna")).await.unwrap();
        ledger.record(&[entry(run, JournalEvent::RunStarted { steps: 1, plan: "p".into(), audit: Vec::new() })]).await.unwrap();
        let fence = bench.sql(&format!("SELECT fence FROM vamp.locks WHERE platform = '{platform}'"));
        let lock = format!("vamp:{}:{fence}", model::Value::from(platform.as_str()).digest());
        let connection = bench.sql(&format!("SELECT IS_USED_LOCK('{lock}')"));
        bench.sql(&format!("KILL {connection}"));
        ledger.record(&ended(run)).await.unwrap();
        ledger.end().await.unwrap();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap().len(), 3);
        assert_eq!(ledger.runs(1).await.unwrap()[0].done, 1);
    });
}

/// A process that is stopped in the middle of a write has the row in its hands; whoever asks is not kept waiting for it.
#[test]
fn a_holder_that_sleeps_in_the_middle_of_a_write_is_named_at_once() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("sleeps");
        let mut anna = bench.mysql_ledger(&platform);
        anna.begin(holder("anna")).await.unwrap();
        let write = format!(
            "START TRANSACTION; SELECT fence FROM vamp.locks WHERE platform = '{platform}' FOR UPDATE; SELECT SLEEP(10); COMMIT"
        );
        let asleep = std::thread::spawn(move || bench.sql(&write));
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let bench = Bench::with("VAMP_BENCH_MYSQL_HOST").unwrap();
        let mut ben = bench.mysql_ledger(&platform);
        let refused = ben.begin(holder("ben")).await.unwrap_err();
        assert!(matches!(&refused, LedgerError::Held(by) if by.name == "anna"), "{refused}");
        assert!(!asleep.is_finished());
        asleep.join().unwrap();
        anna.end().await.unwrap();
    });
}

#[test]
fn systems_are_remembered_and_forgotten() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("remembered");
        let mut ledger = bench.mysql_ledger(&platform);
        let one = |name: &str| {
            let endpoint = Endpoint::KubeconfigContext { context: name.to_owned(), kubeconfig: None };
            Connection::new(System::Cluster(name.into()), endpoint)
        };
        assert!(ledger.connections(&platform).await.unwrap().is_empty());
        ledger.begin(holder("anna")).await.unwrap();
        ledger.remember(&platform, &[one("b"), one("a")]).await.unwrap();
        ledger.remember(&platform, &[one("b")]).await.unwrap();
        ledger.end().await.unwrap();
        let names = |known: Vec<Connection>| known.into_iter().map(|known| known.system.to_string()).collect::<Vec<_>>();
        assert_eq!(names(ledger.connections(&platform).await.unwrap()), ["cluster.a", "cluster.b"]);
        ledger.forget(holder("anna"), &platform, &System::Cluster("a".into())).await.unwrap();
        assert_eq!(names(ledger.connections(&platform).await.unwrap()), ["cluster.b"]);
        assert_eq!(ledger.runs(10).await.unwrap().len(), 1, "forgetting is no run");
    });
}

#[test]
fn a_ledger_is_closed_and_opened_under_the_lock_and_only_for_its_platform() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let mut ledger = bench.mysql_ledger(&unique("closed"));
        assert_eq!(ledger.closed().await.unwrap(), None);
        assert!(ledger.set_closed(Some("moved")).await.is_err(), "nobody holds the lock");
        ledger.begin(holder("anna")).await.unwrap();
        for why in ["it was moved to cluster.main", "it was moved to cluster.eu"] {
            ledger.set_closed(Some(why)).await.unwrap();
            assert_eq!(ledger.closed().await.unwrap().as_deref(), Some(why));
        }
        assert_eq!(bench.mysql_ledger(&unique("closed-other")).closed().await.unwrap(), None);
        for _ in 0..2 {
            ledger.set_closed(None).await.unwrap();
            assert_eq!(ledger.closed().await.unwrap(), None);
        }
        ledger.end().await.unwrap();
    });
}

#[test]
fn an_account_is_kept_under_the_lock_as_a_whole_and_for_its_platform_alone() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let platform = unique("account");
        let mut ledger = bench.mysql_ledger(&platform);
        let made = |count: usize| (0..count).map(|number| format!("vault/policy/p{number}").parse().unwrap()).collect();
        let large = Account { through: 7, made: made(45_000) };
        assert_eq!(ledger.account().await.unwrap(), Account::default());
        assert!(ledger.keep_account(&large).await.is_err(), "nobody holds the lock");
        let run = ledger.begin(holder("anna")).await.unwrap();
        let nothing = Account { through: 9, made: made(0) };
        for account in [&large, &Account { through: 8, made: made(3) }, &nothing] {
            ledger.keep_account(account).await.unwrap();
            assert_eq!(ledger.account().await.unwrap(), *account);
        }
        ledger.keep_account(&large).await.unwrap();
        ledger.end().await.unwrap();
        let other = bench.mysql_ledger(&unique("account-other")).account().await.unwrap();
        assert_eq!(other, Account::default());
        let numbers = |runs: Vec<RunSummary>| runs.into_iter().map(|run| run.run).collect::<Vec<_>>();
        let second = ledger.begin(holder("ben")).await.unwrap();
        ledger.end().await.unwrap();
        assert_eq!(numbers(ledger.runs_after(0).await.unwrap()), [run, second]);
        assert_eq!(numbers(ledger.runs_after(run).await.unwrap()), [second]);
        // What cannot be read is told by the journals.
        bench.sql(&format!("UPDATE vamp.settings SET value = 'x' WHERE platform = '{platform}' AND name = 'account 1'"));
        assert_eq!(ledger.account().await.unwrap(), Account::default());
    });
}

#[test]
fn every_failure_says_what_can_be_done() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let (host, port) = (bench.get("VAMP_BENCH_MYSQL_HOST"), bench.get("VAMP_BENCH_MYSQL_PORT"));
        let failure = async |address: String, login: &str, authority: bool| {
            let login = login.to_owned();
            let authority = authority.then(|| bench.get("VAMP_BENCH_CA_FILE").into());
            let server = MysqlServer::new(&address, Box::new(move || Ok(Secret::new(login.clone()))), authority).unwrap();
            let traffic = Traffic::new(Arc::new(now), None);
            match MysqlLedger::new(server, "nobody", traffic).runs(1).await.unwrap_err() {
                LedgerError::Platform(error) => (error.to_string(), error.help.clone().unwrap_or_default(), format!("{error:?}")),
                other => panic!("{other:?}"),
            }
        };
        let (message, help, whole) = failure(format!("{host}:{port}"), "bench:hunter2", true).await;
        assert_eq!(message, format!("mysql ({host}:{port}) failed"));
        assert!(help.contains("check the user and the password") && !whole.contains("hunter2"), "{help} {whole}");
        let (_, help, whole) = failure(format!("{host}:1"), "bench:x", true).await;
        assert!(help.contains("does it run"), "{help} {whole}");
        let (_, help, whole) = failure(format!("{host}:{port}"), "bench:x", false).await;
        assert!(help.contains("certificate"), "a certificate that nobody vouches for is not taken: {help} {whole}");
    });
}

/// A first run makes a row of its own: while two platforms make theirs, neither is in the other's way.
#[test]
fn platforms_that_are_applied_for_the_first_time_at_once_do_not_get_in_each_others_way() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let begun = (0..24).map(|number| {
            let mut ledger = bench.mysql_ledger(&unique(&format!("first-{number}")));
            async move {
                let run = ledger.begin(holder("anna")).await;
                (run.map_err(|error| format!("{error:?}")), ledger)
            }
        });
        for (run, mut ledger) in futures::future::join_all(begun).await {
            run.unwrap();
            ledger.end().await.unwrap();
        }
    });
}

#[test]
fn a_large_batch_does_not_wait_for_the_server_to_acknowledge_half_of_it() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    block_on(async {
        let mut ledger = bench.mysql_ledger(&unique("large"));
        let run = ledger.begin(holder("anna")).await.unwrap();
        let mut median = async |lines: usize| {
            let batch: Vec<JournalEntry> = (0..lines).flat_map(|_| ended(run)).collect();
            let mut times = Vec::new();
            for _ in 0..31 {
                let begun = std::time::Instant::now();
                ledger.record(&batch).await.unwrap();
                times.push(begun.elapsed());
            }
            times.sort();
            (times[15], serde_json::to_string(&batch).unwrap().len())
        };
        // More than one TLS record (16 KiB, RFC 8446), so more than one piece of a stream.
        let ((small, _), (large, bytes)) = (median(1).await, median(400).await);
        eprintln!("a batch of {bytes} bytes: {large:?}, of one line: {small:?}");
        assert!(bytes > 20_000 && large < small * 15, "{bytes} bytes: {large:?}, one line: {small:?}");
        ledger.end().await.unwrap();
    });
}
