//! Elasticsearch in a cluster of the platform: in the management cluster, or beside the environments of a region (model M4).

use super::{DATA, Store};
use crate::compile::compiler::Compiler;
use crate::compile::draft::origin_of;
use crate::compile::kubernetes::Home;
use crate::compile::topology::{ELASTICSEARCH_PORT, Location};
use crate::compile::{labels, management, network, pods};
use crate::spec::types::{Elasticsearch, Storage};
use k8s_openapi::api::core::v1::{
    Affinity, Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodSecurityContext, PodTemplateSpec, Probe, SecurityContext,
    TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use model::graph::EdgeReason::{IsAllowedBy, References};
use model::secret::SecretReference;
use std::collections::BTreeMap;

const COMPONENT: &str = "elasticsearch";
/// Port between nodes (Elasticsearch reference, `transport.port`).
const TRANSPORT_PORT: u16 = 9300;
/// Entry of the Secret with the password of the user `elastic`.
const PASSWORD: &str = "password";
/// User and group of the server in the official image.
const USER: i64 = 1000;
const MILLI_CPU: u64 = 500;
const MEMORY_BYTES: u64 = 2 << 30;
const VOLUME_BYTES: u64 = 50 << 30;
/// Directory of certificates, relative to the server's configuration.
const CERTIFICATES: &str = "/usr/share/elasticsearch/config/certificates";

/// The objects of each Elasticsearch that runs in a cluster.
pub(crate) fn compile(compiler: &mut Compiler) {
    let spec = compiler.spec;
    for (name, elasticsearch) in &spec.dependencies.elasticsearch {
        if let Some(store) = store(compiler, name, elasticsearch) {
            compile_one(compiler, &store, elasticsearch);
        }
    }
}

fn compile_one(compiler: &mut Compiler, store: &Store, elasticsearch: &Elasticsearch) {
    let mut before = store.compile_base(compiler);
    before.push(compiler.add(store.secret(PASSWORD, elasticsearch.credentials.as_ref())));
    let service = pods::service(&store.home, &store.name, COMPONENT, store.pods.clone(), &[("http", ELASTICSEARCH_PORT)]);
    before.push(compiler.add(store.home.draft(&service)));
    let mut nodes =
        pods::service(&store.home, &store.governing_service, COMPONENT, store.pods.clone(), &[("transport", TRANSPORT_PORT)]);
    if let Some(spec) = &mut nodes.spec {
        // Nodes find each other before they are ready.
        spec.cluster_ip = Some("None".to_owned());
        spec.publish_not_ready_addresses = Some(true);
    }
    before.push(compiler.add(store.home.draft(&nodes)));
    before.extend(store.budget().map(|budget| compiler.add(budget)));
    let peers = || store.pods.clone();
    // Agents of other clusters of the set are known by no label here.
    let ingress = vec![
        network::from_anywhere([ELASTICSEARCH_PORT]),
        network::from_component(peers(), [ELASTICSEARCH_PORT, TRANSPORT_PORT]),
    ];
    let egress = vec![network::to_dns(), network::to_component(peers(), [ELASTICSEARCH_PORT, TRANSPORT_PORT])];
    let policy = network::policy(&store.home, &store.name, peers(), ingress, egress);
    let policy = compiler.add(store.home.draft(&policy));
    let image = &compiler.spec.images.elasticsearch;
    let workload =
        store.workload(template(store, elasticsearch, image), image).after_all(&before, References).after(&policy, IsAllowedBy);
    compiler.add(workload);
}

fn store(compiler: &Compiler, name: &str, elasticsearch: &Elasticsearch) -> Option<Store> {
    let site = compiler.topology.elasticsearch.get(name)?;
    let Location::Inside { cluster, .. } = &site.location else { return None };
    let mut pods = labels::selector(COMPONENT);
    pods.insert(labels::INSTANCE.to_owned(), name.to_owned());
    Some(Store {
        home: management::home(compiler, cluster, elasticsearch.placement.place),
        name: site.service.clone(),
        component: COMPONENT,
        pods,
        replicas: elasticsearch.nodes.value,
        replicas_origin: origin_of(&elasticsearch.nodes, "one node"),
        volume_bytes: (elasticsearch.storage.value == Storage::Durable).then_some(VOLUME_BYTES),
        governing_service: format!("{}-nodes", site.service),
        asks_kubernetes: false,
    })
}

/// Where the password of `elastic` is kept.
pub(crate) fn password(home: &Home, service: &str) -> SecretReference {
    Store::secret_reference(home, service, PASSWORD)
}

fn settings(store: &Store) -> Vec<EnvVar> {
    let own_name = EnvVarSource {
        field_ref: Some(ObjectFieldSelector { api_version: None, field_path: "metadata.name".to_owned() }),
        ..EnvVarSource::default()
    };
    let mut settings = vec![
        EnvVar { name: "node.name".to_owned(), value: None, value_from: Some(own_name) },
        pods::variable("cluster.name", &store.name),
        pods::secret_variable("ELASTIC_PASSWORD", &store.name, PASSWORD),
        pods::variable("xpack.security.enabled", "true"),
        pods::variable("xpack.security.http.ssl.enabled", "false"),
        // The kernel's limit on memory maps belongs to the node, which is not ours to change.
        pods::variable("node.store.allow_mmap", "false"),
    ];
    if store.replicas == 1 {
        settings.push(pods::variable("discovery.type", "single-node"));
        return settings;
    }
    let masters: Vec<String> = (0..store.replicas).map(|ordinal| format!("{}-{ordinal}", store.name)).collect();
    settings.extend([
        pods::variable("discovery.seed_hosts", &store.governing_service),
        pods::variable("cluster.initial_master_nodes", masters.join(",")),
        pods::variable("xpack.security.transport.ssl.enabled", "true"),
        pods::variable("xpack.security.transport.ssl.verification_mode", "none"),
        pods::variable("xpack.security.transport.ssl.keystore.path", format!("{CERTIFICATES}/transport.p12")),
    ]);
    settings
}

/// Elasticsearch refuses to form a cluster with security and without encryption between nodes. Each node makes itself a certificate;
/// who may connect at all is the NetworkPolicy's to say.
fn certificate_maker(image: &str) -> Container {
    let file = format!("{CERTIFICATES}/transport.p12");
    let command = ["bin/elasticsearch-certutil", "cert", "--self-signed", "--silent", "--pass", "", "--out", &file];
    Container {
        name: "certificate".to_owned(),
        image: Some(image.to_owned()),
        command: Some(command.map(str::to_owned).to_vec()),
        resources: Some(pods::resources(100, 256 << 20)),
        security_context: Some(SecurityContext { read_only_root_filesystem: None, ..pods::hardened() }),
        volume_mounts: Some(vec![pods::mount("certificates", CERTIFICATES)]),
        ..Container::default()
    }
}

fn template(store: &Store, elasticsearch: &Elasticsearch, image: &str) -> PodTemplateSpec {
    // Over TCP: an answer over HTTP would need the password in the probe.
    let probe = |period, failures| Probe {
        tcp_socket: Some(TCPSocketAction { host: None, port: IntOrString::Int(ELASTICSEARCH_PORT.into()) }),
        period_seconds: Some(period),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    let several = store.replicas > 1;
    let certificates = several.then(|| pods::mount("certificates", CERTIFICATES));
    let mounts = [pods::mount(DATA, "/usr/share/elasticsearch/data")].into_iter().chain(certificates);
    let container = Container {
        name: COMPONENT.to_owned(),
        image: Some(image.to_owned()),
        env: Some(settings(store)),
        ports: Some(vec![pods::port("http", ELASTICSEARCH_PORT), pods::port("transport", TRANSPORT_PORT)]),
        readiness_probe: Some(probe(5, 3)),
        liveness_probe: Some(probe(20, 6)),
        startup_probe: Some(probe(5, 60)),
        resources: Some(pods::resources(MILLI_CPU, MEMORY_BYTES)),
        security_context: Some(SecurityContext { read_only_root_filesystem: None, ..pods::hardened() }),
        volume_mounts: Some(mounts.collect()),
        ..Container::default()
    };
    let local = (elasticsearch.storage.value == Storage::Local).then(|| pods::scratch(DATA));
    let volumes = local.into_iter().chain(several.then(|| pods::scratch("certificates"))).collect();
    let mut pod = pods::pod(&store.name, container, volumes);
    pod.init_containers = several.then(|| vec![certificate_maker(image)]);
    pod.affinity = several.then(|| Affinity { pod_anti_affinity: Some(store.spread()), ..Affinity::default() });
    pod.security_context = Some(PodSecurityContext {
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        fs_group: Some(USER),
        ..pods::unprivileged()
    });
    pods::template(&store.home, COMPONENT, BTreeMap::new(), pod)
}
