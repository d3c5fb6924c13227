//! What of the ledger's statements is counted and shown, against the server of the test bench.

use super::*;
use crate::bench::{Bench, run};
use model::outcome::JournalEvent;
use port::Secret;
use std::sync::{Arc, Mutex};

type Lines = Arc<Mutex<Vec<String>>>;

/// What no line may have in it: a holder, and what a journal says.
const HOLDER: &str = "somebody-nobody-knows";
const PLAN: &str = "a-plan-of-nobody";

fn server(bench: &Bench) -> MysqlServer {
    let get = |name: &str| bench.get(name).to_owned();
    let address = format!("{}:{}", get("VAMP_BENCH_MYSQL_HOST"), get("VAMP_BENCH_MYSQL_PORT"));
    let login = format!("{}:{}", get("VAMP_BENCH_MYSQL_USER"), get("VAMP_BENCH_MYSQL_PASSWORD"));
    let authority = Some(get("VAMP_BENCH_CA_FILE").into());
    MysqlServer::new(&address, Box::new(move || Ok(Secret::new(login.clone()))), authority).unwrap()
}

fn traffic() -> (Traffic, Lines) {
    let lines = Lines::default();
    let heard = lines.clone();
    let trace = Box::new(move |line: &str| heard.lock().unwrap().push(line.to_owned()));
    (Traffic::new(Arc::new(|| Timestamp(0)), Some(trace)), lines)
}

/// What was shown since it was taken last, without what all lines begin with.
fn taken(lines: &Lines) -> Vec<String> {
    let shown = std::mem::take(&mut *lines.lock().unwrap());
    shown.iter().map(|line| line.strip_prefix("mysql ").unwrap().to_owned()).collect()
}

fn platform() -> String {
    format!("trace-{}-{:?}", std::process::id(), std::thread::current().id())
}

fn holder() -> Holder {
    let (name, since) = (HOLDER.to_owned(), Timestamp(1_795_000_000_000));
    let expires = Timestamp(since.0 + 3_600_000);
    Holder { name, host: "bench".to_owned(), process: 7, command: "apply".to_owned(), since, expires }
}

fn started(run: u64) -> Vec<JournalEntry> {
    let event = JournalEvent::RunStarted { steps: 1, plan: PLAN.into(), audit: Vec::new() };
    vec![JournalEntry { at: Timestamp(1_795_000_001_000), run, event }]
}

const WRITTEN: [&str; 6] = [
    "START START TRANSACTION ok 0ms",
    "SELECT SELECT fence FROM vamp.locks WHERE platform = ? FOR UPDATE ok 0ms",
    "INSERT INSERT IGNORE INTO vamp.journal (run, batch, entries) VALUES (?, ?, ?) ok 0ms",
    "UPDATE UPDATE vamp.runs SET steps = steps + ?, done = done + ?, failed = failed + ?, verdict = COALESCE(?, verdict), \
     ended = COALESCE(?, ended) WHERE run = ? ok 0ms",
    "UPDATE UPDATE vamp.locks SET expires = CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) + ? WHERE platform = ? ok 0ms",
    "COMMIT COMMIT ok 0ms",
];

#[test]
fn every_statement_of_a_run_is_counted_and_shown_and_no_value() {
    let Some(bench) = Bench::found() else { return };
    run(async {
        let (traffic, lines) = traffic();
        let platform = platform();
        let mut ledger = MysqlLedger::new(server(&bench), &platform, traffic.clone());
        let run = ledger.begin(holder()).await.unwrap();
        let mut all = taken(&lines);
        let begun: Vec<&str> = all.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(
            begun.join(" "),
            "CREATE CREATE CREATE CREATE CREATE SELECT INSERT START SELECT UPDATE SELECT SELECT COMMIT INSERT"
        );
        ledger.record(&started(run)).await.unwrap();
        let written = taken(&lines);
        assert_eq!(written, WRITTEN);
        ledger.keep_account(&Account::default()).await.unwrap();
        ledger.remember(&platform, &[Connection::new(System::Vault, Endpoint::Server(PLAN.to_owned()))]).await.unwrap();
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), started(run));
        assert_eq!(ledger.runs(1).await.unwrap()[0].holder, holder());
        ledger.end().await.unwrap();
        all.extend(written);
        all.extend(taken(&lines));
        for value in [HOLDER, PLAN, "vamp:", platform.as_str(), "1795000000000"] {
            assert!(all.iter().all(|line| !line.contains(value)), "{value}: {all:?}");
        }
        assert!(all.iter().all(|line| line.ends_with(" ok 0ms")), "{all:?}");
        let counted: u64 = traffic.counts().values().sum();
        assert_eq!((counted, traffic.counts()[&("mysql".into(), "START".into())]), (all.len() as u64, 3));
    });
}

#[test]
fn whoever_was_overtaken_is_shown_to_take_back_what_he_began() {
    let Some(bench) = Bench::found() else { return };
    run(async {
        let (traffic, lines) = traffic();
        let mut ledger = MysqlLedger::new(server(&bench), &platform(), traffic);
        let run = ledger.begin(holder()).await.unwrap();
        let held = ledger.held;
        ledger.held = held.map(|held| Held { fence: held.fence + 1, ..held });
        taken(&lines);
        let refused = ledger.record(&started(run)).await.unwrap_err();
        assert_eq!(refused.to_string(), overtaken().to_string());
        assert_eq!(taken(&lines), [WRITTEN[0], WRITTEN[1], "ROLLBACK ROLLBACK ok 0ms"]);
        ledger.held = held;
        ledger.record(&started(run)).await.unwrap();
        assert_eq!(taken(&lines), WRITTEN, "the connection is as it was");
        ledger.end().await.unwrap();
    });
}

#[test]
fn what_the_server_refuses_is_shown_by_its_number_and_what_it_does_not_answer_too() {
    let Some(bench) = Bench::found() else { return };
    run(async {
        let (traffic, lines) = traffic();
        let mut ledger = MysqlLedger::new(server(&bench), &platform(), traffic);
        let line = ledger.line().await.unwrap();
        line.rows(sqlx::query("SELECT value FROM vamp.no_such_table WHERE name = ?").bind(HOLDER)).await.unwrap_err();
        line.run(sqlx::query("KILL CONNECTION_ID()")).await.unwrap_err();
        line.say("SELECT 1").await.unwrap_err();
        let shown = taken(&lines);
        assert_eq!(shown[0], "SELECT SELECT value FROM vamp.no_such_table WHERE name = ? 1146 0ms");
        assert_eq!(shown[2], "SELECT SELECT 1 no answer 0ms");
    });
}

#[test]
fn a_connection_that_was_left_in_the_middle_of_a_transaction_is_not_used_again() {
    let Some(bench) = Bench::found() else { return };
    run(async {
        let (traffic, lines) = traffic();
        let mut ledger = MysqlLedger::new(server(&bench), &platform(), traffic);
        let begun = ledger.line().await.unwrap().at_once(async |_| std::future::pending::<Result<(), sqlx::Error>>().await);
        tokio::time::timeout(Duration::from_millis(200), begun).await.unwrap_err();
        assert!(ledger.line.as_ref().is_some_and(|line| !line.is_whole()));
        ledger.line().await.unwrap().at_once(async |line| line.say("SELECT 1").await).await.unwrap();
        assert!(ledger.line.as_ref().is_some_and(Line::is_whole));
        let ends: Vec<String> = taken(&lines);
        assert_eq!(ends.len(), 4, "{ends:?}");
    });
}
