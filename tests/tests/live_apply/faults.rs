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
    let run = platform.apply_until(10);
    platform.fault("kill", &server);
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
    platform.vamp(&["apply", saved.to_str().unwrap(), "--yes"]).done();
    platform.bench.kubectl_in(&cluster, &["--namespace", &platform.name, "get", "service", "lifter"], "");
    platform.apply().done();
    platform.is_settled();
}
