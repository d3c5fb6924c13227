//! TOP-6: no two environments share one.

use crate::compile::Names;
use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use std::collections::BTreeSet;

pub(crate) const RULE: Rule = Rule {
    id: "TOP-6",
    severity: Severity::Must,
    title: "an environment has a namespace of its own on every cluster",
    page: page!("TOP-6"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let names = Names::of(case.spec);
    let mut taken = BTreeSet::new();
    let mut cells = case.cells().map(|cell| (names.environment(cell.environment.tenant.name, cell.environment.name), cell));
    let (namespace, cell) = cells.find(|(namespace, cell)| !taken.insert((cell.cluster.name, namespace.clone())))?;
    let breach = Breach::at(cell.environment.declared.place, format!("two environments would have the namespace {namespace} on {}", cell.cluster.name))
        .saw("namespace", namespace.as_str())
        .saw("second", cell.environment.to_string())
        .remedy("rename one of the two");
    Some(breach)
}
