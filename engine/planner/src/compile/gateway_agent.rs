//! The gateway agents of a cell: a Deployment that never rolls below two ready pods on two nodes, and what stands around it.

use super::cell::Cell;
use super::compiler::Compiler;
use super::draft::{Draft, container_path, origin_of};
use super::kubernetes::select;
use super::labels;
use super::{elasticsearch, gateway_service, network, pods, registries, vault};
use crate::spec::types::Target;
use k8s_openapi::api::apps::v1::{DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Affinity, Container, ContainerPort, EnvVar, Lifecycle, LifecycleHandler, PodAffinityTerm, PodAntiAffinity,
    PodSecurityContext, PodSpec, PodTemplateSpec, SleepAction, Sysctl, TopologySpreadConstraint,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, ReadsKeyOf, References, RollsAfter, StartsAfter};
use model::path::FieldPath;
use model::resource::{Origin, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Name of its objects, and of the label that tells its pods apart.
pub(crate) const NAME: &str = "gateway-agent";
/// HAProxy's health check: it answers once HAProxy serves a configuration, hence once Vault delivered one.
pub(crate) const HEALTH_PORT: u16 = 1988;
/// The supervisor's own port, which answers with or without Vault and HAProxy.
pub(crate) const SUPERVISOR_PORT: u16 = 1989;
/// Fewest ready pods of a cell at any time (VGA-1).
const FEWEST_READY: i32 = 2;
/// Node label that tells zones apart (Kubernetes, "Well-Known Labels").
const ZONE: &str = "topology.kubernetes.io/zone";
/// Seconds that a pod goes on serving after it was taken out of the load balancer, for the balancer to notice.
const LEAVE_SECONDS: i64 = 10;
/// HAProxy's longest wait for a client or a server (its `timeout client` and `timeout server`).
const CONNECTION_SECONDS: i64 = 50;
/// Where it keeps what it fetched, so that a container that is restarted alone serves at once.
const STATE: &str = "/var/lib/gateway-agent";

/// All of it; gives back the Deployment's address. `previous` is rolled before it.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell, configuration: &Address, previous: Option<&Address>) -> Address {
    let (home, stage) = (&cell.home, cell.stage);
    let pull_secret = registries::address(compiler, home);
    let account = pods::service_account(home, NAME, false, pull_secret.is_some());
    let account = compiler.add(home.draft(&account).after_all(&pull_secret, References));
    let login = vault::Login {
        cluster: cell.cluster,
        role: cell.role_name(NAME),
        policy: cell.policy_name(NAME),
        rules: vec![(configuration.key().to_owned(), &["read"])],
        account: &account,
        owner: cell.owner(),
    };
    let role = login.compile(compiler);
    let policy = compiler.add(home.draft(&network_policy(compiler, cell)));
    let budget = compiler.add(home.draft(&budget(cell)));
    let service = gateway_service::service(cell).map(|service| gateway_service::with_origins(home.draft(&service), cell));
    let service = service.map(|service| compiler.add(service));
    let deployment = deployment(compiler, cell, configuration)
        .after(&account, References)
        .after_all(&pull_secret, References)
        .after(&role, IsAllowedBy)
        .after(&policy, IsAllowedBy)
        .after(&budget, References)
        .after_all(&service, References)
        .after_by(configuration, ReadsKeyOf, "VGA-6")
        .after_by(&stage.configuration, StartsAfter, "TEN-6");
    let deployment = previous.into_iter().fold(deployment, |draft, previous| draft.after_by(previous, RollsAfter, "VGA-4"));
    compiler.add(deployment)
}

