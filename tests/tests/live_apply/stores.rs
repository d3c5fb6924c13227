//! What the pods of a platform's own stores would run: real servers beside the test, begun as soon as the password that they are to have is in
//! its Secret, as a kubelet would begin a container. The ports of the pods lead to them (docs/bench.md, "Ports of pods").

use super::platform::Platform;
use crate::bench::Bench;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

/// The servers of one platform.
pub(crate) struct Stores {
    pub(crate) mysql: Arc<Server>,
    pub(crate) vault: Arc<Server>,
    ended: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

/// What a server is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Mysql,
    /// Vault in memory: it initialises and unseals itself.
    VaultInMemory,
    /// Vault that stores in the platform's MySQL.
    VaultInMysql,
}

/// One server, which can be stopped and begun again.
pub(crate) struct Server {
    program: Program,
    pub(crate) port: u16,
    /// Name of the pod, port there, and the Secret with the entry that it logs everybody in with.
    pod: &'static str,
    listens: u16,
    secret: (&'static str, &'static str),
    password: Mutex<Option<String>>,
    process: Mutex<Option<Child>>,
    folder: tempfile::TempDir,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Server {
    fn new(program: Program) -> Arc<Self> {
        let (pod, listens, secret) = match program {
            Program::Mysql => ("mysql-0", 3306, ("mysql", "root-password")),
            Program::VaultInMemory => ("vault-0", 8200, ("vault", "token")),
            Program::VaultInMysql => ("vault-0", 8200, ("vault", "storage-password")),
        };
        let (password, process, folder) = (Mutex::default(), Mutex::default(), tempfile::tempdir().unwrap());
        Arc::new(Server { program, port: free_port(), pod, listens, secret, password, process, folder })
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// The password that the platform made for it.
    pub(crate) fn password(&self) -> String {
        self.password.lock().unwrap().clone().unwrap()
    }

    /// Begin it, as it was.
    pub(crate) fn start(&self, vault: &str) {
        let password = self.password();
        let mut command = match self.program {
            Program::Mysql => mariadb_server(self.folder.path(), self.port, &password),
            Program::VaultInMemory => vault_in_memory(vault, self.port, &password),
            Program::VaultInMysql => vault_with(vault, &self.file(SETTINGS)),
        };
        command.env("HOME", self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.process.lock().unwrap() = Some(command.spawn().unwrap());
    }

    /// Kill it.
    pub(crate) fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// Settings of a Vault.
const SETTINGS: &str = "vault.json";

fn vault_with(vault: &str, settings: &Path) -> Command {
    let mut command = Command::new(vault);
    command.arg("server").arg(format!("-config={}", settings.display()));
    command
}

fn vault_in_memory(vault: &str, port: u16, token: &str) -> Command {
    let mut command = Command::new(vault);
    command.args(["server", "-dev", "-dev-no-store-token", &format!("-dev-listen-address=127.0.0.1:{port}")]);
    command.env("VAULT_DEV_ROOT_TOKEN_ID", token);
    command
}

/// `root` comes from everywhere, as in the official images.
fn mariadb_server(folder: &Path, port: u16, password: &str) -> Command {
    let data = folder.join("data");
    let user: &[&str] = if rustix::process::geteuid().is_root() { &["--user=root"] } else { &[] };
    if !data.exists() {
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]).args(user);
        assert!(install.arg(format!("--datadir={}", data.display())).output().unwrap().status.success());
    }
    let users = folder.join("users.sql");
    // A line is a statement (MariaDB, `init_file`).
    let statements = [
        "DELETE FROM mysql.global_priv WHERE User = '' OR User = 'root'",
        "FLUSH PRIVILEGES",
        &format!("CREATE OR REPLACE USER root@'%' IDENTIFIED BY '{password}'"),
        "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION",
    ];
    std::fs::write(&users, statements.map(|statement| format!("{statement};\n")).concat()).unwrap();
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("env");
    command.arg(format!("PATH={path}")).args(["mariadbd", "--no-defaults"]).args(user);
    command.arg(format!("--datadir={}", data.display())).arg(format!("--socket={}", folder.join("socket").display()));
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--innodb-buffer-pool-size=32M"]);
    command.arg(format!("--port={port}")).arg(format!("--init-file={}", users.display()));
    command
}

impl Stores {
    /// Begin the stores of a platform as their pods would be, whenever that is.
    pub(crate) fn of(platform: &Platform, vault: Program) -> Stores {
        let (mysql, vault) = (Server::new(Program::Mysql), Server::new(vault));
        let ended = Arc::new(AtomicBool::new(false));
        let search: u16 = platform.search.address.rsplit(':').next().unwrap().parse().unwrap();
        let kubectl = Kubectl::of(platform, mysql.port);
        let (servers, over) = ([mysql.clone(), vault.clone()], ended.clone());
        let program = platform.bench.get("VAMP_BENCH_VAULT").to_owned();
        let keeper = std::thread::spawn(move || {
            let mut waiting: Vec<Arc<Server>> = servers.into();
            let mut is_led = false;
            while !over.load(Ordering::SeqCst) && (!waiting.is_empty() || !is_led) {
                waiting.retain(|server| !kubectl.begin(server, &program));
                is_led = is_led || kubectl.lead("elasticsearch-central-0", 9200, search);
                sleep(Duration::from_millis(200));
            }
        });
        Stores { mysql, vault, ended, keeper: Some(keeper) }
    }

    /// Wait until all of them answer, as the probes of their pods would.
    pub(crate) fn are_up(&self) {
        for server in [&self.mysql, &self.vault] {
            while TcpStream::connect(("127.0.0.1", server.port)).is_err() {
                sleep(Duration::from_millis(100));
            }
        }
    }

    /// What MySQL answers `root`.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--host=127.0.0.1", "--user=root", "--skip-ssl", "--batch", "--skip-column-names"])
            .arg(format!("--port={}", self.mysql.port))
            .arg(format!("--password={}", self.mysql.password()))
            .args(["--execute", statement])
            .output()
            .unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What Vault answers to `root`, whose token the platform made.
    pub(crate) fn curl_vault(&self, method: &str, path: &str, body: &str) -> String {
        self.curl_vault_as(&self.vault.password(), method, path, body)
    }

    /// What Vault answers to whoever has this token.
    pub(crate) fn curl_vault_as(&self, token: &str, method: &str, path: &str, body: &str) -> String {
        let token = format!("X-Vault-Token: {token}");
        let url = format!("http://127.0.0.1:{}/v1/{path}", self.vault.port);
        let output = Command::new("curl")
            .args(["--silent", "--header", &token, "--request", method, "--data", body, &url])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            drop(keeper.join());
        }
        self.mysql.stop();
        self.vault.stop();
    }
}

/// What does the work of a kubelet, as the administrator, in another thread.
struct Kubectl {
    /// Where MySQL listens.
    mysql: u16,
    bench: Bench,
    cluster: String,
    namespace: String,
}

impl Kubectl {
    fn of(platform: &Platform, mysql: u16) -> Kubectl {
        Kubectl { mysql, bench: platform.bench.clone(), cluster: platform.home(), namespace: platform.name.clone() }
    }

