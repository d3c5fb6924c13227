//! The arm that is always there: the world of the embedded platform.

use super::arm::{Answer, Arm, Question};
use super::case::{Edit, Names, Subject};
use super::driven::Driven;
use super::lock::{Came, Holders, written};
use embedded::{EmbeddedPlatform, Inputs};
use model::connection::{Capacity, Connection, Endpoint};
use model::observation::Snapshot;
use model::operation::{Operation, OperationError, Receipt};
use model::{Address, Kind, System, Value};
use port::{Observe, Platform, Request, Secret, Ticket, Until};
use simulator::fault::Fault;
use simulator::world::{Edit as WorldEdit, World};

/// The name of its cluster.
pub(crate) const CLUSTER: &str = "eu-1";
/// The name of its Elasticsearch.
pub(crate) const SEARCH: &str = "central";

pub(crate) struct Simulated {
    driven: Driven<EmbeddedPlatform>,
    connections: Vec<Connection>,
    holders: Holders<EmbeddedPlatform>,
    /// Where their world is: a lock is one of a file, and the world of the other cases has none.
    folder: tempfile::TempDir,
}

/// What a world is made with.
fn inputs() -> Inputs {
    let mut count = 0_u8;
    Inputs {
        secrets: Box::new(|reference| Ok(Secret::new(format!("secret-of-{reference}")))),
        entropy: Box::new(move |bytes| {
            for byte in bytes {
                count = count.wrapping_mul(31).wrapping_add(17);
                *byte = count;
            }
        }),
        seed: 7,
    }
}

fn connections(nodes: u32, zones: u32) -> Vec<Connection> {
    let outside = |system: System| Connection::new(system, Endpoint::Server("somewhere".to_owned()));
    let mut cluster = Connection::new(System::Cluster(CLUSTER.into()), Endpoint::Embedded);
    cluster.capacity = Capacity { nodes, milli_cpu: 4000, memory_bytes: 16 << 30, zones, ..Capacity::default() };
    let mut vault = outside(System::Vault);
    (vault.capacity.durable, vault.capacity.in_mysql) = (true, true);
    vec![cluster, vault, outside(System::Mysql), outside(System::Elasticsearch(SEARCH.into()))]
}

impl Simulated {
    /// With nodes as a service cluster of the bench has.
    pub(crate) async fn new() -> Self {
        Self::with_nodes(5, 3).await
    }

    pub(crate) async fn with_nodes(nodes: u32, zones: u32) -> Self {
        let mut platform = EmbeddedPlatform::in_memory(inputs()).await.unwrap();
        let connections = connections(nodes, zones);
        platform.observe(&connections, &[]).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Simulated { driven: Driven::new(platform), connections, holders: Holders::default(), folder }
    }

    pub(crate) async fn alter<T>(&mut self, change: impl FnOnce(&mut World) -> T) -> T {
        self.driven.platform.alter(tests::stage::holder(), change).await.unwrap()
    }
}

fn system(subject: Subject) -> System {
    match subject {
        Subject::Kubernetes => System::Cluster(CLUSTER.into()),
        Subject::Vault => System::Vault,
        Subject::Mysql => System::Mysql,
        Subject::Elasticsearch => System::Elasticsearch(SEARCH.into()),
    }
}

fn value(json: &serde_json::Value) -> Value {
    serde_json::from_value(json.clone()).unwrap()
}

impl Arm for Simulated {
    async fn ask(&mut self, question: &Question) -> Answer {
        let asked = simulator::server::Question {
            method: question.method.as_str().into(),
            path: question.path.clone(),
            query: question.query.clone(),
            content_type: question.content.clone(),
            body: question.body.as_ref().map(value).unwrap_or_default(),
            token: question.token.clone(),
        };
        let system = system(question.subject);
        match self.alter(|world| world.ask(&system, &asked)).await {
            Ok(answer) => (answer.status, serde_json::to_value(&answer.body).unwrap()),
            Err(why) => (0, why.into()),
        }
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

    async fn edit(&mut self, names: &Names, _: Option<&str>, change: Option<&Edit>) -> Result<(), String> {
        let Some(change) = change else { return Ok(()) };
        let address = names.address(&change.address);
        let mut edits = Vec::new();
        if let Some(document) = &change.create {
            edits.push(WorldEdit::Create { document: value(&names.fill_value(document)) });
        }
        for (path, wanted) in &change.set {
            let path = path.split('.').map(ToOwned::to_owned).collect();
            edits.push(WorldEdit::Set { path, value: value(&names.fill_value(wanted)) });
        }
        if change.delete {
            edits.push(WorldEdit::Delete);
        }
        self.alter(|world| edits.iter().try_for_each(|edit| world.edit(&address, edit)))
            .await
            .map_err(|error| format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string)))
    }

    async fn fault(&mut self, what: &str) -> Result<(), String> {
        let what = what.to_owned();
        let mysql = || Fault::by_hand("mysql", None);
        self.alter(|world| match what.as_str() {
            "seal" => world.seal().map_err(|error| error.to_string()),
            "unseal" => world.unseal().map_err(|error| error.to_string()),
            "mysql away" => mysql().and_then(|fault| world.inject(&fault)).map_err(|error| error.to_string()),
            "mysql back" => mysql().and_then(|fault| world.mend(&fault)).map_err(|error| error.to_string()),
            "compact" => {
                world.compact(CLUSTER);
                Ok(())
            }
            other => Err(format!("{other} is no fault")),
        })
        .await
    }

    async fn lock(&mut self, what: &str, who: &str) -> Came {
        if !self.holders.knows(who) {
            let world = EmbeddedPlatform::open(&self.folder.path().join("world.sqlite"), inputs()).await;
            self.holders.come(who, world.map_err(|error| error.to_string())?);
        }
        if what == "write" {
            let (ledger, entries) = self.holders.writer(who)?;
            ledger.submit(Request::Record { ticket: Ticket(0), entries });
            return written(ledger.next().await.map(drop));
        }
        self.holders.act(what, who).await
    }

    async fn pass(&mut self, length: std::time::Duration) {
        let length = model::Duration::milliseconds(length.as_millis() as u64);
        self.alter(|world| world.advance(length)).await;
    }
}
