//! What a cell's own credentials reach: its own, and nothing of another cell's. Each is tried on both, so that a refusal is none of a
//! door that is shut to everybody.

use super::platform::Platform;
use super::rights;
use serde_json::{Value, json};
use std::process::Command;

/// Two tenants, each with one environment in the same cluster.
pub(crate) fn two_cells(name: &str) -> Option<Platform> {
    let platform = Platform::shared(name)?;
    let spec = std::fs::read_to_string(platform.spec()).unwrap();
    let (head, tail) = spec.split_once("tenants:\n").unwrap();
    let (shop, policies) = tail.split_once("policies:\n").unwrap();
    let bank = shop.replace("  shop:", "  bank:").replace("port: 8080", "port: 8081").replace("The shop", "The bank");
    std::fs::write(platform.spec(), format!("{head}tenants:\n{shop}{bank}policies:\n{policies}")).unwrap();
    rights::widen(&platform);
    Some(platform)
}

/// What curl gets: the status, and the body.
pub(crate) fn curl(platform: &Platform, arguments: &[&str]) -> (u16, Value) {
    let fixed = ["--silent", "--cacert", platform.bench.get("VAMP_BENCH_CA_FILE"), "--write-out", "\n%{http_code}"];
    let output = Command::new("curl").args(fixed).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_pod_of_a_cell_logs_in_to_vault_reads_its_own_entries_and_those_of_no_other() {
    let Some(platform) = two_cells("cellvault") else { return };
    platform.apply().done();
    let clusters = platform.bench.clusters();
    let (cluster, elsewhere) = (&clusters[1], &clusters[0]);
    let vault = platform.bench.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').next().unwrap().to_owned();
    let entry = |tenant: &str| format!("{vault}/v1/{}/data/{tenant}/staging/gateways/{cluster}", platform.name);
    for (own, other) in [("shop", "bank"), ("bank", "shop")] {
        let namespace = format!("{}-{own}-staging", platform.name);
        // As the kubelet asks for one, by what the volume of the pod says.
        let token = |audience: &str| {
            let asked = ["--namespace", &namespace, "create", "token", "gateway-agent", "--audience", audience];
            platform.bench.kubectl_in(cluster, &asked, "")
        };
        let log_in = |role: &str, method: &str, token: &str| {
            let body = json!({ "role": role, "jwt": token }).to_string();
            curl(&platform, &["--data", &body, &format!("{vault}/v1/auth/{}-{method}/login", platform.name)])
        };
        let role = format!("{own}-staging-gateway-agent");
        let (status, answer) = log_in(&role, cluster, &token("vault"));
        assert_eq!(status, 200, "{answer}");
        let session = format!("X-Vault-Token: {}", answer["auth"]["client_token"].as_str().unwrap());
        let ask = |path: &str| curl(&platform, &["--header", &session, path]).0;
        assert_eq!(ask(&entry(own)), 200);
        assert_eq!(ask(&entry(other)), 403);
        assert_eq!(ask(&format!("{vault}/v1/{}/data/{other}/credentials/mysql", platform.name)), 403);
        assert_eq!(ask(&format!("{vault}/v1/{}/metadata/?list=true", platform.name)), 403);
        let refused = |role: &str, method: &str, token: &str| {
            let (status, answer) = log_in(role, method, token);
            assert_eq!(status, 400, "{answer}");
            answer["errors"][0].as_str().unwrap().to_owned()
        };
        let others = refused(&format!("{other}-staging-gateway-agent"), cluster, &token("vault"));
        assert!(others.contains("subject"), "the other's role with our ServiceAccount: {others}");
        let for_others = refused(&role, cluster, &token(&platform.server(cluster)));
        assert!(for_others.contains("audience"), "a token that is for the API server: {for_others}");
        let vamps = refused("vamp", elsewhere, &token("vault"));
        assert!(vamps.contains("signature"), "a token of another cluster: {vamps}");
    }
}

#[test]
fn the_user_of_a_tenant_in_mysql_works_in_its_own_schema_and_in_no_other() {
    let Some(platform) = two_cells("cellsql") else { return };
    platform.apply().done();
    for (own, other) in [("shop", "bank"), ("bank", "shop")] {
        let path = format!("{}/data/{own}/credentials/mysql", platform.name);
        let entry: Value = serde_json::from_str(&platform.bench.curl_vault("GET", &path, "")).unwrap();
        let password = entry["data"]["data"]["password"].as_str().unwrap();
        let file = platform.file("cell.cnf");
        let login = format!(
            "[client]\nhost={}\nport={}\nuser={}-{own}\npassword={password}\nssl-ca={}\n",
            platform.bench.get("VAMP_BENCH_MYSQL_HOST"),
            platform.bench.get("VAMP_BENCH_MYSQL_PORT"),
            platform.name,
            platform.bench.get("VAMP_BENCH_CA_FILE"),
        );
        std::fs::write(&file, login).unwrap();
        let ask = |statement: &str| {
            let defaults = format!("--defaults-file={}", file.display());
            let output = Command::new("mariadb").args([&defaults, "--execute", statement]).output().unwrap();
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let table = |tenant: &str| format!("`{0}-{tenant}`.`{0}-{tenant}-staging`", platform.name);
        let (done, said) = ask(&format!("INSERT INTO {0} (Record) VALUES ('{{}}'); SELECT * FROM {0}", table(own)));
        assert!(done, "{said}");
        let all = [
            format!("SELECT * FROM {}", table(other)),
            format!("INSERT INTO {} (Record) VALUES ('{{}}')", table(other)),
            "SELECT * FROM vamp.marks".to_owned(),
            "SELECT * FROM mysql.user".to_owned(),
            format!("DROP TABLE {}", table(own)),
        ];
        for statement in all {
            let (done, said) = ask(&statement);
            assert!(!done && said.contains("denied"), "{statement}: {said}");
        }
    }
}

/// What nobody is to see of another cell.
const KINDS: [&str; 6] = ["deployments", "secrets", "configmaps", "pods", "serviceaccounts", "roles"];

#[test]
fn the_service_accounts_of_a_cell_see_their_own_namespace_and_no_other() {
    let Some(platform) = two_cells("cellkube") else { return };
    platform.apply().done();
    let cluster = platform.bench.clusters().remove(1);
    for (own, other) in [("shop", "bank"), ("bank", "shop")] {
        let [own, other] = [own, other].map(|tenant| format!("{}-{tenant}-staging", platform.name));
        let accounts =
            platform.bench.kubectl_in(&cluster, &["--namespace", &own, "get", "serviceaccounts", "--output", "name"], "");
        for account in accounts.lines().map(|line| line.trim_start_matches("serviceaccount/")) {
            let token = platform.bench.kubectl_in(&cluster, &["--namespace", &own, "create", "token", account], "");
            let ask = |namespace: &str, kind: &str| {
                let said = ["--token", &token, "--kubeconfig", "/dev/null", "--server", &platform.server(&cluster)];
                let said = [&said[..], &["--insecure-skip-tls-verify", "--namespace", namespace, "get", kind]].concat();
                let output = Command::new(platform.bench.get("VAMP_BENCH_KUBECTL")).args(said).output().unwrap();
                (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
            };
            let (sees_own, said) = ask(&own, "deployments");
            assert_eq!(sees_own, matches!(account, "vamp" | "lifter"), "{account}: {said}");
            for namespace in [&other, &platform.name, "kube-system"] {
                let (_, said) = ask(namespace, &KINDS.join(","));
                for kind in KINDS {
                    let refused = format!("cannot list resource \"{kind}\"");
                    assert!(said.contains(&refused), "{account} sees {kind} of {namespace}: {said}");
                }
            }
            assert!(!ask(&own, "secrets").0, "{account} reads Secrets");
        }
    }
}
