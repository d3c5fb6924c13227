//! The ledger that a cluster keeps, on a real API server: what it takes and what it refuses, and that the rights which are printed are enough.

use super::bench::{Bench, now, unique};
use super::ledger::{entry, holder};
use live::{ClusterLedger, Journal, LEDGER_NAMESPACE, Limits, Traffic};
use model::connection::{Connection, Endpoint};
use model::outcome::{JournalEntry, JournalEvent, StepResult, Verdict};
use model::plan::Action;
use model::resource::Scope;
use model::{Duration, System};
use planner::render::Style;
use planner::render::permissions::{Dialect, text};
use port::{Account, Ledger, LedgerError};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use tests::block_on;

/// So many steps that begin and end.
fn steps(run: u64, count: usize) -> Vec<JournalEntry> {
    let step = |number: usize| {
        let address: model::Address = format!("cluster.bench/config-map/acme-shop-production/number-{number}").parse().unwrap();
        let (action, scope, before) = (Action::Create, Scope::PLATFORM, None);
        let after = Some("0123456789abcdef0123456789abcdef".into());
        let begins = JournalEvent::StepStarted { address: address.clone(), action, scope, before, after };
        [entry(run, begins), entry(run, JournalEvent::StepEnded { address, result: StepResult::Done { changed: true } })]
    };
    (0..count).flat_map(step).collect()
}

fn ended(run: u64) -> Vec<JournalEntry> {
    vec![entry(run, JournalEvent::RunEnded { verdict: Verdict::Converged })]
}

fn ledger_by(connection: &Connection, platform: &str) -> ClusterLedger {
    let traffic = Traffic::new(Arc::new(now), None);
    ClusterLedger::of(connection, platform, &[], traffic, Limits::default()).unwrap()
}

fn ledger(bench: &Bench, platform: &str) -> ClusterLedger {
    ledger_by(&bench.connections().remove(0), platform)
}

/// Takes away what a platform left in its ledger.
struct Left<'a>(&'a Bench, String);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        let selector = format!("ledger.vamp.io/platform={}", self.1);
        let all = ["delete", "leases,configmaps", "--namespace", LEDGER_NAMESPACE, "--selector", &selector, "--wait=false"];
        self.0.kubectl(&all, "");
    }
}

#[test]
fn a_run_is_written_down_and_read_again_in_order_however_long_it_is() {
    let Some(bench) = Bench::with("VAMP_BENCH_KUBECONFIG") else { return };
    let platform = unique("written");
    let _left = Left(&bench, platform.clone());
    block_on(async {
        let mut ledger = ledger(&bench, &platform);
        assert!(ledger.runs(10).await.unwrap().is_empty());
        let run = ledger.begin(holder("anna")).await.unwrap();
        let mut all = vec![entry(run, JournalEvent::RunStarted { steps: 9_000, plan: "p".into(), audit: Vec::new() })];
        ledger.record(&all).await.unwrap();
        // More than an object of the API may hold, at once; and after it as much as makes the Lease overflow, bit by bit.
        for batch in std::iter::once(8_000).chain(std::iter::repeat_n(10, 100)) {
            let batch = steps(run, batch);
            ledger.record(&batch).await.unwrap();
            all.extend(batch);
        }
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        ledger.record(&ended(run)).await.unwrap();
        ledger.end().await.unwrap();
        all.extend(ended(run));
        assert_eq!(Ledger::journal(&mut ledger, run).await.unwrap(), all);
        let runs = ledger.runs(10).await.unwrap();
        assert_eq!((runs.len(), runs[0].run, runs[0].verdict, runs[0].done), (1, run, Some(Verdict::Converged), 9_000));
        assert_eq!((runs[0].holder.name.as_str(), runs[0].took), ("anna", Some(Duration::seconds(1))));
        let lease = bench.kubectl(&["get", "lease", "--namespace", LEDGER_NAMESPACE, &platform, "--output", "json"], "");
        let lease: Value = serde_json::from_str(&lease).unwrap();
        assert!(lease["spec"]["holderIdentity"].is_null() && lease["spec"]["leaseTransitions"] == 1, "{lease}");
    });
}

