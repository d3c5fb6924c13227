//! Vault in a cluster of the platform: in memory (M0), on its own disks (M1), or in MySQL, whose fate it then shares (M2).

use super::{DATA, Store, configuration_digest};
use crate::compile::compiler::Compiler;
use crate::compile::draft::{Draft, Owner, document, texts};
use crate::compile::kubernetes::Home;
use crate::compile::mysql::{self as mysql_objects, ANY_HOST};
use crate::compile::names::mysql_user;
use crate::compile::topology::{Location, VAULT_PORT};
use crate::compile::{labels, management, network, pods};
use crate::spec::types::VaultStorage;
use k8s_openapi::api::core::v1::{
    Affinity, ConfigMap, ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodSecurityContext,
    PodTemplateSpec, Volume,
};
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, LivesIn, NeedsReady, References};
use model::resource::{Origin, Scope};
use model::secret::SecretReference;
use model::{Kind, System};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const NAME: &str = "vault";
/// Port between Vaults (Vault documentation, `cluster_addr`).
const CLUSTER_PORT: u16 = 8201;
/// Service that gives each Vault a name of its own.
const PEERS: &str = "vault-peers";
/// Entry of the Secret: the first token of a Vault in memory, or the password for MySQL.
const TOKEN: &str = "token";
const STORAGE_PASSWORD: &str = "storage-password";
/// User and group of the server in the official image.
const USER: i64 = 100;
const GROUP: i64 = 1000;
const MILLI_CPU: u64 = 250;
const MEMORY_BYTES: u64 = 512 << 20;
const VOLUME_BYTES: u64 = 10 << 30;
/// Raft needs three for one to fail (Vault documentation, "Integrated storage", quorum).
const RAFT_REPLICAS: u32 = 3;
/// Where the ConfigMap is mounted; the image's own directory must stay writable.
const SETTINGS: &str = "/vault/settings";
/// Answers while the process is alive (Vault API, `/sys/health`): sealed, not initialised, a secondary for disaster recovery, without
/// a heartbeat to the active one (474), or removed from its cluster. To begin it anew would mend none of that, and seal it.
const ALIVE: &str = "/v1/sys/health?standbyok=true&perfstandbyok=true&sealedcode=204&uninitcode=204&drsecondarycode=204\
                     &haunhealthycode=204&removedcode=204";
/// Answers only when it can be read from (Vault API, `/sys/health`).
const READY: &str = "/v1/sys/health?standbyok=true&perfstandbyok=true";

/// The server's objects, if it runs in a cluster.
pub(crate) fn compile(compiler: &mut Compiler) {
    let Some(store) = store(compiler) else { return };
    let spec = compiler.spec;
    let storage = spec.dependencies.vault.storage.value;
    let mut before = store.compile_base(compiler);
    let secret = match storage {
        VaultStorage::Memory => Some(store.secret(TOKEN, spec.dependencies.vault.credentials.as_ref())),
        VaultStorage::Mysql => Some(store.secret(STORAGE_PASSWORD, None)),
        VaultStorage::Raft => None,
    };
    let secret = secret.map(|draft| compiler.add(draft));
    let storage_grant =
        secret.as_ref().filter(|_| storage == VaultStorage::Mysql).map(|secret| mysql_storage(compiler, &store, secret));
    before.extend(secret);
    let settings = (storage != VaultStorage::Memory).then(|| settings(&store, storage));
    let service = pods::service(&store.home, NAME, NAME, store.pods.clone(), &[("http", VAULT_PORT)]);
    let mut peers = pods::service(&store.home, PEERS, NAME, store.pods.clone(), &[("cluster", CLUSTER_PORT)]);
    if let Some(spec) = &mut peers.spec {
        // Vaults join each other before they are unsealed.
        spec.cluster_ip = Some("None".to_owned());
        spec.publish_not_ready_addresses = Some(true);
    }
    before.extend([&service, &peers].map(|service| compiler.add(store.home.draft(service))));
    before.extend(settings.as_ref().map(|settings| compiler.add(store.home.draft(settings))));
    before.extend(store.budget().map(|budget| compiler.add(budget)));
    let policy = compiler.add(store.home.draft(&policy(compiler, &store, storage)));
    let template = template(compiler, &store, settings.as_ref());
    let mut workload = store.workload(template, &spec.images.vault).after_all(&before, References).after(&policy, IsAllowedBy);
    workload = workload.after_all(&storage_grant, IsAllowedBy);
    if let (VaultStorage::Mysql, Some(mysql)) = (storage, &compiler.topology.mysql.workload) {
        workload = workload.after_by(mysql, NeedsReady, "DUR-9");
    }
    compiler.add(workload);
}

