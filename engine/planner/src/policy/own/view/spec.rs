//! The spec as rules see it: the words of the file, with every default filled in. Quantities are in the units that their names say.

use super::{Described, Field, Viewed};
use crate::policy::own::seen::Seen;
use crate::policy::own::shape::Shape;
use crate::spec::types::{
    Agents, Cluster, ClusterRole, Elasticsearch, Environment, Gateway, Layout, Mysql, Placement, Protocol, Purpose, Region,
    Route, Spec, Sticky, Storage, Target, Tenant, Vault, VaultStorage,
};
use model::source::Located;

/// Words of the spec: each enumeration is a text to a rule.
macro_rules! words {
    ($($name:ty { $($variant:pat => $word:literal,)* })*) => {
        $(impl Viewed for $name {
            fn shape() -> Shape {
                Shape::Text
            }

            fn seen(&self) -> Located<Seen> {
                Located::default_value(Seen::Text(match self { $($variant => $word,)* }.to_owned()))
            }
        })*
    };
}

words! {
    Purpose { Purpose::Production => "production", Purpose::Development => "development", }
    ClusterRole { ClusterRole::Management => "management", ClusterRole::Service => "service", ClusterRole::AllInOne => "all-in-one", }
    Storage { Storage::Durable => "durable", Storage::Local => "local", }
    VaultStorage { VaultStorage::Raft => "raft", VaultStorage::Mysql => "mysql", VaultStorage::Memory => "memory", }
    Layout { Layout::TablePerNamespace => "table-per-namespace", Layout::SchemaPerNamespace => "schema-per-namespace", }
    Protocol { Protocol::Http => "http", Protocol::Tcp => "tcp", }
    Sticky { Sticky::None => "none", Sticky::Route => "route", Sticky::Instance => "instance", }
}

impl Described for Spec {
    const WORD: &'static str = "spec";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("platform", |spec| &spec.platform),
            Field::new("purpose", |spec| &spec.purpose),
            Field::new("regions", |spec| &spec.regions),
            Field::new("clusters", |spec| &spec.clusters),
            Field::group(
                "dependencies",
                vec![
                    Field::new("mysql", |spec: &Spec| &spec.dependencies.mysql),
                    Field::new("vault", |spec| &spec.dependencies.vault),
                    Field::new("elasticsearch", |spec| &spec.dependencies.elasticsearch),
                ],
            ),
            Field::group(
                "images",
                vec![
                    Field::new("vamp", |spec: &Spec| &spec.images.vamp),
                    Field::new("lifter", |spec| &spec.images.lifter),
                    Field::new("gatewayAgent", |spec| &spec.images.gateway_agent),
                    Field::new("workflowAgent", |spec| &spec.images.workflow_agent),
                    Field::new("mysql", |spec| &spec.images.mysql),
                    Field::new("vault", |spec| &spec.images.vault),
                    Field::new("elasticsearch", |spec| &spec.images.elasticsearch),
                ],
            ),
            Field::new("tenants", |spec| &spec.tenants),
        ]
    }
}

impl Described for Region {
    const WORD: &'static str = "region";

    fn fields() -> Vec<Field<Self>> {
        vec![Field::new("country", |region| &region.country)]
    }
}

impl Described for Cluster {
    const WORD: &'static str = "cluster";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("role", |cluster| &cluster.role),
            Field::new("region", |cluster| &cluster.region),
            Field::group(
                "nodes",
                vec![
                    Field::new("count", |cluster: &Cluster| &cluster.nodes.count),
                    Field::new("milliCpu", |cluster| &cluster.nodes.milli_cpu),
                    Field::new("memoryBytes", |cluster| &cluster.nodes.memory_bytes),
                    Field::new("zones", |cluster| &cluster.nodes.zones),
                ],
            ),
        ]
    }
}

/// `external` or `in-cluster`.
fn placement(placement: &Located<Placement>) -> Located<String> {
    let word = if matches!(placement.value, Placement::External { .. }) { "external" } else { "in-cluster" };
    Located::at(word.to_owned(), placement.place)
}

