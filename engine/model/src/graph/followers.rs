//! What comes after each node, in the form in which it is walked fastest.

use super::Edge;
use petgraph::graph::DiGraph;

/// What comes after each node, as one list with a mark where each node's part begins: a third of the memory of the linked lists of
/// edges, and read in one direction.
pub(super) struct Followers {
    starts: Vec<u32>,
    nodes: Vec<u32>,
}

impl Followers {
    pub(super) fn of(edges: &DiGraph<(), Edge>) -> Self {
        let mut starts: Vec<u32> = vec![0; edges.node_count() + 1];
        for edge in edges.raw_edges() {
            starts[edge.source().index() + 1] += 1;
        }
        for node in 1..starts.len() {
            starts[node] += starts[node - 1];
        }
        let mut next = starts.clone();
        let mut nodes = vec![0; edges.edge_count()];
        for edge in edges.raw_edges() {
            let slot = &mut next[edge.source().index()];
            nodes[*slot as usize] = edge.target().index() as u32;
            *slot += 1;
        }
        Followers { starts, nodes }
    }

    pub(super) fn all(&self) -> &[u32] {
        &self.nodes
    }

    pub(super) fn of_node(&self, node: usize) -> &[u32] {
        &self.nodes[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}