fn store(compiler: &Compiler) -> Option<Store> {
    let Location::Inside { cluster, .. } = &compiler.topology.vault.location else { return None };
    let vault = &compiler.spec.dependencies.vault;
    let raft = vault.storage.value == VaultStorage::Raft;
    let nodes = compiler.spec.clusters.get(cluster).map_or(1, |cluster| cluster.nodes.count.value);
    Some(Store {
        home: management::home(compiler, cluster, vault.placement.place),
        name: NAME.to_owned(),
        component: NAME,
        pods: labels::selector(NAME),
        replicas: if raft && nodes >= RAFT_REPLICAS { RAFT_REPLICAS } else { 1 },
        replicas_origin: Origin::Default("three with Raft on three nodes or more, one otherwise"),
        volume_bytes: raft.then_some(VOLUME_BYTES),
        governing_service: PEERS.to_owned(),
        asks_kubernetes: true,
    })
}

/// Where the first token of a Vault in memory is kept.
pub(crate) fn token(home: &Home) -> SecretReference {
    Store::secret_reference(home, NAME, TOKEN)
}

/// Schema, user and grant of a Vault that stores in MySQL; gives back the grant.
fn mysql_storage(compiler: &mut Compiler, store: &Store, secret: &Address) -> Address {
    let owner = Owner::new(&Scope::PLATFORM, store.home.place);
    let name = compiler.names.vault_storage();
    let user = mysql_user(&name);
    let schema = compiler.add(mysql_objects::schema(compiler, &name, owner));
    let password = Store::secret_reference(&store.home, NAME, STORAGE_PASSWORD);
    let draft = mysql_objects::user(compiler, &user, password, owner).after(secret, References);
    let user_address = compiler.add(draft);
    // Vault makes its table itself (Vault documentation, "MySQL storage backend").
    let privileges = texts(["CREATE", "DELETE", "INSERT", "SELECT", "UPDATE"]);
    let grant = document([("host", ANY_HOST.into()), ("privileges", privileges)]);
    let draft = Draft::at(&System::Mysql, Kind::Grant, &format!("{user}/{name}"), grant, owner);
    compiler.add(draft.after(&user_address, References).after(&schema, LivesIn))
}

fn settings(store: &Store, storage: VaultStorage) -> ConfigMap {
    let mut text = format!(
        "ui = true\ndisable_mlock = true\n\nlistener \"tcp\" {{\n  address         = \"[::]:{VAULT_PORT}\"\n  cluster_address = \
         \"[::]:{CLUSTER_PORT}\"\n  tls_disable     = true\n}}\n"
    );
    if storage == VaultStorage::Raft {
        text.push_str("\nstorage \"raft\" {\n  path = \"/vault/data\"\n");
        for ordinal in 0..store.replicas {
            let _ = write!(
                text,
                "\n  retry_join {{\n    leader_api_addr = \"http://{NAME}-{ordinal}.{PEERS}.{}.svc:{VAULT_PORT}\"\n  }}\n",
                store.home.namespace
            );
        }
        text.push_str("}\n");
    }
    ConfigMap {
        metadata: store.home.metadata(NAME, Some(NAME)),
        data: Some(BTreeMap::from([("vault.hcl".to_owned(), text)])),
        ..ConfigMap::default()
    }
}

fn policy(compiler: &Compiler, store: &Store, storage: VaultStorage) -> k8s_openapi::api::networking::v1::NetworkPolicy {
    let peers = || store.pods.clone();
    // Agents of other clusters of the set are known by no label here.
    let ingress = vec![network::from_anywhere([VAULT_PORT]), network::from_component(peers(), [VAULT_PORT, CLUSTER_PORT])];
    let mut egress = vec![network::to_dns(), network::to_component(peers(), [VAULT_PORT, CLUSTER_PORT])];
    let Location::Inside { cluster, .. } = &compiler.topology.vault.location else {
        return network::policy(&store.home, NAME, peers(), ingress, egress);
    };
    if storage == VaultStorage::Mysql {
        egress.push(network::to_site(&compiler.topology.mysql, cluster));
    }
    // It asks the API servers whose token it was handed.
    egress.push(network::to_kubernetes());
    network::policy(&store.home, NAME, peers(), ingress, egress)
}