fn deployment(compiler: &Compiler, cell: &Cell, configuration: &Address) -> Draft {
    let agents = &cell.stage.environment.gateway_agents;
    let image = &compiler.spec.images.gateway_agent;
    let container = container(compiler, cell, configuration);
    let template = template(cell, container);
    let nodes = compiler.spec.clusters.get(cell.cluster).map(|cluster| &cluster.nodes.count);
    let nodes_count = nodes.map_or(0, |nodes| nodes.value);
    let object =
        pods::deployment(&cell.home, NAME, agents.replicas.value, strategy(agents.replicas.value, nodes_count), template);
    let strategy_origin =
        nodes.map_or(Origin::Default("one more pod while it rolls"), |nodes| origin_of(nodes, "nodes of the cluster"));
    cell.home
        .draft(&object)
        .role(Role::GatewayAgent)
        .origin(FieldPath::keys(&["spec", "replicas"]), origin_of(&agents.replicas, "three gateway agents a cell (VGA-1, VGA-7)"))
        .origin(FieldPath::keys(&["spec", "strategy"]), strategy_origin)
        .origin(container_path(NAME, &["image"]), origin_of(image, "image of this release of vamp"))
        .origin(container_path(NAME, &["resources", "requests", "cpu"]), origin_of(&agents.milli_cpu, "size of a gateway agent"))
        .origin(container_path(NAME, &["resources"]), origin_of(&agents.memory_bytes, "size of a gateway agent"))
        .origin(container_path(NAME, &["ports"]), gateway_service::ports_origin(cell))
}

/// One pod more while it rolls where a node is free for it (anti-affinity is required); otherwise one less, where three or more allow
/// that. Two pods on two nodes have no legal roll: it then waits for a node, and no pod is taken away (VGA-4).
fn strategy(replicas: u32, nodes: u32) -> DeploymentStrategy {
    let (surge, unavailable) = if nodes > replicas || replicas < 3 { (1, 0) } else { (0, 1) };
    let rolling_update = RollingUpdateDeployment {
        max_surge: Some(IntOrString::Int(surge)),
        max_unavailable: Some(IntOrString::Int(unavailable)),
    };
    DeploymentStrategy { rolling_update: Some(rolling_update), type_: Some("RollingUpdate".to_owned()) }
}

fn variables(compiler: &Compiler, cell: &Cell, configuration: &Address) -> Vec<EnvVar> {
    let vault = compiler.topology.vault.url(cell.cluster);
    let mut variables = pods::vault_login(&vault, &compiler.names.auth_method(cell.cluster), &cell.role_name(NAME));
    variables.push(pods::variable("VAMP_KEY_VALUE_STORE_PATH", configuration.key()));
    variables.push(pods::variable("VAMP_NAMESPACE", &cell.stage.namespace));
    if let Some(sink) = &cell.traffic_sink {
        variables.push(pods::variable("VAMP_ELASTICSEARCH_URL", sink.url(cell.cluster)));
        variables.push(pods::variable("VAMP_ELASTICSEARCH_STREAM", elasticsearch::traffic_stream(&cell.stage.namespace)));
    }
    variables
}

fn container(compiler: &Compiler, cell: &Cell, configuration: &Address) -> Container {
    let agents = &cell.stage.environment.gateway_agents;
    let (_, token) = pods::vault_token();
    let own = [pods::port("health", HEALTH_PORT), pods::port("supervisor", SUPERVISOR_PORT)];
    let gateways = gateway_service::ports(cell).into_iter().map(|(number, name)| pods::port(&name, number));
    let ports: Vec<ContainerPort> = own.into_iter().chain(gateways).collect();
    let leave = LifecycleHandler { sleep: Some(SleepAction { seconds: LEAVE_SECONDS }), ..LifecycleHandler::default() };
    Container {
        name: NAME.to_owned(),
        image: Some(compiler.spec.images.gateway_agent.value.clone()),
        env: Some(variables(compiler, cell, configuration)),
        ports: Some(ports),
        readiness_probe: Some(pods::http_probe("/health", HEALTH_PORT, 5, 2)),
        liveness_probe: Some(pods::http_probe("/live", SUPERVISOR_PORT, 10, 3)),
        lifecycle: Some(Lifecycle { pre_stop: Some(leave), ..Lifecycle::default() }),
        resources: Some(pods::resources(agents.milli_cpu.value, agents.memory_bytes.value)),
        security_context: Some(pods::hardened()),
        volume_mounts: Some(vec![token, pods::mount("state", STATE)]),
        ..Container::default()
    }
}

