//! What breaks the rules that no accepted spec breaks: specs, graphs and plans that only a hand can make.

use super::hand::*;
use super::*;
use model::change::{Cause, CauseKind, FieldChange, Shown};
use model::graph::Edge;
use model::plan::{Action, Note, NoteKind, Step};
use model::resource::Role;
use model::source::Located;
use model::{Kind, Resource, Value};

#[test]
fn vga_1_one_gateway_agent_is_too_few_and_two_are_enough() {
    let with = |replicas| of_spec(keeps!("VGA-1"), |spec| production(spec).gateway_agents.replicas.value = replicas);
    assert_eq!((with(1), with(2)), (vec!["VGA-1".to_owned()], Vec::new()));
}

#[test]
fn vga_2_one_node_or_no_anti_affinity() {
    let nodes = of_spec(keeps!("VGA-2"), |spec| spec.clusters["eu-1"].value.nodes.count.value = 1);
    assert!(nodes.contains(&"VGA-2".to_owned()), "{nodes:?}");
    let affinity = ["spec", "template", "spec", "affinity"];
    let together =
        of_graph(keeps!("VGA-2"), |graph| edit(graph, Role::GatewayAgent, |document| drop(document.remove(&affinity))));
    assert_eq!(together, ["VGA-2"]);
}

#[test]
fn vga_3_an_entry_point_that_leads_elsewhere_or_to_the_unready_or_is_none() {
    let service = |change: fn(&mut Value)| {
        of_graph(keeps!("VGA-3"), |graph| {
            edit_entry(graph, "cluster.eu-1/service/acme-shop-production/gateway-agent", change);
        })
    };
    assert_eq!(service(|document| document.set(&["spec", "type"], "ClusterIP")), ["VGA-3"]);
    assert_eq!(service(|document| document.set(&["spec", "selector", "other"], "x")), ["VGA-3"]);
    assert_eq!(service(|document| document.set(&["spec", "publishNotReadyAddresses"], true)), ["VGA-3"]);
    let gone = of_graph(keeps!("VGA-3"), |graph| without(graph, |_, first, _| first.address.kind() == Kind::Service));
    assert_eq!(gone, ["VGA-3"]);
}

#[test]
fn vga_5_gateway_agents_are_rolled_while_vault_cannot_be_read() {
    let rolled = |action, note: Option<Note>| {
        of_plan(keeps!("VGA-5"), |graph| {
            plan(vec![step(with_role(graph, Role::GatewayAgent), action)], note.into_iter().collect())
        })
    };
    assert_eq!(rolled(Action::Update, Some(unknown("vault/kv/acme/shop/configuration"))), ["VGA-5"]);
    assert_eq!(rolled(Action::Update, Some(unknown("mysql/schema/acme-shop"))), [""; 0]);
    assert_eq!(rolled(Action::Await, Some(unknown("vault/kv/acme/shop/configuration"))), [""; 0]);
    assert_eq!(rolled(Action::Update, None), [""; 0]);
}

#[test]
fn vga_6_a_gateway_agent_that_does_not_wait_for_its_key() {
    let wanted = of_graph(keeps!("VGA-6"), |graph| without(graph, |_, _, edge| edge.rule == Some("VGA-6")));
    assert_eq!(wanted, ["VGA-6"]);
    let planned = |late: bool| {
        of_plan(keeps!("VGA-6"), |graph| {
            let [agents, key] =
                [Role::GatewayAgent, Role::GatewayConfiguration].map(|role| step(with_role(graph, role), Action::Create));
            plan(if late { vec![agents, key] } else { vec![key, agents] }, Vec::new())
        })
    };
    assert_eq!((planned(true), planned(false)), (vec!["VGA-6".to_owned()], Vec::new()));
}

