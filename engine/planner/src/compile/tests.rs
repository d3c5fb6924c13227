//! What is true of every graph, whatever the model.

use super::fixture::{MODELS, Model, environment, large, spec, tenant};
use super::*;
use model::address::Address;
use model::graph::EdgeReason;
use model::index::{IndexMap, IndexSet};
use model::resource::{Origin, Role};
use model::source::{Located, Place};
use model::value::Value;
use model::{FieldPath, Kind, Resource, System};

fn graph(model: Model) -> Graph {
    compile(&spec(model)).unwrap_or_else(|complaints| panic!("{model:?}: {complaints:#?}")).graph
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Everything that comes before `after`, however far.
fn before(graph: &Graph, after: &Address) -> IndexSet<Address> {
    let mut found = IndexSet::default();
    let mut waiting = vec![after.clone()];
    while let Some(next) = waiting.pop() {
        for (dependency, _) in graph.dependencies(&next) {
            if found.insert(dependency.address.clone()) {
                waiting.push(dependency.address.clone());
            }
        }
    }
    found
}

fn with_role(graph: &Graph, role: Role) -> Vec<&Resource> {
    graph.resources().filter(|resource| resource.role == role).collect()
}

fn reason(graph: &Graph, after: &Address, first: &Address) -> Option<(EdgeReason, Option<&'static str>)> {
    let mut dependencies = graph.dependencies(after);
    dependencies.find(|(dependency, _)| dependency.address == *first).map(|(_, edge)| (edge.reason, edge.rule))
}

#[test]
fn two_compilations_of_one_spec_are_equal() {
    for model in MODELS {
        let (left, right) = (graph(model), graph(model));
        assert!(left.resources().eq(right.resources()));
        let edges =
            |graph: &Graph| graph.edges().map(|(a, b, edge)| format!("{} {edge:?} {}", a.address, b.address)).collect::<Vec<_>>();
        assert_eq!(edges(&left), edges(&right));
    }
}

#[test]
fn a_namespace_comes_before_all_that_is_in_it() {
    for model in MODELS {
        let graph = graph(model);
        for resource in graph.resources() {
            let Some(namespace) = resource.address.namespace() else { continue };
            let namespace = Address::new(&resource.address.system(), Kind::Namespace, namespace);
            assert_eq!(reason(&graph, &resource.address, &namespace).map(|found| found.0), Some(EdgeReason::LivesIn));
        }
    }
}

#[test]
fn a_tenant_is_complete_before_anything_of_its_environments() {
    for model in MODELS {
        let graph = graph(model);
        let of_tenants = graph.resources().filter(|r| r.scope.tenant.is_some() && r.scope.environment.is_none());
        let of_tenants: Vec<&Resource> = of_tenants.collect();
        for resource in graph.resources().filter(|r| r.scope.is_cell() && r.address.kind().runs_pods()) {
            let earlier = before(&graph, &resource.address);
            for own in of_tenants.iter().filter(|own| own.scope.tenant == resource.scope.tenant) {
                assert!(earlier.contains(&own.address), "{} is not before {}", own.address, resource.address);
            }
        }
    }
}

#[test]
fn nothing_of_an_environment_is_begun_before_its_tenant_is_complete() {
    for model in MODELS {
        let graph = graph(model);
        for resource in graph.resources().filter(|resource| resource.scope.environment.is_some()) {
            let tenant = resource.scope.tenant.as_deref().unwrap();
            let complete = format!("vault/kv/acme/{tenant}/configuration");
            assert!(before(&graph, &resource.address).contains(complete.as_str()), "{model:?}: {}", resource.address);
        }
    }
}

#[test]
fn gateway_agents_start_after_their_key_configuration_tables_and_templates() {
    for model in MODELS {
        let graph = graph(model);
        let agents = with_role(&graph, Role::GatewayAgent);
        assert_eq!(agents.len(), if model == Model::M0 { 3 } else { 4 });
        for agent in agents {
            let key = agent.document.at(&["spec", "template", "spec", "containers"]).unwrap().as_list().unwrap()[0].get("env");
            let key = variable(key.unwrap(), "VAMP_KEY_VALUE_STORE_PATH");
            let key = Address::new(&System::Vault, Kind::Kv, key);
            assert_eq!(reason(&graph, &agent.address, &key), Some((EdgeReason::ReadsKeyOf, Some("VGA-6"))));
            assert_eq!(graph.get(&key).unwrap().role, Role::GatewayConfiguration);
            let earlier = before(&graph, &agent.address);
            let own = |resource: &&Resource| {
                resource.scope.environment == agent.scope.environment
                    && resource.scope.tenant == agent.scope.tenant
                    && matches!(
                        resource.address.kind(),
                        Kind::Table | Kind::IndexTemplate | Kind::LifecyclePolicy | Kind::SearchRole
                    )
            };
            assert!(graph.resources().filter(own).count() >= 5);
            assert!(graph.resources().filter(own).all(|resource| earlier.contains(&resource.address)));
        }
    }
}

fn variable<'a>(environment: &'a Value, name: &str) -> &'a str {
    let entry = environment.as_list().unwrap().iter().find(|entry| entry.str_at(&["name"]) == Some(name));
    entry.and_then(|entry| entry.str_at(&["value"])).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_workflow_token_comes_before_its_workflow_agent() {
    let graph = graph(Model::M3);
    let agent = address("cluster.de-1/deployment/acme-shop-production/workflow-agent");
    let token = address("vault/kv/acme/shop/production/credentials/workflow-token");
    assert_eq!(reason(&graph, &agent, &token), Some((EdgeReason::ReadsKeyOf, Some("TEN-6"))));
}

