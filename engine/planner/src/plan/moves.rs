//! What was renamed, as pairs of addresses: the spec with the old names is compiled too, and what holds data is paired up.

use crate::compile::compile;
use crate::spec::Spec;
use crate::spec::types::{MovedName, Named, Tenant};
use model::index::IndexMap;
use model::source::Located;
use model::{Address, Graph, Kind, Resource, SecretReference};

/// Old and new address of everything that keeps data through the renames of the spec. What holds no data is made anew under its new
/// name, and the old one pruned after it.
pub fn moves(spec: &Spec, graph: &Graph) -> Vec<(Address, Address)> {
    if spec.moved.is_empty() {
        return Vec::new();
    }
    // The graph of the same spec under its old names has the same resources in the same order. Names that cannot be compiled were
    // never applied, so nothing can be found under them.
    let Ok(before) = compile(&with_old_names(spec)) else { return Vec::new() };
    if before.graph.len() != graph.len() {
        return Vec::new();
    }
    let pairs = before.graph.resources().zip(graph.resources());
    pairs
        .filter(|(old, new)| old.address != new.address && old.address.kind() == new.address.kind() && keeps_data(new))
        .map(|(old, new)| (old.address.clone(), new.address.clone()))
        .collect()
}

/// Rows of a table, and secrets that were generated: neither can be made again from the spec.
fn keeps_data(resource: &Resource) -> bool {
    let mut generated = false;
    resource.document.for_each_secret(&mut |secret| generated |= matches!(secret, SecretReference::Generated { .. }));
    resource.address.kind() == Kind::Table || (resource.address.kind() == Kind::Kv && generated)
}

fn with_old_names(spec: &Spec) -> Spec {
    let mut old = spec.clone();
    for moved in &spec.moved {
        match (&moved.from.value, &moved.to.value) {
            (MovedName::Tenant(from), MovedName::Tenant(to)) => old.tenants = renamed(old.tenants, to, from),
            (MovedName::Environment { environment: from, .. }, MovedName::Environment { tenant, environment: to }) => {
                rename_environment(&mut old.tenants, tenant, to, from);
            }
            _ => {}
        }
    }
    old
}

fn rename_environment(tenants: &mut Named<Tenant>, tenant: &str, to: &str, from: &str) {
    if let Some(tenant) = tenants.get_mut(tenant) {
        tenant.value.environments = renamed(std::mem::take(&mut tenant.value.environments), to, from);
    }
}

/// The same map in the same order, one key under its old name.
fn renamed<T>(map: IndexMap<String, Located<T>>, to: &str, from: &str) -> IndexMap<String, Located<T>> {
    map.into_iter().map(|(name, value)| if name == to { (from.to_owned(), value) } else { (name, value) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;

    fn compiled(text: &str) -> (Spec, Graph) {
        let spec = spec::parse("vamp.yaml", text.as_bytes()).unwrap().spec;
        let graph = compile(&spec).unwrap().graph;
        (spec, graph)
    }

    #[test]
    fn a_renamed_environment_moves_its_table_and_its_generated_secrets_and_nothing_else() {
        let quickstart = include_str!("../../../../specs/valid/quickstart.yaml").replace("      production:", "      live:");
        let (spec, graph) = compiled(&format!("{quickstart}\nmoved: [{{ from: shop/production, to: shop/live }}]\n"));
        let moves = moves(&spec, &graph);
        let kinds: Vec<Kind> = moves.iter().map(|(_, to)| to.kind()).collect();
        assert!(kinds.contains(&Kind::Table) && kinds.contains(&Kind::Kv), "{moves:?}");
        for (from, to) in &moves {
            assert_eq!(from.as_str().replace("production", "live"), to.as_str());
        }
    }

    #[test]
    fn without_renames_nothing_moves() {
        let (spec, graph) = compiled(include_str!("../../../../specs/valid/quickstart.yaml"));
        assert!(moves(&spec, &graph).is_empty());
    }
}
