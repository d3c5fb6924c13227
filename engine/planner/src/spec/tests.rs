//! What a spec means: defaults and their precedence, places through anchors, what stands for what.

use super::types::{KubernetesConnection, Placement, Purpose, Spec, Storage, Target, VaultStorage};
use super::{Parsed, parse};
use model::{Diagnostic, Place};

/// A platform in one cluster; `more` follows at the top level, `environment` inside of the environment `shop/production`.
fn with(more: &str, environment: &str) -> String {
    format!(
        "version: 1
platform: acme
regions: {{ eu-west-1: {{ country: no }} }}
clusters:
  main: {{ role: all-in-one, kubernetes: embedded, nodes: {{ count: 4, cpu: 2.5, memory: 16Gi }} }}
dependencies:
  mysql: {{ placement: in-cluster }}
  vault: {{ placement: in-cluster }}
  elasticsearch: {{ central: {{ placement: in-cluster }} }}
{more}
tenants:
  shop:
    administrators: [ops@shop.example]
    environments:
      production:
        {environment}
"
    )
}

fn spec(text: &str) -> Spec {
    let Parsed { spec, warnings } = parse("vamp.yaml", text.as_bytes()).unwrap();
    assert_eq!(warnings, []);
    spec
}

fn complaints(text: &str) -> Vec<Diagnostic> {
    parse("vamp.yaml", text.as_bytes()).unwrap_err()
}

fn codes(text: &str) -> Vec<&'static str> {
    complaints(text).iter().map(|complaint| complaint.code).collect()
}

#[test]
fn what_is_not_said_has_a_default_that_stands_nowhere() {
    let spec = spec(&with("", "regulatedAudit: false"));
    let environment = &spec.tenants["shop"].environments["production"];
    assert_eq!(spec.purpose.value, Purpose::Production);
    assert_eq!(spec.clusters["main"].region.value, "eu-west-1");
    assert_eq!(spec.clusters["main"].kubernetes.value, KubernetesConnection::Embedded);
    assert_eq!((spec.clusters["main"].nodes.milli_cpu.value, spec.clusters["main"].nodes.memory_bytes.value), (2500, 16 << 30));
    assert_eq!(spec.dependencies.mysql.placement.value, Placement::InCluster("main".to_owned()));
    assert_eq!(spec.dependencies.vault.storage.value, VaultStorage::Raft);
    assert_eq!(spec.dependencies.elasticsearch["central"].storage.value, Storage::Durable);
    assert_eq!(spec.tenants["shop"].title.value, "shop");
    assert_eq!((environment.clusters[0].value.as_str(), environment.audit_sink.value.as_str()), ("main", "central"));
    assert_eq!((environment.gateway_agents.replicas.value, environment.workflow_agent.replicas.value), (3, 1));
    assert_eq!((environment.audit_retention_days.value, environment.traffic_retention_days.value), (2562, 30));
    assert!(!environment.gateway_agents.replicas.place.is_written() && environment.regulated_audit.place.is_written());
}

#[test]
fn the_environment_wins_over_its_tenant_and_the_tenant_over_the_platform() {
    let text = with("defaults: { retention: { audit: 1d, traffic: 2d }, gatewayAgents: { cpu: 1 } }", "retention: { audit: 5d }");
    let text = text.replace("    environments:", "    defaults: { retention: { audit: 3d, traffic: 4d } }\n    environments:");
    let spec = spec(&text);
    let environment = &spec.tenants["shop"].environments["production"];
    assert_eq!((environment.audit_retention_days.value, environment.traffic_retention_days.value), (5, 4));
    assert_eq!((environment.gateway_agents.milli_cpu.value, environment.gateway_agents.replicas.value), (1000, 3));
    assert_eq!(environment.traffic_retention_days.place, Place { line: 14, column: 50, length: 2 });
}

