//! What somebody sees who lists objects, nodes or endpoints.

use super::api::FIELD_MANAGER;
use super::cluster::Cluster;
use super::key::Key;
use super::node::NodeFault;
use super::object::Object;
use super::pods::namespace_of;
use super::selector::Selector;
use model::observation::{Condition, Node, Objects, Observed};
use model::operation::OperationError;
use model::value::Text;
use model::{Address, Kind, System, Timestamp};
use std::collections::BTreeSet;

/// A pod as the world around the cluster needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodState {
    /// `NAMESPACE/NAME`.
    pub key: Text,
    /// Its node.
    pub node: Option<Text>,
    /// Condition Ready, as the API server knows it.
    pub ready: bool,
    /// Whether it does its work, in truth.
    pub serving: bool,
    /// Whether it is asked to go.
    pub terminating: bool,
    /// Why it is not further.
    pub reason: Text,
}

impl Cluster {
    /// Whether the API server answers.
    pub fn is_reachable(&self) -> bool {
        !self.meta.api_down
    }

    /// All objects of a kind: a complete, successful list.
    ///
    /// # Errors
    /// `Unreachable` while the API server does not answer.
    pub fn list(&self, kind: Kind) -> Result<Objects, OperationError> {
        self.answers()?;
        let system = System::Cluster(self.name.as_str().into());
        let objects = self.objects.range(Key::new(kind, "")..).take_while(|(key, _)| key.kind == kind);
        Ok(objects.map(|(key, object)| (Address::new(&system, kind, &key.name), self.observed(key, object))).collect())
    }

    /// One object, nothing if it is not there.
    ///
    /// # Errors
    /// `Unreachable` while the API server does not answer.
    pub fn get(&self, key: &Key) -> Result<Option<Observed>, OperationError> {
        self.answers()?;
        Ok(self.objects.get(key).map(|object| self.observed(key, object)))
    }

    pub(super) fn observed(&self, key: &Key, object: &Object) -> Observed {
        let version = Text::from(self.version_of(key, object).to_string());
        Observed {
            incarnation: Text::from(object.uid_text()),
            foreign: object.managers.foreign(FIELD_MANAGER, object.document.value()),
            condition: self.condition(key).unwrap_or(Condition::Ready),
            ..Observed::marked(object.live(key.kind), version, object.mark.as_ref())
        }
    }

    /// The `resourceVersion`: the latest write into the object or into its status.
    pub(super) fn version_of(&self, key: &Key, object: &Object) -> u64 {
        self.workloads.get(key).map_or(0, |workload| workload.status_version).max(object.resource_version)
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The nodes, as safety rules need to know them.
    ///
    /// # Errors
    /// `Unreachable` while the API server does not answer.
    pub fn nodes(&self) -> Result<Vec<Node>, OperationError> {
        self.answers()?;
        let node = |(name, node): (&Text, &super::node::Node)| Node {
            name: name.clone(),
            zone: node.zone.clone(),
            schedulable: node.is_schedulable(),
        };
        Ok(self.nodes.iter().map(node).collect())
    }

    /// Whether lists of endpoints are kept: the controllers that do so work.
    pub fn lists_endpoints(&self) -> bool {
        self.controllers_work()
    }

    /// Names of all nodes.
    pub fn node_names(&self) -> BTreeSet<Text> {
        self.nodes.keys().cloned().collect()
    }

    /// Names of all zones.
    pub fn zone_names(&self) -> BTreeSet<Text> {
        self.nodes.values().map(|node| node.zone.clone()).collect()
    }

    /// All nodes, each with its zone.
    pub fn places(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.nodes.iter().map(|(name, node)| (name, &node.zone))
    }

    /// Names of all nodes with what is wrong with each, in truth.
    pub fn faults(&self) -> impl Iterator<Item = (&str, Option<NodeFault>)> {
        self.nodes.iter().map(|(name, node)| (name.as_str(), node.fault))
    }

    /// Whether a node is silent, and was not known to be at that time.
    pub fn lost_a_node_since(&self, time: Timestamp) -> bool {
        self.nodes.values().filter(|node| node.fault.is_some()).any(|node| node.tainted.is_some_and(|tainted| tainted > time))
    }

    /// Ready pods behind a Service, as its EndpointSlices have them: those that are asked to go are not among them.
    pub fn endpoints(&self, service: &Key) -> Vec<&Text> {
        let written = self.objects.get(service).map(|object| object.document.value());
        let selector = written.and_then(|document| Selector::of_labels(document.at(&["spec", "selector"])));
        let Some(selector) = selector else { return Vec::new() };
        let pods = self.pods.in_namespace(namespace_of(&service.name)).filter(|(_, pod)| pod.is_available());
        let selected = pods.filter(|(_, pod)| self.template_of(pod).is_some_and(|template| selector.selects(&template.labels)));
        selected.map(|(key, _)| key).collect()
    }

    /// Workloads with a pod on a node, in order, each as often as it has one there.
    pub fn workloads_on(&self, node: &str) -> Vec<Text> {
        let owners = self.pods.on_node(node).filter_map(|(_, pod)| self.owner_of(pod));
        let mut workloads: Vec<Text> = owners.map(|owner| owner.name.clone()).collect();
        workloads.sort();
        workloads
    }

    /// All pods of a workload.
    pub fn pods_of(&self, workload: &Key) -> Vec<PodState> {
        let revisions = self.revisions_of(workload);
        let pods = revisions.iter().flat_map(|revision| self.pods.of_revision(revision));
        let mut states: Vec<PodState> = pods
            .map(|(key, pod)| PodState {
                key: key.clone(),
                node: pod.node.clone(),
                ready: pod.ready,
                serving: pod.serving,
                terminating: pod.is_terminating(),
                reason: pod.reason.clone(),
            })
            .collect();
        states.sort_by(|left, right| left.key.cmp(&right.key));
        states
    }
}
