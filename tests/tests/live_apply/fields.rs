//! A field that somebody else owns: left to them, taken back, or in the way, as the spec says; who owns it is what the API server keeps.

use super::platform::Platform;
use serde_json::Value;

/// The spec with these rules.
fn rules(platform: &Platform, spec: &str, rules: &str) {
    std::fs::write(platform.spec(), format!("{spec}fields:\n{rules}")).unwrap();
}

fn replicas(platform: &Platform, cluster: &str) -> String {
    platform.kubectl(cluster, &["get", "deployment", "gateway-agent", "--output", "jsonpath={.spec.replicas}"])
}

/// Kinds of the report's notes, each with its message.
fn notes(plan: &Value) -> Vec<(String, String)> {
    let note = |note: &Value| (note["kind"].as_str().unwrap().to_owned(), note["message"].as_str().unwrap().to_owned());
    plan["report"].as_array().unwrap().iter().map(note).collect()
}

#[test]
fn what_somebody_else_owns_is_left_taken_or_in_the_way_as_the_spec_says() {
    let Some(platform) = Platform::shared("owned") else { return };
    let cluster = platform.bench.clusters().remove(1);
    let spec = std::fs::read_to_string(platform.spec()).unwrap();
    let plan = || platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
    platform.apply().done();
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "4"]);

    // `fail`: nothing is done to it, and both are named.
    rules(&platform, &spec, "  - { kind: Deployment, path: spec.replicas, conflict: fail }\n");
    let said = plan();
    let [(kind, message)] = notes(&said).try_into().unwrap();
    assert_eq!(kind, "contested");
    assert!(message.starts_with("kubectl owns spec.replicas, with another value than is wanted"), "{message}");
    assert_eq!(said["steps"].as_array().unwrap().len(), 0, "{said:#}");
    let failed = platform.apply();
    assert_eq!(failed.code, Some(1));
    assert!(failed.out.contains("kubectl owns spec.replicas") && replicas(&platform, &cluster) == "4", "{}", failed.out);

    // `yield`: it is as wanted, and stays so when something else of the object is written.
    rules(&platform, &spec, "  - { kind: Deployment, path: spec.replicas, manager: kubectl, conflict: yield }\n");
    platform.is_settled();
    let said = platform.vamp(&["plan", "SPEC"]).done();
    assert!(said.out.contains("left to others") && said.out.contains("spec.replicas is left to kubectl"), "{}", said.out);
    platform.kubectl(&cluster, &["label", "--overwrite", "deployment", "gateway-agent", "app.kubernetes.io/part-of=theirs"]);
    let shown = plan();
    let paths: Vec<&str> =
        shown["steps"][0]["changes"].as_array().unwrap().iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["metadata.labels[\"app.kubernetes.io/part-of\"]"], "{shown:#}");
    platform.apply().done();
    platform.is_settled();
    assert_eq!(replicas(&platform, &cluster), "4");
    let ours = platform.kubectl(
        &cluster,
        &[
            "get",
            "deployment",
            "gateway-agent",
            "--show-managed-fields",
            "--output",
            "jsonpath={.metadata.managedFields[?(@.manager==\"vamp\")].fieldsV1.f:spec}",
        ],
    );
    assert!(ours.contains("f:template") && !ours.contains("f:replicas"), "{ours}");

    // `take`, and the rule for somebody else: it is drift.
    for taken in [
        "  - { kind: Deployment, path: spec.replicas, conflict: take }\n",
        "  - { kind: Deployment, path: spec.replicas, manager: keda-operator, conflict: yield }\n",
    ] {
        platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "4"]);
        rules(&platform, &spec, taken);
        let said = platform.vamp(&["plan", "SPEC", "--verbose"]).done();
        assert!(said.out.contains("spec.replicas") && said.out.contains("kubectl"), "{}", said.out);
        platform.apply().done();
        assert_eq!(replicas(&platform, &cluster), "3");
        platform.is_settled();
    }
}
