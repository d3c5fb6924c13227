//! What is wanted, in order: resources as nodes, and edges that say why one comes before another.

mod followers;
mod positions;

use crate::address::Address;
use crate::index::IndexMap;
use crate::resource::Resource;
use crate::secret::SecretReference;
use crate::source::Place;
use followers::Followers;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use positions::Positions;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::fmt;

/// Why one resource comes after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeReason {
    /// It lies inside the other: an object in its namespace, a table in its schema.
    LivesIn,
    /// It names the other in its document.
    References,
    /// It reads the Vault entry that the other is.
    ReadsKeyOf,
    /// The other grants what it needs.
    IsAllowedBy,
    /// The other must do its work before this one can be made at all.
    NeedsReady,
    /// It is (re)started only when the other is in place.
    StartsAfter,
    /// The other is rolled first, so that a fault shows in one place.
    RollsAfter,
}

impl EdgeReason {
    /// How it reads between two addresses: `A lives in B`.
    pub const fn phrase(self) -> &'static str {
        match self {
            EdgeReason::LivesIn => "lives in",
            EdgeReason::References => "references",
            EdgeReason::ReadsKeyOf => "reads the key of",
            EdgeReason::IsAllowedBy => "is allowed by",
            EdgeReason::NeedsReady => "needs ready",
            EdgeReason::StartsAfter => "starts after",
            EdgeReason::RollsAfter => "rolls after",
        }
    }
}

impl fmt::Display for EdgeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}

/// An edge: why, and the rule of the domain that asks for it, if one does (`VGA-6`, `TEN-6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Why.
    pub reason: EdgeReason,
    /// Rule id.
    pub rule: Option<&'static str>,
}

/// The resources of a platform and the order among them. Edges point from what comes first to what comes after.
///
/// A resource has the same position in all three fields. The edges stand apart from the resources so that walking them touches
/// a few bytes a node, and growth stays linear when the resources no longer fit into a cache.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    resources: Vec<Resource>,
    positions: Positions,
    edges: DiGraph<(), Edge>,
}

/// One more resource at an address that is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is declared twice")]
pub struct Duplicate {
    /// The address.
    pub address: Address,
    /// The place that asked for the first.
    pub first: Place,
    /// The place that asked for the second.
    pub second: Place,
}

/// A circle of resources, none of which can be first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The circle: each member, the place in the spec that made it, and why it comes after the *next* member.
    pub members: Vec<(Address, Place, EdgeReason)>,
}

impl Graph {
    /// Put a resource into the graph.
    ///
    /// # Errors
    /// [`Duplicate`] if its address is taken.
    pub fn add(&mut self, resource: Resource) -> Result<(), Duplicate> {
        let (position, is_new) = self.positions.insert(&resource.address);
        if !is_new {
            let first = self.resources[position].place;
            return Err(Duplicate { address: resource.address, first, second: resource.place });
        }
        self.edges.add_node(());
        self.resources.push(resource);
        Ok(())
    }

    /// Say that `dependent` comes after `dependency`. Returns whether both are in the graph; if not, nothing is added.
    pub fn depend(&mut self, dependent: &Address, dependency: &Address, edge: Edge) -> bool {
        let (Some(from), Some(to)) = (self.node(dependency), self.node(dependent)) else { return false };
        self.edges.add_edge(from, to, edge);
        true
    }

    fn node(&self, address: &Address) -> Option<NodeIndex> {
        self.position(address).map(NodeIndex::new)
    }

