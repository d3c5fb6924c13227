//! A small platform by hand: what is wanted, what was seen, and the plan between them.

use model::connection::{Connection, Endpoint, LogIn};
use model::graph::{Edge, EdgeReason, Graph};
use model::observation::{Condition, Gap, Listing, Observed, Owner, Snapshot};
use model::plan::Plan;
use model::resource::{Resource, Role, Scope};
use model::source::Located;
use model::{Address, Kind, Place, SecretReference, System, Timestamp, Value};
use planner::plan::{Digests, Options, Request, plan};
use planner::spec::types::{
    Dependencies, Durability, Images, Layout, Lifetime, Mysql, Placement, Policies, Purpose, Spec, Storage, Vault, VaultStorage,
};
use std::sync::Arc;

pub(crate) struct Platform {
    pub(crate) graph: Graph,
    snapshot: Snapshot,
    connections: Vec<Connection>,
    pub(crate) options: Options,
}

impl Default for Platform {
    /// Three systems that answer, and in which nothing is.
    fn default() -> Self {
        let mut snapshot = Snapshot::default();
        for kind in Kind::ALL {
            for system in [System::Cluster("eu".into()), System::Vault, System::Mysql] {
                snapshot.record(system, *kind, Listing::Complete(Default::default()));
            }
        }
        Platform { graph: Graph::default(), snapshot, connections: connections(), options: Options::default() }
    }
}

/// One connection of every kind.
fn connections() -> Vec<Connection> {
    let connection = |system, endpoint, credentials| Connection { credentials, ..Connection::new(system, endpoint) };
    let context = Endpoint::KubeconfigContext { context: "acme-eu".to_owned(), kubeconfig: Some("/etc/kube".to_owned()) };
    let vault = Endpoint::Server("https://vault.acme.example:8200".to_owned());
    let workload = parsed("cluster.eu/stateful-set/acme/elasticsearch");
    vec![
        connection(System::Cluster("eu".into()), context, None),
        Connection {
            certificate_authority: Some("/etc/acme/ca.pem".to_owned()),
            log_in: Some(LogIn::AppRole {
                mount: "approle".to_owned(),
                role_id: SecretReference::Env("ROLE".to_owned()),
                secret_id: SecretReference::File("/run/secrets/vault".to_owned()),
            }),
            ..connection(System::Vault, vault, None)
        },
        connection(System::Mysql, Endpoint::Embedded, None),
        connection(System::Elasticsearch("central".into()), Endpoint::InCluster { workload }, None),
    ]
}

impl Platform {
    pub(crate) fn wants(&mut self, address: &str, document: &str) -> &mut Self {
        let address = parsed(address);
        let resource = Resource {
            holds_data: address.kind().holds_data(),
            address,
            document: Arc::new(serde_json::from_str(document).expect("a document")),
            scope: Scope::PLATFORM,
            role: Role::Plain,
            place: Place { line: 7, column: 3, length: 4 },
            origins: Vec::new(),
        };
        self.graph.add(resource).expect("a new address");
        self
    }

    pub(crate) fn sees(&mut self, address: &str, document: &str, owner: Option<&str>) -> &mut Self {
        let address = parsed(address);
        let document: Value = serde_json::from_str(document).expect("a document");
        let observed = Observed {
            applied: owner.map(|_| document.digest()),
            document: Arc::new(document),
            version: "5".into(),
            incarnation: "1".into(),
            owner: owner.map_or(Owner::Foreign, |owner| Owner::Platform(owner.into())),
            scope: Scope::PLATFORM,
            foreign: Vec::new(),
            condition: Condition::Ready,
            streams: Vec::new(),
        };
        let (system, kind) = (address.system(), address.kind());
        let Some(Listing::Complete(objects)) = self.snapshot.listing(&system, kind) else { panic!("{system} is unknown") };
        let mut objects = objects.clone();
        objects.insert(address, observed);
        self.snapshot.record(system, kind, Listing::Complete(objects));
        self
    }

    /// What stands at `address` does not do its work yet.
    pub(crate) fn waits_for(&mut self, address: &str) -> &mut Self {
        let address = parsed(address);
        let (system, kind) = (address.system(), address.kind());
        let Some(Listing::Complete(objects)) = self.snapshot.listing(&system, kind) else { panic!("{system} is unknown") };
        let mut objects = objects.clone();
        objects.get_mut(&address).expect("an object").condition = Condition::NotReady("0 of 1 pods".to_owned());
        self.snapshot.record(system, kind, Listing::Complete(objects));
        self
    }

    pub(crate) fn depends(&mut self, dependent: &str, dependency: &str) -> &mut Self {
        let edge = Edge { reason: EdgeReason::References, rule: None };
        assert!(self.graph.depend(&parsed(dependent), &parsed(dependency), edge));
        self
    }

    pub(crate) fn gap(&mut self, system: System, gap: Gap) -> &mut Self {
        for kind in Kind::ALL {
            self.snapshot.record(system.clone(), *kind, Listing::Unknown(gap.clone()));
        }
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&Request {
            spec: &spec(),
            graph: &self.graph,
            snapshot: &self.snapshot,
            connections: &self.connections,
            digests: &Digests::new(),
            previews: &model::preview::Previews::new(),
            options: &self.options,
            acts_on: &["the embedded platform".to_owned()],
            pinned_to: &Default::default(),
            now: Timestamp(0),
        })
    }
}

fn parsed(address: &str) -> Address {
    address.parse().expect("an address")
}

fn text(text: &str) -> Located<String> {
    Located::default_value(text.to_owned())
}

fn spec() -> Spec {
    Spec {
        file: "vamp.yaml".into(),
        digest: "d".into(),
        platform: text("acme"),
        purpose: Located::default_value(Purpose::Development),
        lifetime: Located::default_value(Lifetime::Short),
        durability: Located::default_value(Durability::None),
        regions: Default::default(),
        clusters: Default::default(),
        dependencies: dependencies(),
        images: images(),
        tenants: Default::default(),
        moved: Vec::new(),
        fields: Vec::new(),
        policies: Policies::default(),
    }
}

fn dependencies() -> Dependencies {
    let placement = || Located::default_value(Placement::External { address: None });
    Dependencies {
        mysql: Located::default_value(Mysql {
            placement: placement(),
            storage: Located::default_value(Storage::Durable),
            layout: Located::default_value(Layout::TablePerNamespace),
            version: None,
            backup: None,
            credentials: None,
            certificate_authority: None,
        }),
        vault: Located::default_value(Vault {
            placement: placement(),
            storage: Located::default_value(VaultStorage::Raft),
            version: None,
            backup: None,
            credentials: None,
            certificate_authority: None,
            log_in: None,
        }),
        elasticsearch: Default::default(),
    }
}

fn images() -> Images {
    Images {
        vamp: text("vamp:1"),
        lifter: text("lifter:1"),
        gateway_agent: text("gateway-agent:1"),
        workflow_agent: text("workflow-agent:1"),
        mysql: text("mysql:8"),
        vault: text("vault:1"),
        elasticsearch: text("elasticsearch:8"),
        pull_secrets: Default::default(),
    }
}
