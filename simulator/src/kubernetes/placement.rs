//! What a pod's constraints mean in its cluster at this moment: worked out once a pod, then asked once a node.

use super::cluster::Cluster;
use super::node::{Node, UNREACHABLE};
use super::pod::Pod;
use super::pods::namespace_of;
use super::template::{Spread, Template};
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What holds for all pods of one pass of the scheduler.
pub(super) struct Pass {
    /// All nodes, by name.
    pub(super) nodes: Vec<Text>,
    /// Domains of a topology key, by whether taints are honoured.
    domains: BTreeMap<(Text, bool), BTreeSet<Text>>,
}

/// Pods by domain of one topology key.
struct Count {
    topology_key: Text,
    pods: BTreeMap<Text, i64>,
}

/// A spread constraint and how the pods lie.
struct Spreading {
    count: Count,
    domains: BTreeSet<Text>,
    least: i64,
    own: i64,
    max_skew: i64,
    required: bool,
}

/// A pod's constraints, against the pods that are there.
pub(super) struct Placement {
    /// Domains that anti-affinity closes, of the new pod and of those that are there.
    closed: BTreeSet<(Text, Text)>,
    spreading: Vec<Spreading>,
    /// Preferred anti-affinity, with its weight.
    avoided: Vec<(Count, i64)>,
    by_host: Count,
    by_zone: Count,
}

impl Pass {
    pub(super) fn of(cluster: &Cluster) -> Self {
        Pass { nodes: cluster.nodes.keys().cloned().collect(), domains: BTreeMap::new() }
    }

    /// Domains that count. Nodes with a taint do, unless the constraint honours taints.
    fn domains(&mut self, cluster: &Cluster, spread: &Spread, template: &Template) -> BTreeSet<Text> {
        let honoured = spread.honors_taints && !template.tolerates((UNREACHABLE, ""), "NoSchedule");
        let counts = |node: &Node| !honoured || node.is_schedulable();
        let found = || {
            let nodes = cluster.nodes.iter().filter(|(_, node)| counts(node));
            nodes.filter_map(|(name, node)| node.label(name, &spread.topology_key).map(Text::from)).collect()
        };
        self.domains.entry((spread.topology_key.clone(), honoured)).or_insert_with(found).clone()
    }
}

impl Count {
    fn of<'a>(cluster: &Cluster, topology_key: &Text, places: impl Iterator<Item = &'a Text>) -> Self {
        let mut pods = BTreeMap::new();
        for place in places {
            if let Some(domain) = cluster.domain_of(place, topology_key) {
                *pods.entry(domain).or_default() += 1;
            }
        }
        Count { topology_key: topology_key.clone(), pods }
    }

    fn at(&self, name: &Text, node: &Node) -> i64 {
        node.label(name, &self.topology_key).and_then(|domain| self.pods.get(domain)).copied().unwrap_or(0)
    }
}

impl Cluster {
    fn domain_of(&self, place: &Text, topology_key: &str) -> Option<Text> {
        self.nodes.get(place)?.label(place, topology_key).map(Text::from)
    }

    /// The pod's constraints, against the pods of its namespace.
    pub(super) fn placement(&self, key: &Text, template: &Template, pass: &mut Pass) -> Placement {
        let others: Vec<(&Pod, &Template)> = self
            .pods
            .in_namespace(namespace_of(key))
            .filter(|(other, _)| *other != key)
            .filter_map(|(_, pod)| Some((pod, self.template_of(pod)?)))
            .collect();
        let revision = self.pods.get(key).map(|pod| pod.revision.clone()).unwrap_or_default();
        let siblings =
            || self.pods.of_revision(&revision).filter(|(_, pod)| !pod.is_terminating()).filter_map(|(_, pod)| pod.node.as_ref());
        let preferred = template.anti_affinity.iter().filter_map(|apart| Some((apart, apart.weight?)));
        let avoided = preferred.map(|(apart, weight)| {
            let places = staying(&others).filter(|(_, theirs)| apart.selector.selects(&theirs.labels));
            (Count::of(self, &apart.topology_key, places.filter_map(|(pod, _)| pod.node.as_ref())), weight)
        });
        Placement {
            closed: self.closed_domains(template, &others),
            avoided: avoided.collect(),
            spreading: template.spread.iter().map(|spread| self.spreading(template, spread, &others, pass)).collect(),
            by_host: Count::of(self, &"kubernetes.io/hostname".into(), siblings()),
            by_zone: Count::of(self, &"topology.kubernetes.io/zone".into(), siblings()),
        }
    }

