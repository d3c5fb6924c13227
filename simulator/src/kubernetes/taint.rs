//! Taints that somebody puts on a node (`kubectl taint`): who may go there, and who has to leave (`pkg/controller/tainteviction`).

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::node::UNREACHABLE;
use super::timing;
use crate::kernel::Priority;
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// A taint that is no controller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taint {
    pub(super) key: Text,
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub(super) value: Text,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub(super) effect: Text,
    /// Since when the node has it.
    pub(super) since: Timestamp,
}

impl Taint {
    /// Its key and its value.
    pub(super) fn pair(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }

    /// Whether pods that do not tolerate it stay away. What is only preferred is not heeded.
    pub(super) fn bars(&self) -> bool {
        matches!(self.effect.as_str(), "NoSchedule" | "NoExecute")
    }

    fn evicts(&self) -> bool {
        self.effect == "NoExecute"
    }

    /// Whether it is one that evicts, and has been there since then.
    pub(super) fn evicts_since(&self, since: Timestamp) -> bool {
        self.evicts() && self.since == since
    }

    fn is_like(&self, other: &Taint) -> bool {
        (self.pair(), &self.effect) == (other.pair(), &other.effect)
    }
}

impl Cluster {
    /// Let a node have these taints from now on, beside those of the controllers; whether there is such a node. What it had already it has
    /// had since then.
    pub(super) fn set_taints(&mut self, name: &str, mut taints: Vec<Taint>, context: &mut Context<'_>) -> bool {
        let Some(node) = self.nodes.get_mut(name) else { return false };
        let before = std::mem::take(&mut node.taints);
        for taint in &mut taints {
            taint.since = before.iter().find(|known| known.is_like(taint)).map_or(taint.since, |known| known.since);
        }
        let new: Vec<Taint> = taints.iter().filter(|taint| !before.contains(taint) && taint.evicts()).cloned().collect();
        node.taints = taints;
        for (key, taint) in self.pods_on(name).iter().flat_map(|key| new.iter().map(move |taint| (key, taint))) {
            self.tolerate_for_now(key, taint.pair(), taint.since, context);
        }
        self.request_schedule(true, context);
        true
    }

    /// A pod on a node with a taint that evicts goes when it has tolerated that for as long as it does.
    pub(super) fn tolerate_for_now(&self, key: &Text, taint: (&str, &str), since: Timestamp, context: &mut Context<'_>) {
        let Some(pod) = self.pods.get(key).filter(|pod| !pod.is_terminating()) else { return };
        let Some(tolerated) = self.template_of(pod).and_then(|template| template.tolerates_execution(taint)) else { return };
        let after = tolerated + if tolerated == Duration::ZERO { timing::CONTROLLER } else { Duration::ZERO };
        let event = Event::Evict { pod: key.clone(), uid: pod.uid, tainted: since };
        context.agenda.schedule(after, Priority::SYSTEM, event);
    }

    /// The controller that evicts was started anew: it counts from now on how long pods tolerate the taints of a node.
    pub(super) fn tolerate_anew(&self, name: &Text, context: &mut Context<'_>) {
        let Some(node) = self.nodes.get(name) else { return };
        let of_controllers = node.tainted.map(|since| ((UNREACHABLE, ""), since));
        let by_hand = node.taints.iter().filter(|taint| taint.evicts()).map(|taint| (taint.pair(), taint.since));
        for (taint, since) in of_controllers.into_iter().chain(by_hand) {
            for key in self.pods_on(name) {
                self.tolerate_for_now(&key, taint, since, context);
            }
        }
    }

    /// A pod was just put on its node: it tolerates what is there already, and may do so for a while only.
    pub(super) fn tolerate_where_it_is(&self, key: &Text, context: &mut Context<'_>) {
        let Some(node) = self.pods.get(key).and_then(|pod| self.node_of(pod)) else { return };
        for taint in node.taints.iter().filter(|taint| taint.evicts()) {
            self.tolerate_for_now(key, taint.pair(), taint.since, context);
        }
    }
}
