//! Rules about what vamp makes of a spec, on either side of every line that they draw: graphs that a hand changed. What the breach
//! itself looks like: `by_hand`.

use super::hand::*;
use model::address::Address;
use model::graph::{Edge, EdgeReason};
use model::resource::Role;
use model::{Graph, Kind, Resource, Value};

const NOTHING: [&str; 0] = [];
const CONTAINERS: [&str; 4] = ["spec", "template", "spec", "containers"];

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// The graph with another list of containers in the workload of a role.
fn with_containers(text: &str, role: Role, change: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
    of_graph(text, |graph| {
        edit(graph, role, |document| {
            let mut containers = document.at(&CONTAINERS).and_then(Value::as_list).unwrap().to_vec();
            change(&mut containers);
            document.set(&CONTAINERS, Value::List(containers));
        });
    })
}

#[test]
fn vga_2_two_nodes_are_enough() {
    let on = |count| of_spec(keeps!("VGA-2"), |spec| spec.clusters["eu-1"].value.nodes.count.value = count);
    assert_eq!([1, 2].map(|count| on(count).contains(&"VGA-2".to_owned())), [true, false]);
}

#[test]
fn vga_3_an_entry_point_selects_by_labels_and_every_container_says_when_it_is_ready() {
    let service = |change: fn(&mut Value)| {
        of_graph(keeps!("VGA-3"), |graph| {
            edit_entry(graph, "cluster.eu-1/service/acme-shop-production/gateway-agent", change);
        })
    };
    // A Service without a selector, or with an empty one, finds no backends by itself.
    assert_eq!(service(|document| drop(document.remove(&["spec", "selector"]))), ["VGA-3"]);
    assert_eq!(service(|document| document.set(&["spec", "selector"], value("{}"))), ["VGA-3"]);
    let agents = |change: fn(&mut Vec<Value>)| with_containers(keeps!("VGA-3"), Role::GatewayAgent, change);
    assert_eq!(agents(|containers| drop(containers[0].remove(&["readinessProbe"]))), ["VGA-3"]);
    assert_eq!(agents(|containers| containers.push(value(r#"{ "name": "beside" }"#))), ["VGA-3"]);
}

#[test]
fn vga_3_none_and_several_are_told_apart() {
    let agents = |graph: &Graph| with_role(graph, Role::GatewayAgent).address.clone();
    let none = said_of_graph(keeps!("VGA-3"), |graph| without(graph, |_, first, _| first.address.kind() == Kind::Service));
    assert!(none[0].ends_with("alone: there is none"), "{none:?}");
    let several = said_of_graph(keeps!("VGA-3"), |graph| {
        let first = graph.resources().find(|resource| resource.address.kind() == Kind::Service).unwrap().clone();
        let address: Address = "cluster.eu-1/service/acme-shop-production/second".parse().unwrap();
        graph.add(Resource { address: address.clone(), ..first }).unwrap();
        let (_, edge) = graph.dependencies(&agents(graph)).next().unwrap();
        assert!(graph.depend(&agents(graph), &address, edge));
    });
    assert!(several[0].ends_with("alone: there are several"), "{several:?}");
}

/// Agents may differ in what has nothing to do with it.
#[test]
fn es_7_another_variable_does_not_stand_in_for_the_address() {
    let more = value(r#"{ "name": "OTHER", "value": "of this agent alone" }"#);
    let broken = with_containers(keeps!("ES-7"), Role::WorkflowAgent, |containers| {
        let mut variables = containers[0].get("env").and_then(Value::as_list).unwrap().to_vec();
        variables.insert(0, more);
        containers[0].set(&["env"], Value::List(variables));
    });
    assert_eq!(broken, NOTHING);
}

/// Kubernetes runs one replica where none is said.
#[test]
fn wfa_1_and_vmp_1_no_number_is_one() {
    let unsaid = |text, role| of_graph(text, |graph| edit(graph, role, |document| drop(document.remove(&["spec", "replicas"]))));
    assert_eq!([unsaid(keeps!("WFA-1"), Role::WorkflowAgent), unsaid(keeps!("VMP-1"), Role::Vamp)], [NOTHING; 2]);
}

#[test]
fn vmp_2_waits_for_vault_beside_mysql() {
    let inside = keeps!("VMP-2").replace("external, address: embedded", "in-cluster");
    let of_vault = |resource: &Resource| resource.role == Role::Store && resource.address.name() == "vault";
    let gone = |one: &Resource, other: &Resource, _: Edge| one.role == Role::Vamp && of_vault(other);
    let broken = of_graph(&inside, |graph| {
        assert!(graph.resources().any(of_vault));
        without(graph, gone);
    });
    assert!(broken.contains(&"VMP-2".to_owned()), "{broken:?}");
}

#[test]
fn top_5_both_agents_and_their_namespaces() {
    for role in [Role::GatewayAgent, Role::WorkflowAgent] {
        let of = |change: fn(&mut Resource)| {
            let broken = of_graph(keeps!("TOP-5"), |graph| {
                let address = with_role(graph, role).address.clone();
                change(graph.get_mut(&address).unwrap());
            });
            broken.contains(&"TOP-5".to_owned())
        };
        assert!(!of(|_| {}), "{role:?}");
        assert!(of(|resource| resource.scope.cluster = Some("us-1".into())), "{role:?}");
        assert!(of(|resource| resource.scope.environment = Some("staging".into())), "{role:?}");
    }
}

#[test]
fn ten_6_each_part_of_the_set_up_waits_for_the_one_before() {
    let of = |is_it: fn(&Resource) -> bool| {
        said_of_graph(keeps!("TEN-6"), |graph| without(graph, |one, _, edge| edge.rule == Some("TEN-6") && is_it(one)))
    };
    let home = of(|resource| resource.address.kind() == Kind::Namespace && resource.scope.is_cell());
    assert_eq!(home, ["cluster.eu-1/namespace/acme-shop-production would be made before the configuration of its tenant"]);
    for (role, name) in [(Role::GatewayAgent, "gateway-agent"), (Role::WorkflowAgent, "workflow-agent")] {
        let said = match role {
            Role::GatewayAgent => of(|resource| resource.role == Role::GatewayAgent),
            _ => of(|resource| resource.role == Role::WorkflowAgent),
        };
        let address = format!("cluster.eu-1/deployment/acme-shop-production/{name}");
        assert_eq!(said, [format!("{address} would be made before the configuration of its environment")]);
    }
    assert_eq!(of(|resource| resource.role == Role::Vamp), NOTHING);
}

/// One edge of its set-up does not stand for another.
#[test]
fn ten_6_a_workflow_agent_waits_for_its_token_and_for_the_configuration() {
    let of = |reason: EdgeReason| {
        said_of_graph(keeps!("TEN-6"), |graph| {
            without(graph, |one, _, edge| edge.rule == Some("TEN-6") && one.role == Role::WorkflowAgent && edge.reason == reason)
        })
    };
    let agent = "cluster.eu-1/deployment/acme-shop-production/workflow-agent";
    let before = |what: &str| [format!("{agent} would be made before {what}")];
    assert_eq!(of(EdgeReason::ReadsKeyOf), before("the token that it shows to Vamp"));
    assert_eq!(of(EdgeReason::StartsAfter), before("the configuration of its environment"));
}

#[test]
fn sec_1_every_kind_of_secret_and_nothing_else() {
    let entry = |key: &str| {
        of_graph(keeps!("SEC-1"), |graph| {
            edit_entry(graph, "vault/kv/acme/shop/configuration", |document| document.set(&["data", key], "vamp"));
        })
    };
    for key in ["database.sql.password", "security.password-hash-salt", "vault.token", "session.secret"] {
        assert_eq!(entry(&format!("vamp.{key}")), ["SEC-1"], "{key}");
    }
    assert_eq!([entry("vamp.security.token-value-length"), entry("vamp.secretary")], [NOTHING; 2]);
    let text = keeps!("SEC-1").replace("mysql: { placement: external, address: embedded", "mysql: { placement: in-cluster");
    let secret = of_graph(&text, |graph| {
        let address = graph.resources().find(|resource| resource.address.kind() == Kind::Secret).unwrap().address.to_string();
        edit_entry(graph, &address, |document| document.set(&["stringData", "password"], "vamp"));
    });
    assert!(secret.contains(&"SEC-1".to_owned()), "{secret:?}");
}

/// Only a store is held to last: agents are made anew wherever there is room.
#[test]
fn dur_8_one_volume_of_several_is_enough_and_agents_may_be_bound() {
    let of = |role, key: &'static str, what: Value| {
        of_graph(keeps!("DUR-8"), |graph| edit(graph, role, |document| document.set(&["spec", "template", "spec", key], what)))
    };
    let volumes = || value(r#"[{ "name": "tmp", "emptyDir": {} }, { "name": "data", "hostPath": { "path": "/data" } }]"#);
    assert_eq!(of(Role::Store, "volumes", volumes()), ["DUR-8"]);
    assert_eq!(of(Role::Store, "volumes", value(r#"[{ "name": "tmp", "emptyDir": {} }]"#)), NOTHING);
    assert_eq!(of(Role::GatewayAgent, "nodeSelector", value(r#"{ "pool": "edge" }"#)), NOTHING);
}

#[test]
fn pri_1_and_pri_2_what_is_captured_counts_and_only_gateways_log() {
    let text = |line: &str| format!("defaults http\n    {line}\n");
    let of = |role: Role, line: &'static str| {
        of_graph(keeps!("PRI-1"), |graph| {
            let address = match role {
                Role::GatewayConfiguration => with_role(graph, role).address.to_string(),
                _ => "vault/kv/acme/shop/production/configuration".to_owned(),
            };
            edit_entry(graph, &address, |document| document.set(&["data", "configuration"], text(line)));
        })
    };
    assert_eq!(of(Role::GatewayConfiguration, "http-request capture %[req.body] len 9"), ["PRI-1", "PRI-2"]);
    assert_eq!(of(Role::GatewayConfiguration, "http-request capture %[req.body_len] len 9"), ["PRI-2"]);
    assert_eq!(of(Role::GatewayConfiguration, "http-request set-header x %[req.body]"), NOTHING);
    assert_eq!(of(Role::Plain, "log-format '%ci %[req.body]'"), NOTHING);
}
