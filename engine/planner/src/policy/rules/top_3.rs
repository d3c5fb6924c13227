//! TOP-3: production is not all in one cluster.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Purpose;
use crate::topology::DeploymentModel;

pub(in crate::policy) const RULE: Rule = Rule {
    id: "TOP-3",
    severity: Severity::Must,
    title: "a platform for production is not all in one cluster",
    page: page!("TOP-3"),
    checks: &[Check::Platform(check)],
};

fn check(case: &Case<'_>) -> Option<Breach> {
    let purpose = &case.spec.purpose;
    (purpose.value == Purpose::Production && case.model == DeploymentModel::M0).then(|| {
        Breach::at(purpose.place, "a platform for production would be all in one cluster (model M0), and a restart of it loses everything")
            .saw("purpose", "production")
            .saw("clusters", case.spec.clusters.len())
            .remedy("add a management cluster and move Vamp and Lifter there (M2 is the least: `vamp init --model M2`), or write `purpose: development`")
    })
}
