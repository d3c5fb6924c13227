//! What goes wrong with single pods and on single nodes: killed, without an image, evicted because memory is short.

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::key::Key;
use super::kubelet::next_round;
use super::node::Node;
use super::pod::{Phase, Pod};
use super::timing;
use crate::kernel::Priority;
use model::value::Text;
use model::{Kind, Timestamp};

/// What a pod says that waits for its image (kubelet, `ErrImagePullBackOff`).
const NO_IMAGE: &str = "ImagePullBackOff";

impl Cluster {
    /// The `nth` pod of a Deployment or StatefulSet of those that are not asked to go, the oldest first, around.
    pub fn nth_pod(&self, namespace: &str, workload: &str, nth: u32) -> Option<Text> {
        let name = format!("{namespace}/{workload}");
        let keys = [Kind::Deployment, Kind::StatefulSet].map(|kind| Key::new(kind, &name));
        let revisions = keys.iter().filter_map(|key| self.revisions_of.get(key)).flatten();
        let pods = revisions.flat_map(|revision| self.pods.of_revision(revision)).filter(|(_, pod)| !pod.is_terminating());
        let mut pods: Vec<(Timestamp, u64, &Text)> = pods.map(|(key, pod)| (pod.created, pod.uid, key)).collect();
        pods.sort_unstable();
        let place = usize::try_from(nth).ok()?.checked_rem(pods.len())?;
        pods.get(place).map(|(_, _, key)| (*key).clone())
    }

    /// A pod is deleted without grace (`kubectl delete --force --grace-period=0`): no budget is asked, and nothing is waited for.
    pub fn kill_pod(&mut self, pod: &str, context: &mut Context<'_>) -> bool {
        let is_there = self.pods.get(pod).is_some();
        if is_there && !self.meta.api_down {
            self.remove_pod(&pod.into(), context);
        }
        is_there
    }

    /// A pod that was just bound gets its image and starts, or waits until there is one.
    pub(super) fn pull(&mut self, key: &Text, context: &mut Context<'_>) {
        let away = self.pods.get(key).and_then(|pod| self.node_of(pod)).is_some_and(|node| node.images_away);
        if !away {
            let latency = self.start_latency(key, true, context);
            return self.start_container(key, Phase::Creating, latency, context);
        }
        let now = context.agenda.now();
        if let Some(pod) = self.pods.get_mut(key) {
            (pod.phase, pod.started, pod.reason) = (Phase::Creating, now, NO_IMAGE.into());
        }
        self.mark_owner_changed(key);
    }

    /// Images cannot be pulled on a node, or can be again: then each pod pulls when its back-off says so.
    pub(super) fn set_images_away(&mut self, name: &Text, away: bool, context: &mut Context<'_>) {
        if let Some(node) = self.nodes.get_mut(name) {
            node.images_away = away;
        }
        if away {
            return;
        }
        let now = context.agenda.now();
        for key in self.pods_on(name) {
            let waits = |pod: &&Pod| pod.phase == Phase::Creating && pod.reason == NO_IMAGE;
            let Some(first) = self.pods.get(&key).filter(waits).map(|pod| pod.started) else { continue };
            let latency = self.start_latency(&key, true, context);
            self.start_container(&key, Phase::Creating, next_pull(first, now).since(now) + latency, context);
            if let Some(pod) = self.pods.get_mut(&key) {
                pod.reason = Text::default();
            }
        }
    }

    /// How many times as long containers of a pod take to start.
    pub(super) fn slowness(&self, key: &str) -> u64 {
        self.pods.get(key).and_then(|pod| self.node_of(pod)).and_then(|node| node.slow_starts).unwrap_or(1)
    }

    /// A node is short of memory: no new pods, and every ten seconds one has to go.
    pub(super) fn press(&mut self, name: &Text, pods: u64, context: &mut Context<'_>) {
        let now = context.agenda.now();
        if let Some(node) = self.nodes.get_mut(name) {
            (node.pressure, node.pressed) = (Some(now), true);
            let event = Event::Pressed { node: name.clone(), since: now, left: pods };
            context.agenda.schedule(timing::EVICTION_MONITOR, Priority::SYSTEM, event);
        }
    }

    /// The kubelet evicts the pod that asked for least: it is the one that is furthest above what it asked for.
    pub(super) fn pressed(&mut self, name: &Text, since: Timestamp, left: u64, context: &mut Context<'_>) {
        let lasts = |node: &&Node| node.pressure == Some(since) && node.is_connected();
        if self.nodes.get(name).filter(lasts).is_none() || left == 0 {
            return;
        }
        let asks = |(key, pod): (&Text, &Pod)| Some((self.template_of(pod)?.memory, key.clone()));
        let victim = self.pods.on_node(name).filter(|(_, pod)| !pod.is_terminating()).filter_map(asks).min();
        if let Some((_, key)) = victim {
            self.remove_pod(&key, context);
            let event = Event::Pressed { node: name.clone(), since, left: left - 1 };
            context.agenda.schedule(timing::EVICTION_MONITOR, Priority::SYSTEM, event);
        }
    }

    /// A node has memory again; it says so a while later.
    pub(super) fn relieve(&mut self, name: &Text, context: &mut Context<'_>) {
        if let Some(node) = self.nodes.get_mut(name) {
            node.pressure = None;
            context.agenda.schedule(timing::PRESSURE_TRANSITION, Priority::SYSTEM, Event::Relieved { node: name.clone() });
        }
    }

    pub(super) fn relieved(&mut self, name: &Text, context: &mut Context<'_>) {
        if let Some(node) = self.nodes.get_mut(name).filter(|node| node.pressure.is_none()) {
            node.pressed = false;
            self.request_schedule(true, context);
        }
    }
}

/// When an image is tried again that was first tried at `first`: 10, 20, 40 … 300 seconds apart, as crashes are.
fn next_pull(first: Timestamp, now: Timestamp) -> Timestamp {
    let (mut at, mut pause) = (first, timing::BACK_OFF);
    while at < now {
        if pause == timing::BACK_OFF_LIMIT {
            return next_round(now, at, pause);
        }
        at = at + pause;
        pause = pause.times(2).min(timing::BACK_OFF_LIMIT);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_tried_again_after_pauses_that_double_up_to_five_minutes() {
        let next = |seconds: u64| next_pull(Timestamp(0), Timestamp(seconds * 1000)).0 / 1000;
        assert_eq!([next(0), next(1), next(11), next(31), next(150), next(151)], [0, 10, 30, 70, 150, 310]);
        assert_eq!([next(311), next(611), next(86_400)], [610, 910, 86_410]);
    }
}
