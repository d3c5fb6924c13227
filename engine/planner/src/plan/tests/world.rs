//! What is wanted and what was seen of it, in a few words, for tests of plans.

use super::super::*;
use crate::spec::types::{
    Dependencies, Durability, FieldRule, Images, Layout, Lifetime, Mysql, Placement, Policies, Purpose, Storage, Vault,
    VaultStorage,
};
use model::graph::{Edge, EdgeReason};
use model::observation::{Condition, Gap, Listing, Observed, Owner};
use model::plan::NoteKind;
use model::resource::{Resource, Role, Scope};
use model::source::{Located, Place};
use model::{Kind, System, Value};
use std::sync::Arc;

pub(super) fn spec() -> Spec {
    let text = |text: &str| Located::default_value(text.to_owned());
    let placement = || Located::default_value(Placement::External { address: None });
    Spec {
        file: "vamp.yaml".into(),
        digest: "d".into(),
        platform: text("acme"),
        purpose: Located::default_value(Purpose::Development),
        lifetime: Located::default_value(Lifetime::Short),
        durability: Located::default_value(Durability::None),
        regions: Default::default(),
        clusters: Default::default(),
        dependencies: Dependencies {
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
                log_in: None,
                certificate_authority: None,
            }),
            elasticsearch: Default::default(),
        },
        images: Images {
            vamp: text("v"),
            lifter: text("l"),
            gateway_agent: text("g"),
            workflow_agent: text("w"),
            mysql: text("m"),
            vault: text("v"),
            elasticsearch: text("e"),
            pull_secrets: Default::default(),
        },
        tenants: Default::default(),
        moved: Vec::new(),
        fields: Vec::new(),
        policies: Policies::default(),
    }
}

pub(super) fn resource(address: &str, document: &str) -> Resource {
    let address: Address = address.parse().unwrap();
    Resource {
        holds_data: address.kind().holds_data(),
        address,
        document: Arc::new(serde_json::from_str(document).unwrap()),
        scope: Scope::PLATFORM,
        role: Role::Plain,
        place: Place { line: 7, column: 3, length: 4 },
        origins: Vec::new(),
    }
}

/// A small platform: what is wanted, and what was seen of it.
pub(super) struct World {
    pub(super) graph: Graph,
    pub(super) snapshot: Snapshot,
    pub(super) connections: Vec<Connection>,
    pub(super) options: Options,
    pub(super) previews: Previews,
    pub(super) fields: Vec<FieldRule>,
}

pub(super) const MOUNT: &str = "vault/mount/acme";
pub(super) const KEY: &str = "vault/kv/acme/shop/gateways";
pub(super) const ROLE: &str = "vault/auth-role/acme-eu/shop";
pub(super) const SCHEMA: &str = "mysql/schema/acme-shop";
pub(super) const TABLE: &str = "mysql/table/acme-shop/artifacts";

impl World {
    pub(super) fn new(resources: &[(&str, &str)], edges: &[(&str, &str)]) -> World {
        let mut graph = Graph::default();
        for (address, document) in resources {
            graph.add(resource(address, document)).unwrap();
        }
        for (dependent, dependency) in edges {
            let edge = Edge { reason: EdgeReason::LivesIn, rule: None };
            assert!(graph.depend(&dependent.parse().unwrap(), &dependency.parse().unwrap(), edge));
        }
        let mut world = World {
            graph,
            snapshot: Snapshot::default(),
            connections: Vec::new(),
            options: Options::default(),
            previews: Previews::new(),
            fields: Vec::new(),
        };
        for kind in Kind::ALL {
            for system in [System::Cluster("eu".into()), System::Vault, System::Mysql, System::Elasticsearch("central".into())] {
                world.snapshot.record(system, *kind, Listing::Complete(Default::default()));
            }
        }
        world
    }

    pub(super) fn seen(&mut self, address: &str, document: &str, owner: Option<&str>) -> &mut Self {
        let address: Address = address.parse().unwrap();
        let document: Value = serde_json::from_str(document).unwrap();
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
        let key = (address.system(), address.kind());
        let Some(Listing::Complete(objects)) = self.snapshot.listing(&key.0, key.1).cloned() else { panic!("unknown") };
        let mut objects = objects;
        objects.insert(address, observed);
        self.snapshot.record(key.0, key.1, Listing::Complete(objects));
        self
    }

    /// Change what was seen of an object.
    pub(super) fn alter(&mut self, address: &str, change: impl FnOnce(&mut Observed)) {
        let address: Address = address.parse().unwrap();
        let (system, kind) = (address.system(), address.kind());
        let Some(Listing::Complete(mut objects)) = self.snapshot.listing(&system, kind).cloned() else { panic!("unknown") };
        change(objects.get_mut(&address).unwrap());
        self.snapshot.record(system, kind, Listing::Complete(objects));
    }

    pub(super) fn gap(&mut self, system: System, gap: Gap) -> &mut Self {
        for kind in Kind::ALL {
            self.snapshot.record(system.clone(), *kind, Listing::Unknown(gap.clone()));
        }
        self
    }

    pub(super) fn plan(&self) -> Plan {
        self.with_request(plan)
    }

    /// What `make` makes of this.
    pub(super) fn with_request<T>(&self, make: impl Fn(&Request<'_>) -> T) -> T {
        make(&Request {
            spec: &Spec { fields: self.fields.clone(), ..spec() },
            graph: &self.graph,
            snapshot: &self.snapshot,
            connections: &self.connections,
            digests: &Digests::new(),
            previews: &self.previews,
            options: &self.options,
            acts_on: &[],
            pinned_to: &Default::default(),
            now: Timestamp(0),
        })
    }

    pub(super) fn steps(&self) -> Vec<String> {
        self.plan().steps.iter().map(|step| format!("{} {}", step.action.word(), step.address)).collect()
    }

    pub(super) fn notes(&self) -> Vec<(NoteKind, String)> {
        self.plan().report.iter().map(|note| (note.kind, note.subject.to_string())).collect()
    }
}
