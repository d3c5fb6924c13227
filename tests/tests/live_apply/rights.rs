//! What `vamp` logs in with in these tests: credentials that hold what `vamp permissions` prints, given by the administrators of the bench,
//! and nothing else.

use super::platform::Platform;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Environment variables of `vamp`, each with what logs in to one system. (The clusters' tokens are in a kubeconfig.)
pub(crate) type Logins = BTreeMap<String, String>;

/// A password that no output may show.
const PASSWORD: &str = "hunter2-of-the-operator";

/// What roles, policies and users of the platform's operator are called.
pub(crate) fn name(platform: &Platform) -> String {
    format!("vamp-{}", platform.name)
}

/// Who `vamp` is in a cluster.
fn account(platform: &Platform) -> String {
    format!("system:serviceaccount:default:{}", name(platform))
}

/// What `vamp permissions` prints for one system.
pub(crate) fn printed(platform: &Platform, system: &str, user: &str) -> String {
    platform.vamp(&["permissions", "SPEC", "--system", system, "--user", user]).done().out
}

/// Make the credentials, and give them what is printed.
pub(crate) fn give(platform: &Platform) -> Logins {
    let name = name(platform);
    give_in_clusters(platform, &platform.bench.clusters());
    let token = in_vault(platform, &name);
    platform.bench.sql(&format!("CREATE USER '{name}'@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL"));
    platform.bench.sql(&printed(platform, "mysql", &name));
    Logins::from([
        ("VAULT_LOGIN".to_owned(), token),
        ("MYSQL_LOGIN".to_owned(), format!("{name}:{PASSWORD}")),
        ("SEARCH_LOGIN".to_owned(), "elastic:hunter2".to_owned()),
    ])
}

/// A ServiceAccount in each of these clusters, and a kubeconfig with its tokens. Whoever runs stores of his own there logs in with nothing else.
pub(crate) fn give_in_clusters(platform: &Platform, clusters: &[String]) -> Logins {
    let (bench, name) = (&platform.bench, &name(platform));
    let config = bench.kubectl(&["config", "view", "--raw", "--output", "json"], "");
    let mut config: Value = serde_json::from_str(&config).unwrap();
    let mut users = Vec::new();
    for cluster in clusters {
        bench.kubectl_in(cluster, &["create", "serviceaccount", name], "");
        in_cluster(platform, cluster, &printed(platform, &format!("cluster.{cluster}"), &account(platform)));
        let token = bench.kubectl_in(cluster, &["create", "token", name, "--duration", "2h"], "");
        users.push(json!({ "name": cluster, "user": { "token": token } }));
    }
    config["users"] = users.into();
    for context in config["contexts"].as_array_mut().unwrap() {
        context["context"]["user"] = context["name"].clone();
    }
    std::fs::write(platform.file("kubeconfig"), config.to_string()).unwrap();
    Logins::new()
}

/// Apply this as the administrator, and wait until the API server goes by it: by rights at once, by an admission policy within a second
/// (`k8s.io/apiserver`, `plugin/policy/generic/policy_source.go`, `PolicyRefreshInterval`).
pub(crate) fn in_cluster(platform: &Platform, cluster: &str, yaml: &str) {
    platform.bench.kubectl_in(cluster, &["apply", "--filename", "-"], yaml);
    let said = |arguments: &[&str]| platform.bench.kubectl_said(cluster, arguments);
    let who = account(platform);
    let is_denied =
        |namespace: &str| said(&["create", "namespace", namespace, "--dry-run=server", "--as", &who]).contains("denied request");
    let within = namespaces_within(yaml);
    let knows = || {
        said(&["auth", "can-i", "list", "nodes", "--as", &who]).starts_with("yes")
            && is_denied(&format!("elsewhere-{}", platform.name))
            && !within.iter().any(|namespace| is_denied(namespace))
    };
    for _ in 0..50 {
        if knows() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{cluster} does not go by the rights after five seconds");
}

/// The namespaces into which the printed admission policy lets somebody write.
fn namespaces_within(yaml: &str) -> Vec<String> {
    let documents: Vec<Value> = serde_yaml::from_multiple(yaml).unwrap();
    let policy = documents.into_iter().find(|document| document["kind"] == "ValidatingAdmissionPolicy").unwrap();
    let expression = policy["spec"]["validations"][0]["expression"].as_str().unwrap();
    serde_json::from_str(expression.rsplit_once(" in ").unwrap().1).unwrap()
}

/// A token with the policy that is printed, and without Vault's own `default`.
fn in_vault(platform: &Platform, name: &str) -> String {
    policy(platform, &printed(platform, "vault", name));
    let asked = json!({ "policies": [name], "no_default_policy": true, "no_parent": true, "ttl": "2h" });
    let made: Value = serde_json::from_str(&platform.bench.curl_vault("POST", "auth/token/create", &asked.to_string())).unwrap();
    made["auth"]["client_token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Write the policy of `vamp` as the administrator.
pub(crate) fn policy(platform: &Platform, hcl: &str) {
    let path = format!("sys/policies/acl/{}", name(platform));
    let said = platform.bench.curl_vault("POST", &path, &json!({ "policy": hcl }).to_string());
    assert!(said.is_empty(), "{said}");
}

/// Take away again what `kubectl apply` made.
pub(crate) fn take(platform: &Platform, cluster: &str) {
    let name = name(platform);
    let kinds =
        ["clusterrole", "clusterrolebinding", "validatingadmissionpolicy", "validatingadmissionpolicybinding", "serviceaccount"];
    let all: Vec<String> = kinds.iter().map(|kind| format!("{kind}/{name}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    platform.bench.kubectl_in(cluster, &[&["delete", "--ignore-not-found", "--wait=false"], &all[..]].concat(), "");
}

/// Give what a changed spec needs beside.
pub(crate) fn widen(platform: &Platform) {
    let name = name(platform);
    for cluster in platform.bench.clusters() {
        in_cluster(platform, &cluster, &printed(platform, &format!("cluster.{cluster}"), &account(platform)));
    }
    policy(platform, &printed(platform, "vault", &name));
    platform.bench.sql(&printed(platform, "mysql", &name));
}
