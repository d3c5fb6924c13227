//! VER-1: the API that is written to.

use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Release;

pub(crate) const RULE: Rule = Rule {
    id: "VER-1",
    severity: Severity::Must,
    title: "Kubernetes is 1.33 or newer",
    page: page!("VER-1"),
    checks: &[Check::Cluster(check)],
};

/// The oldest API that is written to: that of the typed structs from which objects are built (`k8s-openapi` with `v1_33`). Vamp
/// 1.0 asked for 1.9 and 1.10, whose `extensions/v1beta1` is gone.
const OLDEST: Release = Release { major: 1, minor: 33 };

fn check(_: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let version = cluster.version.filter(|version| version.value < OLDEST)?;
    let breach = Breach::at(version.place, format!("{cluster} runs Kubernetes {}; objects are written for {OLDEST}", version.value))
        .saw("version", version.value.to_string())
        .saw("oldest", OLDEST.to_string())
        .remedy(format!("upgrade it to {OLDEST} or newer"));
    Some(breach)
}