fn variables(compiler: &Compiler, store: &Store, storage: VaultStorage) -> Vec<EnvVar> {
    let own_address = EnvVarSource {
        field_ref: Some(ObjectFieldSelector { api_version: None, field_path: "status.podIP".to_owned() }),
        ..EnvVarSource::default()
    };
    let mut variables = vec![
        EnvVar { name: "POD_IP".to_owned(), value: None, value_from: Some(own_address) },
        pods::variable("VAULT_API_ADDR", format!("http://$(POD_IP):{VAULT_PORT}")),
        pods::variable("VAULT_CLUSTER_ADDR", format!("https://$(POD_IP):{CLUSTER_PORT}")),
        pods::variable("SKIP_CHOWN", "true"),
        pods::variable("SKIP_SETCAP", "true"),
    ];
    match (storage, &store.home.cluster) {
        (VaultStorage::Memory, _) => {
            variables.push(pods::secret_variable("VAULT_DEV_ROOT_TOKEN_ID", NAME, TOKEN));
            variables.push(pods::variable("VAULT_DEV_LISTEN_ADDRESS", format!("[::]:{VAULT_PORT}")));
        }
        (VaultStorage::Mysql, System::Cluster(cluster)) => {
            variables.push(pods::secret_variable("STORAGE_PASSWORD", NAME, STORAGE_PASSWORD));
            let (schema, server) = (compiler.names.vault_storage(), compiler.topology.mysql.authority(cluster));
            // Kubernetes puts the password in, so that no text with it is kept (Kubernetes, "Define dependent environment variables").
            let stanza = format!(
                "{{\"storage\":{{\"mysql\":{{\"address\":\"{server}\",\"database\":\"{schema}\",\"password\":\"$(STORAGE_PASSWORD)\",\
                 \"username\":\"{}\"}}}}}}",
                mysql_user(&schema)
            );
            variables.push(pods::variable("VAULT_LOCAL_CONFIG", stanza));
        }
        _ => {}
    }
    variables
}

fn template(compiler: &Compiler, store: &Store, settings: Option<&ConfigMap>) -> PodTemplateSpec {
    let storage = compiler.spec.dependencies.vault.storage.value;
    // A Vault in memory unseals itself only in development mode; nothing else would survive its restart either.
    let arguments: Vec<String> = match storage {
        VaultStorage::Memory => vec!["server".to_owned(), "-dev".to_owned()],
        _ => vec!["server".to_owned(), format!("-config={SETTINGS}")],
    };
    let durable = storage == VaultStorage::Raft;
    let mounts = [pods::mount("configuration", "/vault/config"), pods::mount("home", "/home/vault")].into_iter();
    let mounts = mounts.chain(settings.map(|_| pods::mount("settings", SETTINGS)));
    let container = Container {
        name: NAME.to_owned(),
        image: Some(compiler.spec.images.vault.value.clone()),
        args: Some(arguments),
        env: Some(variables(compiler, store, storage)),
        ports: Some(vec![pods::port("http", VAULT_PORT), pods::port("cluster", CLUSTER_PORT)]),
        readiness_probe: Some(pods::http_probe(READY, VAULT_PORT, 5, 2)),
        liveness_probe: Some(pods::http_probe(ALIVE, VAULT_PORT, 10, 6)),
        resources: Some(pods::resources(MILLI_CPU, MEMORY_BYTES)),
        security_context: Some(pods::hardened()),
        volume_mounts: Some(mounts.chain(durable.then(|| pods::mount(DATA, "/vault/data"))).collect()),
        ..Container::default()
    };
    let source = ConfigMapVolumeSource { name: NAME.to_owned(), ..ConfigMapVolumeSource::default() };
    let settings_volume = settings.map(|_| Volume { name: "settings".to_owned(), config_map: Some(source), ..Volume::default() });
    let volumes = [pods::scratch("configuration"), pods::scratch("home")].into_iter().chain(settings_volume).collect();
    let mut pod = pods::pod(NAME, container, volumes);
    let several = store.replicas > 1;
    pod.affinity = several.then(|| Affinity { pod_anti_affinity: Some(store.spread()), ..Affinity::default() });
    pod.security_context = Some(PodSecurityContext {
        run_as_user: Some(USER),
        run_as_group: Some(GROUP),
        fs_group: Some(GROUP),
        ..pods::unprivileged()
    });
    pods::template(&store.home, NAME, settings.map(configuration_digest).unwrap_or_default(), pod)
}
