//! Vamp: one pod that is stopped before its successor starts (VMP-1), after everything that it reads is in place (VMP-2), and that is
//! restarted once after a change of any tenant's configuration (VMP-3).

use super::compiler::Compiler;
use super::draft::{Draft, Owner, container_path, origin_of};
use super::kubernetes::Home;
use super::labels;
use super::tenant::Settled;
use super::topology::VAMP_PORT;
use super::{management, network, pods, registries, vault};
use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec};
use model::Kind;
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, NeedsReady, ReadsKeyOf, References, StartsAfter};
use model::path::{FieldPath, Segment};
use model::resource::{Origin, Role};
use model::source::Place;
use model::system::System;
use model::value::Value;
use std::collections::BTreeMap;

/// Name of its objects, and of the label that tells its pod apart.
pub(crate) const NAME: &str = "vamp";
/// Changes with what pods read only when they start.
pub(crate) const CONFIGURATION_DIGEST: &str = "vamp.io/configuration-digest";
/// Asks nothing of any dependency, unlike `/api/v1/info` alone, which fails with each of them.
const HEALTH: &str = "/api/v1/info?on=jvm";
/// Size in the community's packaging of Vamp.
const MILLI_CPU: u64 = 500;
const MEMORY_BYTES: u64 = 1 << 30;
/// Exactly one (VMP-1).
const REPLICAS: u32 = 1;

/// The ServiceAccount that Vamp or Lifter runs as.
pub(crate) fn account(compiler: &Compiler, component: &str) -> Address {
    let cluster = System::Cluster(compiler.topology.management.into());
    Address::new(&cluster, Kind::ServiceAccount, &format!("{}/{component}", compiler.names.platform))
}

/// Namespace that Vamp and Lifter run in.
pub(crate) fn home(compiler: &Compiler) -> Home {
    let cluster = compiler.topology.management;
    let place = compiler.spec.clusters.get(cluster).map_or(Place::NOWHERE, |cluster| cluster.place);
    management::home(compiler, cluster, place)
}

/// `settled` are the configurations of all tenants and environments.
pub(crate) fn compile(compiler: &mut Compiler, settled: &[Settled]) {
    let home = home(compiler);
    let pull_secret = registries::address(compiler, &home);
    let account = pods::service_account(&home, NAME, true, pull_secret.is_some());
    let account = compiler.add(home.draft(&account).after_all(&pull_secret, References));
    let platform = compiler.names.platform;
    let login = vault::Login {
        cluster: compiler.topology.management,
        role: NAME.to_owned(),
        policy: format!("{platform}-{NAME}"),
        rules: vec![(format!("{platform}/*"), &["read"]), (format!("{platform}/*"), &["list", "read"])],
        account: &account,
        owner: Owner::new(&home.scope, home.place),
    };
    let role = login.compile(compiler);
    let policy = network_policy(compiler, &home);
    let policy = compiler.add(policy);
    let service = pods::service(&home, NAME, NAME, labels::selector(NAME), &[("http", VAMP_PORT)]);
    let service = compiler.add(home.draft(&service));
    let mut draft = deployment(compiler, &home, settled)
        .after(&account, References)
        .after_all(&pull_secret, References)
        .after(&role, IsAllowedBy)
        .after(&policy, IsAllowedBy)
        .after(&service, References);
    let stores = [compiler.topology.mysql.workload.clone(), compiler.topology.vault.workload.clone()];
    draft = stores.iter().flatten().fold(draft, |draft, store| draft.after_by(store, NeedsReady, "VMP-2"));
    draft = draft.after_by(&compiler.mount, ReadsKeyOf, "VMP-2");
    draft = settled.iter().fold(draft, |draft, settled| draft.after_by(&settled.address, StartsAfter, "VMP-3"));
    compiler.add(draft);
}

fn deployment(compiler: &Compiler, home: &Home, settled: &[Settled]) -> Draft {
    let image = &compiler.spec.images.vamp;
    let (token, token_mount) = pods::vault_token();
    let container = Container {
        name: NAME.to_owned(),
        image: Some(image.value.clone()),
        env: Some(variables(compiler)),
        ports: Some(vec![pods::port("http", VAMP_PORT)]),
        startup_probe: Some(pods::http_probe(HEALTH, VAMP_PORT, 5, 60)),
        readiness_probe: Some(pods::http_probe(HEALTH, VAMP_PORT, 5, 3)),
        liveness_probe: Some(pods::http_probe(HEALTH, VAMP_PORT, 10, 6)),
        resources: Some(pods::resources(MILLI_CPU, MEMORY_BYTES)),
        security_context: Some(pods::hardened()),
        volume_mounts: Some(vec![token_mount, pods::mount("temporary", "/tmp")]),
        ..Container::default()
    };
    let pod: PodSpec = pods::pod(NAME, container, vec![token, pods::scratch("temporary")]);
    let annotations = BTreeMap::from([(CONFIGURATION_DIGEST.to_owned(), digest(settled))]);
    let object = pods::deployment(home, NAME, REPLICAS, pods::recreate(), pods::template(home, NAME, annotations, pod));
    let mut annotation = FieldPath::keys(&["spec", "template", "metadata", "annotations"]);
    annotation.0.push(Segment::Key(CONFIGURATION_DIGEST.into()));
    home.draft(&object)
        .role(Role::Vamp)
        .origin(FieldPath::keys(&["spec", "replicas"]), Origin::Default("exactly one Vamp (VMP-1)"))
        .origin(FieldPath::keys(&["spec", "strategy"]), Origin::Default("never two at a time (VMP-1)"))
        .origin(annotation, Origin::Default("a digest of all tenants' configurations (VMP-3)"))
        .origin(container_path(NAME, &["image"]), origin_of(image, "image of this release of vamp"))
        .origin(container_path(NAME, &["resources"]), Origin::Default("size of Vamp"))
}

/// A digest of all configurations, whatever the order in which they stand in the spec.
fn digest(settled: &[Settled]) -> String {
    let all = settled.iter().map(|settled| (settled.address.as_str(), Value::from(settled.digest.as_str())));
    Value::Map(all.collect()).digest().to_string()
}

fn variables(compiler: &Compiler) -> Vec<EnvVar> {
    let cluster = compiler.topology.management;
    let vault = compiler.topology.vault.url(cluster);
    let mut variables = pods::vault_login(&vault, &compiler.names.auth_method(cluster), NAME);
    variables.push(pods::variable("VAMP_KEY_VALUE_STORE_PATH", compiler.names.platform));
    variables.push(pods::variable("VAMP_NAMESPACE", compiler.names.platform));
    variables
}

/// In: its API and UI. Out: DNS, Vault, MySQL, every Elasticsearch, every API server.
fn network_policy(compiler: &Compiler, home: &Home) -> Draft {
    let topology = &compiler.topology;
    let sites = [&topology.vault, &topology.mysql].into_iter().chain(topology.elasticsearch.values());
    let mut egress = vec![network::to_dns(), network::to_kubernetes()];
    egress.extend(sites.map(|site| network::to_site(site, topology.management)));
    home.draft(&network::policy(home, NAME, labels::selector(NAME), vec![network::from_anywhere([VAMP_PORT])], egress))
}
