//! The spec as it is written: one record per map, each key given or not. What the JSON Schema shows is this file.

use super::form::{
    AnyName, Condition, Country, Cpu, DatabaseAddress, FilePath, Flag, HostName, Image, MailAddress, Memory, MovedNameForm,
    Number, ObjectName, RegistryHost, ReleaseForm, Retention, RewriteForm, Secret, ServiceTarget, TargetForm, TenancyName,
    TenancyRule, Title, Version, WebAddress,
};
use super::shape::{Items, List, Names, record, words};
use super::types;

mod connection;
mod fields;
mod policies;
mod rules;

pub(super) use connection::{Kubernetes, VaultLogIn};
pub(super) use fields::FieldRule;
pub(super) use policies::{Policies, Thresholds, Waiver};
pub(super) use rules::{PolicyFile, Rule, RuleTest};

record! {
    /// A platform: clusters, what they depend on, and the tenants that they serve.
    Document {
        /// Version of this format: 1.
        version: Version = required "version",
        /// Root of every name that the platform owns: small letters and digits.
        platform: TenancyName = required "platform",
        /// What it is for: production (the default) or development.
        purpose: Purpose = optional "purpose",
        /// How long it is meant to live: `short` (hours or days) or `lasting` (the default).
        lifetime: LifetimeWord = optional "lifetime",
        /// Whether anybody needs its data after a loss: `none` or `needed` (the default).
        durability: DurabilityWord = optional "durability",
        /// Regions, and the countries whose law applies there.
        regions: Names<ObjectName, Region, 1> = required "regions",
        /// Kubernetes clusters.
        clusters: Names<ObjectName, Cluster, 1> = required "clusters",
        /// Vault, MySQL and the Elasticsearches.
        dependencies: Dependencies = required "dependencies",
        /// Container images; each has a default.
        images: Images = optional "images",
        /// Settings of every environment; those of a tenant and of the environment itself win.
        defaults: Settings = optional "defaults",
        /// Tenants by name: small letters and digits.
        tenants: Names<TenancyRule, Tenant, 0> = optional "tenants",
        /// What was renamed since the last apply.
        moved: Items<Moved> = optional "moved",
        /// What is done about fields of Kubernetes objects that somebody else owns.
        fields: Items<FieldRule> = optional "fields",
        /// What the platform is held against, and what of it is let pass.
        policies: Policies = optional "policies",
    }
}

words! {
    /// What the platform is for.
    Purpose: types::Purpose { "production" => types::Purpose::Production, "development" => types::Purpose::Development, }
}

words! {
    /// How long the platform is meant to live.
    LifetimeWord: types::Lifetime { "short" => types::Lifetime::Short, "lasting" => types::Lifetime::Lasting, }
}

words! {
    /// Whether anybody needs the data of the platform after a loss.
    DurabilityWord: types::Durability { "none" => types::Durability::None, "needed" => types::Durability::Needed, }
}

record! {
    /// A place on earth.
    Region {
        /// Country whose law applies, as in ISO 3166-1 alpha-2: `DE`.
        country: Country = required "country",
    }
}

record! {
    /// A Kubernetes cluster.
    Cluster {
        /// What runs in it: `management` (Vamp, Lifter, dependencies), `service` (gateways, workloads) or `all-in-one`.
        role: ClusterRole = required "role",
        /// Name of its region; may be left out if there is one region.
        region: AnyName = optional "region",
        /// Where its API is: `embedded`, or `{ context: NAME, kubeconfig: PATH }`.
        kubernetes: Kubernetes = required "kubernetes",
        /// Version of Kubernetes, in quotes: `"1.33"`.
        version: ReleaseForm = optional "version",
        /// Its machines, all alike.
        nodes: Nodes = required "nodes",
    }
}

words! {
    /// What runs in a cluster.
    ClusterRole: types::ClusterRole {
        "management" => types::ClusterRole::Management,
        "service" => types::ClusterRole::Service,
        "all-in-one" => types::ClusterRole::AllInOne,
    }
}

