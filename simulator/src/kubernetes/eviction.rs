//! Going voluntarily: cordon, drain, and the eviction API that heeds disruption budgets (`pkg/registry/core/pod/storage/eviction.go`,
//! `pkg/controller/disruption`).

use super::cluster::Cluster;
use super::event::{Context, Event};
use super::key::Key;
use super::kubelet::next_round;
use super::pods::namespace_of;
use super::quantity::scaled;
use super::selector::{Labels, Selector};
use super::timing;
use crate::kernel::Priority;
use model::operation::OperationError;
use model::value::Text;
use model::{Kind, Value};

/// What the API server says to an eviction beyond a budget (seen).
const BEYOND_BUDGET: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

impl Cluster {
    /// The eviction API: delete the pod if every budget over it allows that.
    ///
    /// # Errors
    /// `Busy` (429) beyond a budget, `Unreachable`, `Refused` if there is no such pod.
    pub fn evict(&mut self, pod: &str, context: &mut Context<'_>) -> Result<(), OperationError> {
        self.answers()?;
        let Some(found) = self.pods.get(pod) else {
            return Err(OperationError::Refused(format!("pods {pod:?} not found")));
        };
        let labels = self.template_of(found).map(|template| template.labels.clone()).unwrap_or_default();
        if found.node.is_some() && !self.budgets_allow(namespace_of(pod), &labels, found.is_available()) {
            return Err(OperationError::Busy { message: BEYOND_BUDGET.to_owned(), retry_after: None });
        }
        self.delete_pod(&pod.into(), context);
        Ok(())
    }

    fn budgets_allow(&self, namespace: &str, labels: &Labels, available: bool) -> bool {
        self.budgets(namespace).filter(|(_, selector, _)| selector.selects(labels)).all(|(_, selector, spec)| {
            let allowed = self.disruptions_allowed(namespace, &selector, &spec);
            // A pod that is not ready may go while the budget is met (`IfHealthyBudget`, the default).
            if available { allowed > 0 } else { allowed >= 0 }
        })
    }

    pub(super) fn budgets(&self, namespace: &str) -> impl Iterator<Item = (Key, Selector, Value)> {
        let prefix = format!("{namespace}/");
        let from = Key::new(Kind::PodDisruptionBudget, &prefix);
        self.objects
            .range(from..)
            .take_while(move |(key, _)| key.kind == Kind::PodDisruptionBudget && key.name.starts_with(&prefix))
            .filter_map(|(key, object)| {
                let spec = object.document.value().get("spec")?;
                Some((key.clone(), Selector::of(spec.get("selector"))?, spec.clone()))
            })
    }

    /// `status.disruptionsAllowed`, below zero where the budget is broken already. A share is rounded up in both forms.
    pub(super) fn disruptions_allowed(&self, namespace: &str, selector: &Selector, spec: &Value) -> i64 {
        let (healthy, needed) = self.health_of(namespace, selector, spec);
        healthy - needed
    }

    /// Selected pods that are healthy, and how many have to be.
    pub(super) fn health_of(&self, namespace: &str, selector: &Selector, spec: &Value) -> (i64, i64) {
        let selected = |labels: &Labels| selector.selects(labels);
        let healthy = self
            .pods
            .in_namespace(namespace)
            .filter(|(_, pod)| pod.is_available() && self.template_of(pod).is_some_and(|template| selected(&template.labels)));
        let healthy = i64::try_from(healthy.count()).unwrap_or(i64::MAX);
        let expected = self.expected_pods(namespace, selector);
        let at_least = match (spec.get("minAvailable"), spec.get("maxUnavailable")) {
            (Some(least), _) => scaled(least, expected, true).unwrap_or(0),
            (None, Some(most)) => expected - scaled(most, expected, true).unwrap_or(0),
            (None, None) => expected - 1,
        };
        (healthy, at_least)
    }

    /// The pods that the workloads over the selected pods are to have.
    pub(super) fn expected_pods(&self, namespace: &str, selector: &Selector) -> i64 {
        let inside = |key: &&Key| key.namespace() == Some(namespace);
        let selected = |key: &&Key| {
            let mut revisions = self.revisions_of.get(*key).into_iter().flatten();
            revisions
                .any(|revision| self.revisions.get(revision).is_some_and(|revision| selector.selects(&revision.template.labels)))
        };
        self.workloads.keys().filter(inside).filter(selected).map(|key| self.replicas(key)).sum()
    }

    /// `spec.replicas` of a workload.
    pub(super) fn replicas(&self, key: &Key) -> i64 {
        let written = self.objects.get(key).map(|object| object.document.value());
        written.and_then(|document| document.integer_at(&["spec", "replicas"])).unwrap_or(1)
    }

    /// Keep new pods away from a node, or let them come again. Whether that is a change.
    ///
    /// # Errors
    /// `Unreachable`, or `Refused` if there is no such node.
    pub fn cordon(&mut self, name: &str, cordoned: bool, context: &mut Context<'_>) -> Result<bool, OperationError> {
        self.answers()?;
        let Some(node) = self.nodes.get_mut(name) else {
            return Err(OperationError::Refused(format!("nodes {name:?} not found")));
        };
        let changed = std::mem::replace(&mut node.cordoned, cordoned) != cordoned;
        if !cordoned {
            node.draining = None;
            self.meta_mut().draining.remove(name);
            self.request_schedule(true, context);
        }
        Ok(changed)
    }

    /// Cordon a node and evict what is on it; what a budget keeps is tried again, every five seconds, when something has changed.
    ///
    /// # Errors
    /// As [`Cluster::cordon`].
    pub fn drain(&mut self, name: &str, context: &mut Context<'_>) -> Result<(), OperationError> {
        self.cordon(name, true, context)?;
        let now = context.agenda.now();
        if let Some(node) = self.nodes.get_mut(name) {
            node.draining = Some(now);
            self.meta_mut().draining.insert(name.into());
        }
        self.drain_again(&name.into(), context);
        Ok(())
    }

    pub(super) fn drain_again(&mut self, name: &Text, context: &mut Context<'_>) {
        let Some(node) = self.nodes.get_mut(name) else { return };
        node.drain_scheduled = false;
        if node.draining.is_none() || self.meta.api_down {
            return;
        }
        let mut left = false;
        for key in self.pods_on(name) {
            left |= self.evict(&key, context).is_err();
        }
        if let Some(node) = self.nodes.get_mut(name).filter(|_| !left) {
            node.draining = None;
            self.meta_mut().draining.remove(name);
        }
    }

    /// Something changed that a blocked drain may have waited for.
    pub(super) fn retry_drains(&mut self, context: &mut Context<'_>) {
        for name in self.meta.draining.clone() {
            let Some(node) = self.nodes.get_mut(&name) else { continue };
            let Some(since) = node.draining else { continue };
            if !std::mem::replace(&mut node.drain_scheduled, true) {
                let at = next_round(context.agenda.now(), since + timing::DRAIN_RETRY, timing::DRAIN_RETRY);
                context.agenda.schedule_at(at, Priority::SYSTEM, Event::Drain { node: name });
            }
        }
    }

    /// # Errors
    /// `Unreachable` while the API server does not answer.
    pub(super) fn answers(&self) -> Result<(), OperationError> {
        match self.meta.api_down {
            true => Err(OperationError::Unreachable(format!("the API server of cluster {} does not answer", self.name))),
            false => Ok(()),
        }
    }
}
