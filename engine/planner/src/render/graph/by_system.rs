//! Resources by the system that they live in, for formats that draw a box around each system.

use model::index::IndexMap;
use model::{Graph, Resource};

/// Resources by system, systems in the order in which they first appear, each resource with its number in the graph.
pub(super) fn by_system(graph: &Graph) -> IndexMap<&str, Vec<(usize, &Resource)>> {
    let mut systems: IndexMap<&str, Vec<(usize, &Resource)>> = IndexMap::default();
    for (number, resource) in graph.resources().enumerate() {
        systems.entry(resource.address.system_text()).or_default().push((number, resource));
    }
    systems
}
