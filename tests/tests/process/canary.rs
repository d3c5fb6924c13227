//! A canary in every secret that a spec can have is seen nowhere: not on a stream, not in a file.

use crate::shell::{Shell, wait};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Stdio;

const CANARY: &str = "canary-6b1f0d93-sings";
/// `printf %s canary-6b1f0d93-sings | base64`, as a Secret of Kubernetes would hold it.
const BASE64: &str = "Y2FuYXJ5LTZiMWYwZDkzLXNpbmdz";

/// Every field of a spec that takes a secret, and every form in which one is given.
const SPEC: &str = r#"
version: 1
platform: acme
purpose: development
lifetime: short
durability: none
regions: { eu-west-1: { country: IE } }
clusters:
  main: { role: all-in-one, kubernetes: embedded, nodes: { count: 4, cpu: 8, memory: 32Gi } }
dependencies:
  mysql: { placement: external, address: embedded, credentials: { env: CANARY_MYSQL } }
  vault: { placement: external, address: embedded, storage: raft, credentials: { file: secrets/vault-token } }
  elasticsearch:
    central: { placement: external, address: embedded, nodes: 3, credentials: { env: CANARY_SEARCH } }
images:
  gatewayAgent: registry.acme.example/gateway-agent:1.0.0
  vamp: other.acme.example/vamp:1.0.0
  pullSecrets:
    registry.acme.example: { username: puller, password: { env: CANARY_REGISTRY } }
    other.acme.example: { username: puller, password: { file: secrets/registry } }
tenants:
  shop:
    administrators: [ops@shop.example]
    mysqlPassword: { env: CANARY_TENANT }
    environments: { production: { gateways: { storefront: { port: 8080, routes: { web: { service: "web:8080" } } } } } }
  bank:
    administrators: [ops@bank.example]
    mysqlPassword: { file: secrets/tenant }
    environments: { production: { gateways: { accounts: { port: 8081, routes: { web: { service: "web:8080" } } } } } }
  press:
    administrators: [ops@press.example]
    mysqlPassword: { vault: { path: acme/shop/credentials/mysql, field: password } }
    environments: { production: { gateways: { website: { port: 8082, routes: { web: { service: "web:8080" } } } } } }
"#;

const VARIABLES: [&str; 5] = ["CANARY_MYSQL", "CANARY_SEARCH", "CANARY_REGISTRY", "CANARY_TENANT", "CANARY_ROLE"];
const FILES: [&str; 5] = ["vault-token", "registry", "tenant", "secret-id", "account-token"];

/// The spec in a folder, the canary in its environment, and in files that lie outside of what is searched.
struct Cage {
    shell: Shell,
    files: tempfile::TempDir,
}

impl Cage {
    fn new() -> Cage {
        Cage::of(SPEC)
    }

    fn of(spec: &str) -> Cage {
        let files = tempfile::tempdir().unwrap();
        for name in FILES {
            fs::write(files.path().join(name), format!("{CANARY}\n")).unwrap();
        }
        let shell = Shell::with_spec(&spec.replace("secrets/", &format!("{}/", files.path().display())));
        let shell = VARIABLES.into_iter().fold(shell, |shell, name| shell.with(name, CANARY));
        Cage { shell, files }
    }

    /// Run `vamp`, and look for the canary in what it says and in what it leaves.
    fn vamp(&self, words: &str) -> i32 {
        let output = self.shell.vamp(words);
        is_silent(&output.stdout, &format!("standard output of vamp {words}"));
        is_silent(&output.stderr, &format!("standard error of vamp {words}"));
        look_through(self.shell.folder());
        output.status.code().unwrap()
    }
}

fn look_through(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_through(&path);
        } else {
            is_silent(&fs::read(&path).unwrap(), &path.display().to_string());
        }
    }
}

fn is_silent(bytes: &[u8], place: &str) {
    for wanted in [CANARY, BASE64] {
        assert!(!bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes()), "{wanted} is in {place}");
    }
}