#[test]
fn no_is_norway_and_not_a_truth_value() {
    let spec = spec(&with("", "users: { countries: [no, on] }").replace(", on]", "]"));
    assert_eq!(spec.regions["eu-west-1"].country.value, "NO");
    assert_eq!(spec.tenants["shop"].environments["production"].user_countries[0].value, "NO");
    assert_eq!(codes(&with("", "regulatedAudit: no")), ["SPEC-103"]);
}

#[test]
fn weights_that_are_not_given_share_what_is_left_and_the_last_takes_the_rounding() {
    let routes = "a: { service: a:1, weight: 50 }, b: { service: b:1 }, c: { service: c:1 }, d: { service: d:1 }";
    let spec = spec(&with("", &format!("gateways: {{ web: {{ port: 8080, routes: {{ {routes} }} }} }}")));
    let gateway = &spec.tenants["shop"].environments["production"].gateways["web"];
    assert_eq!(gateway.routes.values().map(|route| route.weight.value).collect::<Vec<_>>(), [50, 16, 16, 18]);
}

#[test]
fn a_gateway_with_hosts_alone_keeps_its_port_when_others_come() {
    let gateway = |name: &str| format!("{name}: {{ virtualHosts: [{name}.example], routes: {{ a: {{ service: a:1 }} }} }}");
    let port = |gateways: &str| {
        let spec = spec(&with("", &format!("gateways: {{ {gateways} }}")));
        spec.tenants["shop"].environments["production"].gateways["web"].port
    };
    let alone = port(&gateway("web"));
    assert!((40_000..=45_000).contains(&alone.value) && !alone.place.is_written());
    assert_eq!(port(&format!("{}, {}", gateway("api"), gateway("web"))), alone);
}

#[test]
fn a_target_with_a_dot_is_outside() {
    let routes = "a: { targets: [\"web:80\", \"web.example:81\", \"10.0.0.1:82\", \"[::1]:83\"] }";
    let spec = spec(&with("", &format!("gateways: {{ web: {{ port: 8080, routes: {{ {routes} }} }} }}")));
    let route = &spec.tenants["shop"].environments["production"].gateways["web"].routes["a"];
    let external = |host: &str, port| Target::External { host: host.to_owned(), port };
    let expected = [
        Target::Service { name: "web".to_owned(), port: 80 },
        external("web.example", 81),
        external("10.0.0.1", 82),
        external("[::1]", 83),
    ];
    assert_eq!(route.targets.iter().map(|target| target.value.clone()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_mistake_behind_an_anchor_is_said_once_where_it_stands() {
    let text = with("defaults: &shared { retention: { audit: 3w } }", "retention: { traffic: 1d }");
    let text = text.replace("    environments:", "    defaults: { <<: *shared, regulatedAudit: true }\n    environments:");
    let complaints = complaints(&text);
    assert_eq!(complaints.len(), 1);
    assert_eq!(complaints[0].place, Some(Place { line: 10, column: 41, length: 2 }));
}

#[test]
fn a_merged_key_gives_way_to_one_that_stands_beside_it() {
    let text = with("defaults: { retention: &both { audit: 10d, traffic: 20d } }", "retention: { <<: *both, traffic: 3d }");
    let spec = spec(&text);
    let environment = &spec.tenants["shop"].environments["production"];
    assert_eq!((environment.audit_retention_days.value, environment.traffic_retention_days.value), (10, 3));
}

#[test]
fn columns_count_characters() {
    let text = with("", "users: { countries: [DE, \"Å\", XX] }");
    let places: Vec<Option<Place>> = complaints(&text).iter().map(|complaint| complaint.place).collect();
    assert_eq!(places, [Some(Place { line: 16, column: 34, length: 3 }), Some(Place { line: 16, column: 39, length: 2 })]);
}

#[test]
fn the_digest_follows_the_text() {
    let text = with("", "regulatedAudit: false");
    assert_eq!(spec(&text).digest, spec(&text).digest);
    assert_ne!(spec(&text).digest, spec(&format!("{text}\n")).digest);
}
