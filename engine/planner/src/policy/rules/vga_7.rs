//! VGA-7: a node may fail without breaking VGA-2.

use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;

pub(crate) const RULE: Rule = Rule {
    id: "VGA-7",
    severity: Severity::Should,
    title: "a cluster has three nodes for the gateway agents of its environments",
    page: page!("VGA-7"),
    checks: &[Check::Cluster(check)],
};

/// Nodes of which one may fail (requirements of Vamp 1.0: two for the agents, one to repair on).
const FEWEST: u32 = 3;

fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let nodes = case.node_count(cluster);
    (nodes < FEWEST && case.environments_on(cluster) > 0).then(|| {
        let has = counted(nodes as usize, "node", "nodes");
        Breach::at(cluster.nodes.count.place, format!("{cluster} has {has}: when one fails, its gateway agents stand on fewer than two"))
            .saw("nodes", nodes)
            .saw("environments", case.environments_on(cluster))
            .remedy("give it three nodes at least")
    })
}
