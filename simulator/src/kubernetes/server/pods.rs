//! Pods, which are no objects of the platform: they are shown, deleted and evicted.

use super::{Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::event::Context;
use crate::kubernetes::pod::{Phase, Pod};
use crate::kubernetes::selector::{Labels, labels};
use crate::server::{Answer, Question};
use model::Value;
use model::operation::OperationError;
use model::value::Text;

/// A request about pods.
pub(super) struct PodRoute<'a> {
    namespace: &'a str,
    name: Option<&'a str>,
    subresource: Option<&'a str>,
}

pub(super) fn route<'a>(segments: &[&'a str]) -> Option<PodRoute<'a>> {
    let (namespace, rest) = match segments {
        ["api", "v1", "namespaces", namespace, "pods", rest @ ..] => (namespace, rest),
        _ => return None,
    };
    (rest.len() <= 2).then(|| PodRoute { namespace, name: rest.first().copied(), subresource: rest.get(1).copied() })
}

impl Cluster {
    pub(super) fn serve_pods(&mut self, route: &PodRoute<'_>, question: &Question, context: &mut Context<'_>) -> Served {
        match (question.method.as_str(), route.name, route.subresource) {
            ("GET", None, None) => {
                let pods = self.pods.in_namespace(route.namespace).map(|(key, pod)| self.pod_form(key, pod));
                let wanted = wanted_labels(question.asked("labelSelector"));
                let carries = |pod: &Value| {
                    let own = labels(pod.at(&["metadata", "labels"]));
                    wanted.iter().all(|(key, value)| own.get(key) == Some(value))
                };
                let mut list = Value::EMPTY_MAP;
                list.set(&["apiVersion"], "v1");
                list.set(&["kind"], "PodList");
                list.set(&["items"], Value::List(pods.filter(carries).collect()));
                Ok(Answer::new(200, list))
            }
            ("GET", Some(name), None) => {
                let key = format!("{}/{name}", route.namespace);
                let pod = self.pods.get(&key).ok_or_else(|| status::no_pod(name))?;
                Ok(Answer::new(200, self.pod_form(&key.as_str().into(), pod)))
            }
            ("POST", Some(name), Some("eviction")) => self.evict_pod(route, name, context),
            ("DELETE", Some(name), None) => {
                let key = Text::from(format!("{}/{name}", route.namespace));
                let form = self.pods.get(&key).map(|pod| self.pod_form(&key, pod)).ok_or_else(|| status::no_pod(name))?;
                self.delete_pod(&key, context);
                Ok(Answer::new(200, form))
            }
            _ => Err(status::not_allowed()),
        }
    }

    fn evict_pod(&mut self, route: &PodRoute<'_>, name: &str, context: &mut Context<'_>) -> Served {
        let key = format!("{}/{name}", route.namespace);
        let Some(pod) = self.pods.get(&key) else { return Err(status::no_pod(name)) };
        let why = self.what_forbids(route.namespace, pod);
        match self.evict(&key, context) {
            Ok(()) => Ok(status::success(201, None)),
            Err(OperationError::Busy { message, .. }) => Err(status::beyond_budget(&message, &why.unwrap_or_default())),
            Err(_) => Err(status::no_pod(name)),
        }
    }

    /// What is said of the budget over a pod (`pkg/registry/core/pod/storage/eviction.go`).
    fn what_forbids(&self, namespace: &str, pod: &Pod) -> Option<String> {
        let labels = self.template_of(pod).map(|template| template.labels.clone())?;
        let (key, selector, spec) = self.budgets(namespace).find(|(_, selector, _)| selector.selects(&labels))?;
        let (healthy, needed) = self.health_of(namespace, &selector, &spec);
        Some(format!("The disruption budget {} needs {needed} healthy pods and has {healthy} currently", key.own_name()))
    }

    fn pod_form(&self, key: &Text, pod: &Pod) -> Value {
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        let mut form = Value::EMPTY_MAP;
        form.set(&["apiVersion"], "v1");
        form.set(&["kind"], "Pod");
        form.set(&["metadata", "name"], name);
        form.set(&["metadata", "namespace"], namespace);
        form.set(&["metadata", "uid"], crate::kubernetes::object::uid_text(pod.uid));
        form.set(&["metadata", "creationTimestamp"], model::time::rfc3339(pod.created));
        if let Some(deleted) = pod.deleted {
            form.set(&["metadata", "deletionTimestamp"], model::time::rfc3339(deleted));
        }
        let template = self.template_of(pod);
        for (label, value) in template.iter().flat_map(|template| &template.labels) {
            form.set(&["metadata", "labels", label], value.clone());
        }
        if let Some(node) = &pod.node {
            form.set(&["spec", "nodeName"], node.clone());
        }
        let phase = match pod.phase {
            Phase::Pending | Phase::Creating => "Pending",
            Phase::Waiting | Phase::Running | Phase::BackOff | Phase::Stopped => "Running",
            Phase::Succeeded => "Succeeded",
        };
        form.set(&["status", "phase"], phase);
        let mut ready = Value::EMPTY_MAP;
        ready.set(&["type"], "Ready");
        ready.set(&["status"], if pod.ready { "True" } else { "False" });
        form.set(&["status", "conditions"], Value::List(vec![ready]));
        form
    }
}

fn wanted_labels(selector: Option<&str>) -> Labels {
    let terms = selector.unwrap_or_default().split(',');
    terms.filter_map(|term| term.split_once('=')).map(|(key, value)| (key.into(), value.into())).collect()
}
