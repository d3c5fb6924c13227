//! The bench, a platform on it, and a driver as simple as can be: one request after the other.

use live::{Inputs, Journal, Limits, LivePlatform, MysqlLedger, MysqlServer, Traffic, Wanted};
use model::connection::{Connection, Endpoint};
use model::observation::{Condition, Listing, Observed, Snapshot};
use model::operation::{Expectation, Mark, Operation, OperationError, Receipt};
use model::outcome::JournalEntry;
use model::resource::Scope;
use model::{Address, Kind, System, Timestamp, Value};
use port::{Event, Observe, Platform, PlatformError, Request, Secret, Ticket, Until};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the bench wrote down of itself.
#[derive(Clone)]
pub(crate) struct Bench(pub(crate) BTreeMap<String, String>);

impl Bench {
    /// The bench, if it is up and has what `needs` names; otherwise this says so.
    pub(crate) fn with(needs: &str) -> Option<Bench> {
        let found = Bench::read().filter(|bench| bench.0.contains_key(needs));
        if found.is_none() {
            eprintln!("passed over: the test bench is not up, or has no {needs}; tests/bench/up starts it");
        }
        found
    }

    fn read() -> Option<Bench> {
        let directory = std::env::var_os("VAMP_BENCH_DIR").map(PathBuf::from).or_else(|| {
            let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
            Some(state.or_else(home)?.join("vamp-bench"))
        })?;
        let text = std::fs::read_to_string(directory.join("bench.env")).ok()?;
        let entry = |line: &str| {
            let (name, value) = line.split_once('=')?;
            Some((name.to_owned(), value.trim_matches('\'').to_owned()))
        };
        let mut known: BTreeMap<String, String> = text.lines().filter_map(entry).collect();
        if let (Some(user), Some(password)) = (known.get("VAMP_BENCH_MYSQL_USER"), known.get("VAMP_BENCH_MYSQL_PASSWORD")) {
            known.insert("MYSQL_LOGIN".to_owned(), format!("{user}:{password}"));
        }
        Some(Bench(known))
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or_else(|| panic!("the bench has no {name}"), String::as_str)
    }

    /// Names of its clusters, which are those of their contexts.
    pub(crate) fn clusters(&self) -> Vec<String> {
        self.get("VAMP_BENCH_CLUSTERS").split(' ').map(ToOwned::to_owned).collect()
    }

