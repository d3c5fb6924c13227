//! A summary of a cluster for people, as `kubectl get` and `describe` would give it.

use super::cluster::Cluster;
use super::key::Key;
use super::node::Node;
use super::pod::Pod;
use model::observation::Condition;
use model::value::Text;
use model::{Kind, Map, Value};
use std::collections::BTreeMap;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().collect())
}

impl Cluster {
    /// The whole cluster in a few numbers, its nodes, and every workload with its pods.
    pub fn summary(&self) -> Value {
        let mut counts: BTreeMap<Kind, i64> = BTreeMap::new();
        for key in self.objects.keys() {
            *counts.entry(key.kind).or_default() += 1;
        }
        let counts: Map = counts.into_iter().map(|(kind, count)| (kind.word(), Value::Integer(count))).collect();
        let nodes: Map = self.nodes.iter().map(|(name, node)| (name.clone(), self.node_summary(name, node))).collect();
        let workloads: Map = self.workloads.keys().map(|key| (key.to_string(), self.workload_summary(key))).collect();
        map([
            ("reachable", self.is_reachable().into()),
            ("nodes", nodes.into()),
            ("objects", counts.into()),
            ("workloads", workloads.into()),
        ])
    }

    fn node_summary(&self, name: &Text, node: &Node) -> Value {
        let fault = node.fault.map_or(Value::Null, |fault| format!("{fault:?}").to_lowercase().into());
        map([
            ("zone", node.zone.clone().into()),
            ("ready", node.ready.into()),
            ("schedulable", node.is_schedulable().into()),
            ("cordoned", node.cordoned.into()),
            ("fault", fault),
            ("pods", u32::try_from(self.pods.load(name).pods).unwrap_or(u32::MAX).into()),
        ])
    }

    /// One workload: its condition and its pods.
    pub fn workload_summary(&self, key: &Key) -> Value {
        let (condition, reason) = match self.condition(key) {
            Some(Condition::Ready) => ("ready", Value::Null),
            Some(Condition::NotReady(reason)) => ("not ready", reason.into()),
            Some(Condition::Failed(reason)) => ("failed", reason.into()),
            None => ("gone", Value::Null),
        };
        let revisions = self.revisions_of(key);
        let pods = revisions.iter().flat_map(|revision| self.pods.of_revision(revision));
        let pods: Map = pods.map(|(key, pod)| (key.clone(), self.pod_summary(pod))).collect();
        map([("condition", condition.into()), ("reason", reason), ("pods", pods.into())])
    }

    fn pod_summary(&self, pod: &Pod) -> Value {
        map([
            ("node", pod.node.clone().map_or(Value::Null, Value::from)),
            ("phase", format!("{:?}", pod.phase).to_lowercase().into()),
            ("ready", pod.ready.into()),
            ("terminating", pod.is_terminating().into()),
            ("restarts", pod.starts.saturating_sub(1).into()),
            ("reason", if pod.reason.is_empty() { Value::Null } else { pod.reason.clone().into() }),
        ])
    }

    /// One object with all that the server keeps beside it.
    pub fn describe(&self, key: &Key) -> Option<Value> {
        let object = self.objects.get(key)?;
        let managers: Vec<Value> = object.managers.names().into_iter().map(Value::from).collect();
        let mut value = map([
            ("document", (*object.live(key.kind)).clone()),
            ("resourceVersion", object.resource_version.to_string().into()),
            ("uid", object.uid_text().into()),
            ("generation", object.generation.to_string().into()),
            ("created", model::time::rfc3339(object.created).into()),
            ("managers", Value::List(managers)),
            ("platform", object.mark.as_ref().map_or(Value::Null, |mark| mark.platform.clone().into())),
        ]);
        if key.kind.runs_pods() {
            value.set(&["status"], self.workload_summary(key));
        }
        Some(value)
    }
}
