//! A system that stops: what depends on it waits, the rest goes on, nothing is deleted, and the next apply, or the same, goes on to the end.

use super::platform::Platform;

#[test]
fn a_cluster_that_is_down_waits_and_the_rest_goes_on() {
    let Some(platform) = Platform::alone("down") else { return };
    let clusters = platform.bench.clusters();
    platform.fault("kill", &format!("{}/apiserver", clusters[2]));
    let said = platform.apply();
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains(&format!("unknown cluster.{} cannot be looked at", clusters[2])), "{}", said.err);
    assert!(said.out.contains(&format!("shop/staging on {}  converged", clusters[1])), "{}{}", said.out, said.err);
    platform.mend();
    platform.apply().done();
    platform.is_settled();

    // What is there stays there while nobody can look.
    platform.fault("kill", &format!("{}/apiserver", clusters[1]));
    let plan = platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
    let steps = plan["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["action"] != "delete" && step["action"] != "create"), "{plan:#}");
    platform.mend();
    platform.is_settled();
}

#[test]
fn a_cluster_that_dies_in_the_middle_is_waited_for() {
    let Some(platform) = Platform::alone("dies") else { return };
    let server = format!("{}/apiserver", platform.bench.clusters()[1]);
    let run = platform.apply_until_and(10, || platform.fault("kill", &server));
    std::thread::sleep(std::time::Duration::from_secs(1));
    platform.mend();
    let said = run.ended();
    assert_eq!(said.code, Some(0), "{}", said.err);
    platform.is_settled();
}

#[test]
fn a_sealed_vault_is_said_to_be_and_is_gone_on_with_when_it_is_unsealed() {
    let Some(platform) = Platform::alone("sealed") else { return };
    platform.apply().done();
    // The standby takes over from the first; then it is sealed as well.
    for server in 0..2 {
        platform.bench.curl_vault_at(server, "PUT", "sys/seal", "");
        std::thread::sleep(std::time::Duration::from_secs(1));
        platform.bench.curl_vault_at(1 - server, "PUT", "sys/seal", "");
    }
    // It stands on nothing in Vault, so it is mended meanwhile.
    let cluster = platform.bench.clusters().remove(0);
    platform.bench.kubectl_in(&cluster, &["--namespace", &platform.name, "delete", "service", "lifter"], "");
    let saved = platform.file("sealed.json");
    let plan = platform.vamp(&["plan", "SPEC", "-o", saved.to_str().unwrap()]).done();
    assert!(plan.out.contains("is sealed: whoever holds its keys has to unseal it"), "{}", plan.out);
    assert!(
        plan.out.contains(&format!("+ cluster.{cluster}/service/{}/lifter", platform.name)) && !plan.out.contains("\n  - "),
        "{}",
        plan.out
    );
    platform.mend();
    // That Vault said nothing when the plan was made does not make it another platform's.
    // What it did not know then it leaves undone, and says so at its end.
    let said = platform.vamp(&["apply", saved.to_str().unwrap(), "--yes"]);
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains("Done: 1 step"), "{}{}", said.out, said.err);
    platform.bench.kubectl_in(&cluster, &["--namespace", &platform.name, "get", "service", "lifter"], "");
    platform.apply().done();
    platform.is_settled();
}

#[test]
fn an_elasticsearch_that_goes_in_the_middle_is_waited_for_and_the_rest_goes_on() {
    let Some(platform) = Platform::shared("searchdies") else { return };
    let run = platform.apply_until_and(1, || platform.search.set_away(true));
    let said = run.ended();
    assert_eq!(said.code, Some(1), "{}", said.err);
    let away = format!("elasticsearch.central ({}) does not answer", platform.search.address);
    assert!(said.err.contains(&format!("try 2: {away}")) && said.err.contains("gave up after 10 tries"), "{}", said.err);
    assert!(said.err.contains("left out because they come after those"), "{}", said.err);
    // What does not stand on it is there: in a cluster, in Vault and in MySQL.
    let done = ["bench-management/deployment/", "vault/auth-method/", "mysql/grant/"];
    let management = platform.bench.clusters().remove(0);
    for done in done.map(|done| done.replace("bench-management", &management)) {
        assert!(
            said.err.contains(&format!("+ {}{done}", if done.contains(&management) { "cluster." } else { "" })),
            "{}",
            said.err
        );
    }
    // And nothing goes while nobody can look.
    let plan = platform.vamp(&["plan", "SPEC"]);
    assert!(plan.out.contains("unknown elasticsearch.central cannot be looked at"), "{}{}", plan.out, plan.err);
    assert!(!plan.out.contains("\n  - "), "{}", plan.out);
    platform.search.set_away(false);
    platform.apply().done();
    platform.is_settled();
}

#[test]
fn a_mysql_that_dies_in_the_middle_ends_the_apply_and_the_next_one_goes_on() {
    let Some(platform) = Platform::alone("mysqldies") else { return };
    let run = platform.apply_until_and(10, || platform.fault("kill", "mariadb"));
    let said = run.ended();
    assert_eq!(said.code, Some(1), "{}", said.err);
    // It keeps the journal, and Vault's storage: nothing is done that is not written down.
    assert!(
        said.err.contains("error: mysql (") && said.err.contains("help: does it run, and is this its address?"),
        "{}",
        said.err
    );
    let mut of_vault = said.err.lines().filter(|line| line.contains("failed: create vault/"));
    assert!(of_vault.all(|line| line.contains("gave up after 10 tries")), "that its storage is away is no refusal: {}", said.err);
    let plan = platform.vamp(&["plan", "SPEC"]);
    assert_eq!(plan.code, Some(1), "nothing is planned without the ledger: {}", plan.out);
    let namespaces = platform.bench.kubectl(&["get", "namespaces", "--output", "name"], "");
    assert!(namespaces.contains(&format!("namespace/{}", platform.name)), "{namespaces}");
    platform.mend();
    platform.apply().done();
    platform.is_settled();
}

#[test]
fn a_mysql_that_is_back_within_seconds_is_waited_for() {
    let Some(platform) = Platform::alone("mysqlback") else { return };
    let run = platform.apply_until_and(10, || platform.fault("kill", "mariadb"));
    platform.mend();
    let said = run.ended();
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("try 2: "), "{}", said.err);
    // What was written to a Vault that was about to lose its lock, the one that takes over need not know: it is found, and mended.
    platform.apply().done();
    platform.is_settled();
}
