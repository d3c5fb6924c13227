//! Applied, and then changed by others: what is the platform's own is mended, what is somebody else's is left alone.

use super::platform::Platform;
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn a_platform_is_applied_and_what_others_change_is_found_and_mended() {
    let Some(platform) = Platform::shared("drift") else { return };
    let cluster = platform.bench.clusters().remove(1);
    let applied = platform.apply().done();
    assert!(applied.err.contains("Acts on real systems: clusters bench-management"), "{}", applied.err);
    assert!(applied.out.contains("2 cells serve"), "{}", applied.out);
    platform.is_settled();
    let history = platform.vamp(&["history", "SPEC"]).done();
    assert!(history.out.contains("converged") && history.out.contains("anna@"), "{}", history.out);

    // Each by its own tool.
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "2"]);
    platform.kubectl(&cluster, &["label", "deployment", "workflow-agent", "team=blue"]);
    let (schema, policy) = (format!("{}-shop", platform.name), format!("{}-vamp", platform.name));
    platform.bench.sql(&format!("REVOKE INSERT ON `{schema}`.* FROM `{schema}`"));
    let role = format!("auth/{}-{cluster}/role/shop-staging-gateway-agent", platform.name);
    platform.bench.curl_vault("POST", &role, r#"{"role_type":"jwt","token_num_uses":5}"#);
    let put = format!("{}/_ilm/policy/{}-staging-audit", platform.search.address, schema);
    let mut policy_there = curl(&[&put])[&format!("{schema}-staging-audit")].clone();
    policy_there["policy"]["phases"]["delete"]["min_age"] = "1d".into();
    let shorter = policy_there.to_string();
    curl(&["--request", "PUT", "--data", &shorter, &put]);

    let plan = platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
    let changed: BTreeMap<&str, &str> =
        steps(&plan).map(|step| (step["address"].as_str().unwrap(), step["action"].as_str().unwrap())).collect();
    let expected = [
        format!("cluster.{cluster}/deployment/{}/gateway-agent", platform.namespace()),
        format!("elasticsearch.central/lifecycle-policy/{schema}-staging-audit"),
        format!("mysql/grant/{schema}/{schema}"),
        format!("vault/auth-role/{}-{cluster}/shop-staging-gateway-agent", platform.name),
    ];
    assert_eq!(changed.keys().copied().collect::<Vec<_>>(), expected, "{plan:#}");
    assert!(changed.values().all(|action| *action == "update"), "{changed:?}");
    platform.apply().done();
    platform.is_settled();
    // A label that we do not write is its writer's.
    let labels =
        platform.kubectl(&cluster, &["get", "deployment", "workflow-agent", "--output", "jsonpath={.metadata.labels.team}"]);
    assert_eq!(labels, "blue");

    // While nothing is taken away at its age, nobody says that all is well; nothing is there to be done about it, and nothing waits for it.
    let verb = |verb: &str| curl(&["--request", "POST", &format!("{}/_ilm/{verb}", platform.search.address)]);
    verb("stop");
    let plan = platform.vamp(&["plan", "SPEC"]).done();
    let one = format!("elasticsearch.central/lifecycle-policy/{schema}-staging-audit");
    for said in ["  ineffective ", &one, "POST /_ilm/start", "Nothing is done: "] {
        assert!(plan.out.contains(said), "{said}: {}", plan.out);
    }
    verb("start");
    platform.is_settled();

    // Who writes a policy anew takes our mark away: it is not ours until somebody says so.
    platform.bench.curl_vault(
        "POST",
        &format!("sys/policies/acl/{policy}"),
        r#"{"policy":"path \"x\" { capabilities = [\"read\"] }"}"#,
    );
    let plan = platform.vamp(&["plan", "SPEC"]).done();
    assert!(plan.out.contains(&format!("not ours vault/policy/{policy}")), "{}", plan.out);
    platform.vamp(&["adopt", "SPEC", &format!("vault/policy/{policy}"), "--yes"]).done();
    platform.is_settled();
}

