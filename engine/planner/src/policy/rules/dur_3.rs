//! DUR-3: MySQL outlives the clusters.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::topology::DeploymentModel;

pub(crate) const RULE: Rule = Rule {
    id: "DUR-3",
    severity: Severity::High,
    title: "MySQL is a service of its own, in no cluster of the platform",
    page: page!("DUR-3"),
    checks: &[Check::Store(check)],
};

fn check(case: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let cluster = store.cluster().filter(|_| matches!(store, Store::Mysql(_)) && case.model != DeploymentModel::M0)?;
    let breach = Breach::at(store.placement().place, format!("MySQL runs in the cluster {cluster}; a managed or external one outlives it"))
        .saw("cluster", cluster)
        .saw("model", case.model.to_string())
        .remedy("give it an `address` outside of the clusters");
    Some(breach)
}
