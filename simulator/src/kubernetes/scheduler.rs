//! The scheduler: filters and scores of the default profile that the platform's pods meet (`pkg/scheduler/framework/plugins`).
//! Ties are broken by name, so that a run can be repeated.

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::node::{Node, UNREACHABLE, UNSCHEDULABLE};
use super::pod::{Phase, Pod};
use super::pods::namespace_of;
use super::selector::Selector;
use super::template::{Spread, Template};
use super::timing;
use model::Kind;
use model::value::Text;
use std::collections::BTreeMap;

/// Why a node does not take a pod, in the words of the scheduler.
type Reason = &'static str;

impl Cluster {
    /// One pass over the pods without a node: all of them where something was freed, else those that were never tried.
    pub(super) fn schedule_pods(&mut self, context: &mut Context<'_>) {
        let meta = self.meta_mut();
        meta.schedule_pending = false;
        if meta.api_down {
            return;
        }
        let all = std::mem::take(&mut meta.retry_all);
        let waiting = |key: &&Text| all || self.pods.get(key).is_some_and(|pod| pod.reason.is_empty());
        let keys: Vec<Text> = self.pods.unbound().filter(waiting).cloned().collect();
        for key in keys {
            self.schedule_pod(&key, context);
        }
    }

    fn schedule_pod(&mut self, key: &Text, context: &mut Context<'_>) {
        let Some(template) = self.pods.get(key).and_then(|pod| self.template_of(pod)).cloned() else { return };
        match self.choose(key, &template) {
            Ok(node) => {
                self.pods.bind(key, &node, &template);
                if let Some(pod) = self.pods.get_mut(key) {
                    pod.reason = Text::default();
                }
                let latency = self.start_latency(key, true, context);
                self.start_container(key, Phase::Creating, latency, context);
            }
            Err(reason) => {
                if let Some(pod) = self.pods.get_mut(key).filter(|pod| pod.reason != reason) {
                    pod.reason = reason.into();
                    self.mark_owner_changed(key);
                }
            }
        }
    }

    fn choose(&self, key: &Text, template: &Template) -> Result<Text, String> {
        if let Some(claim) = self.missing_claim(key, template) {
            return Err(format!("persistentvolumeclaim {claim:?} not found"));
        }
        let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut best: Option<(i64, &Text)> = None;
        for (name, node) in self.nodes.iter() {
            match self.filter(key, template, name, node) {
                Err(reason) => *reasons.entry(reason).or_default() += 1,
                Ok(()) => {
                    let score = self.score(key, template, name, node);
                    if best.is_none_or(|(highest, _)| score > highest) {
                        best = Some((score, name));
                    }
                }
            }
        }
        let unfit = || {
            let counted: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            format!("0/{} nodes are available: {}", self.nodes.len(), counted.join(", "))
        };
        best.map(|(_, name)| name.clone()).ok_or_else(unfit)
    }

