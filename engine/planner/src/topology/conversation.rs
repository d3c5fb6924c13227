//! Who opens a connection to whom, and what it carries. What all environments of a cluster do alike is one conversation.

use super::site::Site;
use crate::spec::types::{ClusterRole, Environment, Spec};
use model::index::IndexMap;
use std::fmt;

/// A part of the platform that opens or takes connections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The people that use the environments.
    Users,
    /// Gateway agents of a cluster.
    GatewayAgents,
    /// Workflow agents of a cluster.
    WorkflowAgents,
    /// The API of a cluster.
    KubernetesApi,
    /// Vamp.
    Vamp,
    /// Lifter.
    Lifter,
    /// Vault.
    Vault,
    /// MySQL.
    Mysql,
    /// An Elasticsearch, by its name in the spec.
    Elasticsearch(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Users => f.write_str("users"),
            Part::GatewayAgents => f.write_str("gateway agents"),
            Part::WorkflowAgents => f.write_str("workflow agents"),
            Part::KubernetesApi => f.write_str("Kubernetes API"),
            Part::Vamp => f.write_str("Vamp"),
            Part::Lifter => f.write_str("Lifter"),
            Part::Vault => f.write_str("Vault"),
            Part::Mysql => f.write_str("MySQL"),
            Part::Elasticsearch(name) => write!(f, "Elasticsearch {name}"),
        }
    }
}

/// What a connection carries. The order is that of how much the law cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carries {
    /// Requests of users, with their answers. Never stored (PRI-1).
    Requests,
    /// One document a request: client address, request line, timings. Personal data (PRI-2).
    TrafficMetadata,
    /// Who changed what.
    AuditLog,
    /// Rates and averages, of nobody in particular (RES-6).
    Aggregates,
    /// Configuration, definitions, credentials of the platform's own.
    Configuration,
}

impl Carries {
    /// In words.
    pub const fn phrase(self) -> &'static str {
        match self {
            Carries::Requests => "requests",
            Carries::TrafficMetadata => "traffic metadata",
            Carries::AuditLog => "audit log",
            Carries::Aggregates => "aggregates",
            Carries::Configuration => "configuration",
        }
    }
}

/// A connection that one part opens to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Who opens it.
    pub from: (Part, Site),
    /// Who takes it.
    pub to: (Part, Site),
    /// Port of the one that takes it; 0 where there are several.
    pub port: u16,
    /// What it carries.
    pub carries: Carries,
    /// The environments that it is for, as `tenant/environment`; none if it is for the platform as a whole.
    pub environments: Vec<String>,
}

/// Ports of the systems, as each has it by default.
mod port {
    pub(super) const VAMP: u16 = 8080;
    pub(super) const VAULT: u16 = 8200;
    pub(super) const MYSQL: u16 = 3306;
    pub(super) const ELASTICSEARCH: u16 = 9200;
    pub(super) const KUBERNETES: u16 = 443;
}

type Key = ((Part, Site), (Part, Site), Carries);

/// Every conversation of the platform, the platform's own first.
pub fn conversations(spec: &Spec) -> Vec<Conversation> {
    let mut table = Table { spec, all: IndexMap::default() };
    table.of_platform();
    for (tenant, one) in &spec.tenants {
        for (name, environment) in &one.environments {
            table.of_environment(&format!("{tenant}/{name}"), environment);
        }
    }
    let conversation = |((from, to, carries), (port, environments))| Conversation { from, to, port, carries, environments };
    table.all.into_iter().map(conversation).collect()
}

struct Table<'s> {
    spec: &'s Spec,
    all: IndexMap<Key, (u16, Vec<String>)>,
}

impl Table<'_> {
    fn add(&mut self, from: &(Part, Site), to: &(Part, Site), port: u16, carries: Carries, environment: Option<&str>) {
        let (_, environments) = self.all.entry((from.clone(), to.clone(), carries)).or_insert_with(|| (port, Vec::new()));
        if let Some(environment) = environment.filter(|environment| environments.last().is_none_or(|last| last != environment)) {
            environments.push(environment.to_owned());
        }
    }

    fn management(&self) -> Site {
        let hosts_vamp = |role: ClusterRole| matches!(role, ClusterRole::Management | ClusterRole::AllInOne);
        let mut clusters = self.spec.clusters.iter();
        let management = clusters.find(|(_, cluster)| hosts_vamp(cluster.role.value));
        management.map(|(name, _)| Site::in_cluster(self.spec, name)).unwrap_or_default()
    }

    fn vault(&self) -> (Part, Site) {
        (Part::Vault, Site::of(self.spec, &self.spec.dependencies.vault.placement, None))
    }

    fn mysql(&self) -> (Part, Site) {
        (Part::Mysql, Site::of(self.spec, &self.spec.dependencies.mysql.placement, None))
    }

    fn elasticsearch(&self, name: &str) -> (Part, Site) {
        let server = self.spec.dependencies.elasticsearch.get(name);
        let site = server.map(|server| Site::of(self.spec, &server.placement, Some(&server.region))).unwrap_or_default();
        (Part::Elasticsearch(name.to_owned()), site)
    }

    fn of_platform(&mut self) {
        let management = self.management();
        let (vamp, lifter) = ((Part::Vamp, management.clone()), (Part::Lifter, management));
        let (vault, mysql) = (self.vault(), self.mysql());
        for from in [&lifter, &vamp] {
            self.add(from, &vault, port::VAULT, Carries::Configuration, None);
            self.add(from, &mysql, port::MYSQL, Carries::Configuration, None);
        }
        if self.spec.dependencies.vault.storage.value == crate::spec::types::VaultStorage::Mysql {
            self.add(&vault, &mysql, port::MYSQL, Carries::Configuration, None);
        }
        for name in self.spec.dependencies.elasticsearch.keys() {
            let server = self.elasticsearch(name);
            self.add(&lifter, &server, port::ELASTICSEARCH, Carries::Configuration, None);
        }
        for (name, cluster) in &self.spec.clusters {
            if cluster.role.value == ClusterRole::Service {
                let api = (Part::KubernetesApi, Site::in_cluster(self.spec, name));
                self.add(&vamp, &api, port::KUBERNETES, Carries::Configuration, None);
            }
        }
    }

    fn of_environment(&mut self, name: &str, environment: &Environment) {
        let vamp = (Part::Vamp, self.management());
        let (audit, traffic) = (self.elasticsearch(&environment.audit_sink), self.elasticsearch(&environment.traffic_sink));
        self.add(&vamp, &audit, port::ELASTICSEARCH, Carries::AuditLog, Some(name));
        self.add(&vamp, &traffic, port::ELASTICSEARCH, Carries::Aggregates, Some(name));
        for cluster in &environment.clusters {
            let site = Site::in_cluster(self.spec, cluster);
            let (gateways, workflows) = ((Part::GatewayAgents, site.clone()), (Part::WorkflowAgents, site));
            let vault = self.vault();
            self.add(&gateways, &vault, port::VAULT, Carries::Configuration, Some(name));
            self.add(&workflows, &vault, port::VAULT, Carries::Configuration, Some(name));
            self.add(&gateways, &traffic, port::ELASTICSEARCH, Carries::TrafficMetadata, Some(name));
            self.add(&workflows, &traffic, port::ELASTICSEARCH, Carries::TrafficMetadata, Some(name));
            self.add(&workflows, &vamp, port::VAMP, Carries::Aggregates, Some(name));
            for country in &environment.user_countries {
                let users = (Part::Users, Site { country: Some(country.value.clone()), ..Site::default() });
                self.add(&users, &gateways, 0, Carries::Requests, Some(name));
            }
        }
    }
}
