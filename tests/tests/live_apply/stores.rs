//! What the pods of a platform's own stores would run: real servers beside the test, begun by what their workloads say as soon as these are
//! there, as a kubelet would begin a container. The ports of the pods lead to them (docs/bench.md, "Ports of pods").

use super::kubelet::{Container, under};
use super::platform::Platform;
use crate::bench::Bench;
use serde_json::{Value, json};
use std::net::TcpListener;
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
    /// Those that keep it company.
    pub(crate) peers: Vec<Arc<Server>>,
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
    /// One of the three Vaults that store on their own disks.
    VaultInRaft(usize),
}

/// How many Vaults keep each other company with Raft.
const RAFT: usize = 3;

impl Program {
    /// Name of the workload.
    const fn workload(self) -> &'static str {
        match self {
            Program::Mysql => "mysql",
            _ => "vault",
        }
    }

    /// Port in the pod.
    const fn listens(self) -> u16 {
        match self {
            Program::Mysql => 3306,
            _ => 8200,
        }
    }

    /// The variable with what everybody logs in with, or the server itself does; none where a person gives what logs in.
    const fn password(self) -> Option<&'static str> {
        match self {
            Program::Mysql => Some("MYSQL_ROOT_PASSWORD"),
            Program::VaultInMemory => Some("VAULT_DEV_ROOT_TOKEN_ID"),
            Program::VaultInMysql => Some("STORAGE_PASSWORD"),
            Program::VaultInRaft(_) => None,
        }
    }

    fn pod(self) -> String {
        let ordinal = if let Program::VaultInRaft(ordinal) = self { ordinal } else { 0 };
        format!("{}-{ordinal}", self.workload())
    }
}

/// One server, which can be stopped and begun again.
pub(crate) struct Server {
    program: Program,
    pub(crate) port: u16,
    /// Port between servers of its kind.
    between: u16,
    container: Mutex<Option<Container>>,
    process: Mutex<Option<Child>>,
    folder: tempfile::TempDir,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Server {
    fn new(program: Program) -> Arc<Self> {
        let (container, process, folder) = (Mutex::default(), Mutex::default(), tempfile::tempdir().unwrap());
        Arc::new(Server { program, port: free_port(), between: free_port(), container, process, folder })
    }

    /// The container that it stands for.
    fn container(&self) -> Container {
        self.container.lock().unwrap().clone().unwrap()
    }

    /// The password that the platform made for it.
    pub(crate) fn password(&self) -> String {
        self.container().environment[self.program.password().unwrap()].clone()
    }

    /// What its container says, with the paths and ports that it has here. `names` are those that only the cluster knows, and where they lead.
    fn settle(&self, container: &Container, names: &[(String, u16)]) {
        let root = self.folder.path();
        let moved = container.moved(&|text: &str| {
            let text = text.replace("/vault/", &format!("{}/vault/", root.display()));
            let text = names.iter().fold(text, |text, (name, port)| text.replace(name, &format!("127.0.0.1:{port}")));
            ["[::]", "127.0.0.1"].iter().fold(text, |text, host| {
                text.replace(&format!("{host}:8200"), &format!("127.0.0.1:{}", self.port))
                    .replace(&format!("{host}:8201"), &format!("127.0.0.1:{}", self.between))
            })
        });
        moved.lay_out(root);
        *self.container.lock().unwrap() = Some(moved);
    }

    /// Begin it, as it was.
    pub(crate) fn start(&self, vault: &str) {
        let container = self.container();
        let mut command = match self.program {
            Program::Mysql => mariadb_server(self.folder.path(), self.port, &self.password()),
            _ => vault_server(self.folder.path(), vault, &container),
        };
        command.envs(&container.environment).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.process.lock().unwrap() = Some(command.spawn().unwrap());
    }

    /// Whether it answers this probe of its container.
    pub(crate) fn answers(&self, probe: &str) -> bool {
        self.container().answers(probe, self.port)
    }

    /// What this Vault answers to whoever has this token.
    pub(crate) fn curl(&self, token: &str, method: &str, path: &str, body: &str) -> String {
        let token = format!("X-Vault-Token: {token}");
        let url = format!("http://127.0.0.1:{}/v1/{path}", self.port);
        let output = Command::new("curl")
            .args(["--silent", "--header", &token, "--request", method, "--data", body, &url])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Kill it.
    pub(crate) fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// As the image of Vault begins it (`docker-entrypoint.sh`, `server`).
fn vault_server(root: &Path, vault: &str, container: &Container) -> Command {
    let variable = |name: &str| container.environment.get(name).map_or("", String::as_str);
    let directory = under(root, "/vault/config");
    let local = variable("VAULT_LOCAL_CONFIG");
    if !local.is_empty() {
        std::fs::write(directory.join("local.json"), local).unwrap();
    }
    let mut command = Command::new(vault);
    command.arg("server").arg(format!("-config={}", directory.display()));
    command.arg(format!("-dev-root-token-id={}", variable("VAULT_DEV_ROOT_TOKEN_ID")));
    command.arg(format!("-dev-listen-address={}", variable("VAULT_DEV_LISTEN_ADDRESS")));
    assert_eq!(container.arguments[0], "server");
    command.args(&container.arguments[1..]).env("HOME", under(root, "/home/vault"));
    command
}

/// With the settings of its container; `root` comes from everywhere, as in the official images.
fn mariadb_server(folder: &Path, port: u16, password: &str) -> Command {
    let data = folder.join("data");
    // Its own: each that begins takes away the temporary tables of all others in the one it has.
    let temporary = folder.join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    let user: &[&str] = if rustix::process::geteuid().is_root() { &["--user=root"] } else { &[] };
    if !data.exists() {
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]).args(user);
        let installed = install.arg(format!("--datadir={}", data.display())).env("TMPDIR", &temporary).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stdout));
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
    let settings = under(folder, "/etc/mysql/conf.d/vamp.cnf");
    let mut command = Command::new("env");
    command.arg(format!("PATH={path}")).arg("mariadbd").arg(format!("--defaults-file={}", settings.display())).args(user);
    command.arg(format!("--datadir={}", data.display())).arg(format!("--socket={}", folder.join("socket").display()));
    command.args(["--bind-address=127.0.0.1", "--skip-log-bin", "--innodb-buffer-pool-size=32M"]);
    command.arg(format!("--port={port}")).arg(format!("--init-file={}", users.display()));
    command.arg(format!("--tmpdir={}", temporary.display())).env("HOME", folder);
    command
}

