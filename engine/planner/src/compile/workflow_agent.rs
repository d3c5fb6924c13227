//! The workflow agent of a cell: exactly one, because two would count every event twice (WFA-1).

use super::cell::Cell;
use super::compiler::Compiler;
use super::draft::{Draft, container_path, document, origin_of};
use super::labels;
use super::{elasticsearch, network, pods, registries, vault};
use k8s_openapi::api::core::v1::{Container, EnvVar};
use model::graph::EdgeReason::{IsAllowedBy, ReadsKeyOf, References, StartsAfter};
use model::path::FieldPath;
use model::resource::{Origin, Role};
use model::value::{Map, Value};
use std::collections::BTreeMap;

/// Name of its objects, and of the label that tells its pods apart.
pub(crate) const NAME: &str = "workflow-agent";
/// The workflow that it runs.
pub(crate) const QUANTIFICATION: &str = "quantification";
/// Seconds from one run to the next, and the longest that a run may take (as the original platform has them).
pub(crate) const PERIOD_SECONDS: u32 = 60;
/// Seconds of traffic that a run looks at (as the original platform has it).
const WINDOW_SECONDS: u32 = 500;
/// Shows its last runs; silent once the agent is dead.
const PORT: u16 = 8080;
/// Exactly one (WFA-1).
const REPLICAS: u32 = 1;

/// What the agent does, as it is kept in Vault.
pub(crate) fn quantification() -> Map {
    let outputs = ["allocation", "capacity", "health", "metrics"].map(|output| (output, Value::from(true)));
    [
        ("outputs", document(outputs)),
        ("period-seconds", PERIOD_SECONDS.into()),
        ("timeout-seconds", PERIOD_SECONDS.into()),
        ("window-seconds", WINDOW_SECONDS.into()),
    ]
    .into_iter()
    .collect()
}

pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell) {
    let (home, stage) = (&cell.home, cell.stage);
    let pull_secret = registries::address(compiler, home);
    let account = pods::service_account(home, NAME, false, pull_secret.is_some());
    let account = compiler.add(home.draft(&account).after_all(&pull_secret, References));
    let login = vault::Login {
        cluster: cell.cluster,
        role: cell.role_name(NAME),
        policy: cell.policy_name(NAME),
        rules: vec![(stage.workflow.key().to_owned(), &["read"]), (stage.token.key().to_owned(), &["read"])],
        account: &account,
        owner: cell.owner(),
    };
    let role = login.compile(compiler);
    let policy = compiler.add(network_policy(compiler, cell));
    let service = pods::service(home, NAME, NAME, labels::selector(NAME), &[("http", PORT)]);
    let service = compiler.add(home.draft(&service));
    let deployment = deployment(compiler, cell)
        .after(&account, References)
        .after_all(&pull_secret, References)
        .after(&role, IsAllowedBy)
        .after(&policy, IsAllowedBy)
        .after(&service, References)
        .after(&stage.workflow, ReadsKeyOf)
        .after_by(&stage.token, ReadsKeyOf, "TEN-6")
        .after_by(&stage.configuration, StartsAfter, "TEN-6");
    compiler.add(deployment);
}

fn deployment(compiler: &Compiler, cell: &Cell) -> Draft {
    let agent = &cell.stage.environment.workflow_agent;
    let image = &compiler.spec.images.workflow_agent;
    let (token, token_mount) = pods::vault_token();
    let container = Container {
        name: NAME.to_owned(),
        image: Some(image.value.clone()),
        env: Some(variables(compiler, cell)),
        ports: Some(vec![pods::port("http", PORT)]),
        liveness_probe: Some(k8s_openapi::api::core::v1::Probe {
            initial_delay_seconds: Some(10),
            ..pods::http_probe("/", PORT, 30, 5)
        }),
        resources: Some(pods::resources(agent.milli_cpu.value, agent.memory_bytes.value)),
        security_context: Some(pods::hardened()),
        volume_mounts: Some(vec![token_mount]),
        ..Container::default()
    };
    let template = pods::template(&cell.home, NAME, BTreeMap::new(), pods::pod(NAME, container, vec![token]));
    let object = pods::deployment(&cell.home, NAME, REPLICAS, pods::recreate(), template);
    cell.home
        .draft(&object)
        .role(Role::WorkflowAgent)
        .origin(FieldPath::keys(&["spec", "replicas"]), Origin::Default("exactly one workflow agent a cell (WFA-1)"))
        .origin(FieldPath::keys(&["spec", "strategy"]), Origin::Default("never two at a time (WFA-1)"))
        .origin(container_path(NAME, &["image"]), origin_of(image, "image of this release of vamp"))
        .origin(container_path(NAME, &["resources", "requests", "cpu"]), origin_of(&agent.milli_cpu, "size of a workflow agent"))
        .origin(container_path(NAME, &["resources"]), origin_of(&agent.memory_bytes, "size of a workflow agent"))
}

fn variables(compiler: &Compiler, cell: &Cell) -> Vec<EnvVar> {
    let (stage, topology) = (cell.stage, &compiler.topology);
    let vault = topology.vault.url(cell.cluster);
    let mut variables = pods::vault_login(&vault, &compiler.names.auth_method(cell.cluster), &cell.role_name(NAME));
    variables.extend([
        pods::variable("VAMP_KEY_VALUE_STORE_PATH", stage.workflow.key()),
        pods::variable("VAMP_API_TOKEN_PATH", stage.token.key()),
        pods::variable("VAMP_NAMESPACE", &stage.namespace),
        pods::variable("VAMP_URL", topology.vamp.url(cell.cluster)),
        pods::variable("VAMP_WORKFLOW_EXECUTION_PERIOD", PERIOD_SECONDS.to_string()),
        pods::variable("VAMP_WORKFLOW_EXECUTION_TIMEOUT", PERIOD_SECONDS.to_string()),
    ]);
    if let Some(sink) = &cell.traffic_sink {
        variables.push(pods::variable("VAMP_ELASTICSEARCH_URL", sink.url(cell.cluster)));
        variables.push(pods::variable("VAMP_ELASTICSEARCH_STREAM", elasticsearch::traffic_stream(&stage.namespace)));
    }
    variables
}

/// In: the page with its last runs, for the platform. Out: DNS, Vault, the Elasticsearch of its traffic, Vamp.
fn network_policy(compiler: &Compiler, cell: &Cell) -> Draft {
    let topology = &compiler.topology;
    let mut egress = vec![network::to_dns(), network::to_site(&topology.vault, cell.cluster)];
    egress.extend(cell.traffic_sink.iter().map(|sink| network::to_site(sink, cell.cluster)));
    egress.push(network::to_site(&topology.vamp, cell.cluster));
    let ingress = vec![network::from_platform(compiler.names.platform, [PORT])];
    cell.home.draft(&network::policy(&cell.home, NAME, labels::selector(NAME), ingress, egress))
}