    /// Required anti-affinity. Terminating pods count, too (`interpodaffinity/filtering.go`).
    fn closed_domains(&self, template: &Template, others: &[(&Pod, &Template)]) -> BTreeSet<(Text, Text)> {
        let mut closed = BTreeSet::new();
        for (other, theirs) in others {
            let Some(place) = &other.node else { continue };
            for (from, to) in [(template, *theirs), (*theirs, template)] {
                let required = from.anti_affinity.iter().filter(|apart| apart.weight.is_none());
                for apart in required.filter(|apart| apart.selector.selects(&to.labels)) {
                    closed.extend(self.domain_of(place, &apart.topology_key).map(|domain| (apart.topology_key.clone(), domain)));
                }
            }
        }
        closed
    }

    /// Terminating pods are not counted (`podtopologyspread/common.go`).
    fn spreading(&self, template: &Template, spread: &Spread, others: &[(&Pod, &Template)], pass: &mut Pass) -> Spreading {
        let domains = pass.domains(self, spread, template);
        let selected = staying(others).filter(|(_, theirs)| spread.selector.selects(&theirs.labels));
        let mut count = Count::of(self, &spread.topology_key, selected.filter_map(|(pod, _)| pod.node.as_ref()));
        count.pods.retain(|domain, _| domains.contains(domain));
        let least = if count.pods.len() < domains.len() { 0 } else { count.pods.values().min().copied().unwrap_or(0) };
        let own = i64::from(spread.selector.selects(&template.labels));
        Spreading { count, domains, least, own, max_skew: spread.max_skew, required: spread.required }
    }
}

fn staying<'a, 'b>(others: &'b [(&'a Pod, &'a Template)]) -> impl Iterator<Item = &'b (&'a Pod, &'a Template)> {
    others.iter().filter(|(pod, _)| !pod.is_terminating())
}

impl Spreading {
    /// By how many pods the domain of the node would lead the emptiest one.
    fn skew(&self, name: &Text, node: &Node) -> i64 {
        match node.label(name, &self.count.topology_key) {
            Some(domain) if self.domains.contains(domain) => self.count.at(name, node) + self.own - self.least,
            // A node that does not count, or has no such label.
            _ => i64::MAX,
        }
    }
}

impl Placement {
    /// Whether anti-affinity lets the pod onto the node.
    pub(super) fn keeps_apart(&self, name: &Text, node: &Node) -> bool {
        let at = |key: &Text, domain: &Text| node.label(name, key) == Some(domain);
        !self.closed.iter().any(|(key, domain)| at(key, domain))
    }

    /// Whether every required spread constraint lets the pod onto the node.
    pub(super) fn spreads(&self, name: &Text, node: &Node) -> bool {
        self.spreading
            .iter()
            .filter(|spreading| spreading.required)
            .all(|spreading| spreading.skew(name, node) <= spreading.max_skew)
    }

    /// Preferred anti-affinity and spreading first, then the system's own spreading of one workload over hosts and zones.
    pub(super) fn score(&self, name: &Text, node: &Node) -> i64 {
        let avoided: i64 = self.avoided.iter().map(|(count, weight)| count.at(name, node) * weight * 1_000).sum();
        let preferred = self.spreading.iter().filter(|spreading| !spreading.required);
        let skewed: i64 = preferred.map(|spreading| spreading.skew(name, node).min(100) * 10_000).sum();
        -avoided - skewed - self.by_host.at(name, node) * 2_000 - self.by_zone.at(name, node) * 1_000
    }
}
