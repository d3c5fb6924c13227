//! All pods of a cluster, with the indexes that controllers and the scheduler ask: by revision, by node, and those without a node.

use super::pod::Pod;
use super::template::Template;
use crate::kernel::Store;
use model::value::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What the pods of a node ask for together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) milli_cpu: u64,
    pub(super) memory: u64,
    pub(super) pods: usize,
}

/// All pods, by `NAMESPACE/NAME`.
#[derive(Clone, Debug, Default)]
pub(super) struct Pods {
    pub(super) store: Store<Text, Pod>,
    by_revision: BTreeMap<Text, BTreeSet<Text>>,
    by_node: BTreeMap<Text, BTreeSet<Text>>,
    loads: BTreeMap<Text, Load>,
    /// Pods without a node, in the order in which they were made.
    unbound: BTreeSet<(u64, Text)>,
}

impl Pods {
    pub(super) fn get(&self, key: &str) -> Option<&Pod> {
        self.store.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Pod> {
        self.store.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: Text, pod: Pod, template: &Template) {
        self.index(&key, &pod, template);
        self.store.insert(key, pod);
    }

    fn index(&mut self, key: &Text, pod: &Pod, template: &Template) {
        self.by_revision.entry(pod.revision.clone()).or_default().insert(key.clone());
        match &pod.node {
            Some(node) => self.index_node(key, node.clone(), template),
            None => drop(self.unbound.insert((pod.uid, key.clone()))),
        }
    }

    fn index_node(&mut self, key: &Text, node: Text, template: &Template) {
        let load = self.loads.entry(node.clone()).or_default();
        load.milli_cpu += template.milli_cpu;
        load.memory += template.memory;
        load.pods += 1;
        self.by_node.entry(node).or_default().insert(key.clone());
    }

    /// Put a pod on a node.
    pub(super) fn bind(&mut self, key: &Text, node: &Text, template: &Template) {
        let Some(pod) = self.store.get_mut(key) else { return };
        pod.node = Some(node.clone());
        self.unbound.remove(&(pod.uid, key.clone()));
        self.index_node(key, node.clone(), template);
    }

    pub(super) fn remove(&mut self, key: &Text, template: &Template) -> Option<Pod> {
        let pod = self.store.remove(key)?;
        self.unbound.remove(&(pod.uid, key.clone()));
        forget(&mut self.by_revision, &pod.revision, key);
        if let Some(node) = &pod.node {
            forget(&mut self.by_node, node, key);
            if let Some(load) = self.loads.get_mut(node) {
                load.milli_cpu = load.milli_cpu.saturating_sub(template.milli_cpu);
                load.memory = load.memory.saturating_sub(template.memory);
                load.pods = load.pods.saturating_sub(1);
            }
        }
        Some(pod)
    }

    /// Build the indexes anew, after the store was restored.
    pub(super) fn reindex<'a>(&mut self, template: impl Fn(&Pod) -> Option<&'a Template>) {
        let entries: Vec<(Text, Pod)> = self.store.iter().map(|(key, pod)| (key.clone(), pod.clone())).collect();
        for (key, pod) in &entries {
            if let Some(template) = template(pod) {
                self.index(key, pod, template);
            }
        }
    }

    /// Pods of a revision, terminating ones included.
    pub(super) fn of_revision(&self, revision: &str) -> impl Iterator<Item = (&Text, &Pod)> {
        self.pods(self.by_revision.get(revision))
    }

    /// Pods on a node.
    pub(super) fn on_node(&self, node: &str) -> impl Iterator<Item = (&Text, &Pod)> {
        self.pods(self.by_node.get(node))
    }

    /// Nodes that have pods and are no more.
    pub(super) fn orphaned(&self, is_there: impl Fn(&str) -> bool) -> Vec<Text> {
        self.by_node.keys().filter(|node| !is_there(node)).cloned().collect()
    }

    fn pods<'a>(&'a self, keys: Option<&'a BTreeSet<Text>>) -> impl Iterator<Item = (&'a Text, &'a Pod)> {
        keys.into_iter().flatten().filter_map(|key| Some((key, self.store.get(key)?)))
    }

    /// Pods in a namespace.
    pub(super) fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = (&Text, &Pod)> {
        let prefix = format!("{namespace}/");
        let from = Text::from(prefix.as_str());
        self.store.range::<Text>(from..).take_while(move |(key, _)| key.starts_with(prefix.as_str()))
    }

    /// Pods without a node, oldest first.
    pub(super) fn unbound(&self) -> impl Iterator<Item = &Text> {
        self.unbound.iter().map(|(_, key)| key)
    }

    /// What the pods of a node ask for together.
    pub(super) fn load(&self, node: &str) -> Load {
        self.loads.get(node).copied().unwrap_or_default()
    }
}

fn forget(index: &mut BTreeMap<Text, BTreeSet<Text>>, name: &Text, key: &Text) {
    if let Some(keys) = index.get_mut(name) {
        keys.remove(key);
        if keys.is_empty() {
            index.remove(name);
        }
    }
}

/// The namespace of a pod's, a revision's or an object's key.
pub(super) fn namespace_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(namespace, _)| namespace)
}
