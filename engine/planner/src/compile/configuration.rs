//! Configuration of a namespace, as Vamp reads it, key by key: every `${…}` resolved, secrets as references.

use super::compiler::Compiler;
use super::mysql;
use super::names::mysql_user;
use super::{elasticsearch, gateway_agent, workflow_agent};
use crate::spec::types::{Environment, KubernetesConnection, Tenant};
use model::secret::SecretReference;
use model::value::{Map, Value};

/// First port that Vamp gives to a gateway that names none, and the last (as the original platform has them).
const GATEWAY_PORTS: &str = "40000-45000";
/// Length of generated salts, in characters.
const SALT_LENGTH: u16 = 32;

/// Keys with values, all below `vamp.`.
struct Keys(Vec<(String, Value)>);

impl Keys {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.push((format!("vamp.{key}"), value.into()));
    }

    fn finish(self) -> Map {
        self.0.into_iter().collect()
    }
}

/// Configuration of a tenant's own namespace.
pub(crate) fn tenant(compiler: &Compiler, name: &str, tenant: &Tenant) -> Map {
    let namespace = compiler.names.tenant(name);
    let mut keys = Keys(Vec::new());
    stores(compiler, &mut keys, name, &namespace);
    if let Some(first) = tenant.environments.values().next() {
        pulse(compiler, &mut keys, &first.audit_sink, &elasticsearch::audit_stream(&namespace));
    }
    keys.put("metadata.namespace.title", tenant.title.as_str());
    let administrators = tenant.administrators.iter().map(|address| Value::from(address.as_str())).collect();
    keys.put("security.administrators", Value::List(administrators));
    keys.put("security.password-hash-algorithm", "SHA-512");
    // The original ships these as constants; here each tenant has its own (SEC-1).
    keys.put("security.password-hash-salt", SecretReference::Generated { length: SALT_LENGTH });
    keys.put("security.lookup-hash-algorithm", "SHA-1");
    keys.put("security.lookup-hash-salt", SecretReference::Generated { length: SALT_LENGTH });
    keys.put("security.session-id-length", 24);
    keys.put("security.token-value-length", 24);
    keys.finish()
}

/// Configuration of an environment's namespace.
pub(crate) fn environment(compiler: &Compiler, tenant: &str, name: &str, environment: &Environment) -> Map {
    let namespace = compiler.names.environment(tenant, name);
    let mut keys = Keys(Vec::new());
    stores(compiler, &mut keys, tenant, &namespace);
    pulse(compiler, &mut keys, &environment.audit_sink, &elasticsearch::audit_stream(&namespace));
    let from = compiler.topology.management;
    if let Some(traffic) = compiler.topology.elasticsearch.get(environment.traffic_sink.as_str()) {
        keys.put("pulse.traffic.elasticsearch.url", traffic.url(from));
    }
    keys.put("pulse.traffic.elasticsearch.index.name", elasticsearch::traffic_stream(&namespace));
    keys.put("pulse.window.health", 120);
    keys.put("pulse.window.metrics", 120);
    keys.put("metadata.namespace.title", format!("{tenant} {name}"));
    containers(compiler, &mut keys, environment, &namespace);
    keys.put("gateway-driver.marshallers", Value::List(vec!["haproxy".into()]));
    operation(&mut keys, &namespace);
    workflow(compiler, &mut keys, tenant, name);
    keys.finish()
}

/// Persistence in MySQL and Vault: the same server, user and source of the password in every namespace of a tenant (TEN-5).
fn stores(compiler: &Compiler, keys: &mut Keys, tenant: &str, namespace: &str) {
    let names = &compiler.names;
    let from = compiler.topology.management;
    let home = mysql::home(compiler.spec.dependencies.mysql.layout.value, &names.tenant(tenant), namespace);
    let server = compiler.topology.mysql.authority(from);
    let password = SecretReference::Vault { path: names.tenant_entry(tenant, "credentials/mysql"), field: "password".to_owned() };
    keys.put("namespace", namespace);
    keys.put("persistence.database.type", "mysql");
    keys.put("persistence.database.sql.database", home.schema.as_str());
    keys.put("persistence.database.sql.table", home.table);
    keys.put("persistence.database.sql.url", format!("jdbc:mysql://{server}/{}", home.schema));
    keys.put("persistence.database.sql.database-server-url", format!("jdbc:mysql://{server}"));
    keys.put("persistence.database.sql.user", mysql_user(&names.tenant(tenant)));
    keys.put("persistence.database.sql.password", password);
    keys.put("persistence.key-value-store.type", "vault");
    keys.put("persistence.key-value-store.vault.url", compiler.topology.vault.url(from));
}

fn pulse(compiler: &Compiler, keys: &mut Keys, sink: &str, stream: &str) {
    keys.put("pulse.type", "elasticsearch");
    keys.put("pulse.elasticsearch.index.name", stream);
    if let Some(site) = compiler.topology.elasticsearch.get(sink) {
        keys.put("pulse.elasticsearch.url", site.url(compiler.topology.management));
    }
}

/// One entry a cluster: the original knew one Kubernetes URL an environment.
fn containers(compiler: &Compiler, keys: &mut Keys, environment: &Environment, namespace: &str) {
    keys.put("container-driver.type", "kubernetes");
    keys.put("container-driver.kubernetes.namespace", namespace);
    keys.put("container-driver.kubernetes.tls-check", true);
    keys.put("container-driver.kubernetes.create-services", false);
    keys.put("container-driver.kubernetes.vamp-gateway-agent-id", gateway_agent::NAME);
    keys.put("container-driver.label-namespace", "vamp.io");
    for cluster in &environment.clusters {
        let context = match compiler.spec.clusters.get(cluster.as_str()).map(|cluster| &cluster.kubernetes.value) {
            _ if cluster.as_str() == compiler.topology.management => "in-cluster",
            Some(KubernetesConnection::Context { context, .. }) => context,
            _ => cluster.as_str(),
        };
        keys.put(&format!("container-driver.kubernetes.clusters.{}", cluster.as_str()), context);
    }
}

fn operation(keys: &mut Keys, namespace: &str) {
    keys.put("operation.synchronization.period", "3 seconds");
    for check in ["cpu", "memory", "instances", "image", "environment-variables"] {
        keys.put(&format!("operation.synchronization.check.{check}"), true);
    }
    keys.put("operation.gateway.port-range", GATEWAY_PORTS);
    keys.put("operation.gateway.selector", format!("namespace({namespace})"));
    keys.put("operation.gateway.virtual-hosts.enabled", false);
}

fn workflow(compiler: &Compiler, keys: &mut Keys, tenant: &str, environment: &str) {
    let path = compiler.names.environment_entry(tenant, environment, "workflows");
    keys.put("workflow-driver.workflow.deployables", Value::List(vec![workflow_agent::QUANTIFICATION.into()]));
    keys.put("workflow-driver.workflow.vamp-key-value-store-type", "vault");
    keys.put("workflow-driver.workflow.vamp-key-value-store-path", path);
    keys.put("workflow-driver.workflow.vamp-workflow-execution-period", workflow_agent::PERIOD_SECONDS);
    keys.put("workflow-driver.workflow.vamp-workflow-execution-timeout", workflow_agent::PERIOD_SECONDS);
}