record! {
    /// Machines of a cluster, all alike.
    Nodes {
        /// How many (Kubernetes supports 5,000 in a cluster).
        count: Number<1, 5000> = required "count",
        /// CPUs of each: `4`.
        cpu: Cpu = required "cpu",
        /// Memory of each: `16Gi`.
        memory: Memory = required "memory",
        /// Number of zones that they are spread over; 1 if not given.
        zones: Number<1, 100> = optional "zones",
    }
}

record! {
    /// The three dependencies.
    Dependencies {
        /// MySQL: definitions, states and users of the tenants.
        mysql: Mysql = required "mysql",
        /// Vault: configurations and secrets.
        vault: Vault = required "vault",
        /// Elasticsearches by name: audit logs and traffic metadata.
        elasticsearch: Names<ObjectName, Elasticsearch, 1> = required "elasticsearch",
    }
}

words! {
    /// Where a dependency runs.
    PlacementWord: Placed { "external" => Placed::External, "in-cluster" => Placed::InCluster, }
}

/// Where a dependency runs, before it is known where exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// Outside of every cluster.
    External,
    /// In one of the clusters.
    InCluster,
}

words! {
    /// Whether storage outlives the cluster.
    StorageWord: types::Storage { "durable" => types::Storage::Durable, "local" => types::Storage::Local, }
}

words! {
    /// How tenants are laid out in MySQL.
    LayoutWord: types::Layout {
        "table-per-namespace" => types::Layout::TablePerNamespace,
        "schema-per-namespace" => types::Layout::SchemaPerNamespace,
    }
}

words! {
    /// Where Vault stores.
    VaultStorageWord: types::VaultStorage {
        "raft" => types::VaultStorage::Raft,
        "mysql" => types::VaultStorage::Mysql,
        "memory" => types::VaultStorage::Memory,
    }
}

record! {
    /// MySQL.
    Mysql {
        /// `external` or `in-cluster`; follows from `address` or `cluster` if not given.
        placement: PlacementWord = optional "placement",
        /// Where it is reached, if external: `embedded` or `host:port`.
        address: DatabaseAddress = optional "address",
        /// The cluster that it runs in, if in-cluster; the management cluster if not given.
        cluster: AnyName = optional "cluster",
        /// Whether its data outlives the cluster: `durable` (the default) or `local`.
        storage: StorageWord = optional "storage",
        /// `table-per-namespace` (the default) or `schema-per-namespace`.
        layout: LayoutWord = optional "layout",
        /// Version, if external, in quotes: `"8.4"`; in a cluster that of the image counts.
        version: ReleaseForm = optional "version",
        /// Name of the backup that it is in. What is in one backup is restored to one moment.
        backup: Title = optional "backup",
        /// What `vamp` logs in with.
        credentials: Secret = optional "credentials",
        /// File with the certificates of the authority that signed its own; those that the machine trusts if not given.
        certificate_authority: FilePath = optional "certificateAuthority",
    }
}

record! {
    /// Vault.
    Vault {
        /// `external` or `in-cluster`; follows from `address` or `cluster` if not given.
        placement: PlacementWord = optional "placement",
        /// Where it is reached, if external: `embedded` or `https://host:port`.
        address: WebAddress = optional "address",
        /// The cluster that it runs in, if in-cluster; the management cluster if not given.
        cluster: AnyName = optional "cluster",
        /// Where it stores: `raft` (the default), `mysql`, or `memory`, which is lost at every restart.
        storage: VaultStorageWord = optional "storage",
        /// Version, if external, in quotes: `"1.18"`; in a cluster that of the image counts.
        version: ReleaseForm = optional "version",
        /// Name of the backup that it is in; that of MySQL, if it stores there. What is in one backup is restored to one moment.
        backup: Title = optional "backup",
        /// What `vamp` logs in with: a token.
        credentials: Secret = optional "credentials",
        /// How `vamp` logs in, if it has no token.
        log_in: VaultLogIn = optional "logIn",
        /// File with the certificates of the authority that signed its own; those that the machine trusts if not given.
        certificate_authority: FilePath = optional "certificateAuthority",
    }
}

