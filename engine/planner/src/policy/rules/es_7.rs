//! ES-7: what is written is what is counted.

use crate::compile::GATEWAY_AGENT;
use crate::policy::facts::variable;
use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::resource::Role;
use model::{Address, Kind, Resource};

pub(crate) const RULE: Rule = Rule {
    id: "ES-7",
    severity: Severity::Must,
    title: "gateway agents and the workflow agent of a cell use one Elasticsearch",
    page: page!("ES-7"),
    checks: &[Check::Resource(check)],
};

fn check(case: &Case<'_>, resource: &Resource) -> Option<Breach> {
    if resource.role != Role::WorkflowAgent {
        return None;
    }
    let key = format!("{}/{}", resource.address.namespace().unwrap_or_default(), GATEWAY_AGENT);
    let writer = case.graph.get(&Address::new(&resource.address.system(), Kind::Deployment, &key))?;
    let of = |document| ["VAMP_ELASTICSEARCH_URL", "VAMP_ELASTICSEARCH_STREAM"].map(|name| variable(document, name).unwrap_or_default());
    let (written, read) = (of(&writer.document), of(&resource.document));
    (written != read).then(|| {
        Breach::at(resource.place, format!("the gateway agents of {} write to {}, and its workflow agent counts {}", resource.scope, written.join(" "), read.join(" ")))
            .saw("written to", written.join(" "))
            .saw("counted from", read.join(" "))
            .remedy("this is made by vamp itself: report it")
    })
}
