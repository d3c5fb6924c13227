//! The scheduler: filters and scores of the default profile that the platform's pods meet (`pkg/scheduler/framework/plugins`).
//! Ties are broken by name, so that a run can be repeated.

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use super::node::{MEMORY_PRESSURE, Node, UNSCHEDULABLE};
use super::placement::{Pass, Placement};
use super::pods::namespace_of;
use super::template::Template;
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
        if meta.api_down || meta.scheduler_stopped || meta.scheduler_watches.is_some() {
            return;
        }
        let all = std::mem::take(&mut meta.retry_all);
        let waiting = |key: &&Text| all || self.pods.get(key).is_some_and(|pod| pod.reason.is_empty());
        let keys: Vec<Text> = self.pods.unbound().filter(waiting).cloned().collect();
        let mut pass = Pass::of(self);
        for key in keys {
            self.schedule_pod(&key, &mut pass, context);
        }
    }

    fn schedule_pod(&mut self, key: &Text, pass: &mut Pass, context: &mut Context<'_>) {
        let Some(template) = self.pods.get(key).and_then(|pod| self.template_of(pod)).cloned() else { return };
        let nodes = pass.nodes.len().max(1) as u64;
        let first = context.agenda.between(&self.entity(key), "first node", 0, 0, nodes - 1) as usize;
        match self.choose(key, &template, first, pass) {
            Ok(node) => {
                self.pods.bind(key, &node, &template);
                if let Some(pod) = self.pods.get_mut(key) {
                    pod.reason = Text::default();
                }
                self.pull(key, context);
                self.tolerate_where_it_is(key, context);
            }
            Err(reason) => {
                if let Some(pod) = self.pods.get_mut(key).filter(|pod| pod.reason != reason) {
                    pod.reason = reason.into();
                    self.mark_owner_changed(key);
                }
            }
        }
    }

    /// The best of the nodes that take the pod; of very many the first hundred that do, looked for from `first` on.
    fn choose(&self, key: &Text, template: &Template, first: usize, pass: &mut Pass) -> Result<Text, String> {
        if let Some(claim) = self.missing_claim(key, template) {
            return Err(format!("persistentvolumeclaim {claim:?} not found"));
        }
        let placement = self.placement(key, template, pass);
        let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut best: Option<(i64, &Text)> = None;
        let mut feasible = 0;
        let (before, from) = pass.nodes.split_at(first.min(pass.nodes.len()));
        for name in from.iter().chain(before) {
            let Some(node) = self.nodes.get(name) else { continue };
            match self.filter(template, &placement, name, node) {
                Err(reason) => *reasons.entry(reason).or_default() += 1,
                Ok(()) => {
                    let score = self.score(&placement, name, node);
                    let better = |(highest, other): (i64, &Text)| score > highest || (score == highest && name < other);
                    if best.is_none_or(better) {
                        best = Some((score, name));
                    }
                    feasible += 1;
                }
            }
            if feasible >= timing::NODES_TO_SCORE {
                break;
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

    fn filter(&self, template: &Template, placement: &Placement, name: &Text, node: &Node) -> Result<(), Reason> {
        let refuse = |wrong: bool, reason: Reason| if wrong { Err(reason) } else { Ok(()) };
        refuse(node.cordoned && !template.tolerates((UNSCHEDULABLE, ""), "NoSchedule"), "node(s) were unschedulable")?;
        refuse(!node.ready || node.tainted.is_some(), "node(s) had untolerated taint(s)")?;
        refuse(node.pressed && !template.tolerates((MEMORY_PRESSURE, ""), "NoSchedule"), "node(s) had untolerated taint(s)")?;
        let barred = node.taints.iter().any(|taint| taint.bars() && !template.tolerates(taint.pair(), &taint.effect));
        refuse(barred, "node(s) had untolerated taint(s)")?;
        let selected = |(key, value): (&Text, &Text)| node.label(name, key) == Some(value);
        refuse(!template.node_selector.iter().all(selected), "node(s) didn't match Pod's node affinity/selector")?;
        let load = self.pods.load(name);
        refuse(load.pods >= timing::MAX_PODS, "Too many pods")?;
        refuse(load.milli_cpu + template.milli_cpu > node.milli_cpu, "Insufficient cpu")?;
        refuse(load.memory + template.memory > node.memory, "Insufficient memory")?;
        refuse(!placement.keeps_apart(name, node), "node(s) didn't match pod anti-affinity rules")?;
        refuse(!placement.spreads(name, node), "node(s) didn't match pod topology spread constraints")
    }

    /// What the pod prefers, then the node with the most left.
    fn score(&self, placement: &Placement, name: &Text, node: &Node) -> i64 {
        let load = self.pods.load(name);
        let share = |used: u64, of: u64| i64::try_from(used.saturating_mul(100) / of.max(1)).unwrap_or(100);
        placement.score(name, node) - share(load.milli_cpu, node.milli_cpu) - share(load.memory, node.memory)
    }
}