fn template(cell: &Cell, container: Container) -> PodTemplateSpec {
    let (token, _) = pods::vault_token();
    // Ports below 1024 without a capability (Kubernetes, "Using sysctls in a Kubernetes Cluster", safe set).
    let low_ports = Sysctl { name: "net.ipv4.ip_unprivileged_port_start".to_owned(), value: "0".to_owned() };
    let pod = PodSpec {
        affinity: Some(Affinity { pod_anti_affinity: Some(apart()), ..Affinity::default() }),
        topology_spread_constraints: Some(vec![over_zones()]),
        termination_grace_period_seconds: Some(LEAVE_SECONDS + CONNECTION_SECONDS),
        security_context: Some(PodSecurityContext { sysctls: Some(vec![low_ports]), ..pods::unprivileged() }),
        ..pods::pod(NAME, container, vec![token, pods::scratch("state")])
    };
    pods::template(&cell.home, NAME, BTreeMap::new(), pod)
}

/// Never two on one node (VGA-2).
fn apart() -> PodAntiAffinity {
    let term = PodAffinityTerm {
        label_selector: Some(select(labels::selector(NAME))),
        topology_key: super::stores::HOSTNAME.to_owned(),
        ..PodAffinityTerm::default()
    };
    PodAntiAffinity { required_during_scheduling_ignored_during_execution: Some(vec![term]), ..PodAntiAffinity::default() }
}

/// In different zones as long as that is possible.
fn over_zones() -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(select(labels::selector(NAME))),
        max_skew: 1,
        topology_key: ZONE.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        ..TopologySpreadConstraint::default()
    }
}

fn budget(cell: &Cell) -> PodDisruptionBudget {
    let spec = PodDisruptionBudgetSpec {
        min_available: Some(IntOrString::Int(FEWEST_READY)),
        selector: Some(select(labels::selector(NAME))),
        ..PodDisruptionBudgetSpec::default()
    };
    PodDisruptionBudget { metadata: cell.home.metadata(NAME, Some(NAME)), spec: Some(spec), status: None }
}

/// In: gateways and the health check. Out: DNS, Vault, the Elasticsearch of its traffic, targets.
fn network_policy(compiler: &Compiler, cell: &Cell) -> NetworkPolicy {
    let ports = gateway_service::ports(cell).into_keys().chain([HEALTH_PORT]);
    let mut egress = vec![network::to_dns(), network::to_site(&compiler.topology.vault, cell.cluster)];
    egress.extend(cell.traffic_sink.iter().map(|sink| network::to_site(sink, cell.cluster)));
    let routes = cell.stage.environment.gateways.values().flat_map(|gateway| gateway.routes.values());
    let targets: BTreeSet<(&str, u16)> = routes
        .flat_map(|route| &route.targets)
        .filter_map(|target| match &target.value {
            Target::External { host, port } => Some((host.as_str(), *port)),
            Target::Service { .. } => None,
        })
        .collect();
    egress.push(network::to_own_namespace());
    egress.extend(targets.into_iter().map(|(host, port)| network::to_host(host, port)));
    network::policy(&cell.home, NAME, labels::selector(NAME), vec![network::from_anywhere(ports)], egress)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surge_and_unavailable(replicas: u32, nodes: u32) -> (i32, i32) {
        let rolling = strategy(replicas, nodes).rolling_update.unwrap();
        match (rolling.max_surge, rolling.max_unavailable) {
            (Some(IntOrString::Int(surge)), Some(IntOrString::Int(unavailable))) => (surge, unavailable),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_roll_uses_a_free_node_or_gives_up_one_of_three_but_never_one_of_two() {
        assert_eq!(surge_and_unavailable(3, 4), (1, 0));
        assert_eq!(surge_and_unavailable(3, 3), (0, 1));
        assert_eq!(surge_and_unavailable(2, 3), (1, 0));
        assert_eq!(surge_and_unavailable(2, 2), (1, 0));
    }
}
