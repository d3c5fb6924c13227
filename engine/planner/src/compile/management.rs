//! Namespaces of the platform's own, one in each cluster that Vamp or a store runs in.

use super::compiler::Compiler;
use super::draft::Draft;
use super::kubernetes::{Home, manifest};
use super::{registries, topology::Location};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use model::resource::Scope;
use model::source::Place;

pub(crate) fn compile(compiler: &mut Compiler) {
    for cluster in compiler.topology.homes(compiler.spec) {
        let place = compiler.spec.clusters.get(cluster).map_or(Place::NOWHERE, |cluster| cluster.place);
        let home = home(compiler, cluster, place);
        let mut draft = namespace(&home);
        draft.resource.holds_data = keeps_data(compiler, cluster);
        compiler.add(draft);
        registries::compile(compiler, &home);
    }
}

/// The platform's own namespace in `cluster`.
pub(crate) fn home(compiler: &Compiler, cluster: &str, place: Place) -> Home {
    let platform = compiler.names.platform;
    Home::new(platform, cluster, platform, Scope::PLATFORM, place)
}

/// The Namespace of a home.
pub(crate) fn namespace(home: &Home) -> Draft {
    let metadata = ObjectMeta { name: Some(home.namespace.clone()), labels: Some(home.labels(None)), ..ObjectMeta::default() };
    let object = Namespace { metadata, ..Namespace::default() };
    Draft::new(home.address.clone(), manifest(&object), &home.scope, home.place)
}

/// Whether a store keeps data in the platform's namespace of `cluster`: Kubernetes deletes claims with their namespace (DUR-7).
fn keeps_data(compiler: &Compiler, cluster: &str) -> bool {
    use crate::spec::types::{Storage, VaultStorage};
    let dependencies = &compiler.spec.dependencies;
    let topology = &compiler.topology;
    let here = |location: &Location| matches!(location, Location::Inside { cluster: own, .. } if own == cluster);
    here(&topology.mysql.location) && dependencies.mysql.storage.value == Storage::Durable
        || here(&topology.vault.location) && dependencies.vault.storage.value == VaultStorage::Raft
        || dependencies.elasticsearch.iter().any(|(name, one)| {
            let site = topology.elasticsearch.get(name.as_str());
            one.storage.value == Storage::Durable && site.is_some_and(|site| here(&site.location))
        })
}
