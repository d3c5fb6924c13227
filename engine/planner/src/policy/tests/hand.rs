//! What only a hand can make: changed specs, graphs and plans, and the rules that they break.

use super::*;
use model::graph::Edge;
use model::operation::Expectation;
use model::plan::{Action, Note, NoteKind, Plan, Step};
use model::resource::Role;
use model::{Graph, Resource, Value};

/// A spec that keeps the rule.
macro_rules! keeps {
    ($id:literal) => {
        include_str!(concat!("../../../../../specs/policies/", $id, "/keeps.yaml"))
    };
}

pub(super) use keeps;

/// Ids of the rules that a changed spec breaks; its graph is that of the spec before the change, which could be compiled.
pub(super) fn of_spec(text: &str, change: impl FnOnce(&mut Spec)) -> Vec<String> {
    let mut spec = spec(text);
    let graph = compile(&spec).unwrap().graph;
    change(&mut spec);
    ids(&judge(&Case::of(&spec, &graph, TODAY)))
}

/// The same for a changed graph.
pub(super) fn of_graph(text: &str, change: impl FnOnce(&mut Graph)) -> Vec<String> {
    let spec = spec(text);
    let mut graph = compile(&spec).unwrap().graph;
    change(&mut graph);
    ids(&judge(&Case::of(&spec, &graph, TODAY)))
}

/// What is said of a changed graph.
pub(super) fn said_of_graph(text: &str, change: impl FnOnce(&mut Graph)) -> Vec<String> {
    let spec = spec(text);
    let mut graph = compile(&spec).unwrap().graph;
    change(&mut graph);
    judge(&Case::of(&spec, &graph, TODAY)).open().map(|finding| finding.message.clone()).collect()
}

/// The same for a plan made from the graph.
pub(super) fn of_plan(text: &str, make: impl FnOnce(&Graph) -> Plan) -> Vec<String> {
    let spec = spec(text);
    let graph = compile(&spec).unwrap().graph;
    let plan = make(&graph);
    ids(&judge(&Case::of(&spec, &graph, TODAY).plan(&plan)))
}

/// What is said of a plan.
pub(super) fn said_of_plan(text: &str, make: impl FnOnce(&Graph) -> Plan) -> Vec<String> {
    let spec = spec(text);
    let graph = compile(&spec).unwrap().graph;
    let plan = make(&graph);
    judge(&Case::of(&spec, &graph, TODAY).plan(&plan)).open().map(|finding| finding.message.clone()).collect()
}

pub(super) fn ids(judgement: &Judgement) -> Vec<String> {
    let ids: BTreeSet<String> = judgement.open().map(|finding| finding.policy.to_string()).collect();
    ids.into_iter().collect()
}

pub(super) fn production(spec: &mut Spec) -> &mut crate::spec::types::Environment {
    &mut spec.tenants["shop"].value.environments["production"].value
}

/// Change the document of the resource with a role.
pub(super) fn edit(graph: &mut Graph, role: Role, change: impl FnOnce(&mut Value)) {
    let address = graph.resources().find(|resource| resource.role == role).unwrap().address.clone();
    let resource = graph.get_mut(&address).unwrap();
    let mut document = resource.document.as_ref().clone();
    change(&mut document);
    resource.document = document.into();
}

/// The same for an entry of Vault.
pub(super) fn edit_entry(graph: &mut Graph, path: &str, change: impl FnOnce(&mut Value)) {
    let address = path.parse().unwrap();
    let resource = graph.get_mut(&address).unwrap();
    let mut document = resource.document.as_ref().clone();
    change(&mut document);
    resource.document = document.into();
}

/// The graph without some of its edges; each is asked as (what comes after, what comes first, why).
pub(super) fn without(graph: &mut Graph, gone: impl Fn(&Resource, &Resource, Edge) -> bool) {
    let mut rest = Graph::default();
    graph.resources().for_each(|resource| rest.add(resource.clone()).unwrap());
    for (dependent, dependency, edge) in graph.edges().filter(|(dependent, dependency, edge)| !gone(dependent, dependency, *edge))
    {
        assert!(rest.depend(&dependent.address, &dependency.address, edge));
    }
    *graph = rest;
}

pub(super) fn plan(steps: Vec<Step>, report: Vec<Note>) -> Plan {
    Plan {
        format_version: model::plan::FORMAT_VERSION,
        made_at: String::new(),
        platform: "acme".into(),
        spec_digest: "d".into(),
        acts_on: Vec::new(),
        connections: Vec::new(),
        pinned_to: Default::default(),
        steps,
        report,
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 0,
        digest: "d".into(),
    }
}

pub(super) fn step(resource: &Resource, action: Action) -> Step {
    Step {
        address: resource.address.clone(),
        action,
        causes: Vec::new(),
        after: Vec::new(),
        expected: Expectation::Absent,
        scope: resource.scope.clone(),
        role: resource.role,
        changes: Vec::new(),
        document: Some(resource.document.clone()),
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}

pub(super) fn with_role(graph: &Graph, role: Role) -> &Resource {
    graph.resources().find(|resource| resource.role == role).unwrap()
}

pub(super) fn unknown(subject: &str) -> Note {
    Note { kind: NoteKind::Unknown, subject: subject.into(), rule: None, message: "cannot be looked at".to_owned(), help: None }
}
