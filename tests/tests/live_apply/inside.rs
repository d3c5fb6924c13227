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

    // What holds data goes only by name, and the servers after what is in them. Where the run is written down is not among that.
    let (name, home) = (&platform.name, platform.home());
    let in_cluster = |kind: &str, what: &str| format!("cluster.{home}/{kind}/{name}/{what}");
    let held = [
        in_cluster("stateful-set", "elasticsearch-central"),
        in_cluster("stateful-set", "mysql"),
        in_cluster("stateful-set", "vault"),
        format!("mysql/schema/{name}-shop"),
        format!("mysql/table/{name}-shop/{name}-shop"),
        format!("mysql/table/{name}-shop/{name}-shop-staging"),
        format!("vault/mount/{name}"),
    ];
    let without_consent = platform.vamp(&["destroy", "SPEC", "--yes"]);
    assert_eq!(without_consent.code, Some(1), "{}", without_consent.err);
    assert!(held.iter().all(|address| without_consent.err.contains(address.as_str())), "{}", without_consent.err);
    let allowed: Vec<&str> = held.iter().flat_map(|address| ["--allow-destroy", address]).collect();
    platform.vamp(&[&["destroy", "SPEC", "--yes"], &allowed[..]].concat()).done();
    let left = platform.bench.kubectl_said(&home, &["get", "namespace", name]);
    assert!(left.contains("NotFound"), "{left}");
    let again = platform.vamp(&["destroy", "SPEC", "--yes"]).done();
    assert!((again.out + &again.err).contains("Nothing to do"));
    let history = platform.vamp(&["history", "SPEC"]).done();
    assert_eq!(history.out.matches("destroy").count(), 2, "{}", history.out);
}

#[test]
fn killed_while_its_stores_come_up_the_next_apply_goes_on_to_the_end() {
    let Some(platform) = Platform::inside("insidekilled") else { return };
    let stores = Stores::of(&platform);
    for steps in [2, 9, 20, 30] {
        let run = platform.apply_until(steps);
        run.signal(Signal::KILL);
        // A pod that runs no container is ready before its server is up, so one of them may find MySQL deaf, and end by itself.
        drop(run.ended());
    }
    stores.are_up();
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
    stores.are_up();
    platform.is_settled();
}
