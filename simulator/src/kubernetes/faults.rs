//! What is done to a cluster from outside: nodes come and go, zones and whole clusters fail and heal.

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::kubelet::next_round;
use super::node::{Node, NodeFault};
use super::timing;
use crate::kernel::{EPOCH, Priority};
use model::connection::Capacity;
use model::value::Text;

impl Cluster {
    /// Have the declared nodes: new ones are added, those that are too many go when nothing runs on them.
    pub fn resize(&mut self, capacity: &Capacity) {
        for index in 0..capacity.nodes {
            let name = Text::from(format!("node-{}", index + 1));
            let zone = Text::from(format!("zone-{}", index % capacity.zones.max(1) + 1));
            let (milli_cpu, memory) = (capacity.milli_cpu, capacity.memory_bytes);
            match self.nodes.get(&name) {
                None => drop(self.nodes.insert(name, Node::new(zone, milli_cpu, memory))),
                Some(node) if (&node.zone, node.milli_cpu, node.memory) != (&zone, milli_cpu, memory) => {
                    if let Some(node) = self.nodes.get_mut(&name) {
                        (node.zone, node.milli_cpu, node.memory) = (zone, milli_cpu, memory);
                    }
                }
                Some(_) => {}
            }
        }
        let surplus = |name: &&Text| {
            let number = name.strip_prefix("node-").and_then(|number| number.parse::<u32>().ok());
            number.is_none_or(|number| number > capacity.nodes) && self.pods.on_node(name).next().is_none()
        };
        for name in self.nodes.keys().filter(surplus).cloned().collect::<Vec<_>>() {
            self.nodes.remove(&name);
        }
        self.meta_mut().retry_all = true;
    }

    /// A node goes for good, as when its machine is given back. Pod garbage collection takes its pods away afterwards.
    pub fn remove_node(&mut self, name: &str, context: &mut Context<'_>) -> bool {
        if !self.nodes.contains(name) {
            return false;
        }
        self.stop_everything_on(name);
        self.nodes.remove(name);
        self.meta_mut().draining.remove(name);
        let quarantined = context.agenda.now() + timing::ORPHAN_QUARANTINE;
        let at = next_round(quarantined, EPOCH, timing::POD_COLLECTION_PERIOD);
        context.agenda.schedule_at(at, Priority::SYSTEM, Event::Collect { node: name.into() });
        true
    }

    /// Pods on a node that is no more are taken away without asking anybody.
    pub(super) fn collect(&mut self, name: &Text, context: &mut Context<'_>) {
        if !self.controllers_work() || self.nodes.contains(name) {
            return;
        }
        for key in self.pods_on(name) {
            self.remove_pod(&key, context);
        }
    }

    /// The controller manager was started anew: it takes every node for heard of, and looks at everything.
    pub(super) fn controllers_begin_anew(&mut self, context: &mut Context<'_>) {
        if self.meta.api_down {
            return;
        }
        for name in self.nodes.keys().cloned().collect::<Vec<_>>() {
            let Some(node) = self.nodes.get_mut(&name) else { continue };
            node.taint_scheduled = false;
            let (connected, tainted, epoch) = (node.is_connected(), node.tainted.is_some(), node.epoch);
            self.tolerate_anew(&name, context);
            if !connected {
                self.listen_anew(&name, context);
            } else if tainted {
                let at = next_round(context.agenda.now(), EPOCH, timing::NODE_MONITOR_PERIOD);
                context.agenda.schedule_at(at, Priority::SYSTEM, Event::Untaint { node: name, epoch });
            }
        }
        self.controllers_look_at_all(context);
    }

    fn controllers_look_at_all(&mut self, context: &mut Context<'_>) {
        if !self.controllers_work() {
            return;
        }
        for orphaned in self.pods.orphaned(|node| self.nodes.contains(node)) {
            self.collect(&orphaned, context);
        }
        self.reconsider_taints(context);
        self.request_sync_all(None, context);
    }

    /// A controller that was just started takes every node for heard of.
    fn listen_anew(&mut self, name: &Text, context: &mut Context<'_>) {
        let Some(node) = self.nodes.get(name).filter(|node| node.ready) else { return };
        let at = next_round(context.agenda.now() + self.node_monitor_grace(), EPOCH, timing::NODE_MONITOR_PERIOD);
        context.agenda.schedule_at(at, Priority::SYSTEM, Event::Unheard { node: name.clone(), epoch: node.epoch });
    }

    /// Every node dies, and the API server with them.
    pub fn fail_all(&mut self, context: &mut Context<'_>) -> bool {
        let was_up = self.fail_api(context);
        self.each_node(|cluster, name| cluster.fail_node(name, NodeFault::Dead, context)) || was_up
    }

    /// All that is broken is well again.
    pub fn heal_all(&mut self, context: &mut Context<'_>) -> bool {
        let healed = self.each_node(|cluster, name| cluster.heal_node(name, context));
        self.heal_api(context) || healed
    }

    /// Every node of a zone dies.
    pub fn fail_zone(&mut self, zone: &str, context: &mut Context<'_>) -> bool {
        let inside = |cluster: &Cluster, name: &Text| cluster.nodes.get(name).is_some_and(|node| node.zone == zone);
        self.each_node(|cluster, name| inside(cluster, name) && cluster.fail_node(name, NodeFault::Dead, context))
    }

    /// Every node of a zone is well again.
    pub fn heal_zone(&mut self, zone: &str, context: &mut Context<'_>) -> bool {
        let inside = |cluster: &Cluster, name: &Text| cluster.nodes.get(name).is_some_and(|node| node.zone == zone);
        self.each_node(|cluster, name| inside(cluster, name) && cluster.heal_node(name, context))
    }

    fn each_node(&mut self, mut act: impl FnMut(&mut Cluster, &Text) -> bool) -> bool {
        let names: Vec<Text> = self.nodes.keys().cloned().collect();
        names.iter().filter(|name| act(self, name)).count() > 0
    }
}
