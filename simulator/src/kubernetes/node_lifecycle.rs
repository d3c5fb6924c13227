//! Nodes that fall silent and come back (`pkg/controller/nodelifecycle`, `pkg/controller/tainteviction`).
//!
//! A kubelet renews its lease every ten seconds. The controller looks every five, remembers when it *saw* a renewal, and gives up a
//! node fifty seconds after that. All of this follows from the instant of the fault, so nothing ticks while all is well.

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::kubelet::next_round;
use super::node::{Node, NodeFault, UNREACHABLE};
use super::pod::Phase;
use super::timing;
use crate::kernel::{EPOCH, Priority};
use model::value::Text;
use model::{Duration, Timestamp};

/// How a zone is, as far as eviction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZoneState {
    Normal,
    PartlyDisrupted,
    Disrupted,
}

impl Cluster {
    /// A node breaks. Whether there is such a node, and it was well.
    pub fn fail_node(&mut self, name: &str, fault: NodeFault, context: &mut Context<'_>) -> bool {
        let Some(node) = self.nodes.get_mut(name).filter(|node| node.fault.is_none()) else { return false };
        node.fault = Some(fault);
        node.epoch += 1;
        if fault == NodeFault::Dead {
            self.stop_everything_on(name);
        }
        self.listen(name, context);
        true
    }

    pub(super) fn stop_everything_on(&mut self, name: &str) {
        for key in self.pods_on(name) {
            let Some(pod) = self.pods.get_mut(&key).filter(|pod| pod.phase != Phase::Succeeded) else { continue };
            pod.phase = Phase::Stopped;
            pod.starts += 1;
            pod.serving = false;
            pod.polling = false;
            self.lacking.remove(&key);
            self.agent_ended(&key);
            self.recount_store(&key);
        }
    }

    pub(super) fn pods_on(&self, node: &str) -> Vec<Text> {
        self.pods.on_node(node).map(|(key, _)| key.clone()).collect()
    }

    /// Schedule the instant at which the controller gives the node up, unless it hears of it before.
    fn listen(&mut self, name: &str, context: &mut Context<'_>) {
        let Some(node) = self.nodes.get(name).filter(|node| node.fault.is_some() && node.ready) else { return };
        if !self.controllers_work() {
            return;
        }
        let at = self.given_up_at(name, context);
        let event = Event::Unheard { node: name.into(), epoch: node.epoch };
        context.agenda.schedule_at(at, Priority::SYSTEM, event);
    }

    fn given_up_at(&self, name: &str, context: &Context<'_>) -> Timestamp {
        let phase = context.agenda.between(&self.entity(name), "lease phase", 0, 0, timing::LEASE_RENEWAL.0 - 1);
        given_up_at(context.agenda.now(), Duration(phase), self.node_monitor_grace())
    }

    /// Ready=Unknown: its pods are not ready from now on, and it is to be tainted.
    pub(super) fn unheard(&mut self, name: &Text, epoch: u32, context: &mut Context<'_>) {
        let known = |node: &&mut Node| node.epoch == epoch && node.fault.is_some();
        if !self.controllers_work() {
            return;
        }
        let Some(node) = self.nodes.get_mut(name).filter(known) else { return };
        node.ready = false;
        for key in self.pods_on(name) {
            self.set_ready(&key, false, context);
            self.mark_owner_changed(&key);
        }
        self.reconsider_taints(context);
    }

    /// Taint what should be tainted, at the rate of its zone. When every zone is down nothing is evicted: the fault is more likely
    /// the control plane's own.
    pub(super) fn reconsider_taints(&mut self, context: &mut Context<'_>) {
        if self.all_zones_disrupted() {
            for name in self.nodes.keys().cloned().collect::<Vec<_>>() {
                if let Some(node) = self.nodes.get_mut(&name).filter(|node| node.tainted.is_some()) {
                    node.tainted = None;
                }
            }
            return;
        }
        let untainted = |node: &Node| node.tainted.is_none() && !node.taint_scheduled;
        let silent = |(_, node): &(&Text, &Node)| !node.ready && node.fault.is_some() && untainted(node);
        let silent: Vec<(Text, Text, u32)> =
            self.nodes.iter().filter(silent).map(|(name, node)| (name.clone(), node.zone.clone(), node.epoch)).collect();
        for (name, zone, epoch) in silent {
            let Some(period) = self.eviction_period(&zone) else { continue };
            let now = context.agenda.now();
            let slot = self.meta.next_taint.get(&zone).copied().unwrap_or(now).max(now);
            self.meta_mut().next_taint.insert(zone, slot + period);
            let latency = self.draw(context, &name, "taint", u64::from(epoch), timing::TAINT_AFTER);
            if let Some(node) = self.nodes.get_mut(&name) {
                node.taint_scheduled = true;
            }
            context.agenda.schedule_at(slot + latency, Priority::SYSTEM, Event::Taint { node: name, epoch });
        }
    }

    fn zone_state(&self, zone: &str) -> ZoneState {
        let nodes = || self.nodes.values().filter(|node| node.zone == zone);
        let (all, lost) = (nodes().count(), nodes().filter(|node| !node.ready).count());
        if lost == all && lost > 0 {
            ZoneState::Disrupted
        } else if lost > timing::UNHEALTHY_ZONE_NODES && lost * 100 >= all * timing::UNHEALTHY_ZONE_PERCENT {
            ZoneState::PartlyDisrupted
        } else {
            ZoneState::Normal
        }
    }

    fn all_zones_disrupted(&self) -> bool {
        self.nodes.values().all(|node| self.zone_state(&node.zone) == ZoneState::Disrupted)
    }