/// The cluster that it runs in, if it runs in one.
fn cluster_of(placement: &Located<Placement>) -> Option<Located<String>> {
    match &placement.value {
        Placement::InCluster(cluster) => Some(Located::at(cluster.clone(), placement.place)),
        Placement::External { .. } => None,
    }
}

impl Described for Mysql {
    const WORD: &'static str = "mysql";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("placement", |mysql| placement(&mysql.placement)),
            Field::made("cluster", |mysql| cluster_of(&mysql.placement)),
            Field::new("storage", |mysql| &mysql.storage),
            Field::new("layout", |mysql| &mysql.layout),
        ]
    }
}

impl Described for Vault {
    const WORD: &'static str = "vault";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("placement", |vault| placement(&vault.placement)),
            Field::made("cluster", |vault| cluster_of(&vault.placement)),
            Field::new("storage", |vault| &vault.storage),
        ]
    }
}

impl Described for Elasticsearch {
    const WORD: &'static str = "elasticsearch";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::made("placement", |server| placement(&server.placement)),
            Field::made("cluster", |server| cluster_of(&server.placement)),
            Field::new("region", |server| &server.region),
            Field::new("storage", |server| &server.storage),
            Field::new("nodes", |server| &server.nodes),
        ]
    }
}

impl Described for Tenant {
    const WORD: &'static str = "tenant";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("title", |tenant| &tenant.title),
            Field::new("administrators", |tenant| &tenant.administrators),
            Field::new("environments", |tenant| &tenant.environments),
        ]
    }
}

impl Described for Environment {
    const WORD: &'static str = "environment";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("clusters", |environment| &environment.clusters),
            Field::group(
                "traffic",
                vec![Field::new("requestsPerSecond", |environment: &Environment| &environment.requests_per_second)],
            ),
            Field::group("users", vec![Field::new("countries", |environment: &Environment| &environment.user_countries)]),
            Field::new("regulatedAudit", |environment| &environment.regulated_audit),
            Field::group(
                "elasticsearch",
                vec![
                    Field::new("audit", |environment: &Environment| &environment.audit_sink),
                    Field::new("traffic", |environment| &environment.traffic_sink),
                ],
            ),
            Field::group(
                "retentionDays",
                vec![
                    Field::new("audit", |environment: &Environment| &environment.audit_retention_days),
                    Field::new("traffic", |environment| &environment.traffic_retention_days),
                ],
            ),
            Field::new("gatewayAgents", |environment| &environment.gateway_agents),
            Field::new("workflowAgent", |environment| &environment.workflow_agent),
            Field::new("gateways", |environment| &environment.gateways),
            Field::new("retiredGateways", |environment| &environment.retired_gateways),
        ]
    }
}

impl Described for Agents {
    const WORD: &'static str = "agents";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("replicas", |agents| &agents.replicas),
            Field::new("milliCpu", |agents| &agents.milli_cpu),
            Field::new("memoryBytes", |agents| &agents.memory_bytes),
        ]
    }
}

impl Described for Gateway {
    const WORD: &'static str = "gateway";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("port", |gateway| &gateway.port),
            Field::new("protocol", |gateway| &gateway.protocol),
            Field::new("virtualHosts", |gateway| &gateway.virtual_hosts),
            Field::new("sticky", |gateway| &gateway.sticky),
            Field::new("routes", |gateway| &gateway.routes),
        ]
    }
}

impl Described for Route {
    const WORD: &'static str = "route";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("targets", |route| &route.targets),
            Field::new("weight", |route| &route.weight),
            Field::new("condition", |route| &route.condition),
            Field::new("conditionStrength", |route| &route.condition_strength),
        ]
    }
}

impl Described for Target {
    const WORD: &'static str = "target";

    fn fields() -> Vec<Field<Self>> {
        let external = |target: &Target| matches!(target, Target::External { .. });
        vec![
            Field::made("host", |target| match target {
                Target::Service { name, .. } => name.clone(),
                Target::External { host, .. } => host.clone(),
            }),
            Field::made("port", |target| match target {
                Target::Service { port, .. } | Target::External { port, .. } => *port,
            }),
            Field::made("external", external),
        ]
    }
}