    fn missing_claim<'a>(&self, key: &Text, template: &'a Template) -> Option<&'a Text> {
        let namespace = namespace_of(key);
        let is_missing =
            |claim: &&Text| !self.objects.contains(&Key::new(Kind::PersistentVolumeClaim, &format!("{namespace}/{claim}")));
        template.claims.iter().find(is_missing)
    }

    fn filter(&self, key: &Text, template: &Template, name: &Text, node: &Node) -> Result<(), Reason> {
        let refuse = |wrong: bool, reason: Reason| if wrong { Err(reason) } else { Ok(()) };
        refuse(node.cordoned && !template.tolerates(UNSCHEDULABLE, "NoSchedule"), "node(s) were unschedulable")?;
        refuse(!node.ready || node.tainted.is_some(), "node(s) had untolerated taint(s)")?;
        let selected = |(key, value): (&Text, &Text)| node.label(name, key) == Some(value);
        refuse(!template.node_selector.iter().all(selected), "node(s) didn't match Pod's node affinity/selector")?;
        let load = self.pods.load(name);
        refuse(load.pods >= timing::MAX_PODS, "Too many pods")?;
        refuse(load.milli_cpu + template.milli_cpu > node.milli_cpu, "Insufficient cpu")?;
        refuse(load.memory + template.memory > node.memory, "Insufficient memory")?;
        refuse(!self.keeps_apart(key, template, name, node), "node(s) didn't match pod anti-affinity rules")?;
        let spreads = |spread: &Spread| self.skew(key, template, spread, name, node) <= spread.max_skew;
        let required = template.spread.iter().filter(|spread| spread.required);
        refuse(!required.into_iter().all(spreads), "node(s) didn't match pod topology spread constraints")
    }

    /// Required anti-affinity, of the new pod and of those that are there. Terminating pods count (`interpodaffinity/filtering.go`).
    fn keeps_apart(&self, key: &Text, template: &Template, name: &Text, node: &Node) -> bool {
        let near = |topology_key: &str, other: &Pod| self.shares_domain(topology_key, other, name, node);
        self.pods.in_namespace(namespace_of(key)).filter(|(other, _)| *other != key).all(|(_, other)| {
            let Some(theirs) = self.template_of(other) else { return true };
            let collides = |own: &Template, labels| {
                let required = own.anti_affinity.iter().filter(|apart| apart.weight.is_none());
                required.into_iter().any(|apart| apart.selector.selects(labels) && near(&apart.topology_key, other))
            };
            !collides(template, &theirs.labels) && !collides(theirs, &template.labels)
        })
    }

    /// Whether `other` runs in the domain of `topology_key` that the node `name` is in.
    fn shares_domain(&self, topology_key: &str, other: &Pod, name: &Text, node: &Node) -> bool {
        let Some(place) = &other.node else { return false };
        let theirs = self.nodes.get(place).and_then(|theirs| theirs.label(place, topology_key));
        theirs.is_some() && theirs == node.label(name, topology_key)
    }

    /// By how many pods the domain of the node would lead the emptiest one. Terminating pods are not counted
    /// (`podtopologyspread/common.go`); nodes with a taint count as domains unless the constraint honours taints.
    fn skew(&self, key: &Text, template: &Template, spread: &Spread, name: &Text, node: &Node) -> i64 {
        let Some(own) = node.label(name, &spread.topology_key) else { return i64::MAX };
        let counts_as_domain =
            |node: &Node| !spread.honors_taints || (node.is_schedulable() || template.tolerates(UNREACHABLE, "NoSchedule"));
        let eligible = self.nodes.iter().filter(|(_, node)| counts_as_domain(node));
        let mut domains: BTreeMap<&str, i64> =
            eligible.filter_map(|(name, node)| Some((node.label(name, &spread.topology_key)?, 0))).collect();
        self.count_pods(key, &spread.selector, |place| {
            let domain = self.nodes.get(place).and_then(|node| node.label(place, &spread.topology_key));
            if let Some(count) = domain.and_then(|domain| domains.get_mut(domain)) {
                *count += 1;
            }
        });
        let least = domains.values().min().copied().unwrap_or(0);
        domains.get(own).copied().unwrap_or(0) + i64::from(spread.selector.selects(&template.labels)) - least
    }

    fn count_pods<'a>(&'a self, key: &Text, selector: &Selector, mut visit: impl FnMut(&'a Text)) {
        for (_, pod) in self.pods.in_namespace(namespace_of(key)).filter(|(_, pod)| !pod.is_terminating()) {
            let selected = self.template_of(pod).is_some_and(|template| selector.selects(&template.labels));
            if let Some(place) = pod.node.as_ref().filter(|_| selected) {
                visit(place);
            }
        }
    }

    /// Preferred anti-affinity and spreading first, then the system's own spreading of one workload over hosts and zones, then the
    /// node with the most left.
    fn score(&self, key: &Text, template: &Template, name: &Text, node: &Node) -> i64 {
        let mut score = 0;
        for apart in template.anti_affinity.iter().filter(|apart| apart.weight.is_some()) {
            self.count_pods(key, &apart.selector, |place| {
                let theirs = self.nodes.get(place).and_then(|theirs| theirs.label(place, &apart.topology_key));
                score -= i64::from(theirs == node.label(name, &apart.topology_key)) * apart.weight.unwrap_or(1) * 1_000;
            });
        }
        for spread in template.spread.iter().filter(|spread| !spread.required) {
            score -= self.skew(key, template, spread, name, node).min(100) * 10_000;
        }
        let revision = self.pods.get(key).map(|pod| pod.revision.clone()).unwrap_or_default();
        for (_, pod) in self.pods.of_revision(&revision).filter(|(_, pod)| !pod.is_terminating()) {
            let Some(place) = &pod.node else { continue };
            score -= i64::from(place == name) * 2_000;
            score -= i64::from(self.nodes.get(place).is_some_and(|theirs| theirs.zone == node.zone)) * 1_000;
        }
        let load = self.pods.load(name);
        let share = |used: u64, of: u64| i64::try_from(used.saturating_mul(100) / of.max(1)).unwrap_or(100);
        score - share(load.milli_cpu, node.milli_cpu) - share(load.memory, node.memory)
    }
}