record! {
    /// One Elasticsearch.
    Elasticsearch {
        /// `external` or `in-cluster`; follows from `address` or `cluster` if not given.
        placement: PlacementWord = optional "placement",
        /// Where it is reached, if external: `embedded` or `https://host:port`.
        address: WebAddress = optional "address",
        /// The cluster that it runs in, if in-cluster; the management cluster if not given.
        cluster: AnyName = optional "cluster",
        /// Region that its data lies in; that of its cluster, or the only one, if not given.
        region: AnyName = optional "region",
        /// Whether its data outlives the cluster: `durable` (the default) or `local`.
        storage: StorageWord = optional "storage",
        /// Number of data nodes; 1 if not given.
        nodes: Number<1, 1000> = optional "nodes",
        /// Version, if external, in quotes: `"8.17"`; in a cluster that of the image counts.
        version: ReleaseForm = optional "version",
        /// What `vamp` logs in with.
        credentials: Secret = optional "credentials",
        /// File with the certificates of the authority that signed its own; those that the machine trusts if not given.
        certificate_authority: FilePath = optional "certificateAuthority",
    }
}

record! {
    /// Container images, each `repository:tag`, `repository@sha256:…` or both.
    Images {
        /// Vamp.
        vamp: Image = optional "vamp",
        /// Lifter.
        lifter: Image = optional "lifter",
        /// The gateway agent.
        gateway_agent: Image = optional "gatewayAgent",
        /// The workflow agent.
        workflow_agent: Image = optional "workflowAgent",
        /// MySQL, where it runs in a cluster.
        mysql: Image = optional "mysql",
        /// Vault, where it runs in a cluster.
        vault: Image = optional "vault",
        /// Elasticsearch, where it runs in a cluster.
        elasticsearch: Image = optional "elasticsearch",
        /// Credentials of registries, by the registry's host.
        pull_secrets: Names<RegistryHost, PullSecret, 0> = optional "pullSecrets",
    }
}

record! {
    /// Credentials of one registry.
    PullSecret {
        /// User name.
        username: Title = required "username",
        /// Password.
        password: Secret = required "password",
    }
}

record! {
    /// Settings of environments. Where one is not given, that of the tenant counts, then that of the platform, then the built-in one.
    Settings {
        /// Service clusters to run on, in order; the first is the canary. The only one, if there is one.
        clusters: List<AnyName, 1> = optional "clusters",
        /// Declared load.
        traffic: Traffic = optional "traffic",
        /// Who uses it.
        users: Users = optional "users",
        /// Whether the audit log is regulated; false if not given.
        regulated_audit: Flag = optional "regulatedAudit",
        /// Which Elasticsearch takes what; the only one, if there is one.
        elasticsearch: Sinks = optional "elasticsearch",
        /// How long data is kept.
        retention: Retentions = optional "retention",
        /// Gateway agents of each cell.
        gateway_agents: GatewayAgents = optional "gatewayAgents",
        /// The workflow agent of each cell: always one.
        workflow_agent: WorkflowAgent = optional "workflowAgent",
    }
}

record! {
    /// Declared load.
    Traffic {
        /// Requests per second on the whole environment; 10 if not given.
        requests_per_second: Number<0, 10_000_000> = optional "requestsPerSecond",
    }
}

record! {
    /// Who uses an environment.
    Users {
        /// Countries of its users, as in ISO 3166-1 alpha-2.
        countries: List<Country, 0> = optional "countries",
    }
}

record! {
    /// Which Elasticsearch takes what.
    Sinks {
        /// The one that takes the audit log.
        audit: AnyName = optional "audit",
        /// The one that takes traffic metadata.
        traffic: AnyName = optional "traffic",
    }
}

record! {
    /// How long data is kept: `30d`, `12m` or `7y`.
    Retentions {
        /// The audit log; `7y` if not given.
        audit: Retention = optional "audit",
        /// Traffic metadata; `30d` if not given.
        traffic: Retention = optional "traffic",
    }
}