    /// What it says if it succeeds.
    fn said(&self, arguments: &[&str], input: &str) -> Option<String> {
        self.bench.kubectl_if(&self.cluster, &[&["--namespace", &self.namespace], arguments].concat(), input)
    }

    /// Begin a server once its password is there. Whether it is begun.
    fn begin(&self, server: &Server, vault: &str) -> bool {
        let (name, entry) = server.secret;
        let template = format!("go-template={{{{ index .data \"{entry}\" | base64decode }}}}");
        let Some(password) = self.said(&["get", "secret", name, "--output", &template], "") else { return false };
        if server.program == Program::VaultInMysql && !self.write_settings(server, &password) {
            return false;
        }
        if server.password.lock().unwrap().replace(password).is_none() {
            server.start(vault);
        }
        self.lead(server.pod, server.listens, server.port)
    }

    /// What the workload says of a Vault's storage, with the password put in and names of the cluster made out, as its kubelet would. Whether
    /// there is a workload.
    fn write_settings(&self, server: &Server, password: &str) -> bool {
        let path = "jsonpath={.spec.template.spec.containers[0].env[?(@.name==\"VAULT_LOCAL_CONFIG\")].value}";
        let Some(text) = self.said(&["get", "statefulset", "vault", "--output", path], "") else { return false };
        let mut settings: Value = serde_json::from_str(&text.replace("$(STORAGE_PASSWORD)", password)).unwrap();
        settings["storage"]["mysql"]["address"] = format!("127.0.0.1:{}", self.mysql).into();
        settings["listener"] = json!([{"tcp": {"address": format!("127.0.0.1:{}", server.port), "tls_disable": true}}]);
        settings["disable_mlock"] = true.into();
        std::fs::write(server.file(SETTINGS), settings.to_string()).unwrap();
        true
    }

    /// Let the port of a pod lead to a server. Whether it does.
    fn lead(&self, pod: &str, port: u16, target: u16) -> bool {
        let spec = json!({"forwards": [{"ports": [port], "target": {"address": "127.0.0.1", "port": target}}]});
        let forward =
            json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward", "metadata": {"name": pod}, "spec": spec});
        self.said(&["apply", "--filename=-"], &forward.to_string()).is_some()
    }
}