#[test]
fn vamp_starts_after_every_configuration_table_and_store() {
    for model in MODELS {
        let graph = graph(model);
        let vamp = with_role(&graph, Role::Vamp)[0];
        let earlier = before(&graph, &vamp.address);
        let needed = |resource: &&Resource| {
            let kind = resource.address.kind();
            let store = resource.role == Role::Store && !resource.address.name().starts_with("elasticsearch");
            store || kind == Kind::Table || kind == Kind::Kv && resource.address.name() == "configuration"
        };
        assert!(graph.resources().filter(needed).count() >= 10);
        for resource in graph.resources().filter(needed) {
            assert!(earlier.contains(&resource.address), "{model:?}: {}", resource.address);
        }
        assert_eq!(vamp.document.integer_at(&["spec", "replicas"]), Some(1));
        assert_eq!(vamp.document.str_at(&["spec", "strategy", "type"]), Some("Recreate"));
    }
}

#[test]
fn vamp_is_started_anew_when_a_configuration_changes_and_only_then() {
    let digest = |spec: &Spec| {
        let graph = compile(spec).unwrap().graph;
        let vamp = with_role(&graph, Role::Vamp)[0].document.clone();
        vamp.str_at(&["spec", "template", "metadata", "annotations", vamp::CONFIGURATION_DIGEST]).unwrap().to_owned()
    };
    let first = spec(Model::M3);
    let mut moved = first.clone();
    moved.tenants.reverse();
    assert_eq!(digest(&first), digest(&moved));
    let mut larger = first.clone();
    larger.tenants.get_mut("shop").unwrap().value.environments.get_mut("staging").unwrap().value.gateway_agents.replicas.value =
        4;
    assert_eq!(digest(&first), digest(&larger));
    let mut renamed = first.clone();
    renamed.tenants.get_mut("shop").unwrap().value.title.value = "Another".to_owned();
    assert_ne!(digest(&first), digest(&renamed));
}

#[test]
fn what_lives_in_a_store_of_a_cluster_waits_for_its_workload() {
    for model in MODELS {
        let compiled = compile(&spec(model)).unwrap();
        for connection in &compiled.connections {
            let model::connection::Endpoint::InCluster { workload } = &connection.endpoint else { continue };
            assert_eq!(compiled.graph.get(workload).unwrap().role, Role::Store);
            let inside = compiled.graph.resources().filter(|resource| resource.address.system() == connection.system);
            assert!(inside.clone().count() > 3);
            for resource in inside {
                assert!(before(&compiled.graph, &resource.address).contains(workload), "{}", resource.address);
            }
        }
        let stores = with_role(&compiled.graph, Role::Store).len();
        assert_eq!(stores, [3, 3, 2, 1, 2, 0][model as usize], "{model:?}");
    }
}