    /// Number of resources.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.edge_count()
    }

    /// The resource at `address`.
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        self.position(address).map(|position| &self.resources[position])
    }

    /// The resource at `address`, to change it.
    pub fn get_mut(&mut self, address: &Address) -> Option<&mut Resource> {
        self.position(address).map(|position| &mut self.resources[position])
    }

    /// All resources, in the order in which they were added.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = &Resource> + Clone {
        self.resources.iter()
    }

    /// Every secret that a document refers to.
    pub fn secrets(&self) -> BTreeSet<SecretReference> {
        let mut secrets = BTreeSet::new();
        for resource in self.resources() {
            resource.document.for_each_secret(&mut |reference| {
                if !secrets.contains(reference) {
                    secrets.insert(reference.clone());
                }
            });
        }
        secrets
    }

    /// Position of a resource in [`Graph::resources`].
    pub fn position(&self, address: &Address) -> Option<usize> {
        self.positions.of(address)
    }

    /// What `address` comes after, each with the reason.
    pub fn dependencies(&self, address: &Address) -> impl Iterator<Item = (&Resource, Edge)> {
        self.neighbours(address, Direction::Incoming)
    }

    /// What comes after `address`, each with the reason.
    pub fn dependents(&self, address: &Address) -> impl Iterator<Item = (&Resource, Edge)> {
        self.neighbours(address, Direction::Outgoing)
    }

    fn neighbours(&self, address: &Address, direction: Direction) -> impl Iterator<Item = (&Resource, Edge)> {
        self.node(address).into_iter().flat_map(move |node| {
            self.edges.edges_directed(node, direction).map(move |edge| {
                let other = if direction == Direction::Incoming { edge.source() } else { edge.target() };
                (&self.resources[other.index()], *edge.weight())
            })
        })
    }

    /// All edges as (what comes after, what comes first, why).
    pub fn edges(&self) -> impl Iterator<Item = (&Resource, &Resource, Edge)> {
        self.edges
            .edge_references()
            .map(|edge| (&self.resources[edge.target().index()], &self.resources[edge.source().index()], *edge.weight()))
    }

    /// All resources, each after everything that it depends on; among equals, in the order in which they were added.
    /// Linear in nodes and edges but for the heap, and without recursion, so that a chain of any length is fine.
    ///
    /// # Errors
    /// The shortest circle through its first member, if there is one.
    pub fn order(&self) -> Result<Vec<&Resource>, Cycle> {
        let followers = Followers::of(&self.edges);
        let mut waits: Vec<u32> = vec![0; self.resources.len()];
        followers.all().iter().for_each(|&follower| waits[follower as usize] += 1);
        let mut ready: BinaryHeap<Reverse<usize>> = (0..waits.len()).filter(|&node| waits[node] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(&self.resources[node]);
            for &next in followers.of_node(node) {
                waits[next as usize] -= 1;
                if waits[next as usize] == 0 {
                    ready.push(Reverse(next as usize));
                }
            }
        }
        if order.len() == waits.len() { Ok(order) } else { Err(self.find_cycle()) }
    }

    /// The shortest circle through the first node that lies on one (breadth first inside its component).
    fn find_cycle(&self) -> Cycle {
        let components = petgraph::algo::kosaraju_scc(&self.edges);
        let on_circle = |component: &&Vec<NodeIndex>| component.len() > 1 || self.edges.contains_edge(component[0], component[0]);
        let Some(component) = components.iter().filter(on_circle).min_by_key(|component| component.iter().min().copied()) else {
            return Cycle { members: Vec::new() };
        };
        let Some(&start) = component.iter().min() else {
            return Cycle { members: Vec::new() };
        };
        let mut came_from: IndexMap<NodeIndex, NodeIndex> = IndexMap::default();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            // Incoming edges lead to what comes first: the circle reads "A comes after B comes after … A".
            for previous in self.edges.neighbors_directed(node, Direction::Incoming) {
                if previous == start {
                    return self.read_cycle(start, node, &came_from);
                }
                if !came_from.contains_key(&previous) {
                    came_from.insert(previous, node);
                    queue.push_back(previous);
                }
            }
        }
        Cycle { members: Vec::new() }
    }

    fn read_cycle(&self, start: NodeIndex, last: NodeIndex, came_from: &IndexMap<NodeIndex, NodeIndex>) -> Cycle {
        let mut nodes = vec![last];
        while let Some(&next) = nodes.last().and_then(|node| came_from.get(node)) {
            nodes.push(next);
        }
        if nodes.last() != Some(&start) {
            nodes.push(start);
        }
        nodes.reverse();
        let reason_after = |index: usize| {
            let (after, first) = (nodes[index], nodes[(index + 1) % nodes.len()]);
            self.edges.find_edge(first, after).map_or(EdgeReason::References, |edge| self.edges[edge].reason)
        };
        let members = nodes
            .iter()
            .enumerate()
            .map(|(index, &node)| (&self.resources[node.index()], reason_after(index)))
            .map(|(resource, reason)| (resource.address.clone(), resource.place, reason))
            .collect();
        Cycle { members }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Role, Scope};
    use crate::value::Value;

    fn resource(name: &str) -> Resource {
        Resource {
            address: format!("vault/policy/{name}").parse().unwrap(),
            document: Value::Null.into(),
            scope: Scope::PLATFORM,
            role: Role::Plain,
            place: Place { line: 1, column: 1, length: 1 },
            origins: Vec::new(),
            holds_data: false,
        }
    }

    fn graph(names: &[&str], edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for name in names {
            graph.add(resource(name)).unwrap();
        }
        for (dependent, dependency) in edges {
            let edge = Edge { reason: EdgeReason::References, rule: None };
            assert!(graph.depend(&resource(dependent).address, &resource(dependency).address, edge));
        }
        graph
    }

    fn names(order: &[&Resource]) -> Vec<String> {
        order.iter().map(|resource| resource.address.name().to_owned()).collect()
    }

    #[test]
    fn order_puts_dependencies_first_and_keeps_insertion_order_otherwise() {
        let graph = graph(&["d", "c", "b", "a"], &[("d", "a"), ("c", "a")]);
        assert_eq!(names(&graph.order().unwrap()), ["b", "a", "d", "c"]);
    }

    #[test]
    fn a_cycle_is_told_as_its_shortest_path() {
        let graph = graph(&["x", "a", "b", "c"], &[("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")]);
        let cycle = graph.order().unwrap_err();
        let members: Vec<&str> = cycle.members.iter().map(|(address, ..)| address.name()).collect();
        assert_eq!(members, ["a", "b", "c"]);
    }

    #[test]
    fn a_resource_that_needs_itself_is_a_cycle_of_one() {
        let cycle = graph(&["a"], &[("a", "a")]).order().unwrap_err();
        assert_eq!(cycle.members.len(), 1);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_neither_overflows_nor_is_slow() {
        let names: Vec<String> = (0..100_000).map(|index| format!("r{index}")).collect();
        let mut chain = Graph::default();
        for name in &names {
            chain.add(resource(name)).unwrap();
        }
        for pair in names.windows(2) {
            chain.depend(
                &resource(&pair[0]).address,
                &resource(&pair[1]).address,
                Edge { reason: EdgeReason::LivesIn, rule: None },
            );
        }
        assert_eq!(chain.order().unwrap()[0].address.name(), "r99999");
    }
}
