//! Graphs of any size, in the shapes that are hard for one algorithm or another. Only the form matters: every document is empty.

use model::graph::{Edge, EdgeReason, Graph};
use model::resource::{Resource, Role, Scope};
use model::{Address, Kind, Place, System, Value};
use std::sync::Arc;

/// The form of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each after the one before: as deep as it is large.
    Chain,
    /// All after one: as wide as it is large.
    Fan,
    /// Rows of a hundred, each member after three of the row above.
    Rows,
    /// Two diamonds a step, one above the other: exponentially many paths.
    Diamonds,
    /// Like a platform: tenants, environments in them, and thirty resources in each environment that also need what all share.
    Platform,
    /// A random graph without circles: each after up to four earlier ones.
    Random,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 6] = [Shape::Chain, Shape::Fan, Shape::Rows, Shape::Diamonds, Shape::Platform, Shape::Random];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Shape::Chain => "chain",
            Shape::Fan => "fan",
            Shape::Rows => "rows",
            Shape::Diamonds => "diamonds",
            Shape::Platform => "platform",
            Shape::Random => "random",
        }
    }

    /// What the resource at `index` comes after; all of them have smaller numbers.
    fn dependencies(self, index: usize) -> Vec<usize> {
        match self {
            _ if index == 0 => Vec::new(),
            Shape::Chain => vec![index - 1],
            Shape::Fan => vec![0],
            Shape::Rows if index < ROW => Vec::new(),
            Shape::Rows => (0..3).map(|shift| (index / ROW - 1) * ROW + (index + shift) % ROW).collect(),
            Shape::Diamonds => diamond(index),
            Shape::Platform => platform(index),
            Shape::Random => random(index),
        }
    }
}

const ROW: usize = 100;

/// Resources 3k, 3k+1 and 3k+2 are a top and its two sides; the next top comes after both sides.
fn diamond(index: usize) -> Vec<usize> {
    match index % 3 {
        0 => vec![index - 2, index - 1],
        side => vec![index - side],
    }
}

/// Resources that every environment needs.
const SHARED: usize = 10;
/// Resources of one environment; the first is its namespace.
const ENVIRONMENT: usize = 30;

fn platform(index: usize) -> Vec<usize> {
    if index < SHARED {
        return vec![index - 1];
    }
    let within = (index - SHARED) % ENVIRONMENT;
    let namespace = index - within;
    match within {
        0 => vec![SHARED - 1],
        1..4 => vec![namespace],
        _ => vec![namespace, namespace + within % 3 + 1, index % SHARED],
    }
}

fn random(index: usize) -> Vec<usize> {
    let mut state = index as u64;
    let mut chosen: Vec<usize> = (0..1 + index % 4).map(|_| (mixed(&mut state) % index as u64) as usize).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
fn mixed(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A graph that is yet to be built, so that building it can be measured.
#[derive(Clone, Debug)]
pub struct Recipe {
    resources: Vec<Resource>,
    /// What comes after, and what comes first.
    edges: Vec<(Address, Address)>,
}

/// The recipe of `shape` with `count` resources. They are declared in reverse, so that the order of insertion is no help.
pub fn recipe(shape: Shape, count: usize) -> Recipe {
    let document = Arc::new(Value::EMPTY_MAP);
    let resources: Vec<Resource> = (0..count).rev().map(|index| resource(index, &document)).collect();
    let address = |index: usize| resources[count - 1 - index].address.clone();
    let edges = (0..count)
        .flat_map(|index| shape.dependencies(index).into_iter().map(move |first| (index, first)))
        .map(|(index, first)| (address(index), address(first)))
        .collect();
    Recipe { resources, edges }
}

fn resource(index: usize, document: &Arc<Value>) -> Resource {
    let address = Address::new(&System::Vault, Kind::Kv, &format!("acme/tenant{}/resource{index}", index / ENVIRONMENT));
    Resource {
        address,
        document: document.clone(),
        scope: Scope::PLATFORM,
        role: Role::Plain,
        place: Place { line: index as u32 + 1, column: 1, length: 1 },
        origins: Vec::new(),
        holds_data: false,
    }
}

impl Recipe {
    /// Build the graph: every resource, then every edge by the addresses of its ends, as the compiler of specs does it. The addresses
    /// come back, so that letting go of them is no part of it.
    ///
    /// # Panics
    /// If the recipe is wrong.
    pub fn build(self) -> (Graph, Vec<(Address, Address)>) {
        let mut graph = Graph::default();
        for resource in self.resources {
            assert!(graph.add(resource).is_ok(), "every address is new");
        }
        for (dependent, dependency) in &self.edges {
            let edge = Edge { reason: EdgeReason::References, rule: None };
            assert!(graph.depend(dependent, dependency, edge), "both ends are there");
        }
        (graph, self.edges)
    }

    /// The same with one more edge, which closes a circle through the whole depth of the shape.
    #[must_use]
    pub fn with_a_circle(mut self) -> Self {
        if let (Some(first), Some(last)) = (self.resources.first(), self.resources.last()) {
            self.edges.push((last.address.clone(), first.address.clone()));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_its_size_and_no_circle() {
        for shape in Shape::ALL {
            let (graph, _) = recipe(shape, 1000).build();
            assert_eq!(graph.len(), 1000, "{shape:?}");
            assert_eq!(graph.order().unwrap().len(), 1000, "{shape:?}");
            assert!(graph.edge_count() >= 900, "{shape:?}");
        }
    }

    #[test]
    fn a_chain_with_a_circle_is_one_circle() {
        let cycle = recipe(Shape::Chain, 100).with_a_circle().build().0.order().unwrap_err();
        assert_eq!(cycle.members.len(), 100);
    }
}