    /// A connection to each cluster.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let kubeconfig = self.get("VAMP_BENCH_KUBECONFIG");
        let connection = |name: String| {
            let endpoint = Endpoint::KubeconfigContext { context: name.clone(), kubeconfig: Some(kubeconfig.to_owned()) };
            Connection::new(System::Cluster(name.into()), endpoint)
        };
        self.clusters().into_iter().map(connection).collect()
    }

    /// A connection to Vault, through the first of its servers or the other.
    pub(crate) fn vault(&self, server: usize) -> Connection {
        let address = self.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').nth(server).unwrap();
        let credentials = Some(model::SecretReference::Env("VAMP_BENCH_VAULT_TOKEN".into()));
        Connection { credentials, ..self.server(System::Vault, address.to_owned()) }
    }

    /// A connection to MySQL.
    pub(crate) fn mysql(&self) -> Connection {
        let address = format!("{}:{}", self.get("VAMP_BENCH_MYSQL_HOST"), self.get("VAMP_BENCH_MYSQL_PORT"));
        let credentials = Some(model::SecretReference::Env("MYSQL_LOGIN".into()));
        Connection { credentials, ..self.server(System::Mysql, address) }
    }

    /// The ledger of `platform` in MySQL.
    pub(crate) fn mysql_ledger(&self, platform: &str) -> MysqlLedger {
        let address = format!("{}:{}", self.get("VAMP_BENCH_MYSQL_HOST"), self.get("VAMP_BENCH_MYSQL_PORT"));
        let login = self.get("MYSQL_LOGIN").to_owned();
        let authority = Some(self.get("VAMP_BENCH_CA_FILE").into());
        let server = MysqlServer::new(&address, Box::new(move || Ok(Secret::new(login.clone()))), authority).unwrap();
        MysqlLedger::new(server, platform, Traffic::new(Arc::new(now), None))
    }

    /// A server that is not in a cluster, with the bench's own authority.
    fn server(&self, system: System, address: String) -> Connection {
        let certificate_authority = Some(self.get("VAMP_BENCH_CA_FILE").to_owned());
        Connection { certificate_authority, ..Connection::new(system, Endpoint::Server(address)) }
    }

    /// What a statement says, by the client of the server.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let file = format!("--defaults-file={}", self.get("VAMP_BENCH_MYSQL_CLIENT_FILE"));
        let output =
            Command::new("mariadb").args([&file, "--batch", "--skip-column-names", "--execute", statement]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Ask Vault something as its administrator, with curl; what it answers.
    pub(crate) fn curl_vault(&self, method: &str, path: &str, body: &str) -> String {
        self.curl_vault_at(0, method, path, body)
    }

    /// The same of one of its servers.
    pub(crate) fn curl_vault_at(&self, server: usize, method: &str, path: &str, body: &str) -> String {
        let address = self.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').nth(server).unwrap();
        let token = format!("X-Vault-Token: {}", self.get("VAMP_BENCH_VAULT_TOKEN"));
        let url = format!("{address}/v1/{path}");
        let output = Command::new("curl")
            .args([
                "--silent",
                "--cacert",
                self.get("VAMP_BENCH_CA_FILE"),
                "--header",
                &token,
                "--request",
                method,
                "--data",
                body,
                &url,
            ])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Run kubectl on the first cluster with this on its standard input; what it says.
    pub(crate) fn kubectl(&self, arguments: &[&str], input: &str) -> String {
        self.kubectl_in(&self.clusters().remove(0), arguments, input)
    }

    /// The same on a cluster.
    pub(crate) fn kubectl_in(&self, cluster: &str, arguments: &[&str], input: &str) -> String {
        let output = self.kubectl_output(cluster, arguments, input);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "kubectl {arguments:?}: {out}{err}");
        out.trim().to_owned()
    }

    /// What it says if it succeeds.
    pub(crate) fn kubectl_if(&self, cluster: &str, arguments: &[&str], input: &str) -> Option<String> {
        let output = self.kubectl_output(cluster, arguments, input);
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What kubectl says on both streams, however it ends.
    pub(crate) fn kubectl_said(&self, cluster: &str, arguments: &[&str]) -> String {
        let output = self.kubectl_output(cluster, arguments, "");
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    fn kubectl_output(&self, cluster: &str, arguments: &[&str], input: &str) -> std::process::Output {
        use std::io::Write;
        let mut child = Command::new(self.get("VAMP_BENCH_KUBECTL"))
            .args(["--kubeconfig", self.get("VAMP_BENCH_KUBECONFIG"), "--context", cluster])
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

/// A journal for a test, which looks at it afterwards.
#[derive(Default)]
pub(crate) struct Entries(pub(crate) Vec<JournalEntry>);

impl Journal for Entries {
    async fn record(&mut self, entries: &[JournalEntry]) -> Result<(), PlatformError> {
        self.0.extend_from_slice(entries);
        Ok(())
    }
}

/// Now, in earnest.
pub(crate) fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64)
}

/// What a platform is driven with: environment variables are what they are called, except those that the bench knows.
pub(crate) fn inputs(bench: &Bench, platform: &str, wanted: Wanted) -> Inputs {
    let mut count = 0_u8;
    let known = bench.0.clone();
    Inputs {
        clock: Arc::new(now),
        trace: std::env::var_os("TRACE").map(|_| Box::new(|line: &str| eprintln!("{line}")) as live::Trace),
        secrets: Box::new(move |reference| match reference {
            model::SecretReference::Env(name) => {
                Ok(Secret::new(known.get(name).cloned().unwrap_or_else(|| format!("secret-of-{name}"))))
            }
            other => Err(format!("{other} is not set")),
        }),
        entropy: Box::new(move |bytes| {
            for byte in bytes {
                count = count.wrapping_mul(31).wrapping_add(17);
                *byte = count;
            }
        }),
        kubeconfig: Vec::new(),
        vault_namespace: None,
        platform: platform.into(),
        wanted,
        limits: Limits::default(),
        way: None,
    }
}

/// A platform on the bench, driven step by step.
pub(crate) struct Bare {
    pub(crate) live: LivePlatform<Entries>,
    connections: Vec<Connection>,
    name: String,
    tickets: u64,
}

impl Bare {
    /// The platform `name`, looked at once.
    pub(crate) async fn new(bench: &Bench, connections: Vec<Connection>, name: &str, wanted: &[(&str, Arc<Value>)]) -> Self {
        let wanted = wanted.iter().map(|(address, document)| (address.parse().unwrap(), document.clone())).collect();
        let mut live = LivePlatform::new(inputs(bench, name, wanted), Entries::default());
        live.observe(&connections, &[]).await.unwrap();
        Bare { live, connections, name: name.to_owned(), tickets: 0 }
    }

    /// A look at these kinds, everywhere.
    pub(crate) async fn look(&mut self, kinds: &[Kind]) -> Snapshot {
        self.live.observe(&self.connections, kinds).await.unwrap()
    }

    /// One object, as a complete look shows it.
    pub(crate) async fn seen(&mut self, address: &str) -> Option<Observed> {
        let address: Address = address.parse().unwrap();
        match self.look(&[address.kind()]).await.listing(&address.system(), address.kind()) {
            Some(Listing::Complete(objects)) => objects.get(&address).cloned(),
            other => panic!("{address} could not be looked at: {other:?}"),
        }
    }

    pub(crate) fn mark(&self, document: &Value) -> Mark {
        let scope = Scope { tenant: Some("shop".into()), ..Scope::PLATFORM };
        Mark { platform: self.name.as_str().into(), applied: document.digest(), scope }
    }

    pub(crate) async fn apply(
        &mut self,
        address: &str,
        document: &Arc<Value>,
        expected: Expectation,
        force: bool,
    ) -> Result<Receipt, OperationError> {
        let (address, mark) = (address.parse().unwrap(), self.mark(document));
        self.execute(Operation::Apply { address, document: document.clone(), mark, expected, force }).await
    }

    pub(crate) async fn delete(&mut self, address: &str, expected: Expectation) -> Result<Receipt, OperationError> {
        self.execute(Operation::Delete { address: address.parse().unwrap(), expected, with_data: false }).await
    }

    pub(crate) async fn execute(&mut self, operation: Operation) -> Result<Receipt, OperationError> {
        let ticket = self.ticket();
        self.live.submit(Request::Execute { ticket, operation });
        loop {
            for event in self.live.next().await.unwrap() {
                match event {
                    Event::Executed { ticket: answered, result } if answered == ticket => return result,
                    _ => {}
                }
            }
        }
    }

    /// Wait until it is so; everything that was said meanwhile.
    pub(crate) async fn wait(&mut self, address: &str, until: Until) -> Vec<Condition> {
        let ticket = self.ticket();
        self.live.submit(Request::Watch { ticket, address: address.parse().unwrap(), until });
        let mut said = Vec::new();
        let wait = async {
            loop {
                for event in self.live.next().await.unwrap() {
                    let Event::Readiness { ticket: answered, condition } = event else { continue };
                    if answered != ticket {
                        continue;
                    }
                    said.push(condition.clone());
                    if !matches!(condition, Condition::NotReady(_)) {
                        return;
                    }
                }
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), wait).await;
        assert!(waited.is_ok(), "{address} did not come in a minute: {said:?}");
        said
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }
}

/// A document from JSON text.
pub(crate) fn document(json: serde_json::Value) -> Arc<Value> {
    Arc::new(serde_json::from_value(json).unwrap())
}

/// A name that no other test has: its own, and this process.
pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}
