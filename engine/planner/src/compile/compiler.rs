//! What every part of the compilation writes into: the graph, the edges that wait for their ends, the complaints.

use super::diagnostics;
use super::draft::Draft;
use super::names::Names;
use super::topology::Topology;
use crate::spec::Spec;
use model::address::Address;
use model::graph::{Edge, Graph};
use model::value::Value;
use model::{Diagnostic, Kind, System};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The compilation in progress.
pub(crate) struct Compiler<'s> {
    pub(crate) spec: &'s Spec,
    pub(crate) names: Names<'s>,
    pub(crate) topology: Topology<'s>,
    /// The platform's mount in Vault, which all its entries lie in.
    pub(crate) mount: Address,
    graph: Graph,
    /// Edges are drawn at the end, so that the order in which resources are added is free.
    edges: Vec<(Address, Address, Edge)>,
    diagnostics: Vec<Diagnostic>,
    /// Documents that many resources share; a handful.
    shared: BTreeSet<Arc<Value>>,
}

impl<'s> Compiler<'s> {
    pub(crate) fn new(spec: &'s Spec, topology: Topology<'s>) -> Self {
        let names = Names::of(spec);
        Compiler {
            spec,
            names,
            topology,
            mount: Address::new(&System::Vault, Kind::Mount, names.platform),
            graph: Graph::default(),
            edges: Vec::new(),
            diagnostics: Vec::new(),
            shared: BTreeSet::new(),
        }
    }

    /// Put a resource with its edges into the graph; gives back its address.
    pub(crate) fn add(&mut self, mut draft: Draft) -> Address {
        if draft.alike {
            draft.resource.document = self.share(draft.resource.document);
        }
        let address = draft.resource.address.clone();
        self.diagnostics.extend(diagnostics::check_names(&draft.resource));
        match self.graph.add(draft.resource) {
            Ok(()) => self.edges.extend(draft.after.into_iter().map(|(first, edge)| (address.clone(), first, edge))),
            Err(duplicate) => self.diagnostics.push(diagnostics::duplicate(&duplicate)),
        }
        address
    }

    fn share(&mut self, document: Arc<Value>) -> Arc<Value> {
        if let Some(known) = self.shared.get(&document) {
            return known.clone();
        }
        self.shared.insert(document.clone());
        document
    }

    pub(crate) fn complain(&mut self, complaints: Vec<Diagnostic>) {
        self.diagnostics.extend(complaints);
    }

    /// The whole graph, if nothing is wrong with it.
    pub(crate) fn finish(mut self) -> Result<Graph, Vec<Diagnostic>> {
        for (dependent, dependency, edge) in &self.edges {
            if !self.graph.depend(dependent, dependency, *edge) {
                let place = self.graph.get(dependent).map(|resource| resource.place).unwrap_or_default();
                self.diagnostics.push(diagnostics::missing(dependent, dependency, place));
            }
        }
        if let Err(cycle) = self.graph.order() {
            self.diagnostics.push(diagnostics::cycle(&cycle));
        }
        if self.diagnostics.is_empty() { Ok(self.graph) } else { Err(self.diagnostics) }
    }
}
