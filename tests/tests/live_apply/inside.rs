//! A platform that runs its stores itself: everything in one cluster, begun with nothing but a kubeconfig.

use super::platform::Platform;
use super::stores::{Program, Server, Stores};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::Signal;
use serde_json::{Value, json};

/// What Vault says that the platform's mount holds at this path.
fn names_in_vault(stores: &Stores, path: &str) -> String {
    stores.curl_vault("LIST", path, "")
}

#[test]
fn a_platform_with_its_own_stores_is_made_from_nothing_mended_and_taken_away() {
    let Some(platform) = Platform::inside("inside", "storage: memory") else { return };
    let stores = Stores::of(&platform, Program::VaultInMemory);
    let plan = platform.vamp(&["plan", "SPEC", "--trace-requests"]).done();
    assert!(plan.out.contains("in cluster."), "{}", plan.out);
    // No store is there yet, and nobody asks for what logs in to one.
    let asked: Vec<&str> = plan.err.lines().filter(|line| line.contains("/secrets/")).collect();
    assert!(plan.err.contains("/statefulsets/mysql 404") && asked.is_empty(), "{asked:#?}");
    let applied = platform.apply().done();
    for server in [&stores.mysql, &stores.vault] {
        assert!(server.answers("livenessProbe") && server.answers("readinessProbe"));
    }
    for password in [stores.mysql.password(), stores.vault.password()] {
        assert!(!plan.out.contains(&password) && !applied.err.contains(&password) && !applied.out.contains(&password));
    }
    platform.is_settled();

    // Whoever comes to Elasticsearch is its first user, with the password that the platform made; every apply is recorded there.
    let came = platform.search.came();
    assert!(came.len() == 1 && came[0].starts_with("Basic "), "{came:?}");
    let password = "go-template={{ .data.password | base64decode }}";
    let secret = ["--namespace", &platform.name, "get", "secret", "elasticsearch-central", "--output", password];
    let password = platform.bench.kubectl_in(&platform.home(), &secret, "");
    assert_eq!(came[0], format!("Basic {}", STANDARD.encode(format!("elastic:{password}"))));
    let verified = platform.vamp(&["audit", "verify", "SPEC"]).done();
    assert!(verified.out.contains("intact"), "{}{}", verified.out, verified.err);

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
    let held = what_holds_data(&platform);
    let without_consent = platform.vamp(&["destroy", "SPEC", "--yes"]);
    assert_eq!(without_consent.code, Some(1), "{}", without_consent.err);
    assert!(held.iter().all(|address| without_consent.err.contains(address.as_str())), "{}", without_consent.err);
    let allowed: Vec<&str> = held.iter().flat_map(|address| ["--allow-destroy", address]).collect();
    platform.vamp(&[&["destroy", "SPEC", "--yes"], &allowed[..]].concat()).done();
    let left = platform.bench.kubectl_said(&platform.home(), &["get", "namespace", &platform.name]);
    assert!(left.contains("NotFound"), "{left}");
    let again = platform.vamp(&["destroy", "SPEC", "--yes"]).done();
    assert!((again.out + &again.err).contains("Nothing to do"));
    let history = platform.vamp(&["history", "SPEC"]).done();
    assert_eq!(history.out.matches("destroy").count(), 2, "{}", history.out);
}