record! {
    /// Gateway agents of each cell.
    GatewayAgents {
        /// Number of pods, each on a node of its own; 3 if not given, never fewer than 2.
        replicas: Number<2, 1000> = optional "replicas",
        /// CPUs of each; `500m` if not given.
        cpu: Cpu = optional "cpu",
        /// Memory of each; `512Mi` if not given.
        memory: Memory = optional "memory",
    }
}

record! {
    /// The workflow agent of each cell.
    WorkflowAgent {
        /// CPUs; `100m` if not given.
        cpu: Cpu = optional "cpu",
        /// Memory; `256Mi` if not given.
        memory: Memory = optional "memory",
    }
}

record! {
    /// A tenant.
    Tenant {
        /// Title for people; the name if not given.
        title: Title = optional "title",
        /// Mail addresses of its administrators.
        administrators: List<MailAddress, 1> = required "administrators",
        /// Settings of every environment of the tenant.
        defaults: Settings = optional "defaults",
        /// Environments by name: small letters and digits.
        environments: Names<TenancyRule, Environment, 1> = required "environments",
        /// Password of its MySQL user; generated and kept in Vault if not given.
        mysql_password: Secret = optional "mysqlPassword",
    }
}

record! {
    /// One environment of a tenant.
    Environment {
        @include settings: Settings,
        /// Gateways by name.
        gateways: Names<ObjectName, Gateway, 0> = optional "gateways",
        /// Names of gateways that were taken out on purpose: no others may vanish from what is published.
        retired_gateways: List<AnyName, 0> = optional "retiredGateways",
    }
}

record! {
    /// A gateway: a port or some virtual hosts, and the routes behind it.
    Gateway {
        /// Port that the gateway agents listen on; chosen between 40000 and 45000 if there are virtual hosts and no port.
        port: Number<1, 65535> = optional "port",
        /// `http` (the default) or `tcp`.
        protocol: ProtocolWord = optional "protocol",
        /// Host names that lead to it on port 80.
        virtual_hosts: List<HostName, 1> = optional "virtualHosts",
        /// Whether a client stays with what it met first: `none` (the default), `route` or `instance`.
        sticky: StickyWord = optional "sticky",
        /// Routes by name, in the order in which their conditions are tried.
        routes: Names<ObjectName, Route, 1> = required "routes",
        /// Rewrites of the path, in order: `NEW_PATH if CONDITION`.
        rewrites: List<RewriteForm, 1> = optional "rewrites",
    }
}

words! {
    /// What a gateway speaks.
    ProtocolWord: types::Protocol { "http" => types::Protocol::Http, "tcp" => types::Protocol::Tcp, }
}

words! {
    /// Whether a client stays with what it met first.
    StickyWord: types::Sticky {
        "none" => types::Sticky::None,
        "route" => types::Sticky::Route,
        "instance" => types::Sticky::Instance,
    }
}

record! {
    /// A branch of a gateway.
    Route {
        /// The Kubernetes Service that it leads to, and the port: `web:8080`.
        service: ServiceTarget = optional "service",
        /// Instead of `service`: several targets, services (`web:8080`) or addresses outside (`legacy.example:8080`).
        targets: List<TargetForm, 1> = optional "targets",
        /// Share of the requests that no condition claims, in hundredths. Routes without one share what is left evenly.
        weight: Number<0, 100> = optional "weight",
        /// Which requests it claims: `user-agent == Firefox`.
        condition: Condition = optional "condition",
        /// Share of the matching requests that it claims, in hundredths; 100 if not given.
        condition_strength: Number<0, 100> = optional "conditionStrength",
    }
}

record! {
    /// Something that was renamed.
    Moved {
        /// Its name so far: a tenant `shop`, or an environment `shop/production`.
        from: MovedNameForm = required "from",
        /// Its name from now on.
        to: MovedNameForm = required "to",
    }
}