    /// How long one node of a zone waits for the other; nothing if none is evicted.
    fn eviction_period(&self, zone: &str) -> Option<Duration> {
        let size = self.nodes.values().filter(|node| node.zone == zone).count();
        match self.zone_state(zone) {
            ZoneState::Normal | ZoneState::Disrupted => Some(timing::EVICTION_PERIOD),
            ZoneState::PartlyDisrupted if size > timing::LARGE_ZONE => Some(timing::SECONDARY_EVICTION_PERIOD),
            ZoneState::PartlyDisrupted => None,
        }
    }

    /// The taint that evicts: each pod goes when it has tolerated it for as long as it does.
    pub(super) fn taint(&mut self, name: &Text, epoch: u32, context: &mut Context<'_>) {
        let now = context.agenda.now();
        let allowed = self.controllers_work() && !self.all_zones_disrupted();
        let zone = self.nodes.get(name).map(|node| node.zone.clone()).unwrap_or_default();
        let allowed = allowed && self.eviction_period(&zone).is_some();
        let Some(node) = self.nodes.get_mut(name) else { return };
        if node.epoch == epoch {
            node.taint_scheduled = false;
        }
        if !allowed || node.epoch != epoch || node.ready || node.tainted.is_some() {
            return;
        }
        node.tainted = Some(now);
        for key in self.pods_on(name) {
            self.tolerate_for_now(&key, (UNREACHABLE, ""), now, context);
        }
    }

    /// A plain delete, past every disruption budget. The pod stays Terminating until its node returns or goes for good.
    pub(super) fn taint_eviction(&mut self, key: &Text, uid: u64, tainted: Timestamp, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key).filter(|pod| pod.uid == uid) else { return };
        let lasts = |node: &Node| node.tainted == Some(tainted) || node.taints.iter().any(|taint| taint.evicts_since(tainted));
        if self.controllers_work() && self.node_of(pod).is_some_and(lasts) {
            self.delete_pod(key, context);
        }
    }

    /// The node is well again. Whether there is such a node, and it was not.
    pub fn heal_node(&mut self, name: &str, context: &mut Context<'_>) -> bool {
        let Some(node) = self.nodes.get_mut(name).filter(|node| node.fault.is_some()) else { return false };
        node.fault = None;
        node.epoch += 1;
        node.taint_scheduled = false;
        let epoch = node.epoch;
        for key in self.pods_on(name) {
            if self.pods.get(&key).is_some_and(|pod| !pod.is_terminating() && pod.phase == Phase::Stopped) {
                let latency = self.start_latency(&key, false, context);
                self.start_container(&key, Phase::Creating, latency, context);
            }
        }
        context.agenda.schedule(timing::NODE_READY_AGAIN, Priority::SYSTEM, Event::Back { node: name.into(), epoch });
        true
    }

    /// The kubelet reports: what was asked to go ends, what serves is ready.
    pub(super) fn back(&mut self, name: &Text, epoch: u32, context: &mut Context<'_>) {
        if self.meta.api_down {
            return;
        }
        let Some(node) = self.nodes.get_mut(name).filter(|node| node.epoch == epoch) else { return };
        node.ready = true;
        for key in self.pods_on(name) {
            if self.pods.get(&key).is_some_and(super::pod::Pod::is_terminating) {
                self.end_process(&key, context);
            } else {
                self.report_ready(&key, context);
            }
        }
        let at = next_round(context.agenda.now(), EPOCH, timing::NODE_MONITOR_PERIOD);
        context.agenda.schedule_at(at, Priority::SYSTEM, Event::Untaint { node: name.clone(), epoch });
    }

    pub(super) fn untaint(&mut self, name: &Text, epoch: u32, context: &mut Context<'_>) {
        if !self.controllers_work() {
            return;
        }
        let Some(node) = self.nodes.get_mut(name).filter(|node| node.epoch == epoch) else { return };
        node.tainted = None;
        self.reconsider_taints(context);
        self.request_schedule(true, context);
        self.retry_drains(context);
    }
}

/// The last renewal before the fault (the kubelet renews at `phase` and every ten seconds after), seen at the controller's next
/// round; the first round that is the grace period after that.
fn given_up_at(fault: Timestamp, phase: Duration, grace: Duration) -> Timestamp {
    let since = fault.since(EPOCH + phase).0 % timing::LEASE_RENEWAL.0;
    let renewed = Timestamp(fault.0.saturating_sub(since));
    let seen = next_round(renewed, EPOCH, timing::NODE_MONITOR_PERIOD);
    next_round(seen + grace, EPOCH, timing::NODE_MONITOR_PERIOD).max(fault)
}

impl Node {
    /// A node that is well.
    pub(super) fn new(zone: Text, milli_cpu: u64, memory: u64) -> Self {
        Node {
            zone,
            milli_cpu,
            memory,
            cordoned: false,
            fault: None,
            epoch: 0,
            ready: true,
            tainted: None,
            taint_scheduled: false,
            draining: None,
            drain_scheduled: false,
            cordoned_by_fault: false,
            images_away: false,
            slow_starts: None,
            pressure: None,
            pressed: false,
            taints: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_ten_thousand_offsets_a_node_is_given_up_40_to_60_seconds_after_its_fault_and_50_to_55_after_its_last_renewal() {
        for n in 0..10_000 {
            let (fault, phase) = (EPOCH + Duration(3_600_000 + n * 7), Duration(n * 13 % timing::LEASE_RENEWAL.0));
            let after = given_up_at(fault, phase, timing::NODE_MONITOR_GRACE).since(fault).0;
            assert!((40_000..=60_000).contains(&after), "offset {n}: {after} ms");
            let renewed = fault.since(EPOCH + phase).0 % timing::LEASE_RENEWAL.0;
            assert!((50_000..55_000).contains(&(after + renewed)), "offset {n}: {} ms", after + renewed);
        }
    }
}