#[test]
fn a_saved_plan_is_carried_out_as_it_is_and_is_stale_after_a_change() {
    let Some(platform) = Platform::shared("saved") else { return };
    let cluster = platform.bench.clusters().remove(1);
    let file = platform.file("plan.json");
    let file = file.to_str().unwrap();
    platform.vamp(&["plan", "SPEC", "--out", file]).done();
    platform.vamp(&["apply", file, "--yes"]).done();
    platform.is_settled();
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "2"]);
    platform.vamp(&["plan", "SPEC", "--out", file]).done();
    platform.kubectl(&cluster, &["scale", "deployment", "gateway-agent", "--replicas", "4"]);
    let stale = platform.vamp(&["apply", file, "--yes"]);
    assert_eq!(stale.code, Some(1));
    assert!(stale.err.contains("is stale: the platform moved on since it was made"), "{}", stale.err);
    let world = platform.vamp(&["apply", file, "--yes", "--embedded", "world.sqlite"]);
    assert!(world.err.contains("the plan was made for real systems"), "{}", world.err);
}

/// Object for object: what is done, with which document, after what.
#[test]
fn the_same_spec_on_the_embedded_platform_gives_the_same_plan() {
    let Some(platform) = Platform::shared("same") else { return };
    let real = platform.vamp(&["plan", "SPEC", "--format", "json"]).done().json();
    let embedded = platform.vamp(&["plan", "SPEC", "--format", "json", "--embedded", "world.sqlite"]).done().json();
    let told = |plan: &Value| {
        let told = |step: &Value| {
            let of = |key: &str| step[key].clone();
            (of("address").to_string(), ["action", "document", "after", "scope", "role", "expected"].map(of))
        };
        steps(plan).map(told).collect::<BTreeMap<_, _>>()
    };
    let (real, embedded) = (told(&real), told(&embedded));
    assert!(real.len() > 60);
    assert_eq!(real.keys().collect::<Vec<_>>(), embedded.keys().collect::<Vec<_>>());
    for (address, step) in &real {
        assert_eq!(step, &embedded[address], "{address}");
    }
}

#[test]
fn requests_are_shown_without_what_is_secret_in_them() {
    let Some(platform) = Platform::shared("traced") else { return };
    let said = platform.vamp(&["apply", "SPEC", "--yes", "--trace-requests"]).done();
    for line in [
        "vault GET /v1/sys/health",
        "cluster.bench-management GET /version 200",
        "cluster.bench-eu-1 POST /apis/apps/v1/",
        "mysql CREATE",
    ] {
        assert!(said.err.contains(line), "{line}: {}", said.err);
    }
    let entry = platform.bench.curl_vault("GET", &format!("{}/data/shop/credentials/mysql", platform.name), "");
    let entry: Value = serde_json::from_str(&entry).unwrap();
    let generated = entry["data"]["data"]["password"].as_str().unwrap();
    let given = platform.logins.values().map(|login| login.split_once(':').map_or(login.as_str(), |(_, password)| password));
    for secret in given.chain([generated]) {
        assert!(!said.err.contains(secret) && !said.out.contains(secret));
    }
}

#[test]
fn everything_that_is_ours_goes_and_what_holds_data_by_name_only() {
    let Some(platform) = Platform::shared("gone") else { return };
    platform.apply().done();
    platform.vamp(&["destroy", "SPEC", "--yes"]);
    let schema = format!("{}-shop", platform.name);
    assert_eq!(
        platform.bench.sql(&format!("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{schema}'")),
        "1"
    );
    let clusters = platform.bench.clusters();
    let namespaces = platform.bench.kubectl_in(&clusters[1], &["get", "namespace", "--output", "name"], "");
    assert!(!namespaces.contains(&platform.name), "{namespaces}");
    // It comes back with the data that stayed.
    platform.apply().done();
    platform.is_settled();
}

fn steps(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["steps"].as_array().unwrap().iter()
}

fn curl(arguments: &[&str]) -> Value {
    let output = std::process::Command::new("curl").arg("--silent").args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
