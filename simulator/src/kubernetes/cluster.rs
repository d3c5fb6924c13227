//! A cluster as a whole: what it holds, and which part answers to which event.

use super::event::{Context, Event, Notice};
use super::key::Key;
use super::node::Node;
use super::object::Object;
use super::pod::Pod;
use super::pods::{Pods, namespace_of};
use super::revision::{Revision, Workload};
use super::server::Memory;
use super::template::Template;
use super::timing::{self, ContainerTimes};
use crate::kernel::{Priority, Store};
use model::connection::Capacity;
use model::value::Text;
use model::{Duration, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A Kubernetes cluster: the API server's objects, and what its controllers, its scheduler and its kubelets make of them.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub(super) name: Text,
    pub(super) meta: Meta,
    pub(super) meta_changed: bool,
    pub(super) objects: Store<Key, Object>,
    pub(super) workloads: Store<Key, Workload>,
    pub(super) revisions: Store<Text, Revision>,
    pub(super) pods: Pods,
    pub(super) nodes: Store<Text, Node>,
    /// Revisions of each workload; follows from `revisions`.
    pub(super) revisions_of: BTreeMap<Key, BTreeSet<Text>>,
    /// Pods whose program lacks something; follows from `pods`.
    pub(super) lacking: BTreeSet<Text>,
    /// Objects that name an owner, by the owner's uid; follows from `objects`.
    pub(super) dependents: BTreeMap<String, BTreeSet<Key>>,
    pub(super) changed: BTreeSet<Key>,
    pub(super) notices: Vec<Notice>,
    /// What the API server remembers of lists and for watches; gone with its process.
    pub(super) memory: Memory,
    /// Whether somebody else writes between any two requests of the engine now.
    pub(super) contested: bool,
}

/// What is kept of a cluster beside its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) resource_version: u64,
    pub(super) uid: u64,
    /// Whether the API server answers.
    pub(super) api_down: bool,
    /// Since when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) api_down_since: Option<Timestamp>,
    /// When the watches of the controllers reach it again after it was away, if that is still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) controllers_watch: Option<Timestamp>,
    /// The same of the scheduler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scheduler_watches: Option<Timestamp>,
    /// Whether the controller manager stands still.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) controllers_stopped: bool,
    /// Whether the scheduler stands still.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) scheduler_stopped: bool,
    pub(super) schedule_pending: bool,
    /// Whether something changed that may let a pod be scheduled that could not be.
    pub(super) retry_all: bool,
    /// When the next node of a zone may be tainted.
    pub(super) next_taint: BTreeMap<Text, Timestamp>,
    /// How long a node may be silent, where that is not [`timing::NODE_MONITOR_GRACE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) node_monitor_grace: Option<Duration>,
    /// How long containers take, where that is not as [`timing`] says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) containers: Option<ContainerTimes>,
    /// Nodes that are being drained.
    pub(super) draining: BTreeSet<Text>,
    /// Workloads of stores that serve now.
    pub(super) serving_stores: BTreeSet<Key>,
}

impl Cluster {
    /// An empty cluster with nodes as declared: `node-1` in `zone-1`, and so on around.
    pub fn new(name: &str, capacity: &Capacity) -> Self {
        let mut cluster = Cluster::empty(name);
        cluster.resize(capacity);
        cluster
    }