#[test]
fn a_vault_that_stores_in_mysql_waits_for_its_user_there() {
    let graph = graph(Model::M2);
    let vault = address("cluster.management/stateful-set/acme/vault");
    assert!(before(&graph, &vault).contains("mysql/grant/acme-vault/acme-vault"));
    let mut inside = spec(Model::M2);
    inside.dependencies.mysql.value.placement.value = crate::spec::types::Placement::InCluster("management".to_owned());
    let graph = compile(&inside).unwrap().graph;
    let mysql = address("cluster.management/stateful-set/acme/mysql");
    assert_eq!(reason(&graph, &vault, &mysql).map(|found| found.0), Some(EdgeReason::NeedsReady));
}

#[test]
fn cells_roll_one_after_another_the_canary_first() {
    let graph = graph(Model::M3);
    let canary = address("cluster.eu-1/deployment/acme-shop-production/gateway-agent");
    let next = address("cluster.de-1/deployment/acme-shop-production/gateway-agent");
    assert_eq!(reason(&graph, &next, &canary), Some((EdgeReason::RollsAfter, Some("VGA-4"))));
    assert_eq!(graph.edges().filter(|(.., edge)| edge.reason == EdgeReason::RollsAfter).count(), 1);
}

#[test]
fn every_name_in_a_document_leads_to_a_resource_that_comes_first() {
    for model in MODELS {
        let graph = graph(model);
        for resource in graph.resources() {
            let earlier = before(&graph, &resource.address);
            for named in references(resource) {
                assert!(graph.get(&named).is_some(), "{model:?}: {} names {named}", resource.address);
                assert!(earlier.contains(&named), "{model:?}: {} does not wait for {named}", resource.address);
            }
        }
    }
}

/// Resources that a document names.
fn references(resource: &Resource) -> Vec<Address> {
    let system = resource.address.system();
    let mut found = Vec::new();
    resource.document.for_each_secret(&mut |secret| match secret {
        model::SecretReference::Vault { path, .. } => found.push(Address::new(&System::Vault, Kind::Kv, path)),
        model::SecretReference::Kubernetes { cluster, namespace, name, .. } => {
            let system = System::Cluster(cluster.as_str().into());
            found.push(Address::new(&system, Kind::Secret, &format!("{namespace}/{name}")));
        }
        _ => {}
    });
    let Some(namespace) = resource.address.namespace() else { return found };
    let beside = |kind, name: &str| Address::new(&system, kind, &format!("{namespace}/{name}"));
    walk(&resource.document, &mut |path, value| {
        let Some(text) = value.as_str() else { return };
        match path {
            [.., "serviceAccountName"] => found.push(beside(Kind::ServiceAccount, text)),
            [.., "imagePullSecrets", "name"] | [.., "secretKeyRef", "name"] => found.push(beside(Kind::Secret, text)),
            [.., "configMap", "name"] => found.push(beside(Kind::ConfigMap, text)),
            ["spec", "serviceName"] => found.push(beside(Kind::Service, text)),
            ["roleRef", "name"] => found.push(beside(Kind::Role, text)),
            [.., "env", "value"] if text.starts_with("acme/") => found.push(Address::new(&System::Vault, Kind::Kv, text)),
            _ => {}
        }
    });
    found
}

/// Visit every leaf with its keys.
fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&[&str], &'a Value)) {
    fn inner<'a>(value: &'a Value, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&str], &'a Value)) {
        match value {
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    path.push(key);
                    inner(value, path, visit);
                    path.pop();
                }
            }
            Value::List(items) => items.iter().for_each(|item| inner(item, path, visit)),
            leaf => visit(path, leaf),
        }
    }
    inner(value, &mut Vec::new(), visit);
}

#[test]
fn documents_are_what_kubectl_would_apply() {
    for model in MODELS {
        for resource in graph(model).resources().filter(|resource| resource.address.system_text().starts_with("cluster.")) {
            let document = &resource.document;
            assert!(document.str_at(&["apiVersion"]).is_some() && document.str_at(&["kind"]).is_some(), "{}", resource.address);
            assert!(document.get("status").is_none());
            assert_eq!(document.str_at(&["metadata", "name"]), Some(resource.address.name()));
            assert_eq!(document.str_at(&["metadata", "namespace"]), resource.address.namespace());
            assert_eq!(document.str_at(&["metadata", "labels", "app.kubernetes.io/part-of"]), Some("acme"));
            walk(document, &mut |path, leaf| assert_ne!(*leaf, Value::Null, "{} {path:?}", resource.address));
        }
    }
}