#[test]
fn vga_8_a_configuration_that_loses_a_gateway_which_nobody_named_as_retired() {
    let served = with_role(&compile(&spec(keeps!("VGA-8"))).unwrap().graph, Role::GatewayConfiguration).document.clone();
    let shrunk_as = |role: Role, retired: &str| {
        let text = keeps!("VGA-8").replace("        gateways: { web:", &format!("{retired}        gateways: {{ shop:"));
        of_plan(&text, |graph| {
            let configuration = with_role(graph, Role::GatewayConfiguration);
            let text_of = |document: &Value| document.at(&["data", "configuration"]).cloned().map(Shown::Value);
            let (before, after) = (text_of(&served), text_of(&configuration.document));
            let cause = Cause { kind: CauseKind::Spec, source: "vamp.yaml:1:1".into() };
            let change = FieldChange { path: "data.configuration".into(), before, after, cause };
            plan(vec![Step { role, changes: vec![change], ..step(configuration, Action::Update) }], Vec::new())
        })
    };
    let shrunk = |retired: &str| shrunk_as(Role::GatewayConfiguration, retired);
    assert_eq!(shrunk(""), ["VGA-8"]);
    assert_eq!(shrunk_as(Role::Plain, ""), [""; 0]);
    assert_eq!(shrunk("        retiredGateways: [web]\n"), [""; 0]);
}

#[test]
fn wfa_1_none_or_two_or_two_at_a_time() {
    for replicas in [0, 2] {
        assert_eq!(of_spec(keeps!("WFA-1"), |spec| production(spec).workflow_agent.replicas.value = replicas), ["WFA-1"]);
        let made = of_graph(keeps!("WFA-1"), |graph| {
            edit(graph, Role::WorkflowAgent, |document| document.set(&["spec", "replicas"], replicas))
        });
        assert_eq!(made, ["WFA-1"]);
    }
    let rolling = |document: &mut Value| document.set(&["spec", "strategy", "type"], "RollingUpdate");
    assert_eq!(of_graph(keeps!("WFA-1"), |graph| edit(graph, Role::WorkflowAgent, rolling)), ["WFA-1"]);
}

#[test]
fn vmp_1_no_vamp_or_two_or_two_at_a_time() {
    let two = |document: &mut Value| document.set(&["spec", "replicas"], 2);
    assert_eq!(of_graph(keeps!("VMP-1"), |graph| edit(graph, Role::Vamp, two)), ["VMP-1"]);
    let rolling = |document: &mut Value| document.set(&["spec", "strategy", "type"], "RollingUpdate");
    assert_eq!(of_graph(keeps!("VMP-1"), |graph| edit(graph, Role::Vamp, rolling)), ["VMP-1"]);
    let none = of_graph(keeps!("VMP-1"), |graph| {
        let address = with_role(graph, Role::Vamp).address.clone();
        graph.get_mut(&address).unwrap().role = Role::Plain;
    });
    assert_eq!(none, ["VMP-1"]);
}

#[test]
fn vmp_2_and_vmp_3_a_vamp_that_does_not_wait() {
    assert_eq!(of_graph(keeps!("VMP-2"), |graph| without(graph, |_, _, edge| edge.rule == Some("VMP-2"))), ["VMP-2"]);
    assert_eq!(of_graph(keeps!("VMP-3"), |graph| without(graph, |_, _, edge| edge.rule == Some("VMP-3"))), ["VMP-3"]);
    // One that is not waited for is one too many.
    let of_the_tenant = |resource: &Resource| resource.address.as_str() == "vault/kv/acme/shop/configuration";
    let but_one =
        |one: &Resource, other: &Resource, edge: Edge| edge.rule == Some("VMP-3") && (of_the_tenant(one) || of_the_tenant(other));
    assert_eq!(of_graph(keeps!("VMP-3"), |graph| without(graph, but_one)), ["VMP-3"]);
}

#[test]
fn vmp_3_a_plan_that_changes_a_configuration_restarts_vamp_once_or_says_why_not() {
    let planned_for = |kind: CauseKind, restarts: usize, told: bool| {
        of_plan(keeps!("VMP-3"), |graph| {
            let configuration = graph.get(&"vault/kv/acme/shop/configuration".parse().unwrap()).unwrap();
            let vamp = with_role(graph, Role::Vamp);
            let causes = vec![Cause { kind, source: "somebody".into() }];
            let changed = Step { causes, ..step(configuration, Action::Update) };
            let steps = std::iter::once(changed).chain((0..restarts).map(|_| step(vamp, Action::Update)));
            let note = Note { kind: NoteKind::Waits, ..unknown(vamp.address.as_str()) };
            plan(steps.collect(), told.then_some(note).into_iter().collect())
        })
    };
    let planned = |restarts, told| planned_for(CauseKind::Spec, restarts, told);
    assert_eq!([planned(0, false), planned(2, false)], [["VMP-3"], ["VMP-3"]]);
    assert_eq!([planned(1, false), planned(0, true), planned_for(CauseKind::Drift, 0, false)], [[""; 0]; 3]);
}