#[test]
fn killed_while_its_stores_come_up_the_next_apply_goes_on_to_the_end() {
    let Some(platform) = Platform::inside("insidekilled", "storage: memory") else { return };
    let stores = Stores::of(&platform, Program::VaultInMemory);
    // A holder that was killed is waited for (40 s), so there are few of them.
    for steps in [9, 30] {
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
    let Some(platform) = Platform::inside("insidetwice", "storage: memory") else { return };
    let _stores = Stores::of(&platform, Program::VaultInMemory);
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
    let Some(platform) = Platform::inside("insidestops", "storage: memory") else { return };
    let stores = Stores::of(&platform, Program::VaultInMemory);
    // In the middle of an apply: what has nothing to do with it goes on, and the rest when it is back.
    let vault = platform.bench.get("VAMP_BENCH_VAULT");
    let run = platform.apply_until_and(26, || {
        stores.are_up();
        stores.mysql.stop();
    });
    std::thread::sleep(std::time::Duration::from_secs(3));
    stores.mysql.start(vault);
    let said = run.ended().done();
    assert!(said.err.contains("again: mysql/") && said.err.contains("connection refused"), "{}", said.err);
    platform.is_settled();
    // Its data stays: it is the process that dies.
    stores.mysql.stop();
    let blind = platform.vamp(&["plan", "SPEC"]);
    assert!(!blind.out.contains("delete"), "{}", blind.out);
    assert!(blind.out.contains("connection refused") || blind.err.contains("connection refused"), "{}{}", blind.out, blind.err);
    stores.mysql.start(vault);
    stores.are_up();
    platform.is_settled();
}

/// What goes by name only, of a platform with its own stores.
pub(crate) fn what_holds_data(platform: &Platform) -> Vec<String> {
    let (name, home) = (&platform.name, platform.home());
    let servers =
        ["elasticsearch-central", "mysql", "vault"].map(|server| format!("cluster.{home}/stateful-set/{name}/{server}"));
    let inside = [
        format!("mysql/schema/{name}-shop"),
        format!("mysql/table/{name}-shop/{name}-shop"),
        format!("mysql/table/{name}-shop/{name}-shop-staging"),
        format!("vault/mount/{name}"),
    ];
    servers.into_iter().chain(inside).collect()
}

/// Pods of Vault run, and are not ready before somebody says so: a pod without a container would be ready at once.
fn hold_back_vault(platform: &Platform) {
    let name = format!("hold-back-{}", platform.name);
    let annotation = "Object{ metadata: Object.metadata{ annotations: { \"bench.vamp.example/ready-seconds\": \"86400\" } } }";
    let pods = json!({"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]});
    let policy = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {"matchConstraints": {"resourceRules": [pods]}, "reinvocationPolicy": "Never", "failurePolicy": "Fail",
            "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": annotation}}]}});
    let binding = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": name},
        "spec": {"policyName": name, "matchResources": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": platform.name}},
            "objectSelector": {"matchLabels": {"app.kubernetes.io/name": "vault"}}}}});
    for object in [policy, binding] {
        platform.bench.kubectl_in(&platform.home(), &["apply", "--filename=-"], &object.to_string());
    }
    // An API server goes by a new policy within a second (`k8s.io/apiserver`, `PolicyRefreshInterval`).
    std::thread::sleep(std::time::Duration::from_secs(3));
}

fn let_vault_be_ready(platform: &Platform) {
    let annotation = "bench.vamp.example/ready-seconds-";
    platform.bench.kubectl_in(&platform.home(), &["--namespace", &platform.name, "annotate", "pod", "vault-0", annotation], "");
    let policies =
        ["mutatingadmissionpolicy", "mutatingadmissionpolicybinding"].map(|kind| format!("{kind}/hold-back-{}", platform.name));
    platform.bench.kubectl_in(&platform.home(), &["delete", &policies[0], &policies[1]], "");
}

