//! Every valid spec to its graph: what is wanted, in order, with reasons, as goldens that read as the manual; and what is true of each.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tests --test graph` writes the goldens anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

#[path = "graph/golden.rs"]
mod golden;
#[path = "graph/page.rs"]
mod page;

use model::address::Address;
use model::graph::{EdgeReason, Graph};
use model::resource::{Resource, Role, Scope};
use model::{Kind, System};
use planner::compile::{Compiled, compile};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The spec whose documents are shown: one cell, and a management plane with all stores in it.
const SHOWN: &str = "m1";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every valid spec by name, compiled.
fn compiled() -> BTreeMap<String, Compiled> {
    let files = std::fs::read_dir(root().join("specs/valid")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&path).unwrap();
        let parsed = planner::spec::parse(&format!("specs/valid/{name}.yaml"), &text)
            .unwrap_or_else(|complaints| panic!("{name}: {complaints:#?}"));
        let compiled = compile(&parsed.spec).unwrap_or_else(|complaints| panic!("{name}: {complaints:#?}"));
        (name, compiled)
    };
    let specs: BTreeMap<String, Compiled> =
        files.filter(|path| path.extension().is_some_and(|end| end == "yaml")).map(read).collect();
    assert!(specs.len() >= 8, "specs/valid has {} specs", specs.len());
    specs
}

#[test]
fn every_valid_spec_has_its_graph_and_every_graph_its_spec() {
    let pages = compiled().into_iter().map(|(name, compiled)| (format!("{name}.txt"), page::graph(&name, &compiled)));
    golden::check(&root().join("golden/graph"), &pages.collect());
}

#[test]
fn documents_of_one_cell_and_of_the_management_plane_are_shown() {
    let compiled = &compiled()[SHOWN];
    let cell = compiled.graph.resources().find(|resource| resource.scope.is_cell()).unwrap().scope.clone();
    let shown = |resource: &&Resource| resource.scope.contains(&cell) || resource.scope.tenant.is_none();
    let pages =
        compiled.graph.resources().filter(shown).map(|resource| (format!("{}.yaml", resource.address), page::document(resource)));
    golden::check(&root().join("golden/documents"), &pages.collect());
}

/// Position of each resource in the order.
fn positions(graph: &Graph) -> BTreeMap<&Address, usize> {
    graph.order().unwrap().iter().enumerate().map(|(position, resource)| (&resource.address, position)).collect()
}

fn of_role(graph: &Graph, role: Role) -> impl Iterator<Item = &Resource> {
    graph.resources().filter(move |resource| resource.role == role)
}

#[test]
fn every_edge_points_forward_in_the_order() {
    for (name, compiled) in compiled() {
        let positions = positions(&compiled.graph);
        assert_eq!(positions.len(), compiled.graph.len());
        for (after, first, edge) in compiled.graph.edges() {
            assert!(
                positions[&first.address] < positions[&after.address],
                "{name}: {} {} {}",
                after.address,
                edge.reason,
                first.address
            );
        }
    }
}

#[test]
fn a_tenant_is_set_up_before_its_environments_and_those_before_their_agents() {
    for (name, compiled) in compiled() {
        let positions = positions(&compiled.graph);
        for agent in compiled.graph.resources().filter(|one| matches!(one.role, Role::GatewayAgent | Role::WorkflowAgent)) {
            let around = |resource: &&Resource| {
                let agents_own = resource.address.kind().runs_pods() || resource.scope.tenant.is_none();
                resource.scope.contains(&agent.scope) && resource.scope != agent.scope && !agents_own
            };
            let mut seen = 0;
            for resource in compiled.graph.resources().filter(around) {
                // What only the other kind of agent reads need not be there for this one.
                let for_workflows = resource.address.key().contains("/workflow");
                if agent.role == Role::WorkflowAgent || !for_workflows {
                    assert!(
                        waits(&compiled.graph, agent, &resource.address),
                        "{name}: {} before {}",
                        agent.address,
                        resource.address
                    );
                    assert!(positions[&resource.address] < positions[&agent.address]);
                    seen += 1;
                }
            }
            assert!(seen > 8, "{name}: only {seen} before {}", agent.address);
        }
    }
}