impl Stores {
    /// Begin the stores of a platform as their pods would be, whenever that is.
    pub(crate) fn of(platform: &Platform, vault: Program) -> Stores {
        let mysql = Server::new(Program::Mysql);
        let others = if vault == Program::VaultInRaft(0) { 1..RAFT } else { 0..0 };
        let (vault, peers) =
            (Server::new(vault), others.map(|ordinal| Server::new(Program::VaultInRaft(ordinal))).collect::<Vec<_>>());
        let ended = Arc::new(AtomicBool::new(false));
        let search: u16 = platform.search.address.rsplit(':').next().unwrap().parse().unwrap();
        let servers: Vec<Arc<Server>> = [mysql.clone(), vault.clone()].into_iter().chain(peers.iter().cloned()).collect();
        let kubectl = Kubectl::of(platform, &servers);
        let over = ended.clone();
        let program = platform.bench.get("VAMP_BENCH_VAULT").to_owned();
        let keeper = std::thread::spawn(move || {
            let mut waiting = servers;
            let mut is_led = false;
            while !over.load(Ordering::SeqCst) && (!waiting.is_empty() || !is_led) {
                waiting.retain(|server| !kubectl.begin(server, &program));
                is_led = is_led || kubectl.lead("elasticsearch-central-0", 9200, search);
                sleep(Duration::from_millis(200));
            }
        });
        Stores { mysql, vault, peers, ended, keeper: Some(keeper) }
    }

    /// Wait until all of them answer the readiness probes of their containers.
    pub(crate) fn are_up(&self) {
        for server in [&self.mysql, &self.vault] {
            while server.container.lock().unwrap().is_none() || !server.answers("readinessProbe") {
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
        self.vault.curl(&self.vault.password(), method, path, body)
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            drop(keeper.join());
        }
        for server in [&self.mysql, &self.vault].into_iter().chain(&self.peers) {
            server.stop();
        }
    }
}

/// What does the work of a kubelet, as the administrator, in another thread.
struct Kubectl {
    /// Names that only the cluster knows, and the ports to which they lead.
    names: Vec<(String, u16)>,
    bench: Bench,
    cluster: String,
    namespace: String,
}

impl Kubectl {
    fn of(platform: &Platform, servers: &[Arc<Server>]) -> Kubectl {
        let namespace = platform.name.clone();
        let name = |server: &Arc<Server>| {
            let (pod, listens) = (server.program.pod(), server.program.listens());
            let name = match server.program {
                Program::Mysql => format!("mysql.{namespace}.svc.cluster.local:{listens}"),
                _ => format!("{pod}.vault-peers.{namespace}.svc:{listens}"),
            };
            (name, server.port)
        };
        let names = servers.iter().map(name).collect();
        Kubectl { names, bench: platform.bench.clone(), cluster: platform.home(), namespace }
    }

    /// What it says if it succeeds.
    fn said(&self, arguments: &[&str], input: &str) -> Option<String> {
        self.bench.kubectl_if(&self.cluster, &[&["--namespace", &self.namespace], arguments].concat(), input)
    }

    /// Begin a server once its workload and all that this refers to is there. Whether it is begun.
    fn begin(&self, server: &Server, vault: &str) -> bool {
        let workload = server.program.workload();
        if server.container.lock().unwrap().is_none() {
            let Some(container) = Container::of(workload, &|kind, name| self.object(kind, name)) else { return false };
            server.settle(&container, &self.names);
            server.start(vault);
        }
        self.lead(&server.program.pod(), server.program.listens(), server.port)
    }

    fn object(&self, kind: &str, name: &str) -> Option<Value> {
        serde_json::from_str(&self.said(&["get", kind, name, "--output", "json"], "")?).ok()
    }

    /// Let the port of a pod lead to a server. Whether it does.
    fn lead(&self, pod: &str, port: u16, target: u16) -> bool {
        let spec = json!({"forwards": [{"ports": [port], "target": {"address": "127.0.0.1", "port": target}}]});
        let forward =
            json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward", "metadata": {"name": pod}, "spec": spec});
        self.said(&["apply", "--filename=-"], &forward.to_string()).is_some()
    }
}