/// The same with stores that run in the cluster: there the platform itself writes the secrets down, for their pods.
fn with_stores_in_the_cluster() -> String {
    let inside = |text: String, name: &str| {
        text.replace(&format!("{name}: {{ placement: external, address: embedded"), &format!("{name}: {{ placement: in-cluster"))
    };
    ["mysql", "vault", "central"].into_iter().fold(SPEC.to_owned(), inside)
}

/// The same with each way to log in to Vault instead of a token.
fn with_log_in() -> [String; 2] {
    let app_role = "logIn: { appRole: { roleId: { env: CANARY_ROLE }, secretId: { file: secrets/secret-id } } }";
    let kubernetes = "logIn: { kubernetes: { role: vamp, token: { file: secrets/account-token } } }";
    [app_role, kubernetes].map(|log_in| SPEC.replace("credentials: { file: secrets/vault-token }", log_in))
}

#[test]
fn every_field_of_a_spec_that_takes_a_secret_has_the_canary_in_it() {
    let schema = std::fs::read_to_string(tests::root().join("specs/vamp.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let mut fields = Vec::new();
    secret_fields(&schema, "", &mut fields);
    fields.sort();
    fields.dedup();
    assert_eq!(fields, ["credentials", "mysqlPassword", "password", "roleId", "secretId", "token"]);
    assert_eq!(SPEC.matches("credentials: {").count(), 3, "of MySQL, of Vault, of an Elasticsearch");
    assert!(SPEC.contains("password: {") && SPEC.contains("mysqlPassword: {"));
    let [app_role, kubernetes] = with_log_in();
    assert!(app_role.contains("roleId: {") && app_role.contains("secretId: {") && kubernetes.contains("token: {"));
}

/// Names of the properties that refer to a secret.
fn secret_fields(schema: &serde_json::Value, name: &str, found: &mut Vec<String>) {
    let refers = |value: &serde_json::Value| value["$ref"].as_str().is_some_and(|to| to.ends_with("/SecretSource"));
    match schema {
        serde_json::Value::Object(map) => {
            if refers(schema) {
                found.push(name.to_owned());
            }
            for (key, value) in map {
                secret_fields(value, if matches!(key.as_str(), "anyOf" | "oneOf" | "allOf") { name } else { key }, found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| secret_fields(item, name, found)),
        _ => {}
    }
}

#[test]
fn the_canary_sings_nowhere_in_a_life_of_a_platform() {
    let [app_role, kubernetes] = with_log_in();
    for spec in [SPEC.to_owned(), with_stores_in_the_cluster(), app_role, kubernetes] {
        a_life(&Cage::of(&spec));
    }
}

fn a_life(cage: &Cage) {
    let told = cage.shell.vamp("plan vamp.yaml").stderr;
    assert!(!String::from_utf8_lossy(&told).contains("stand-in"), "the canary itself is what is fetched");
    assert_eq!(cage.vamp("plan vamp.yaml --verbose -o saved.json"), 0);
    assert_eq!(cage.vamp("plan vamp.yaml --format json"), 0);
    assert_eq!(cage.vamp("show saved.json --verbose"), 0);
    assert_eq!(cage.vamp("apply saved.json --yes --verbose"), 0);
    assert_eq!(cage.vamp("apply vamp.yaml --yes --verbose --format json"), 0);
    for words in [
        "status vamp.yaml --format json",
        "history",
        "history --run 1",
        "history --run 1 --format json",
        "graph vamp.yaml --format json",
        "graph vamp.yaml --format svg",
        "explain vault/kv/acme/shop/credentials/mysql vamp.yaml",
        "explain mysql/user/acme-shop vamp.yaml",
        "world show",
        "world show --format json",
        "world show vault/kv/acme/shop/credentials/mysql",
        "world show vault/kv/acme/shop/credentials/mysql --format json",
        "world show cluster.main/secret/acme-shop-production/registries",
    ] {
        assert_eq!(cage.vamp(words), 0, "{words}");
    }
    // What was changed by hand is told with what it was before, and mended.
    assert_eq!(cage.vamp("world edit vault/kv/acme/shop/credentials/mysql --set data.password=edited"), 0);
    assert_eq!(cage.vamp("plan vamp.yaml --verbose --detailed-exitcode"), 2);
    assert_eq!(cage.vamp("apply vamp.yaml --yes --verbose"), 0);
    assert_eq!(cage.vamp("destroy vamp.yaml --yes --verbose"), 1, "what holds data was not named");
}

#[test]
fn the_canary_is_not_in_what_a_killed_run_leaves_the_log_of_sqlite_among_it() {
    let mut with_log = 0;
    for moment in 0..12 {
        let cage = Cage::new();
        let mut run = cage.shell.command("apply vamp.yaml --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait(20 + 15 * moment);
        run.kill().unwrap();
        run.wait().unwrap();
        let log = cage.shell.folder().join(".vamp/world.sqlite-wal");
        with_log += u32::from(fs::metadata(log).is_ok_and(|log| log.len() > 0));
        look_through(cage.shell.folder());
    }
    assert!(with_log > 0, "no kill came in time");
}

#[test]
fn the_search_finds_what_is_there() {
    for planted in [CANARY, BASE64] {
        let cage = Cage::new();
        fs::create_dir(cage.shell.folder().join("deep")).unwrap();
        fs::write(cage.shell.folder().join("deep/file"), format!("\0\u{1}{planted}\0")).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| look_through(cage.shell.folder()))).is_err());
    }
}

#[test]
fn the_canary_sings_in_no_failure() {
    let cage = Cage::new();
    assert_eq!(cage.vamp("apply vamp.yaml --yes"), 0);
    for broken in ["seal", "fail mysql", "fail cluster main", "fail elasticsearch central"] {
        assert_eq!(cage.vamp(&format!("world {broken}")), 0);
        let text = fs::read_to_string(cage.shell.folder().join("vamp.yaml")).unwrap();
        let changed = text.replace("gateway-agent:1.0.0", &format!("gateway-agent:1.0.0-{}", broken.len()));
        fs::write(cage.shell.folder().join("changed.yaml"), changed).unwrap();
        assert_eq!(cage.vamp("apply changed.yaml --yes --verbose"), 1, "{broken}");
        assert_eq!(cage.vamp("history --run 2"), cage.vamp("history --run 2 --format json"));
        let mended = if broken == "seal" { "unseal".to_owned() } else { broken.replace("fail", "heal") };
        assert_eq!(cage.vamp(&format!("world {mended}")), 0);
    }
}

#[test]
fn a_secret_that_cannot_be_had_is_named_and_the_others_stay_unseen() {
    let cage = Cage::new();
    let spec = cage.shell.folder().join("vamp.yaml");
    let text = fs::read_to_string(&spec).unwrap();
    // Not there: stand-ins. A folder: an error. The canary where a reference belongs: an error that does not repeat it.
    fs::write(&spec, text.replace("CANARY_TENANT", "NOT_SET")).unwrap();
    assert_eq!(cage.vamp("apply vamp.yaml --yes --verbose"), 0);
    let here = cage.shell.folder().display().to_string();
    fs::write(&spec, text.replace("env: CANARY_TENANT", &format!("file: {here}"))).unwrap();
    assert_eq!(cage.vamp("apply vamp.yaml --yes --verbose"), 1, "a folder holds no secret");
    let outside = cage.files.path().join("open.yaml");
    for form in ["mysqlPassword: { env: CANARY_TENANT }", "{ username: puller, password: { env: CANARY_REGISTRY } }"] {
        let open = if form.starts_with("mysql") {
            format!("mysqlPassword: {CANARY}")
        } else {
            format!("{{ username: puller, password: {CANARY} }}")
        };
        fs::write(&outside, text.replace(form, &open)).unwrap();
        assert_eq!(cage.vamp(&format!("plan {}", outside.display())), 1);
        assert_eq!(cage.vamp(&format!("plan --format json {}", outside.display())), 1);
    }
}