#[test]
fn a_holder_is_named_while_it_lives_and_followed_when_it_died() {
    let Some(bench) = Bench::with("VAMP_BENCH_KUBECONFIG") else { return };
    let platform = unique("followed");
    let _left = Left(&bench, platform.clone());
    block_on(async {
        let lasting = std::time::Duration::from_secs(4);
        let mut anna = ledger(&bench, &platform).lasting(lasting);
        let mut ben = ledger(&bench, &platform).lasting(lasting);
        let run = anna.begin(holder("anna")).await.unwrap();
        anna.record(&steps(run, 1)).await.unwrap();
        match ben.begin(holder("ben")).await.unwrap_err() {
            LedgerError::Held(present) => assert_eq!(present.name, "anna"),
            other => panic!("{other:?}"),
        }
        let identity =
            ["get", "lease", "--namespace", LEDGER_NAMESPACE, &platform, "--output", "jsonpath={.spec.holderIdentity}"];
        assert_eq!(bench.kubectl(&identity, ""), "anna@bench:7");
        drop(anna);
        let asked = Instant::now();
        assert_eq!(ben.begin(holder("ben")).await.unwrap(), run + 1);
        // Once, and not a second time.
        assert!((lasting..2 * lasting).contains(&asked.elapsed()), "{:?}", asked.elapsed());
        assert_eq!(Ledger::journal(&mut ben, run).await.unwrap(), steps(run, 1));
        ben.end().await.unwrap();
    });
}

#[test]
fn platforms_that_are_applied_for_the_first_time_at_once_do_not_get_in_each_others_way() {
    let Some(bench) = Bench::with("VAMP_BENCH_KUBECONFIG") else { return };
    let names: Vec<String> = (0..12).map(|number| unique(&format!("first-{number}"))).collect();
    let _left: Vec<_> = names.iter().map(|name| Left(&bench, name.clone())).collect();
    block_on(async {
        let begun = names.iter().map(|name| {
            let mut ledger = ledger(&bench, name);
            async move { (ledger.begin(holder("anna")).await.map_err(|error| format!("{error:?}")), ledger) }
        });
        for (run, mut ledger) in futures::future::join_all(begun).await {
            assert_eq!(run, Ok(1));
            ledger.end().await.unwrap();
        }
    });
}

/// What `vamp permissions` prints for the cluster of a platform that runs its own MySQL.
fn printed(platform: &str, user: &str) -> String {
    let spec = std::fs::read_to_string(tests::root().join("specs/valid/quickstart.yaml")).unwrap();
    let spec = spec.replace("platform: acme ", &format!("platform: {platform} "));
    let spec = planner::spec::parse("quickstart.yaml", spec.as_bytes()).unwrap_or_else(|errors| panic!("{errors:#?}")).spec;
    let compiled = planner::compile::compile(&spec).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mut permissions = planner::permissions::permissions(&spec, &compiled.graph, &compiled.connections, &[], Some(user));
    permissions.systems.retain(|(system, _)| matches!(system, System::Cluster(_)));
    text(&permissions, Dialect::Elasticsearch, Style::PLAIN)
}