    pub(super) fn empty(name: &str) -> Self {
        Cluster {
            name: name.into(),
            meta: Meta::default(),
            meta_changed: true,
            objects: Store::new(),
            workloads: Store::new(),
            revisions: Store::new(),
            pods: Pods::default(),
            nodes: Store::new(),
            revisions_of: BTreeMap::new(),
            lacking: BTreeSet::new(),
            dependents: BTreeMap::new(),
            changed: BTreeSet::new(),
            notices: Vec::new(),
            memory: Memory::default(),
            contested: false,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Let nodes be silent for so long before they are given up (`--node-monitor-grace-period` of its controller manager).
    pub fn set_node_monitor_grace(&mut self, grace: Duration) {
        self.meta_mut().node_monitor_grace = Some(grace);
    }

    pub(super) fn node_monitor_grace(&self) -> Duration {
        self.meta.node_monitor_grace.unwrap_or(timing::NODE_MONITOR_GRACE)
    }

    /// Let containers take so long to come and to go.
    pub fn set_container_times(&mut self, times: ContainerTimes) {
        self.meta_mut().containers = Some(times);
    }

    pub(super) fn container_times(&self) -> ContainerTimes {
        self.meta.containers.unwrap_or_default()
    }

    /// Let one of its events happen.
    pub fn handle(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Sync { object } => self.sync(&object, context),
            Event::Schedule => self.schedule_pods(context),
            Event::Start { pod } => self.try_start(&pod, context),
            Event::Probe { pod } => self.probed(&pod, context),
            Event::Unready { pod } => self.probe_failed(&pod, context),
            Event::Dead { pod } => self.found_dead(&pod, context),
            Event::Signal { pod } => self.signalled(&pod),
            Event::Finish { pod } => self.finished(&pod, context),
            Event::Stopped { pod } => self.stopped(&pod, context),
            Event::Deadline { object } => self.deadline(&object, context),
            Event::Unheard { node, epoch } => self.unheard(&node, epoch, context),
            Event::Taint { node, epoch } => self.taint(&node, epoch, context),
            Event::Evict { pod, uid, tainted } => self.taint_eviction(&pod, uid, tainted, context),
            Event::Back { node, epoch } => self.back(&node, epoch, context),
            Event::Untaint { node, epoch } => self.untaint(&node, epoch, context),
            Event::Collect { node } => self.collect(&node, context),
            Event::Pressed { node, since, left } => self.pressed(&node, since, left, context),
            Event::Relieved { node } => self.relieved(&node, context),
            Event::Drain { node } => self.drain_again(&node, context),
            Event::WatchesAgain { who, at } => self.watches_again(who, at, context),
        }
    }

    /// What the cluster has to tell since it was last asked.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Objects whose condition may have changed since it was last asked.
    pub fn take_changed(&mut self) -> BTreeSet<Key> {
        let changed = std::mem::take(&mut self.changed);
        self.remember(&changed);
        changed
    }

    pub(super) fn meta_mut(&mut self) -> &mut Meta {
        self.meta_changed = true;
        &mut self.meta
    }

    pub(super) fn next_uid(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.uid += 1;
        meta.uid
    }

    /// The name of a thing of this cluster for draws of randomness.
    pub(super) fn entity(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    pub(super) fn draw(&self, context: &Context<'_>, name: &str, purpose: &str, n: u64, range: (u64, u64)) -> Duration {
        Duration::milliseconds(context.agenda.between(&self.entity(name), purpose, n, range.0, range.1))
    }

    pub(super) fn template_of(&self, pod: &Pod) -> Option<&Template> {
        self.revisions.get(&pod.revision).map(|revision| &revision.template)
    }

    /// The workload that a pod belongs to.
    pub(super) fn owner_of(&self, pod: &Pod) -> Option<&Key> {
        self.revisions.get(&pod.revision).map(|revision| &revision.owner)
    }

    /// Let the controller of `object` look at it soon.
    pub(super) fn request_sync(&mut self, object: &Key, context: &mut Context<'_>) {
        let Some(workload) = self.workloads.get_mut(object) else { return };
        self.changed.insert(object.clone());
        if !std::mem::replace(&mut workload.sync_pending, true) {
            context.agenda.schedule(timing::CONTROLLER, Priority::SYSTEM, Event::Sync { object: object.clone() });
        }
    }

    /// Let the controllers of all workloads of a namespace (or of the cluster) look at them soon.
    pub(super) fn request_sync_all(&mut self, namespace: Option<&str>, context: &mut Context<'_>) {
        let inside = |key: &&Key| namespace.is_none_or(|namespace| key.namespace() == Some(namespace));
        let workloads: Vec<Key> = self.workloads.keys().filter(inside).cloned().collect();
        for workload in workloads {
            self.request_sync(&workload, context);
        }
    }

    /// Let the scheduler look for nodes soon; `freed` where a pod that found none may find one now.
    pub(super) fn request_schedule(&mut self, freed: bool, context: &mut Context<'_>) {
        if self.pods.unbound().next().is_none() {
            return;
        }
        let meta = self.meta_mut();
        meta.retry_all |= freed;
        if !std::mem::replace(&mut meta.schedule_pending, true) {
            context.agenda.schedule(timing::SCHEDULER, Priority::SYSTEM, Event::Schedule);
        }
    }

    fn sync(&mut self, object: &Key, context: &mut Context<'_>) {
        let Some(workload) = self.workloads.get_mut(object) else { return };
        workload.sync_pending = false;
        // For what is asked to go its controller makes nothing new.
        if !self.controllers_work() || self.objects.get(object).is_none_or(|object| object.deleted.is_some()) {
            return;
        }
        self.changed.insert(object.clone());
        match object.kind {
            Kind::Deployment => self.sync_deployment(object, context),
            Kind::StatefulSet => self.sync_stateful_set(object, context),
            Kind::Job => self.sync_job(object, context),
            _ => {}
        }
        self.write_status(object);
    }

    /// Whether new objects may be made in the namespace of `key`.
    pub(super) fn namespace_state(&self, namespace: &str) -> NamespaceState {
        match self.objects.get(&Key::new(Kind::Namespace, namespace)) {
            Some(object) if object.deleted.is_some() => NamespaceState::Terminating,
            Some(_) => NamespaceState::Active,
            // Every cluster has these from its first start.
            None if matches!(namespace, "default" | "kube-system") => NamespaceState::Active,
            None => NamespaceState::Absent,
        }
    }

    /// Keys of all objects in a namespace.
    pub(super) fn objects_in(&self, namespace: &str) -> Vec<Key> {
        let prefix = format!("{namespace}/");
        let kinds = Kind::of(model::kind::Family::Kubernetes).filter(|kind| *kind != Kind::Namespace);
        let keys = kinds.flat_map(|kind| {
            let (from, prefix) = (Key::new(kind, &prefix), prefix.as_str());
            self.objects.range(from..).take_while(move |(key, _)| key.kind == kind && key.name.starts_with(prefix))
        });
        keys.map(|(key, _)| key.clone()).collect()
    }

    /// Whether the ServiceAccount of a pod is there; `default` always is.
    pub(super) fn has_service_account(&self, pods: &str, name: &str) -> bool {
        let key = format!("{}/{name}", namespace_of(pods));
        name == "default" || self.objects.contains(&Key::new(Kind::ServiceAccount, &key))
    }
}

/// Whether new objects may be made in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamespaceState {
    Active,
    Terminating,
    Absent,
}