/// Initialise and unseal Vault: its key, and its first token.
fn initialise(stores: &Stores) -> (String, String) {
    let init = stores.vault.curl("", "PUT", "sys/init", r#"{"secret_shares": 1, "secret_threshold": 1}"#);
    let init: Value = serde_json::from_str(&init).unwrap();
    let (key, token) = (init["keys"][0].as_str().unwrap(), init["root_token"].as_str().unwrap());
    stores.vault.curl("", "PUT", "sys/unseal", &json!({ "key": key }).to_string());
    (key.to_owned(), token.to_owned())
}

#[test]
fn a_vault_whose_pods_are_ready_before_anybody_initialised_it_says_that_before_it_asks_for_its_token() {
    let Some(platform) = Platform::inside("insideready", "storage: mysql, credentials: { file: vault.token }") else { return };
    let stores = Stores::of(&platform, Program::VaultInMysql);
    let run = platform.apply_until_said("is not initialised: `vault operator init` does that once; then file ");
    let (_, token) = initialise(&stores);
    std::fs::write(platform.file("vault.token"), token).unwrap();
    run.ended().done();
    platform.is_settled();
}

#[test]
fn an_apply_waits_for_whoever_initialises_its_vault_and_goes_on_with_the_token_that_he_is_told() {
    let Some(platform) = Platform::inside("insideinit", "storage: mysql, credentials: { file: vault.token }") else { return };
    hold_back_vault(&platform);
    let stores = Stores::of(&platform, Program::VaultInMysql);
    let run = platform.apply_until_said("is not initialised: `vault operator init` does that once");
    let is_ready = || (stores.vault.answers("livenessProbe"), stores.vault.answers("readinessProbe"));
    assert_eq!(is_ready(), (true, false));
    let (key, token) = initialise(&stores);
    std::fs::write(platform.file("vault.token"), &token).unwrap();
    let_vault_be_ready(&platform);
    let said = run.ended().done();
    assert!(!said.err.contains(&token) && !said.err.contains(&stores.mysql.password()), "{}", said.err);
    platform.is_settled();
    assert_eq!(is_ready(), (true, true));
    // It seals itself, as it does when its pod is another one; that is no news of what is in it.
    stores.vault.curl(&token, "PUT", "sys/seal", "");
    assert_eq!(is_ready(), (true, false));
    let sealed = platform.vamp(&["plan", "SPEC"]);
    assert!(sealed.out.contains("is sealed: whoever holds its keys has to unseal it"), "{}{}", sealed.out, sealed.err);
    assert!(!sealed.out.contains("to create") && !sealed.out.contains("to delete"), "{}", sealed.out);
    stores.vault.curl("", "PUT", "sys/unseal", &json!({ "key": key }).to_string());
    platform.is_settled();
}

/// Disks for the three Vaults, which nobody makes here by himself.
fn disks(platform: &Platform, what: &str) {
    let disk = |ordinal| {
        let claim = json!({"namespace": platform.name, "name": format!("data-vault-{ordinal}")});
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": format!("{}-{ordinal}", platform.name)},
            "spec": {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/nowhere"},
                "persistentVolumeReclaimPolicy": "Retain", "claimRef": claim}})
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": (0..3).map(disk).collect::<Vec<_>>()});
    platform.bench.kubectl_in(&platform.home(), &[what, "--filename=-", "--wait=false"], &list.to_string());
}

/// Wait until what is said is as expected.
fn comes_to(say: &dyn Fn() -> String, expected: &dyn Fn(&str) -> bool) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let said = say();
        if expected(&said) {
            return;
        }
        assert!(std::time::Instant::now() < until, "{said}");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

#[test]
fn three_vaults_on_their_own_disks_find_each_other_go_on_without_the_first_and_one_by_itself_is_not_begun_anew() {
    let Some(platform) = Platform::inside("insideraft", "storage: raft, credentials: { file: vault.token }") else { return };
    disks(&platform, "apply");
    let stores = Stores::of(&platform, Program::VaultInRaft(0));
    let run = platform.apply_until_said("is not initialised: `vault operator init` does that once");
    let (key, token) = initialise(&stores);
    let ready = |server: &Server| server.answers("livenessProbe") && server.answers("readinessProbe");
    // The others join the first by themselves, and are unsealed by whoever has its key.
    for server in &stores.peers {
        comes_to(&|| server.curl("", "PUT", "sys/unseal", &json!({ "key": key }).to_string()), &|_| ready(server));
    }
    std::fs::write(platform.file("vault.token"), &token).unwrap();
    run.ended().done();
    platform.is_settled();
    // Whoever joined has a vote once it was steady for ten seconds (Vault documentation, "Autopilot", `server_stabilization_time`).
    let servers = || stores.vault.curl(&token, "GET", "sys/storage/raft/configuration", "");
    comes_to(&servers, &|said| said.matches("\"voter\":true").count() == 3);

    // One of the others leads without the first, and what was written is there.
    stores.vault.stop();
    let kept = || stores.peers[0].curl(&token, "LIST", &format!("{}/metadata/shop", platform.name), "");
    comes_to(&kept, &|said| said.contains("staging"));
    for server in &stores.peers {
        comes_to(&|| server.curl("", "GET", "sys/health", ""), &|_| ready(server));
    }

    // One that hears of no other is not ready, once it missed two heartbeats of five seconds, and it is alive: begun anew it would be sealed.
    let leads = |server: &Server| server.curl("", "GET", "sys/leader", "").contains("\"is_self\":true");
    let (leader, alone) = if leads(&stores.peers[0]) { (0, 1) } else { (1, 0) };
    stores.peers[leader].stop();
    let alone = &stores.peers[alone];
    comes_to(&|| alone.curl("", "GET", "sys/health", ""), &|said| said.contains("\"ha_connection_healthy\":false"));
    assert!(alone.answers("livenessProbe") && !alone.answers("readinessProbe"));
    disks(&platform, "delete");
}
