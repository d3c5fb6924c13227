//! The spec as typed values, after defaults and checks of form: what the graph is compiled from.
//!
//! Every value that a person may have written is [`Located`]; a default stands nowhere. Maps keep the order of the file.

mod fields;

use crate::policy::own;
pub use fields::{Conflict, FieldRule};
use jiff::civil::Date;
use model::connection::LogIn;
use model::index::IndexMap;
use model::secret::SecretReference;
use model::source::{Located, Place};
use std::sync::Arc;

/// A name with the place where it was declared, to the thing that it names.
pub type Named<T> = IndexMap<String, Located<T>>;

/// A whole platform.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Name of the file, as it is shown in diagnostics.
    pub file: String,
    /// Digest of the file's text.
    pub digest: String,
    /// Root of every name that the platform owns.
    pub platform: Located<String>,
    /// Production or development.
    pub purpose: Located<Purpose>,
    /// How long it is meant to live.
    pub lifetime: Located<Lifetime>,
    /// Whether anybody needs its data after a loss.
    pub durability: Located<Durability>,
    /// Regions and the countries that they lie in.
    pub regions: Named<Region>,
    /// Kubernetes clusters.
    pub clusters: Named<Cluster>,
    /// Vault, MySQL and the Elasticsearches.
    pub dependencies: Dependencies,
    /// Container images.
    pub images: Images,
    /// Tenants.
    pub tenants: Named<Tenant>,
    /// What was renamed since the last apply.
    pub moved: Vec<Moved>,
    /// What is done about fields that somebody else owns; the first that fits decides.
    pub fields: Vec<FieldRule>,
    /// What the platform is held against, and what of it is let pass.
    pub policies: Policies,
}

/// What the platform is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// People depend on it.
    Production,
    /// Nobody does.
    Development,
}

/// How long a platform is meant to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifetime {
    /// Hours or days.
    Short,
    /// Until further notice.
    Lasting,
}

/// Whether anybody needs the data of a platform after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Nobody does.
    None,
    /// Somebody does.
    Needed,
}

/// A place on earth.
#[derive(Clone, Debug)]
pub struct Region {
    /// ISO 3166-1 alpha-2 code of the country whose law applies.
    pub country: Located<String>,
}

/// A Kubernetes cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// What runs in it.
    pub role: Located<ClusterRole>,
    /// Name of its region.
    pub region: Located<String>,
    /// Where its API is.
    pub kubernetes: Located<KubernetesConnection>,
    /// Version of Kubernetes, if it is declared.
    pub version: Option<Located<Release>>,
    /// Its machines, all alike.
    pub nodes: Nodes,
}

/// What runs in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterRole {
    /// Vamp and Lifter, and the dependencies that are placed in it.
    Management,
    /// Gateway agents, workflow agents and the tenants' workloads.
    Service,
    /// Both (model M0).
    AllInOne,
}

/// Where the API of a cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KubernetesConnection {
    /// In the embedded platform.
    Embedded,
    /// Behind a context of a kubeconfig file.
    Context {
        /// Name of the context.
        context: String,
        /// Path of the file; the usual one if not given.
        kubeconfig: Option<String>,
    },
}

/// Machines of a cluster.
#[derive(Clone, Debug)]
pub struct Nodes {
    /// Number.
    pub count: Located<u32>,
    /// Thousandths of a CPU, each.
    pub milli_cpu: Located<u64>,
    /// Bytes of memory, each.
    pub memory_bytes: Located<u64>,
    /// Number of zones that they are spread over.
    pub zones: Located<u32>,
}

/// The three dependencies.
#[derive(Clone, Debug)]
pub struct Dependencies {
    /// MySQL.
    pub mysql: Located<Mysql>,
    /// Vault.
    pub vault: Located<Vault>,
    /// Elasticsearches by name; at least one.
    pub elasticsearch: Named<Elasticsearch>,
}

/// Where a dependency runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Outside of every cluster of the platform.
    External {
        /// Its address; `None` means in the embedded platform.
        address: Option<String>,
    },
    /// In this cluster of the platform.
    InCluster(String),
}

/// MySQL.
#[derive(Clone, Debug)]
pub struct Mysql {
    /// Where it runs.
    pub placement: Located<Placement>,
    /// Whether its storage outlives the cluster that it runs in.
    pub storage: Located<Storage>,
    /// How tenants are laid out.
    pub layout: Located<Layout>,
    /// Version, if it is declared.
    pub version: Option<Located<Release>>,
    /// The backup that it is in, if there is one.
    pub backup: Option<Located<String>>,
    /// Credentials of the operator.
    pub credentials: Option<Located<SecretReference>>,
    /// File with the certificates of the authority that signed its own.
    pub certificate_authority: Option<Located<String>>,
}

