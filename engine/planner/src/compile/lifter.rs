//! Lifter: the page on which tenants are looked at. Nothing at run time depends on it.

use super::compiler::Compiler;
use super::draft::{Draft, Owner, container_path, origin_of};
use super::kubernetes::Home;
use super::labels;
use super::{network, pods, registries, vamp, vault};
use k8s_openapi::api::core::v1::Container;
use model::graph::EdgeReason::{IsAllowedBy, NeedsReady, ReadsKeyOf, References};
use model::path::FieldPath;
use model::resource::Origin;
use std::collections::BTreeMap;

/// Name of its objects, and of the label that tells its pod apart.
pub(crate) const NAME: &str = "lifter";
/// Port of its API and page (its own default).
const PORT: u16 = 8081;
/// Size that the original means, whose manifest gives the memory without a unit.
const MILLI_CPU: u64 = 200;
const MEMORY_BYTES: u64 = 1 << 30;

pub(crate) fn compile(compiler: &mut Compiler) {
    let home = vamp::home(compiler);
    let pull_secret = registries::address(compiler, &home);
    let account = pods::service_account(&home, NAME, true, pull_secret.is_some());
    let account = compiler.add(home.draft(&account).after_all(&pull_secret, References));
    let platform = compiler.names.platform;
    let login = vault::Login {
        cluster: compiler.topology.management,
        role: NAME.to_owned(),
        policy: format!("{platform}-{NAME}"),
        rules: vec![(format!("{platform}/*"), &["create", "read", "update"]), (format!("{platform}/*"), &["list", "read"])],
        account: &account,
        owner: Owner::new(&home.scope, home.place),
    };
    let role = login.compile(compiler);
    let policy = network_policy(compiler, &home);
    let policy = compiler.add(policy);
    let service = pods::service(&home, NAME, NAME, labels::selector(NAME), &[("http", PORT)]);
    let service = compiler.add(home.draft(&service));
    let draft = deployment(compiler, &home)
        .after(&account, References)
        .after_all(&pull_secret, References)
        .after(&role, IsAllowedBy)
        .after(&policy, IsAllowedBy)
        .after(&service, References)
        .after(&compiler.mount, ReadsKeyOf)
        .after_all(&compiler.topology.vault.workload, NeedsReady);
    compiler.add(draft);
}

fn deployment(compiler: &Compiler, home: &Home) -> Draft {
    let image = &compiler.spec.images.lifter;
    let cluster = compiler.topology.management;
    let url = compiler.topology.vault.url(cluster);
    let mut variables = pods::vault_login(&url, &compiler.names.auth_method(cluster), NAME);
    variables.push(pods::variable("VAMP_KEY_VALUE_STORE_PATH", compiler.names.platform));
    let (token, token_mount) = pods::vault_token();
    let container = Container {
        name: NAME.to_owned(),
        image: Some(image.value.clone()),
        env: Some(variables),
        ports: Some(vec![pods::port("http", PORT)]),
        readiness_probe: Some(pods::http_probe("/", PORT, 5, 3)),
        liveness_probe: Some(pods::http_probe("/", PORT, 10, 6)),
        resources: Some(pods::resources(MILLI_CPU, MEMORY_BYTES)),
        security_context: Some(pods::hardened()),
        volume_mounts: Some(vec![token_mount, pods::mount("temporary", "/tmp")]),
        ..Container::default()
    };
    let pod = pods::pod(NAME, container, vec![token, pods::scratch("temporary")]);
    let object = pods::deployment(home, NAME, 1, pods::recreate(), pods::template(home, NAME, BTreeMap::new(), pod));
    home.draft(&object)
        .origin(FieldPath::keys(&["spec", "replicas"]), Origin::Default("one Lifter"))
        .origin(container_path(NAME, &["image"]), origin_of(image, "image of this release of vamp"))
        .origin(container_path(NAME, &["resources"]), Origin::Default("size of Lifter"))
}

/// In: its page. Out: DNS, every store, every API server.
fn network_policy(compiler: &Compiler, home: &Home) -> Draft {
    let topology = &compiler.topology;
    let sites = [&topology.vault, &topology.mysql].into_iter().chain(topology.elasticsearch.values());
    let mut egress = vec![network::to_dns(), network::to_kubernetes()];
    egress.extend(sites.map(|site| network::to_site(site, topology.management)));
    home.draft(&network::policy(home, NAME, labels::selector(NAME), vec![network::from_anywhere([PORT])], egress))
}
