//! What is wrong with a cluster and its nodes, as whoever knows all faults says it. The cluster goes from one state to the other: what is
//! said twice happens once, and what is not said any more is well again.

use super::cluster::Cluster;
use super::event::Context;
use super::node::NodeFault;
use model::value::Text;
use std::collections::BTreeMap;

/// What is wrong with a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affliction {
    /// The API server does not answer.
    pub api_down: bool,
    /// The controller manager stands still.
    pub controllers_stopped: bool,
    /// The scheduler stands still.
    pub scheduler_stopped: bool,
    /// What is wrong with its nodes, by name; with the others nothing is.
    pub nodes: BTreeMap<Text, NodeAffliction>,
}

/// What is wrong with a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeAffliction {
    /// Whether it is off, or not heard of.
    pub fault: Option<NodeFault>,
    /// Somebody keeps new pods away.
    pub cordoned: bool,
    /// Somebody wants its pods elsewhere.
    pub drained: bool,
    /// It is short of memory: so many of its pods have to go.
    pub pressure: Option<u64>,
    /// No image can be pulled.
    pub images_away: bool,
    /// How many times as long containers take to start; nothing where they take as long as ever.
    pub slow_starts: Option<u64>,
}

impl Cluster {
    /// Let this be wrong with the cluster from now on, and nothing else. What was broken by hand at a node that nobody speaks of is left
    /// as it is.
    pub fn afflict(&mut self, wanted: &Affliction, context: &mut Context<'_>) {
        if wanted.api_down {
            self.fail_api(context);
        }
        self.stop_parts(wanted, context);
        for (name, wanted) in &wanted.nodes {
            self.afflict_node(name, wanted, context);
        }
        if !wanted.api_down {
            self.heal_api(context);
        }
    }

    fn stop_parts(&mut self, wanted: &Affliction, context: &mut Context<'_>) {
        if self.meta.controllers_stopped != wanted.controllers_stopped {
            let meta = self.meta_mut();
            // A new process waits for nothing.
            (meta.controllers_stopped, meta.controllers_watch) = (wanted.controllers_stopped, None);
            if !wanted.controllers_stopped {
                self.controllers_begin_anew(context);
            }
        }
        if self.meta.scheduler_stopped != wanted.scheduler_stopped {
            let meta = self.meta_mut();
            (meta.scheduler_stopped, meta.scheduler_watches) = (wanted.scheduler_stopped, None);
            if !wanted.scheduler_stopped {
                self.request_schedule(true, context);
            }
        }
    }

    fn afflict_node(&mut self, name: &Text, wanted: &NodeAffliction, context: &mut Context<'_>) {
        let Some(node) = self.nodes.get(name) else { return };
        let (fault, images_away, slow_starts) = (node.fault, node.images_away, node.slow_starts);
        let (by_fault, pressed) = (node.cordoned_by_fault, node.pressure.is_some());
        match (fault, wanted.fault) {
            (before, after) if before == after => {}
            (None, Some(fault)) => drop(self.fail_node(name, fault, context)),
            (Some(_), Some(fault)) => self.worsen_node(name, fault),
            (_, None) => drop(self.heal_node(name, context)),
        }
        if slow_starts != wanted.slow_starts
            && let Some(node) = self.nodes.get_mut(name)
        {
            node.slow_starts = wanted.slow_starts;
        }
        if images_away != wanted.images_away {
            self.set_images_away(name, wanted.images_away, context);
        }
        let cordoned = wanted.cordoned || wanted.drained;
        if by_fault != cordoned || wanted.drained {
            self.cordon_by_fault(name, cordoned, wanted.drained, context);
        }
        match wanted.pressure {
            Some(pods) if !pressed => self.press(name, pods, context),
            None if pressed => self.relieve(name, context),
            _ => {}
        }
    }

    /// A node that is broken already is broken otherwise. A machine that is on again without being heard of runs nothing: its kubelet
    /// cannot ask what it is to run.
    fn worsen_node(&mut self, name: &Text, fault: NodeFault) {
        if fault == NodeFault::Dead {
            self.stop_everything_on(name);
        }
        if let Some(node) = self.nodes.get_mut(name) {
            node.fault = Some(fault);
        }
    }

    /// A person cordons or drains a node, or takes that back; without the API server nothing comes of it.
    fn cordon_by_fault(&mut self, name: &Text, cordoned: bool, drained: bool, context: &mut Context<'_>) {
        let begins = drained && self.nodes.get(name).is_some_and(|node| node.draining.is_none() && !node.cordoned_by_fault);
        let done = if begins { self.drain(name, context) } else { self.cordon(name, cordoned, context).map(drop) };
        if done.is_ok()
            && let Some(node) = self.nodes.get_mut(name)
        {
            node.cordoned_by_fault = cordoned;
        }
    }

    /// Whether the controllers do anything.
    pub(super) fn controllers_work(&self) -> bool {
        !self.meta.api_down && !self.meta.controllers_stopped && self.meta.controllers_watch.is_none()
    }
}
