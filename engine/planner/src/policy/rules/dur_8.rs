//! DUR-8: pods and nodes are short-lived.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Resource, Value};

pub(crate) const RULE: Rule = Rule {
    id: "DUR-8",
    severity: Severity::Must,
    title: "nothing durable depends on a pod, a node or its disk",
    page: page!("DUR-8"),
    checks: &[Check::Resource(check)],
};

fn check(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::Store {
        return None;
    }
    let pod = resource.document.at(&["spec", "template", "spec"])?;
    let volumes = pod.get("volumes").and_then(Value::as_list).unwrap_or_default();
    let on_node = volumes.iter().any(|volume| volume.get("hostPath").is_some());
    let bound = ["nodeName", "nodeSelector"].into_iter().find(|key| pod.get(key).is_some());
    (on_node || bound.is_some()).then(|| {
        Breach::at(resource.place, format!("{} would depend on the node that it runs on", resource.address.name()))
            .saw("volume on the node's disk", on_node)
            .saw("bound to a node by", bound.unwrap_or("nothing"))
            .remedy("this is made by vamp itself: report it")
    })
}
