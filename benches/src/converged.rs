//! A world in which everything is already as a graph wants it.

use model::connection::Connection;
use model::graph::Graph;
use model::kind::{Family, Kind};
use model::observation::{Condition, Listing, Objects, Observed, Owner, Snapshot};
use model::value::Map;
use model::{Resource, SecretDigest, SecretReference, System, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a look at every connection of `platform` gives when everything in `graph` is there, ours and unchanged.
///
/// Documents are copies, as they would be had they come over a wire; secrets in them are digests.
pub fn snapshot(platform: &str, graph: &Graph, connections: &[Connection]) -> Snapshot {
    let mut listings: BTreeMap<(System, Kind), Objects> = BTreeMap::new();
    for connection in connections {
        for kind in Kind::of(family(&connection.system)) {
            listings.entry((connection.system.clone(), kind)).or_default();
        }
    }
    for resource in graph.resources() {
        let objects = listings.entry((resource.address.system(), resource.address.kind())).or_default();
        objects.insert(resource.address.clone(), observed(platform, resource));
    }
    let mut snapshot = Snapshot::default();
    for ((system, kind), objects) in listings {
        snapshot.record(system, kind, Listing::Complete(objects));
    }
    snapshot
}

fn family(system: &System) -> Family {
    match system {
        System::Cluster(_) => Family::Kubernetes,
        System::Vault => Family::Vault,
        System::Mysql => Family::Mysql,
        System::Elasticsearch(_) => Family::Elasticsearch,
    }
}

fn observed(platform: &str, resource: &Resource) -> Observed {
    Observed {
        incarnation: Default::default(),
        document: Arc::new(as_seen(&resource.document)),
        version: "7".into(),
        owner: Owner::Platform(platform.into()),
        applied: Some(resource.document.digest()),
        scope: resource.scope.clone(),
        foreign: Vec::new(),
        condition: Condition::Ready,
        streams: Vec::new(),
    }
}

fn as_seen(wanted: &Value) -> Value {
    match wanted {
        Value::Secret(reference) => Value::Digest(Box::new(SecretDigest::of(&[7; 32], reference.to_string().as_bytes()))),
        Value::List(items) => Value::List(items.iter().map(as_seen).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), as_seen(value))).collect::<Map>()),
        open => open.clone(),
    }
}

/// The digests with which [`snapshot`] shows the secrets that `graph` refers to.
pub fn digests(graph: &Graph) -> planner::plan::Digests {
    let digest = |reference: &SecretReference| SecretDigest::of(&[7; 32], reference.to_string().as_bytes());
    graph.secrets().into_iter().map(|reference| (reference.clone(), digest(&reference))).collect()
}
