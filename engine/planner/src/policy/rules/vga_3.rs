//! VGA-3: one load-balanced entry point for all that is ready.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Kind, Resource, Value};

pub(crate) const RULE: Rule = Rule {
    id: "VGA-3",
    severity: Severity::Must,
    title: "each cell has one entry point, whose backends are its ready gateway agents",
    page: page!("VGA-3"),
    checks: &[Check::Resource(check)],
};

fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::GatewayAgent {
        return None;
    }
    let services = case.graph.dependencies(&resource.address).map(|(other, _)| other);
    let services: Vec<&Resource> = services.filter(|other| other.address.kind() == Kind::Service).collect();
    let environment = case.environment_of(&resource.scope)?;
    let why = match services[..] {
        [] if environment.gateways.is_empty() => return None,
        [service] => wrong(&service.document, &resource.document)?,
        [] => "there is none",
        _ => "there are several",
    };
    let breach = Breach::at(resource.place, format!("{} has no entry point that leads to its ready gateway agents alone: {why}", resource.scope))
        .saw("entry points", services.len())
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}

/// What keeps a Service from being the entry point of these pods, if anything does.
fn wrong(service: &Value, deployment: &Value) -> Option<&'static str> {
    let labels = deployment.at(&["spec", "template", "metadata", "labels"]).and_then(Value::as_map);
    let selector = service.at(&["spec", "selector"]).and_then(Value::as_map).filter(|selector| !selector.is_empty());
    let selects = labels.zip(selector).is_some_and(|(labels, selector)| selector.iter().all(|(key, value)| labels.get(key) == Some(value)));
    let containers = deployment.at(&["spec", "template", "spec", "containers"]).and_then(Value::as_list).unwrap_or_default();
    let says_ready = containers.iter().all(|container| container.get("readinessProbe").is_some());
    let takes_unready = service.at(&["spec", "publishNotReadyAddresses"]).and_then(Value::as_bool) == Some(true);
    if service.str_at(&["spec", "type"]) != Some("LoadBalancer") {
        Some("its Service is no load balancer")
    } else if !selects {
        Some("its Service selects other pods")
    } else if takes_unready || !says_ready {
        Some("pods that are not ready are among its backends")
    } else {
        None
    }
}