#[test]
fn top_5_agents_somewhere_else() {
    let on_management = of_spec(keeps!("TOP-5"), |spec| production(spec).clusters[0].value = "management".to_owned());
    assert!(on_management.contains(&"TOP-5".to_owned()), "{on_management:?}");
    let elsewhere = of_graph(keeps!("TOP-5"), |graph| {
        let address = with_role(graph, Role::WorkflowAgent).address.clone();
        graph.get_mut(&address).unwrap().scope.cluster = Some("us-1".into());
    });
    assert!(elsewhere.contains(&"TOP-5".to_owned()), "{elsewhere:?}");
}

#[test]
fn top_6_and_ten_3_names_that_make_one_namespace() {
    let broken = of_spec(keeps!("TOP-6"), |spec| {
        let mut tenant = spec.tenants["shop"].clone();
        let environment = tenant.value.environments["production"].clone();
        tenant.value.environments = [("b-c".to_owned(), environment.clone())].into_iter().collect();
        spec.tenants.insert("a".to_owned(), tenant.clone());
        tenant.value.environments = [("c".to_owned(), environment)].into_iter().collect();
        spec.tenants.insert("a-b".to_owned(), tenant);
    });
    assert!(["TEN-1", "TEN-3", "TOP-6"].iter().all(|id| broken.contains(&(*id).to_owned())), "{broken:?}");
}

#[test]
fn dur_7_a_plan_that_takes_away_data_without_consent() {
    let planned = |action, consent| {
        of_plan(keeps!("DUR-7"), |graph| {
            let schema = graph.resources().find(|resource| resource.address.kind() == Kind::Schema).unwrap();
            plan(vec![Step { destroys_data: consent, ..step(schema, action) }], Vec::new())
        })
    };
    assert_eq!([planned(Action::Delete, false), planned(Action::Replace, false)], [["DUR-7"], ["DUR-7"]]);
    assert_eq!([planned(Action::Delete, true), planned(Action::Update, false)], [[""; 0]; 2]);
}

#[test]
fn dur_8_a_store_on_the_disk_of_a_node() {
    let disk = serde_json::from_str::<Value>(r#"[{ "name": "data", "hostPath": { "path": "/data" } }]"#).unwrap();
    let on_disk = of_graph(keeps!("DUR-8"), |graph| {
        edit(graph, Role::Store, |document| document.set(&["spec", "template", "spec", "volumes"], disk));
    });
    assert_eq!(on_disk, ["DUR-8"]);
    let bound = of_graph(keeps!("DUR-8"), |graph| {
        edit(graph, Role::Store, |document| document.set(&["spec", "template", "spec", "nodeName"], "node-1"));
    });
    assert_eq!(bound, ["DUR-8"]);
}

#[test]
fn es_6_what_an_environment_writes_goes_elsewhere() {
    let broken = of_spec(keeps!("ES-6"), |spec| production(spec).traffic_sink = Located::default_value("germany".to_owned()));
    assert!(broken.contains(&"ES-6".to_owned()), "{broken:?}");
}

#[test]
fn es_7_agents_of_a_cell_with_two_elasticsearches() {
    let other = serde_json::from_str::<Value>(r#"[{ "name": "VAMP_ELASTICSEARCH_URL", "value": "https://other" }]"#).unwrap();
    let broken = of_graph(keeps!("ES-7"), |graph| {
        edit(graph, Role::WorkflowAgent, |document| {
            let containers =
                document.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_list).unwrap_or_default();
            let mut containers = containers.to_vec();
            containers[0].set(&["env"], other);
            document.set(&["spec", "template", "spec", "containers"], Value::List(containers));
        });
    });
    assert_eq!(broken, ["ES-7"]);
}

#[test]
fn aud_3_changes_that_would_leave_no_trace() {
    let planned = |subject: &str, action| {
        of_plan(keeps!("AUD-3"), |graph| plan(vec![step(with_role(graph, Role::WorkflowAgent), action)], vec![unknown(subject)]))
    };
    assert_eq!(planned("elasticsearch.central/role/x", Action::Update), ["AUD-3"]);
    assert_eq!(planned("elasticsearch.central/role/x", Action::Keep), [""; 0]);
    assert_eq!(planned("elasticsearch.other/role/x", Action::Update), [""; 0]);
}

#[test]
fn pri_1_and_pri_2_a_log_that_says_too_much() {
    let logged = |format: &'static str| {
        of_graph(keeps!("PRI-1"), |graph| {
            edit(graph, Role::GatewayConfiguration, |document| {
                document.set(&["data", "configuration"], format!("defaults http\n    log-format '{format}'\n"));
            });
        })
    };
    assert_eq!(logged("%[req.body]"), ["PRI-1"]);
    assert_eq!(logged("%ci %r"), ["PRI-2"]);
    assert_eq!(logged("%[src] %ST"), ["PRI-2"]);
    assert_eq!(logged("%[src,ipmask(24,48)] %ST"), [""; 0]);
}