/// Whether storage outlives the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Storage {
    /// It is lost with the pod or the cluster.
    Local,
    /// It outlives both.
    Durable,
}

/// How tenants are laid out in MySQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// One schema a tenant; one table a namespace.
    TablePerNamespace,
    /// One schema a namespace, each with a table `artifacts`.
    SchemaPerNamespace,
}

/// Vault.
#[derive(Clone, Debug)]
pub struct Vault {
    /// Where it runs.
    pub placement: Located<Placement>,
    /// Where it stores.
    pub storage: Located<VaultStorage>,
    /// Version, if it is declared.
    pub version: Option<Located<Release>>,
    /// The backup that it is in, if there is one.
    pub backup: Option<Located<String>>,
    /// Credentials of the operator.
    pub credentials: Option<Located<SecretReference>>,
    /// File with the certificates of the authority that signed its own.
    pub certificate_authority: Option<Located<String>>,
    /// How the operator logs in, where that is not with a token.
    pub log_in: Option<LogIn>,
}

/// Where Vault stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VaultStorage {
    /// In memory: lost at every restart (M0).
    Memory,
    /// In MySQL: shares its fate (M2).
    Mysql,
    /// On its own durable disks (Raft).
    Raft,
}

/// One Elasticsearch.
#[derive(Clone, Debug)]
pub struct Elasticsearch {
    /// Where it runs.
    pub placement: Located<Placement>,
    /// Region that its data lies in.
    pub region: Located<String>,
    /// Whether its storage outlives the cluster that it runs in.
    pub storage: Located<Storage>,
    /// Number of data nodes.
    pub nodes: Located<u32>,
    /// Version, if it is declared.
    pub version: Option<Located<Release>>,
    /// Credentials of the operator.
    pub credentials: Option<Located<SecretReference>>,
    /// File with the certificates of the authority that signed its own.
    pub certificate_authority: Option<Located<String>>,
}

/// Container images, each `repository:tag` or `repository@sha256:…` or both.
#[derive(Clone, Debug)]
pub struct Images {
    /// Vamp.
    pub vamp: Located<String>,
    /// Lifter.
    pub lifter: Located<String>,
    /// Gateway agent.
    pub gateway_agent: Located<String>,
    /// Workflow agent.
    pub workflow_agent: Located<String>,
    /// MySQL, where it runs in a cluster.
    pub mysql: Located<String>,
    /// Vault, where it runs in a cluster.
    pub vault: Located<String>,
    /// Elasticsearch, where it runs in a cluster.
    pub elasticsearch: Located<String>,
    /// Credentials of registries, by the registry's host.
    pub pull_secrets: Named<PullSecret>,
}

/// Credentials of one registry.
#[derive(Clone, Debug)]
pub struct PullSecret {
    /// User name.
    pub username: Located<String>,
    /// Password.
    pub password: Located<SecretReference>,
}

/// A tenant (an organization, in the words of the original platform).
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Title for people; the name if not given.
    pub title: Located<String>,
    /// Mail addresses of its administrators; at least one (TEN-4).
    pub administrators: Vec<Located<String>>,
    /// Its environments; at least one (TEN-2).
    pub environments: Named<Environment>,
    /// Password of its MySQL user; generated and kept in Vault unless given.
    pub mysql_password: Option<Located<SecretReference>>,
}

/// One environment of a tenant, with the defaults of tenant and platform folded in (platform < tenant < environment).
#[derive(Clone, Debug)]
pub struct Environment {
    /// Names of the service clusters that it runs on, in order; the first is the canary.
    pub clusters: Vec<Located<String>>,
    /// Declared load, requests per second, on the whole environment.
    pub requests_per_second: Located<u32>,
    /// Countries of its users (ISO 3166-1 alpha-2).
    pub user_countries: Vec<Located<String>>,
    /// Whether its audit log is regulated.
    pub regulated_audit: Located<bool>,
    /// Name of the Elasticsearch that takes the audit log.
    pub audit_sink: Located<String>,
    /// Name of the Elasticsearch that takes traffic metadata.
    pub traffic_sink: Located<String>,
    /// Days that the audit log is kept.
    pub audit_retention_days: Located<u32>,
    /// Days that traffic metadata is kept.
    pub traffic_retention_days: Located<u32>,
    /// Gateway agents of each cell.
    pub gateway_agents: Agents,
    /// The workflow agent of each cell (always one replica, WFA-1).
    pub workflow_agent: Agents,
    /// Gateways.
    pub gateways: Named<Gateway>,
    /// Names of gateways that were taken out on purpose: only these may vanish from a published configuration (VGA-8).
    pub retired_gateways: Vec<Located<String>>,
}

