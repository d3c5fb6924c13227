//! Specs as values for tests of this module: the six deployment models, without a parser in between.

use crate::spec::types::*;
use model::index::IndexMap;
use model::secret::SecretReference;
use model::source::{Located, Place};

/// A deployment model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Model {
    M0,
    M1,
    M2,
    M3,
    M4,
    M5,
}

pub(crate) const MODELS: [Model; 6] = [Model::M0, Model::M1, Model::M2, Model::M3, Model::M4, Model::M5];

fn written<T>(value: T, line: u32) -> Located<T> {
    Located::at(value, Place { line, column: 1, length: 1 })
}

fn plain<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

fn named<T>(entries: impl IntoIterator<Item = (&'static str, T)>, line: u32) -> Named<T> {
    let lines = line..;
    entries.into_iter().zip(lines).map(|((name, value), line)| (name.to_owned(), written(value, line))).collect()
}

fn outside(address: &str) -> Located<Placement> {
    written(Placement::External { address: Some(address.to_owned()) }, 30)
}

fn cluster(role: ClusterRole, region: &str, nodes: u32) -> Cluster {
    Cluster {
        role: plain(role),
        region: plain(region.to_owned()),
        kubernetes: plain(KubernetesConnection::Embedded),
        version: None,
        nodes: Nodes { count: written(nodes, 12), milli_cpu: plain(4000), memory_bytes: plain(16 << 30), zones: plain(3) },
    }
}

fn route(name: &str, port: u16, weight: u8) -> Route {
    Route {
        targets: vec![plain(Target::Service { name: name.to_owned(), port })],
        weight: plain(weight),
        condition: None,
        condition_strength: plain(0),
    }
}

fn gateway() -> Gateway {
    let mut outer = route("web-v2", 8080, 10);
    outer.targets.push(plain(Target::External { host: "10.1.2.3".to_owned(), port: 9000 }));
    Gateway {
        port: written(8080, 60),
        protocol: plain(Protocol::Http),
        virtual_hosts: vec![plain("shop.example".to_owned())],
        sticky: plain(Sticky::None),
        routes: named([("web-v1", route("web-v1", 8080, 90)), ("web-v2", outer)], 61),
        rewrites: Vec::new(),
    }
}

/// An environment on these clusters.
pub(crate) fn environment(clusters: &[&str], traffic_sink: &str) -> Environment {
    let lines = 51..;
    Environment {
        clusters: clusters.iter().zip(lines).map(|(name, line)| written((*name).to_owned(), line)).collect(),
        requests_per_second: plain(100),
        user_countries: Vec::new(),
        regulated_audit: plain(false),
        audit_sink: plain("central".to_owned()),
        traffic_sink: plain(traffic_sink.to_owned()),
        audit_retention_days: plain(365),
        traffic_retention_days: written(30, 55),
        gateway_agents: Agents { replicas: plain(3), milli_cpu: plain(1000), memory_bytes: plain(2 << 30) },
        workflow_agent: Agents { replicas: plain(1), milli_cpu: plain(100), memory_bytes: plain(256 << 20) },
        gateways: named([("storefront", gateway())], 59),
        retired_gateways: Vec::new(),
    }
}

/// A tenant with these environments.
pub(crate) fn tenant(environments: Vec<(&'static str, Environment)>) -> Tenant {
    Tenant {
        title: plain("Shop".to_owned()),
        administrators: vec![written("ops@shop.example".to_owned(), 41)],
        environments: named(environments, 50),
        mysql_password: None,
    }
}

fn elasticsearch(placement: Located<Placement>, region: &str, nodes: u32, storage: Storage) -> Elasticsearch {
    Elasticsearch {
        placement,
        region: plain(region.to_owned()),
        storage: plain(storage),
        nodes: plain(nodes),
        version: None,
        credentials: None,
        certificate_authority: None,
    }
}

fn images() -> Images {
    let image = |name: &str| written(format!("registry.example/{name}:1"), 35);
    let pull_secret =
        PullSecret { username: plain("puller".to_owned()), password: plain(SecretReference::Env("PULL".to_owned())) };
    Images {
        vamp: image("vamp"),
        lifter: image("lifter"),
        gateway_agent: image("gateway-agent"),
        workflow_agent: image("workflow-agent"),
        mysql: image("mysql"),
        vault: image("vault"),
        elasticsearch: image("elasticsearch"),
        pull_secrets: named([("registry.example", pull_secret)], 36),
    }
}

fn dependencies(model: Model, management: &'static str) -> Dependencies {
    let inside = |cluster: &str| written(Placement::InCluster(cluster.to_owned()), 31);
    let local = model == Model::M0;
    let storage = if local { Storage::Local } else { Storage::Durable };
    let vault_storage = match model {
        Model::M0 => VaultStorage::Memory,
        Model::M2 => VaultStorage::Mysql,
        _ => VaultStorage::Raft,
    };
    let mysql = if model >= Model::M2 { outside("mysql.acme.example:3306") } else { inside(management) };
    let vault = if model >= Model::M3 { outside("https://vault.acme.example:8200") } else { inside(management) };
    let central = if model == Model::M5 { outside("https://search.acme.example:9200") } else { inside(management) };
    let mut sinks = vec![("central", elasticsearch(central, "eu", if local { 1 } else { 3 }, storage))];
    if model == Model::M4 {
        sinks.push(("germany", elasticsearch(inside("de-1"), "de", 3, Storage::Durable)));
    }
    let layout = if model == Model::M3 { Layout::SchemaPerNamespace } else { Layout::TablePerNamespace };
    Dependencies {
        mysql: written(
            Mysql {
                placement: mysql,
                storage: plain(storage),
                layout: plain(layout),
                version: None,
                backup: None,
                credentials: None,
                certificate_authority: None,
            },
            30,
        ),
        vault: written(
            Vault {
                placement: vault,
                storage: plain(vault_storage),
                version: None,
                backup: None,
                credentials: None,
                certificate_authority: None,
                log_in: None,
            },
            32,
        ),
        elasticsearch: named(sinks, 33),
    }
}

/// A platform of this model: two tenants, three environments, one of them on two clusters where there are two.
pub(crate) fn spec(model: Model) -> Spec {
    let all_in_one = model == Model::M0;
    let management = if all_in_one { "one" } else { "management" };
    let both: &[&str] = if all_in_one { &["one"] } else { &["eu-1", "de-1"] };
    let last: &[&str] = if all_in_one { &["one"] } else { &["de-1"] };
    let traffic = if model == Model::M4 { "germany" } else { "central" };
    let clusters = if all_in_one {
        named([("one", cluster(ClusterRole::AllInOne, "eu", 4))], 10)
    } else {
        let service = |region| cluster(ClusterRole::Service, region, 4);
        let management = cluster(ClusterRole::Management, "eu", 3);
        named([("management", management), ("eu-1", service("eu")), ("de-1", service("de"))], 10)
    };
    let shop = tenant(vec![("production", environment(both, traffic)), ("staging", environment(last, "central"))]);
    let region = |country: &str| Region { country: plain(country.to_owned()) };
    Spec {
        file: "vamp.yaml".to_owned(),
        digest: "digest".to_owned(),
        platform: written("acme".to_owned(), 2),
        purpose: plain(Purpose::Development),
        lifetime: plain(Lifetime::Lasting),
        durability: plain(Durability::Needed),
        regions: named([("eu", region("IE")), ("de", region("DE"))], 5),
        clusters,
        dependencies: dependencies(model, management),
        images: images(),
        tenants: named([("shop", shop), ("bank", tenant(vec![("live", environment(last, "central"))]))], 40),
        moved: Vec::new(),
        fields: Vec::new(),
        policies: Policies::default(),
    }
}

/// The same with `count` tenants of one environment each.
pub(crate) fn large(count: usize) -> Spec {
    let mut spec = spec(Model::M3);
    let tenants = (0..count).map(|number| {
        let tenant = tenant(vec![("production", environment(&["eu-1", "de-1"], "central"))]);
        (format!("t{number}"), written(tenant, 40))
    });
    spec.tenants = tenants.collect::<IndexMap<_, _>>();
    spec
}