#[test]
fn pods_of_a_workload_carry_the_labels_that_select_them() {
    for model in MODELS {
        for resource in graph(model).resources().filter(|resource| resource.address.kind().runs_pods()) {
            let selector = resource.document.at(&["spec", "selector", "matchLabels"]).unwrap().as_map().unwrap();
            for (key, value) in selector.iter() {
                assert_eq!(resource.document.at(&["spec", "template", "metadata", "labels", key]), Some(value));
            }
        }
    }
}

#[test]
fn every_cell_has_its_own_of_everything() {
    let graph = graph(Model::M3);
    for cell in ["cluster.eu-1", "cluster.de-1"] {
        for rest in [
            "namespace/acme-shop-production",
            "service-account/acme-shop-production/gateway-agent",
            "role/acme-shop-production/operators",
            "role-binding/acme-shop-production/operators",
            "secret/acme-shop-production/registries",
            "service/acme-shop-production/gateway-agent",
            "pod-disruption-budget/acme-shop-production/gateway-agent",
            "network-policy/acme-shop-production/gateway-agent",
            "network-policy/acme-shop-production/workflow-agent",
            "deployment/acme-shop-production/workflow-agent",
        ] {
            assert!(graph.get(&address(&format!("{cell}/{rest}"))).is_some(), "{cell}/{rest}");
        }
    }
    for cluster in ["eu-1", "de-1"] {
        for text in [
            format!("vault/kv/acme/shop/production/gateways/{cluster}"),
            format!("vault/auth-method/acme-{cluster}"),
            format!("vault/auth-role/acme-{cluster}/shop-production-gateway-agent"),
            format!("vault/policy/acme-shop-production-{cluster}-gateway-agent"),
        ] {
            assert!(graph.get(&address(&text)).is_some(), "{text}");
        }
    }
}

#[test]
fn both_layouts_give_each_namespace_a_table() {
    for (model, tables) in [
        (Model::M5, ["mysql/table/acme-shop/acme-shop", "mysql/table/acme-shop/acme-shop-production"]),
        (Model::M3, ["mysql/table/acme-shop/artifacts", "mysql/table/acme-shop-production/artifacts"]),
    ] {
        let graph = graph(model);
        for table in tables {
            assert!(graph.get(&address(table)).is_some_and(|table| table.holds_data), "{table}");
        }
        let grant = "mysql/grant/acme-shop/acme-shop-production";
        assert_eq!(graph.get(&address(grant)).is_some(), model == Model::M3);
    }
}

#[test]
fn a_regional_sink_takes_traffic_and_leaves_audit_where_it_is() {
    let graph = graph(Model::M4);
    assert!(graph.get(&address("elasticsearch.germany/index-template/acme-shop-production-traffic")).is_some());
    assert!(graph.get(&address("elasticsearch.germany/index-template/acme-shop-production-audit")).is_none());
    let policy = graph.get(&address("elasticsearch.central/lifecycle-policy/acme-shop-production-audit")).unwrap();
    assert_eq!(policy.document.str_at(&["policy", "phases", "delete", "min_age"]), Some("365d"));
}

#[test]
fn a_durable_store_keeps_its_data_in_claims_that_need_consent() {
    let graph = graph(Model::M1);
    for claim in ["data-mysql-0", "data-vault-2", "data-elasticsearch-central-0"] {
        let claim = address(&format!("cluster.management/persistent-volume-claim/acme/{claim}"));
        assert!(graph.get(&claim).is_some_and(|claim| claim.holds_data), "{claim}");
    }
    assert!(graph.get(&address("cluster.management/namespace/acme")).is_some_and(|namespace| namespace.holds_data));
    let local = self::graph(Model::M0);
    assert!(local.resources().all(|resource| resource.address.kind() != Kind::PersistentVolumeClaim));
}

#[test]
fn fields_that_a_person_asks_about_say_where_they_come_from() {
    let graph = graph(Model::M3);
    let agents = graph.get(&address("cluster.eu-1/deployment/acme-shop-production/gateway-agent")).unwrap();
    assert_eq!(agents.place.line, 51);
    assert!(matches!(agents.origin(&FieldPath::keys(&["spec", "replicas"])), Origin::Default(_)));
    let image = draft::container_path("gateway-agent", &["image"]);
    assert_eq!(agents.origin(&image), Origin::Spec(Place { line: 35, column: 1, length: 1 }));
    let policy = graph.get(&address("elasticsearch.central/lifecycle-policy/acme-shop-production-traffic")).unwrap();
    let retention = FieldPath::keys(&["policy", "phases", "delete", "min_age"]);
    assert_eq!(policy.origin(&retention), Origin::Spec(Place { line: 55, column: 1, length: 1 }));
}

