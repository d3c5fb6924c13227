//! A platform that runs its stores itself: everything in one cluster, begun with nothing but a kubeconfig.

use super::platform::Platform;
use super::stores::Stores;
use rustix::process::Signal;

/// What Vault says that the platform's mount holds at this path.
fn names_in_vault(stores: &Stores, path: &str) -> String {
    stores.curl_vault("LIST", path, "")
}

#[test]
fn a_platform_with_its_own_stores_is_made_from_nothing_mended_and_taken_away() {
    let Some(platform) = Platform::inside("inside") else { return };
    let stores = Stores::of(&platform);
    let plan = platform.vamp(&["plan", "SPEC"]).done();
    assert!(plan.out.contains("in cluster."), "{}", plan.out);
    let applied = platform.apply().done();
    for password in [stores.mysql.password(), stores.vault.password()] {
        assert!(!plan.out.contains(&password) && !applied.err.contains(&password) && !applied.out.contains(&password));
    }
    platform.is_settled();

    // Everything that is in the stores was written there, through the cluster.
    let schemas = stores.sql("SHOW DATABASES");
    assert!(schemas.contains(&platform.name), "{schemas}");
    let entries = names_in_vault(&stores, &format!("{}/metadata/shop", platform.name));
    assert!(entries.contains("staging"), "{entries}");

    // Drift in each, found and mended.
    let user =
        stores.sql(&format!("SELECT CONCAT(user, '@', host) FROM mysql.user WHERE user LIKE '%{}%' LIMIT 1", platform.name));
    assert!(!user.is_empty());
    let (user, host) = user.split_once('@').unwrap();
    stores.sql(&format!("DROP USER '{user}'@'{host}'"));
    let policies = stores.curl_vault("LIST", "sys/policies/acl", "");
    let policy = policies.split('"').find(|word| word.starts_with(&platform.name)).unwrap_or_else(|| panic!("{policies}"));
    stores.curl_vault("DELETE", &format!("sys/policies/acl/{policy}"), "");
    let drift = platform.vamp(&["plan", "SPEC", "--detailed-exitcode"]);
    assert_eq!(drift.code, Some(2), "{}{}", drift.out, drift.err);
    assert!(drift.out.contains("mysql/user/") && drift.out.contains(&format!("vault/policy/{policy}")), "{}", drift.out);
    platform.apply().done();
    platform.is_settled();

    let history = platform.vamp(&["history", "SPEC"]).done();
    assert_eq!(history.out.matches("converged").count(), 2, "{}", history.out);

    platform.vamp(&["destroy", "SPEC", "--yes", "--allow-data-loss"]);
    let left = platform.bench.kubectl_said(&platform.home(), &["get", "namespace", &platform.name]);
    assert!(left.contains("NotFound") || left.contains("Terminating"), "{left}");
}

#[test]
fn killed_while_its_stores_come_up_the_next_apply_goes_on_to_the_end() {
    let Some(platform) = Platform::inside("insidekilled") else { return };
    let _stores = Stores::of(&platform);
    for steps in [2, 9, 20, 30] {
        let run = platform.apply_until(steps);
        run.signal(Signal::KILL);
        let said = run.ended();
        assert!(said.code.is_none() || said.code == Some(0), "{said:?}");
    }
    platform.apply().done();
    platform.is_settled();
    let history = platform.vamp(&["history", "SPEC"]).done();
    assert!(history.out.contains("no end known"), "{}", history.out);
}

#[test]
fn of_two_applies_of_a_platform_with_its_own_stores_the_second_is_refused() {
    let Some(platform) = Platform::inside("insidetwice") else { return };
    let _stores = Stores::of(&platform);
    let first = platform.apply_until(3);
    let second = platform.apply();
    assert_eq!(second.code, Some(1), "{}", second.err);
    assert!(second.err.contains("another run is at work on this platform"), "{}", second.err);
    assert!(second.err.contains("anna on ") && second.err.contains("holds the lock (process "), "{}", second.err);
    let first = first.ended();
    assert_eq!(first.code, Some(0), "{}", first.err);
    platform.is_settled();
}

#[test]
fn mysql_in_the_cluster_stops_in_the_middle_and_what_depends_on_it_waits() {
    let Some(platform) = Platform::inside("insidestops") else { return };
    let stores = Stores::of(&platform);
    platform.apply().done();
    // Its data stays: it is the process that dies.
    stores.mysql.stop();
    let blind = platform.vamp(&["plan", "SPEC"]);
    assert!(!blind.out.contains("delete"), "{}", blind.out);
    assert!(blind.out.contains("connection refused") || blind.err.contains("connection refused"), "{}{}", blind.out, blind.err);
    stores.mysql.start(platform.bench.get("VAMP_BENCH_VAULT"));
    std::thread::sleep(std::time::Duration::from_secs(3));
    platform.is_settled();
}