/// A connection as a ServiceAccount that has the rights which are printed for `platform`, and no others.
fn as_operator(bench: &Bench, platform: &str, folder: &std::path::Path) -> Connection {
    let account = format!("vamp-{platform}");
    bench.kubectl(&["create", "serviceaccount", &account], "");
    let user = format!("system:serviceaccount:default:{account}");
    bench.kubectl(&["apply", "--filename", "-"], &printed(platform, &user));
    let token = bench.kubectl(&["create", "token", &account, "--duration", "1h"], "");
    let config = bench.kubectl(&["config", "view", "--raw", "--output", "json"], "");
    let mut config: Value = serde_json::from_str(&config).unwrap();
    config["users"] = json!([{"name": "operator", "user": {"token": token}}]);
    for context in config["contexts"].as_array_mut().unwrap() {
        context["context"]["user"] = json!("operator");
    }
    let file = folder.join("kubeconfig");
    std::fs::write(&file, config.to_string()).unwrap();
    let cluster = bench.clusters().remove(0);
    let kubeconfig = Some(file.display().to_string());
    let endpoint = Endpoint::KubeconfigContext { context: cluster.clone(), kubeconfig };
    // An admission policy is gone by within a second.
    let denied = || bench.kubectl_said(&cluster, &["create", "namespace", "elsewhere", "--dry-run=server", "--as", &user]);
    while !denied().contains("denied request") {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Connection::new(System::Cluster(cluster.into()), endpoint)
}

#[test]
fn the_rights_that_are_printed_are_enough_and_reach_no_further() {
    let Some(bench) = Bench::with("VAMP_BENCH_KUBECONFIG") else { return };
    let platform = unique("operator").replace('-', "");
    let _left = Left(&bench, platform.clone());
    let folder = tempfile::tempdir().unwrap();
    let connection = as_operator(&bench, &platform, folder.path());
    block_on(async {
        let mut ledger = ledger_by(&connection, &platform);
        assert!(ledger.runs(1).await.unwrap().is_empty());
        for _ in 0..52 {
            let run = ledger.begin(holder("anna")).await.unwrap();
            ledger.remember(&platform, &[connection.clone(), Connection::new(System::Vault, Endpoint::Embedded)]).await.unwrap();
            ledger.record(&steps(run, 2)).await.unwrap();
            ledger.record(&ended(run)).await.unwrap();
            ledger.end().await.unwrap();
        }
        let run = ledger.begin(holder("anna")).await.unwrap();
        for through in [51, 52] {
            ledger.keep_account(&Account { through, ..Account::default() }).await.unwrap();
        }
        ledger.record(&steps(run, 500)).await.unwrap();
        ledger.end().await.unwrap();
        assert_eq!(ledger.account().await.unwrap().through, 52);
        let left: Vec<u64> = ledger.runs_after(0).await.unwrap().iter().map(|run| run.run).collect();
        assert_eq!(left, (3..=53).collect::<Vec<_>>());
        ledger.forget(holder("anna"), &platform, &System::Vault).await.unwrap();
        assert_eq!(ledger.connections(&platform).await.unwrap().len(), 1);
        // Not so for another platform, whose lock it may not read.
        let refused = ledger_by(&connection, &format!("{platform}other")).begin(holder("anna")).await.unwrap_err();
        let LedgerError::Platform(refused) = refused else { panic!("{refused:?}") };
        let why = std::error::Error::source(&refused).unwrap().to_string();
        assert!(why.contains("cannot get resource \"leases\"") && why.contains("`vamp permissions SPEC"), "{why}");
    });
    let user = format!("system:serviceaccount:default:vamp-{platform}");
    for denied in [["delete", "namespace", LEDGER_NAMESPACE], ["delete", "leases", "--all"], ["create", "configmap", "x"]] {
        let place = ["--as", &user, "--dry-run=server"];
        let said = bench.kubectl_said(&bench.clusters().remove(0), &[&denied[..], &place[..]].concat());
        assert!(said.contains("forbidden") || said.contains("denied"), "{denied:?}: {said}");
    }
    for kind in
        ["clusterrole", "clusterrolebinding", "validatingadmissionpolicy", "validatingadmissionpolicybinding", "serviceaccount"]
    {
        bench.kubectl(&["delete", "--ignore-not-found", "--wait=false", kind, &format!("vamp-{platform}")], "");
    }
}

/// What stands in `docs/decisions`: `cargo test --test live how_long -- --ignored --nocapture`, alone on the bench.
#[test]
#[ignore = "a measurement"]
fn how_long_a_batch_takes() {
    let Some(bench) = Bench::with("VAMP_BENCH_MYSQL_HOST") else { return };
    let platform = unique("measured");
    let _left = Left(&bench, platform.clone());
    async fn took<L: Ledger + Journal>(ledger: &mut L, size: usize) -> String {
        let run = ledger.begin(holder("anna")).await.unwrap();
        let (batch, mut times) = (steps(run, size), Vec::new());
        for _ in 0..1_000 {
            let begun = Instant::now();
            ledger.record(&batch).await.unwrap();
            times.push(begun.elapsed());
        }
        ledger.end().await.unwrap();
        assert_eq!(Ledger::journal(ledger, run).await.unwrap().len(), 1_000 * batch.len());
        times.sort();
        let bytes = serde_json::to_string(&batch).unwrap().len();
        format!("{size} steps ({bytes} bytes): median {:?}, 99 of 100 within {:?}", times[500], times[990])
    }
    block_on(async {
        for size in [1, 10, 50] {
            println!("cluster: {}", took(&mut ledger(&bench, &platform), size).await);
            println!("MySQL:   {}", took(&mut bench.mysql_ledger(&platform), size).await);
        }
    });
}