#[test]
fn a_tenant_that_takes_the_name_of_the_platforms_own_schema_is_told_so() {
    let mut spec = spec(Model::M2);
    let taken = tenant(vec![("live", environment(&["eu-1"], "central"))]);
    spec.tenants.insert("vault".to_owned(), Located::at(taken, Place { line: 70, column: 3, length: 5 }));
    let complaints = compile(&spec).unwrap_err();
    assert!(complaints.iter().all(|complaint| complaint.code == "GRAPH-102"));
    assert_eq!(complaints[0].place.map(|place| place.line), Some(70));
    assert!(complaints[0].message.contains("acme-vault"), "{}", complaints[0].message);
}

#[test]
fn names_that_are_too_long_and_names_that_lead_nowhere_are_told_all_at_once() {
    let mut long = spec(Model::M3);
    long.platform.value = "a".repeat(60);
    let complaints = compile(&long).unwrap_err();
    assert!(complaints.len() > 3 && complaints.iter().all(|complaint| complaint.code == "GRAPH-101"));
    let mut dangling = spec(Model::M3);
    let shop = &mut dangling.tenants.get_mut("shop").unwrap().value;
    shop.environments.get_mut("staging").unwrap().value.clusters[0].value = "moon".to_owned();
    shop.environments.get_mut("production").unwrap().value.audit_sink.value = "sea".to_owned();
    let complaints = compile(&dangling).unwrap_err();
    assert_eq!(complaints.iter().map(|complaint| complaint.code).collect::<Vec<_>>(), ["GRAPH-104", "GRAPH-104"]);
}

#[test]
fn a_store_that_waits_for_what_lives_in_it_is_told_as_a_circle() {
    let cycle = model::graph::Cycle {
        members: vec![
            (address("vault/mount/acme"), Place { line: 1, column: 1, length: 1 }, EdgeReason::NeedsReady),
            (address("vault/kv/acme/a"), Place { line: 2, column: 1, length: 1 }, EdgeReason::LivesIn),
        ],
    };
    let complaint = diagnostics::cycle(&cycle);
    let path = "vault/mount/acme needs ready vault/kv/acme/a lives in vault/mount/acme";
    assert!(complaint.message.ends_with(path), "{}", complaint.message);
    assert_eq!((complaint.code, complaint.related.len()), ("GRAPH-103", 1));
}

#[test]
fn every_code_has_a_page_that_begins_with_it() {
    for code in ["GRAPH-101", "graph-102", "GRAPH-103", "GRAPH-104"] {
        let page = explain_error(code).unwrap();
        assert!(page.starts_with(&format!("# {}\n", code.to_uppercase())) && page.lines().count() > 5, "{code}");
    }
    assert_eq!(explain_error("GRAPH-1"), None);
}

#[test]
fn edges_grow_with_resources_and_not_with_their_pairs() {
    let per_resource = |count| {
        let graph = compile(&large(count)).unwrap().graph;
        graph.edges().count() as f64 / graph.len() as f64
    };
    let (small, larger) = (per_resource(5), per_resource(50));
    assert!(larger < 4.0 && larger < small * 1.2, "{small} {larger}");
}

#[test]
fn tables_share_one_document() {
    let graph = graph(Model::M5);
    let tables: Vec<&Resource> = graph.resources().filter(|resource| resource.address.kind() == Kind::Table).collect();
    assert!(tables.len() > 3 && tables.iter().all(|table| std::sync::Arc::ptr_eq(&table.document, &tables[0].document)));
}

#[test]
fn no_system_is_without_a_connection() {
    for model in MODELS {
        let compiled = compile(&spec(model)).unwrap();
        let known: IndexMap<System, ()> = compiled.connections.iter().map(|one| (one.system.clone(), ())).collect();
        assert!(compiled.graph.resources().all(|resource| known.contains_key(&resource.address.system())));
    }
}