/// Whether there is a way of edges from `resource` back to `first`.
fn waits(graph: &Graph, resource: &Resource, first: &Address) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![resource.address.clone()];
    while let Some(next) = waiting.pop() {
        for (dependency, _) in graph.dependencies(&next) {
            if dependency.address == *first {
                return true;
            }
            if seen.insert(dependency.address.clone()) {
                waiting.push(dependency.address.clone());
            }
        }
    }
    false
}

#[test]
fn every_gateway_agent_waits_for_the_key_that_it_reads() {
    for (name, compiled) in compiled() {
        for agent in of_role(&compiled.graph, Role::GatewayAgent) {
            let keys = compiled.graph.dependencies(&agent.address).filter(|(_, edge)| edge.rule == Some("VGA-6"));
            let keys: Vec<&Resource> = keys.map(|(key, _)| key).collect();
            assert_eq!(keys.len(), 1, "{name}: {}", agent.address);
            assert_eq!((keys[0].role, &keys[0].scope), (Role::GatewayConfiguration, &agent.scope));
            let text = keys[0].document.str_at(&["data", "configuration"]).unwrap();
            assert!(text.contains("/health"), "{name}: {text}");
        }
    }
}

#[test]
fn vamp_starts_after_all_that_it_reads() {
    for (name, compiled) in compiled() {
        let positions = positions(&compiled.graph);
        let vamp: Vec<&Resource> = of_role(&compiled.graph, Role::Vamp).collect();
        assert_eq!(vamp.len(), 1);
        for resource in compiled.graph.resources() {
            let kind = resource.address.kind();
            let read = matches!(kind, Kind::Table | Kind::Grant | Kind::User | Kind::IndexTemplate | Kind::Mount)
                || kind == Kind::Kv && resource.address.name() == "configuration";
            if read {
                assert!(waits(&compiled.graph, vamp[0], &resource.address), "{name}: {}", resource.address);
                assert!(positions[&resource.address] < positions[&vamp[0].address]);
            }
        }
    }
}

#[test]
fn what_needs_a_workload_ready_lives_in_it_or_stores_in_it() {
    for (name, compiled) in compiled() {
        for (after, first, edge) in compiled.graph.edges().filter(|(.., edge)| edge.reason == EdgeReason::NeedsReady) {
            assert_eq!(first.role, Role::Store, "{name}: {} {} {}", after.address, edge.reason, first.address);
            let system = after.address.system();
            let lives_there = match first.address.name() {
                "vault" => system == System::Vault,
                "mysql" => system == System::Mysql || after.address.name() == "vault",
                search => matches!(system, System::Elasticsearch(sink) if search == format!("elasticsearch-{sink}")),
            };
            let reads_it = matches!(after.address.name(), "vamp" | "lifter");
            assert!(lives_there || reads_it, "{name}: {} {} {}", after.address, edge.reason, first.address);
        }
    }
}

#[test]
fn compiling_twice_gives_the_same_pages() {
    let pages = || -> Vec<String> { compiled().iter().map(|(name, compiled)| page::graph(name, compiled)).collect() };
    assert_eq!(pages(), pages());
}

#[test]
fn no_secret_stands_in_a_page() {
    let secret = model::secret::SecretReference::Generated { length: 32 };
    let mut resource = compiled()[SHOWN].graph.resources().next().unwrap().clone();
    resource.scope = Scope::PLATFORM;
    let mut document = resource.document.as_ref().clone();
    document.set(&["password"], secret);
    resource.document = document.into();
    assert!(page::document(&resource).contains("password: (secret: generated, 32 characters)"));
}