/// Size of a set of agents.
#[derive(Clone, Debug)]
pub struct Agents {
    /// Number of pods in each cell.
    pub replicas: Located<u32>,
    /// Thousandths of a CPU, each.
    pub milli_cpu: Located<u64>,
    /// Bytes of memory, each.
    pub memory_bytes: Located<u64>,
}

/// A gateway: one port, or some virtual hosts, and the routes behind it.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Port that the gateway agents listen on.
    pub port: Located<u16>,
    /// HTTP or TCP.
    pub protocol: Located<Protocol>,
    /// Host names that lead to it on port 80 as well.
    pub virtual_hosts: Vec<Located<String>>,
    /// Whether a client stays with what it met first.
    pub sticky: Located<Sticky>,
    /// Routes by name, in the order in which their conditions are tried.
    pub routes: Named<Route>,
    /// Rewrites of the path, in order.
    pub rewrites: Vec<Located<Rewrite>>,
}

/// What a gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP.
    Http,
    /// Plain TCP.
    Tcp,
}

/// Whether a client stays with what it met first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sticky {
    /// It does not.
    None,
    /// It stays with the route.
    Route,
    /// It stays with the instance.
    Instance,
}

/// A branch of a gateway.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where it leads, one or more.
    pub targets: Vec<Located<Target>>,
    /// Share of the requests that no condition claims, in hundredths; the weights of a gateway sum to 100.
    pub weight: Located<u8>,
    /// Which requests it claims, as written.
    pub condition: Option<Located<String>>,
    /// Share of the matching requests that it claims, in hundredths.
    pub condition_strength: Located<u8>,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A Kubernetes Service in the environment's namespace, and a port of it.
    Service {
        /// Name of the Service.
        name: String,
        /// Port.
        port: u16,
    },
    /// An address outside.
    External {
        /// Host name or IP address.
        host: String,
        /// Port.
        port: u16,
    },
}

/// `NEW_PATH if CONDITION`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rewrite {
    /// The new path, in HAProxy's syntax.
    pub path: String,
    /// Which requests it is for, as written; `None` for all.
    pub condition: Option<String>,
}

/// Something that was renamed.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its name so far.
    pub from: Located<MovedName>,
    /// Its name from now on.
    pub to: Located<MovedName>,
    /// Where the spec says so.
    pub place: Place,
}

/// What can be renamed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovedName {
    /// A tenant, written `shop`.
    Tenant(String),
    /// An environment, written `shop/production`.
    Environment {
        /// The tenant.
        tenant: String,
        /// The environment.
        environment: String,
    },
}

/// A version of some software, as far as anybody compares it: `1.33`, `8.4.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// Before the first dot.
    pub major: u32,
    /// After it; zero if not given.
    pub minor: u32,
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What the platform is held against, and what of it is let pass.
#[derive(Clone, Debug)]
pub struct Policies {
    /// What is let pass, by whom, why and how long.
    pub waivers: Vec<Waiver>,
    /// Rules of the platform's own.
    pub rules: Vec<Arc<own::Rule>>,
    /// Where rules draw their lines.
    pub thresholds: Thresholds,
    /// Countries whose law keeps data inside (RES-3).
    pub residency_countries: Vec<Located<String>>,
}

/// Where rules draw their lines.
#[derive(Clone, Debug)]
pub struct Thresholds {
    /// Requests per second from which an environment has high volume.
    pub high_volume: Located<u32>,
    /// Requests per second of all environments together from which the platform has high volume.
    pub high_total_volume: Located<u32>,
    /// Days that a regulated audit log has to be kept.
    pub regulated_audit_days: Located<u32>,
    /// Most days that traffic metadata, which is personal data, may be kept without a reason.
    pub personal_data_days: Located<u32>,
    /// Furthest that the weight of a route may move in one change, in hundredths of the requests (CHG-6).
    pub weight_step: Located<u32>,
}

/// A rule that is not kept, on purpose and for a time.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Id of the rule.
    pub id: Located<String>,
    /// Whom it is let pass for, and all inside of it; everybody if not given.
    pub subject: Option<Located<String>>,
    /// Why.
    pub reason: Located<String>,
    /// Who answers for it.
    pub owner: Located<String>,
    /// The last day on which it holds.
    pub expires: Located<Date>,
    /// Where the spec says so.
    pub place: Place,
}