#[test]
fn ten_1_names_with_a_dash_or_too_long() {
    let renamed = |name: &str| {
        of_spec(keeps!("TOP-6"), |spec| {
            let environments = &mut spec.tenants["shop"].value.environments;
            let environment = environments.swap_remove("production").unwrap();
            environments.insert(name.to_owned(), environment);
        })
    };
    assert_eq!([renamed("pro-duction"), renamed(&"a".repeat(54))], [["TEN-1"], ["TEN-1"]]);
    assert_eq!(renamed(&"a".repeat(53)), [""; 0]);
}

#[test]
fn ten_2_and_ten_4_a_tenant_of_nothing_or_of_nobody() {
    assert_eq!(of_spec(keeps!("TEN-4"), |spec| spec.tenants["shop"].value.administrators.clear()), ["TEN-4"]);
    let empty = of_spec(keeps!("TEN-2"), |spec| spec.tenants["shop"].value.environments.clear());
    assert!(empty.contains(&"TEN-2".to_owned()), "{empty:?}");
}

#[test]
fn ten_5_an_environment_with_another_way_to_mysql() {
    for key in ["url", "user", "password"] {
        let broken = of_graph(keeps!("TEN-5"), |graph| {
            edit_entry(graph, "vault/kv/acme/shop/production/configuration", |document| {
                document.set(&["data", &format!("vamp.persistence.database.sql.{key}")], Value::Null);
            });
        });
        assert_eq!(broken, ["TEN-5"], "{key}");
    }
}

#[test]
fn ten_6_set_up_in_the_wrong_order() {
    assert_eq!(of_graph(keeps!("TEN-6"), |graph| without(graph, |_, _, edge| edge.rule == Some("TEN-6"))), ["TEN-6"]);
}

#[test]
fn sec_1_a_secret_that_was_shipped() {
    let broken = of_graph(keeps!("SEC-1"), |graph| {
        edit_entry(graph, "vault/kv/acme/shop/configuration", |document| {
            document.set(&["data", "vamp.security.password-hash-salt"], "a constant");
        });
    });
    assert_eq!(broken, ["SEC-1"]);
}

#[test]
fn nodes_that_were_seen_count_for_more_than_those_that_are_declared() {
    use model::observation::{Node, Snapshot};
    let spec = spec(keeps!("CAP-1"));
    let graph = compile(&spec).unwrap().graph;
    let node = |name: &str| Node { name: name.into(), zone: "a".into(), schedulable: true };
    let mut snapshot = Snapshot::default();
    snapshot.nodes.insert("management".into(), vec![node("one")]);
    assert_eq!(ids(&judge(&Case::of(&spec, &graph, TODAY).observed(&snapshot))), ["CAP-1"]);
}
