//! TOP-3: production is not all in one cluster.

use crate::policy::rule::page;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Purpose;
use crate::topology::DeploymentModel;

pub(crate) const RULE: Rule = Rule {
    id: "TOP-3",
    severity: Severity::Must,
    title: "a platform for production is not all in one cluster",
    page: page!("TOP-3"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let purpose = &case.spec.purpose;
    (purpose.value == Purpose::Production && case.model == DeploymentModel::M0).then(|| {
        Breach::at(purpose.place, "a platform for production would be all in one cluster, which a single fault takes away (model M0)")
            .saw("purpose", "production")
            .saw("clusters", case.spec.clusters.len())
            .remedy("add a management cluster (M2 is the least: `vamp init --model M2`), or write `purpose: development`")
    })
}
