//! Clusters: their regions, their roles, their machines.

use super::{Entries, Lower, each, entries, only};
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::types::{Cluster, ClusterRole, KubernetesConnection, Named, Nodes};
use crate::spec::written;
use model::Diagnostic;
use model::source::{Located, Place};
use std::collections::BTreeMap;

/// Names of the clusters that environments may run on, in order; nothing if the role of one is not known.
pub(super) fn serving(document: &written::Document) -> Option<Vec<&str>> {
    let serves = |cluster: &written::Cluster| {
        cluster.role.yes().is_some_and(|role| matches!(role.value, ClusterRole::Service | ClusterRole::AllInOne))
    };
    let clusters = entries(&document.clusters)?;
    let known = clusters.values().all(|cluster| cluster.role.yes().is_some());
    known.then(|| clusters.iter().filter(|(_, cluster)| serves(cluster)).map(|(name, _)| name.as_str()).collect())
}

impl Lower<'_> {
    pub(super) fn clusters(&mut self) -> Option<Named<Cluster>> {
        let clusters = entries(&self.document.clusters)?;
        self.one_management_cluster(clusters);
        self.each_cluster_once(clusters);
        each(clusters, |name, cluster| {
            let region = self.region_of(name, cluster);
            let nodes = cluster.nodes.yes().and_then(|nodes| self.nodes(nodes));
            Some(Cluster {
                role: *cluster.role.yes()?,
                region: region?,
                kubernetes: cluster.kubernetes.yes()?.clone(),
                version: cluster.version.yes().copied(),
                nodes: nodes?,
            })
        })
    }

    /// The cluster that Vamp and Lifter run in.
    pub(super) fn management_cluster(&self) -> Option<&str> {
        let runs_vamp = |cluster: &written::Cluster| cluster.role.yes().is_some_and(|role| role.value != ClusterRole::Service);
        let mut clusters = entries(&self.document.clusters)?.iter().filter(|(_, cluster)| runs_vamp(cluster));
        clusters.next().map(|(name, _)| name.as_str())
    }

    fn one_management_cluster(&mut self, clusters: &Entries<written::Cluster>) {
        let role = |cluster: &written::Cluster| cluster.role.yes().cloned();
        let roles: Vec<Located<ClusterRole>> = clusters.values().filter_map(|cluster| role(cluster)).collect();
        let mut managing = roles.iter().filter(|role| role.value != ClusterRole::Service);
        let Some(first) = managing.next() else {
            if roles.len() == clusters.len() && !clusters.is_empty() {
                let place = self.document.clusters.yes().map_or(Place::NOWHERE, |clusters| clusters.place);
                let help = "give one cluster the role `management`, or the only one the role `all-in-one`";
                self.error(code::ONE_MANAGEMENT_CLUSTER, place, "no cluster runs Vamp and Lifter", help);
            }
            return;
        };
        for second in managing {
            self.reader.complain(
                Diagnostic::error(code::ONE_MANAGEMENT_CLUSTER, second.place, "a second cluster would run Vamp and Lifter")
                    .help("a platform has exactly one Vamp; give this cluster the role `service`")
                    .related(first.place, "the first one"),
            );
        }
    }

    /// One cluster under two names would be changed twice over.
    fn each_cluster_once(&mut self, clusters: &Entries<written::Cluster>) {
        let mut contexts: BTreeMap<(&str, Option<&str>), Place> = BTreeMap::new();
        for connection in clusters.values().filter_map(|cluster| cluster.kubernetes.yes()) {
            let KubernetesConnection::Context { context, kubeconfig } = &connection.value else { continue };
            let key = (context.as_str(), kubeconfig.as_deref());
            if let Some(first) = contexts.get(&key) {
                self.reader.complain(
                    Diagnostic::error(
                        code::SAME_CLUSTER_TWICE,
                        connection.place,
                        format!("the context {} stands for two clusters", quote(context)),
                    )
                    .help("give each cluster a context of its own")
                    .related(*first, "it stands here first"),
                );
                continue;
            }
            contexts.insert(key, connection.place);
        }
    }

    fn region_of(&mut self, name: &str, cluster: &Located<written::Cluster>) -> Option<Located<String>> {
        let regions = entries(&self.document.regions);
        if let Some(region) = cluster.region.yes() {
            self.refer(region, regions, "region", code::UNKNOWN_REGION);
            return Some(region.clone());
        }
        if let Some(region) = only(regions?) {
            return Some(Located::default_value(region.to_owned()));
        }
        if cluster.region.is_no() {
            let message = format!("in which region is the cluster {}?", quote(name));
            self.error(code::MUST_BE_SAID, cluster.place, message, "add `region:`; there is more than one");
        }
        None
    }

    fn nodes(&mut self, nodes: &written::Nodes) -> Option<Nodes> {
        let zones = nodes.zones.or(1);
        if let Some(count) = nodes.count.yes().filter(|count| count.value < zones.value) {
            let message = format!("{} nodes cannot be spread over {} zones", count.value, zones.value);
            self.error(code::MORE_ZONES_THAN_NODES, zones.place, message, "declare as many zones as have nodes");
        }
        Some(Nodes { count: *nodes.count.yes()?, milli_cpu: *nodes.cpu.yes()?, memory_bytes: *nodes.memory.yes()?, zones })
    }
}
