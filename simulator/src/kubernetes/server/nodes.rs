//! Nodes, which are no objects of the platform: they are shown, cordoned and tainted.

use super::{Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::event::Context;
use crate::kubernetes::node::{MEMORY_PRESSURE, Node, UNREACHABLE, UNSCHEDULABLE};
use crate::kubernetes::taint::Taint;
use crate::server::{Answer, Question};
use model::value::Text;
use model::{Timestamp, Value};

/// What the taints of the controllers begin with: they come and go by themselves.
const OF_CONTROLLERS: &str = "node.kubernetes.io/";

/// The node that a request is about, or all of them.
pub(super) struct NodeRoute<'a>(Option<&'a str>);

pub(super) fn route<'a>(segments: &[&'a str]) -> Option<NodeRoute<'a>> {
    match segments {
        ["api", "v1", "nodes"] => Some(NodeRoute(None)),
        ["api", "v1", "nodes", name] => Some(NodeRoute(Some(name))),
        _ => None,
    }
}

impl Cluster {
    pub(super) fn serve_nodes(&mut self, route: &NodeRoute<'_>, question: &Question, context: &mut Context<'_>) -> Served {
        match (question.method.as_str(), route.0) {
            ("GET", None) => {
                let mut list = Value::EMPTY_MAP;
                list.set(&["apiVersion"], "v1");
                list.set(&["kind"], "NodeList");
                list.set(&["items"], Value::List(self.nodes.iter().map(|(name, node)| node_form(name, node)).collect()));
                Ok(Answer::new(200, list))
            }
            ("GET", Some(name)) => self.node_answer(name),
            ("PATCH", Some(name)) if question.content_type == "application/merge-patch+json" => {
                self.node_answer(name)?;
                self.patch_node(name, &question.body, context);
                self.node_answer(name)
            }
            _ => Err(status::not_allowed()),
        }
    }

    fn node_answer(&self, name: &str) -> Served {
        let node = self.nodes.get(name).ok_or_else(|| status::no_node(name))?;
        Ok(Answer::new(200, node_form(&name.into(), node)))
    }

    /// What a person writes into a node's spec: whether it takes pods, and its taints. Nothing else of a node can be written.
    fn patch_node(&mut self, name: &str, body: &Value, context: &mut Context<'_>) {
        if let Some(unschedulable) = body.at(&["spec", "unschedulable"]) {
            // The API server answers, or this would not be asked; and the node is there.
            self.cordon(name, unschedulable.as_bool().unwrap_or(false), context).ok();
        }
        if let Some(taints) = body.at(&["spec", "taints"]) {
            let now = context.agenda.now();
            let read = taints.as_list().unwrap_or_default().iter().filter_map(|taint| taint_of(taint, now));
            let by_hand = read.filter(|taint| !taint.key.starts_with(OF_CONTROLLERS)).collect();
            self.set_taints(name, by_hand, context);
        }
    }
}

fn taint_of(value: &Value, now: Timestamp) -> Option<Taint> {
    let text = |key| value.str_at(&[key]).map(Text::from);
    Some(Taint { key: text("key")?, value: text("value").unwrap_or_default(), effect: text("effect")?, since: now })
}

fn node_form(name: &Text, node: &Node) -> Value {
    let mut form = Value::EMPTY_MAP;
    form.set(&["apiVersion"], "v1");
    form.set(&["kind"], "Node");
    form.set(&["metadata", "name"], name.clone());
    for label in ["kubernetes.io/hostname", "kubernetes.io/os", "topology.kubernetes.io/zone"] {
        if let Some(value) = node.label(name, label) {
            form.set(&["metadata", "labels", label], value);
        }
    }
    if node.cordoned {
        form.set(&["spec", "unschedulable"], true);
    }
    let taints = taints_of(node);
    if !taints.is_empty() {
        form.set(&["spec", "taints"], Value::List(taints));
    }
    let mut ready = Value::EMPTY_MAP;
    ready.set(&["type"], "Ready");
    ready.set(&["status"], if node.ready { "True" } else { "Unknown" });
    form.set(&["status", "conditions"], Value::List(vec![ready]));
    form
}

/// Those that somebody put there, and those of the controllers.
fn taints_of(node: &Node) -> Vec<Value> {
    let of_controllers = [
        (node.cordoned, UNSCHEDULABLE, "NoSchedule"),
        (!node.ready, UNREACHABLE, "NoSchedule"),
        (node.tainted.is_some(), UNREACHABLE, "NoExecute"),
        (node.pressed, MEMORY_PRESSURE, "NoSchedule"),
    ];
    let own = node.taints.iter().map(|taint| (taint.key.as_str(), taint.value.as_str(), taint.effect.as_str()));
    let given = of_controllers.iter().filter(|(given, ..)| *given).map(|(_, key, effect)| (*key, "", *effect));
    let form = |(key, value, effect): (&str, &str, &str)| {
        let mut taint = Value::EMPTY_MAP;
        for (field, text) in [("key", key), ("value", value), ("effect", effect)] {
            if !text.is_empty() {
                taint.set(&[field], text);
            }
        }
        taint
    };
    own.chain(given).map(form).collect()
}
