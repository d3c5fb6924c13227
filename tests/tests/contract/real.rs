//! The arm that is there when the bench is up: its servers, through the adapters of `engine/live` and by plain HTTP.

use super::arm::{Answer, Arm, Question};
use super::case::{Edit, Names, Subject};
use super::driven::Driven;
use super::lock::{Came, Holders, written};
use crate::bench::{Bench, Entries, inputs, now};
use http_body_util::BodyExt;
use live::{Journal, LEDGER_NAMESPACE, Limits, LivePlatform, PlatformLedger, Traffic};
use model::connection::{Connection, Endpoint};
use model::observation::Snapshot;
use model::operation::{Operation, OperationError, Receipt};
use model::{Address, Kind, SecretReference, System, Value};
use port::{Observe, Until};
use std::collections::BTreeMap;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;

/// The name of its Elasticsearch, which is an OpenSearch.
pub(crate) const SEARCH: &str = "central";

/// How long the lock of a cluster holds in these cases: nobody waits for 40 seconds.
const LOCK: std::time::Duration = std::time::Duration::from_secs(2);

/// How often it is asked whether something has come to be so, and how long between two times.
const PATIENCE: u32 = 100;
const MOMENT: std::time::Duration = std::time::Duration::from_millis(100);

/// Plain clients of the servers, shared by all cases.
pub(crate) struct Servers {
    pub(crate) bench: Bench,
    /// The cluster that the cases are tried on.
    pub(crate) cluster: String,
    kubernetes: kube::Client,
    vault: kube::Client,
    search: kube::Client,
}

impl Servers {
    /// The servers of the bench, if it is up.
    pub(crate) async fn of_bench() -> Option<Servers> {
        Self::of_cluster(1).await
    }

