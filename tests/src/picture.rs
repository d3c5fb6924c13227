//! All that there is on an embedded platform, in a form in which two worlds that came by different ways can be compared.

use embedded::EmbeddedPlatform;
use model::connection::Connection;
use model::{Address, Kind, Value};
use port::Observe;
use std::collections::BTreeMap;

/// What is there: every object with its owner and document, and everything that lives behind the objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Owner, digest as applied, document, and for an entry of Vault its version: one more is a write too many.
    pub objects: BTreeMap<Address, [String; 4]>,
    /// The living pods of each workload, by the workload's name.
    pub pods: BTreeMap<String, usize>,
    /// How many objects of each kind every cluster holds, whoever made them.
    pub counts: BTreeMap<String, String>,
}

impl Picture {
    /// Take one.
    pub async fn of(platform: &mut EmbeddedPlatform, connections: &[Connection]) -> Picture {
        let snapshot = platform.observe(connections, Kind::ALL).await.expect("a look");
        let told = snapshot.objects().map(|(address, seen)| {
            let version = if address.kind() == Kind::Kv { seen.version.to_string() } else { String::new() };
            let told =
                [format!("{:?}", seen.owner), format!("{:?}", seen.applied), format!("{:?}", blind(&seen.document)), version];
            (address.clone(), told)
        });
        let objects = told.collect();
        let shown = platform.world().show();
        let (mut pods, mut counts) = (BTreeMap::new(), BTreeMap::new());
        for (cluster, shown) in shown["clusters"].as_object().expect("clusters") {
            counts.insert(cluster.clone(), shown["objects"].to_string());
            for (workload, shown) in shown["workloads"].as_object().expect("workloads") {
                let all = shown["pods"].as_object().expect("pods");
                let living = all.values().filter(|pod| pod["terminating"] == false).count();
                pods.insert(format!("{cluster}/{workload}"), living);
            }
        }
        Picture { objects, pods, counts }
    }

    /// In what two pictures differ, in words; nothing if they are alike.
    pub fn differences(&self, other: &Picture) -> Vec<String> {
        let mut found = of_maps(&self.objects, &other.objects);
        found.extend(of_maps(&self.pods, &other.pods));
        found.extend(of_maps(&self.counts, &other.counts));
        found
    }
}

/// A generated secret is another one in every world, so of digests only their being there is compared.
fn blind(document: &Value) -> Value {
    match document {
        Value::Digest(_) => Value::from("a digest"),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), blind(value))).collect()),
        Value::List(items) => Value::List(items.iter().map(blind).collect()),
        other => other.clone(),
    }
}

fn of_maps<K: Ord + std::fmt::Display, V: PartialEq + std::fmt::Debug>(
    these: &BTreeMap<K, V>,
    those: &BTreeMap<K, V>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (key, this) in these {
        match those.get(key) {
            None => found.push(format!("{key} is here only: {this:?}")),
            Some(that) if that != this => found.push(format!("{key} differs: {this:?}, {that:?}")),
            Some(_) => {}
        }
    }
    found.extend(those.keys().filter(|key| !these.contains_key(key)).map(|key| format!("{key} is missing here")));
    found
}