    /// The same with another of its clusters, or the last one if there are not so many.
    pub(crate) async fn of_cluster(nth: usize) -> Option<Servers> {
        let bench = Bench::with("VAMP_BENCH_KUBECONFIG")?;
        let mut clusters = bench.clusters();
        let cluster = clusters.remove(nth.min(clusters.len() - 1));
        let text = std::fs::read_to_string(bench.get("VAMP_BENCH_KUBECONFIG")).unwrap();
        let options = kube::config::KubeConfigOptions { context: Some(cluster.clone()), ..Default::default() };
        let config = kube::Config::from_custom_kubeconfig(kube::config::Kubeconfig::from_yaml(&text).unwrap(), &options);
        let mut config = config.await.unwrap();
        // An answer 429 is an answer.
        config.default_retry = false;
        let kubernetes = kube::Client::try_from(config).unwrap();
        let plain = |address: &str| {
            let mut config = kube::Config::new(address.parse().unwrap());
            config.root_cert_file = Some(bench.get("VAMP_BENCH_CA_FILE").into());
            config.default_retry = false;
            kube::Client::try_from(config).unwrap()
        };
        let vault = plain(bench.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').next().unwrap());
        let search = plain(bench.get("VAMP_BENCH_ELASTICSEARCH_ADDRESS"));
        Some(Servers { cluster, kubernetes, vault, search, bench })
    }

    pub(crate) async fn ask(&self, question: &Question) -> Answer {
        let query: Vec<String> = question.query.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let mut request = http::Request::builder()
            .method(http::Method::from_bytes(question.method.as_bytes()).unwrap())
            .uri(format!("{}?{}", question.path, query.join("&")))
            .header("Content-Type", &question.content);
        let client = match question.subject {
            Subject::Kubernetes => &self.kubernetes,
            Subject::Vault => {
                let token = question.token.clone().unwrap_or_else(|| self.bench.get("VAMP_BENCH_VAULT_TOKEN").to_owned());
                if token != "none" {
                    request = request.header("X-Vault-Token", token);
                }
                &self.vault
            }
            Subject::Elasticsearch => {
                let pair = format!(
                    "{}:{}",
                    self.bench.get("VAMP_BENCH_ELASTICSEARCH_USER"),
                    self.bench.get("VAMP_BENCH_ELASTICSEARCH_PASSWORD")
                );
                request = request.header("Authorization", format!("Basic {}", base64(pair.as_bytes())));
                &self.search
            }
            Subject::Mysql => panic!("MySQL does not speak HTTP"),
        };
        let body = question.body.as_ref().map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
        match client.send(request.body(kube::client::Body::from(body)).unwrap()).await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let body = answer.into_body().collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
                (status, parsed(&body, question.query.contains_key("watch")))
            }
            Err(error) => (0, error.to_string().into()),
        }
    }

    /// One of the bench's scripts.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(tests::root().join("tests/bench").join(name));
        command.args(arguments).env("VAMP_BENCH_DIR", self.bench.get("VAMP_BENCH_DIR"));
        command
    }

    /// Run one of the bench's scripts.
    pub(crate) fn script(&self, name: &str, arguments: &[&str]) -> Result<(), String> {
        let output = self.command(name, arguments).output().map_err(|error| error.to_string())?;
        output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Breaking and mending what its scripts do not.
impl Servers {
    /// Seal both of Vault's servers: whoever was active first, and then who took over from it.
    async fn seal(&self) -> Result<(), String> {
        for _ in 0..PATIENCE {
            (0..2).for_each(|server| drop(self.bench.curl_vault_at(server, "PUT", "sys/seal", "")));
            if (0..2).all(|server| self.bench.curl_vault_at(server, "GET", "sys/seal-status", "").contains(r#""sealed":true"#)) {
                return Ok(());
            }
            tokio::time::sleep(MOMENT).await;
        }
        Err("Vault does not let itself be sealed".to_owned())
    }

    /// Unseal both; the first becomes the active one again, because it is whom the cases ask.
    async fn unseal(&self) -> Result<(), String> {
        self.script("fault", &["start", "vault-1"])?;
        for _ in 0..PATIENCE {
            if self.bench.curl_vault_at(0, "GET", "sys/health", "").contains(r#""sealed":false,"standby":false"#) {
                return self.script("fault", &["start", "vault-2"]);
            }
            tokio::time::sleep(MOMENT).await;
        }
        Err("the first of Vault's servers does not become active".to_owned())
    }
}

fn parsed(body: &[u8], stream: bool) -> serde_json::Value {
    if stream {
        let lines = serde_json::Deserializer::from_slice(body).into_iter::<serde_json::Value>();
        return lines.map_while(Result::ok).collect();
    }
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into())
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let number = (0..3).fold(0_usize, |number, index| number << 8 | usize::from(chunk.get(index).copied().unwrap_or(0)));
        let letter = |index: usize| if index > chunk.len() { '=' } else { char::from(LETTERS[number >> (18 - 6 * index) & 63]) };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// One case on the real servers.
pub(crate) struct Real {
    pub(crate) servers: Rc<Servers>,
    driven: Driven<LivePlatform<Entries>>,
    connections: Vec<Connection>,
    name: String,
    subject: Subject,
    /// What was broken and not mended yet: who fails in between leaves nothing broken.
    broken: Option<&'static str>,
    holders: Holders<PlatformLedger>,
}

impl Real {
    /// A platform `name` that wants these documents.
    pub(crate) async fn new(servers: Rc<Servers>, name: &str, subject: Subject, wanted: BTreeMap<Address, Arc<Value>>) -> Self {
        let bench = &servers.bench;
        let connections: Vec<Connection> = match subject {
            Subject::Kubernetes => bench
                .connections()
                .into_iter()
                .filter(|one| one.system == System::Cluster(servers.cluster.as_str().into()))
                .collect(),
            Subject::Vault => vec![bench.vault(0)],
            Subject::Mysql => vec![bench.mysql()],
            Subject::Elasticsearch => {
                let address = bench.get("VAMP_BENCH_ELASTICSEARCH_ADDRESS").to_owned();
                let credentials = Some(SecretReference::Env("ELASTICSEARCH_LOGIN".into()));
                let system = System::Elasticsearch(SEARCH.into());
                let certificate_authority = Some(bench.get("VAMP_BENCH_CA_FILE").to_owned());
                vec![Connection { credentials, certificate_authority, ..Connection::new(system, Endpoint::Server(address)) }]
            }
        };
        let mut inputs = inputs(bench, name, wanted.into_iter().collect());
        if subject == Subject::Elasticsearch {
            let (user, password) = (bench.get("VAMP_BENCH_ELASTICSEARCH_USER"), bench.get("VAMP_BENCH_ELASTICSEARCH_PASSWORD"));
            let login = format!("{user}:{password}");
            inputs.secrets = Box::new(move |_| Ok(port::Secret::new(login.clone())));
        }
        let mut platform = LivePlatform::new(inputs, Entries::default());
        platform.observe(&connections, &[]).await.unwrap();
        Real {
            servers,
            driven: Driven::new(platform),
            connections,
            name: name.to_owned(),
            subject,
            broken: None,
            holders: Holders::default(),
        }
    }

    /// Take away what the case may have left.
    pub(crate) async fn leave(&mut self) {
        if let Some(mend) = self.broken {
            self.fault(mend).await.unwrap();
        }
        let name = &self.name;
        let mut question = Question {
            subject: self.subject,
            method: "DELETE".to_owned(),
            path: String::new(),
            query: BTreeMap::new(),
            content: "application/json".to_owned(),
            body: None,
            token: None,
        };
        let paths = match self.subject {
            Subject::Kubernetes => {
                let pieces = format!("ledger.vamp.io/platform={name}");
                question.query = BTreeMap::from([("labelSelector".to_owned(), pieces)]);
                vec![
                    format!("/api/v1/namespaces/{name}"),
                    format!("/apis/coordination.k8s.io/v1/namespaces/{LEDGER_NAMESPACE}/leases/{name}"),
                    format!("/api/v1/namespaces/{LEDGER_NAMESPACE}/configmaps"),
                ]
            }
            Subject::Vault => {
                vec![format!("/v1/sys/mounts/{name}"), format!("/v1/sys/policies/acl/{name}"), format!("/v1/sys/auth/{name}")]
            }
            Subject::Mysql => {
                self.servers.bench.sql(&format!(
                    "DROP DATABASE IF EXISTS `{name}`; DROP DATABASE IF EXISTS `{name}_new`; DROP USER IF EXISTS '{name}'@'%'; \
                     DROP USER IF EXISTS '{name}_new'@'%'"
                ));
                Vec::new()
            }
            Subject::Elasticsearch => vec![
                format!("/_data_stream/{name}*"),
                format!("/{name}*"),
                format!("/_index_template/{name}*"),
                format!("/_plugins/_security/api/roles/{name}"),
            ],
        };
        for path in paths {
            question.path = path;
            self.servers.ask(&question).await;
        }
    }
}

impl Real {
    /// Whoever holds the lock has not been heard of for longer than he said.
    async fn late(&self) -> Came {
        if self.subject == Subject::Mysql {
            self.servers.bench.sql(&format!("UPDATE vamp.locks SET expires = 1 WHERE platform = '{}'", self.name));
            return Ok(("late", serde_json::json!({})));
        }
        // His heart beats: nobody but an administrator can say so.
        let question = Question {
            subject: Subject::Kubernetes,
            method: "PATCH".to_owned(),
            path: format!("/apis/coordination.k8s.io/v1/namespaces/{LEDGER_NAMESPACE}/leases/{}", self.name),
            query: BTreeMap::new(),
            content: "application/merge-patch+json".to_owned(),
            body: Some(serde_json::json!({"spec": {"holderIdentity": null}})),
            token: None,
        };
        let (status, body) = self.servers.ask(&question).await;
        if status == 200 { Ok(("late", serde_json::json!({}))) } else { Err(format!("{status} {body}")) }
    }

    /// A ledger of its own.
    fn ledger(&self) -> PlatformLedger {
        if self.subject == Subject::Mysql {
            return PlatformLedger::Mysql(Box::new(self.servers.bench.mysql_ledger(&self.name)));
        }
        let connection = &self.connections[0];
        let ledger = live::ClusterLedger::of(connection, &self.name, &[], Traffic::new(Arc::new(now), None), Limits::default());
        PlatformLedger::Cluster(Box::new(ledger.unwrap().lasting(LOCK)))
    }
}

impl Arm for Real {
    async fn ask(&mut self, question: &Question) -> Answer {
        self.servers.ask(question).await
    }

    async fn execute(&mut self, operation: Operation) -> Result<Receipt, OperationError> {
        self.driven.execute(operation).await
    }

    async fn look(&mut self, kind: Kind) -> Snapshot {
        self.driven.platform.observe(&self.connections, &[kind]).await.unwrap()
    }

    async fn wait(&mut self, address: &Address, until: Until) -> Result<(), String> {
        self.driven.wait(address, until).await
    }

    async fn edit(&mut self, names: &Names, sql: Option<&str>, _: Option<&Edit>) -> Result<(), String> {
        if let Some(sql) = sql {
            self.servers.bench.sql(&names.fill(sql));
        }
        Ok(())
    }

    async fn fault(&mut self, what: &str) -> Result<(), String> {
        self.broken = match what {
            "mysql away" => Some("mysql back"),
            "seal" => Some("unseal"),
            _ => None,
        };
        match what {
            "mysql away" => self.servers.script("fault", &["stop", "mariadb"]),
            "mysql back" => self.servers.script("fault", &["start", "mariadb"]),
            "seal" => self.servers.seal().await,
            "unseal" => self.servers.unseal().await,
            "compact" => self.servers.script("fault", &["forget", &format!("{}/apiserver", self.servers.cluster)]),
            other => Err(format!("{other} is no fault of the bench")),
        }
    }

    async fn lock(&mut self, what: &str, who: &str) -> Came {
        if what == "late" {
            return self.late().await;
        }
        if !self.holders.knows(who) {
            let ledger = self.ledger();
            self.holders.come(who, ledger);
        }
        if what == "write" {
            let (ledger, entries) = self.holders.writer(who)?;
            return written(ledger.record(&entries).await);
        }
        self.holders.act(what, who).await
    }

    async fn pass(&mut self, length: std::time::Duration) {
        tokio::time::sleep(length).await;
    }
}
