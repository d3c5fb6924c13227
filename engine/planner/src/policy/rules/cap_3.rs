//! CAP-3: the least for a cell.

use crate::policy::capacity::MEGABYTE;
use crate::policy::rule::page;
use crate::policy::subject::Cluster;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::render::style::counted;
use crate::spec::types::ClusterRole;

pub(crate) const RULE: Rule = Rule {
    id: "CAP-3",
    severity: Severity::Must,
    title: "each environment of a service cluster has 1.2 CPUs and 2.2 GB to spare on three nodes",
    page: page!("CAP-3"),
    checks: &[Check::Cluster(check)],
};

/// What the worst node of an environment carries: a gateway agent and the workflow agent (requirements of Vamp 1.0).
const SHARE_MILLI_CPU: u64 = 1_200;
const SHARE_BYTES: u64 = 2_200_000_000;
/// Nodes that an environment needs that much on.
const NODES: u64 = 3;

/// A node holds as many shares as fit; every environment needs three shares, on three nodes. All nodes are alike, so that dealing the
/// shares out in turn succeeds exactly if there are enough in all.
fn check(case: &Case<'_>, cluster: &Cluster<'_>) -> Option<Breach> {
    let environments = case.environments_on(cluster);
    let needed = environments as u64 * NODES;
    if cluster.role.value != ClusterRole::Service || environments == 0 {
        return None;
    }
    let (nodes, machine) = (u64::from(case.node_count(cluster)), &cluster.nodes);
    let by_cpu = machine.milli_cpu.value / SHARE_MILLI_CPU;
    let by_memory = machine.memory_bytes.value / SHARE_BYTES;
    let place = if nodes < NODES {
        machine.count.place
    } else if nodes * by_cpu.min(by_memory) < needed {
        if by_cpu <= by_memory { machine.milli_cpu.place } else { machine.memory_bytes.place }
    } else {
        return None;
    };
    let there = nodes * by_cpu.min(by_memory);
    let whom = counted(environments, "environment", "environments");
    let room = counted(there as usize, "share", "shares");
    let on = counted(nodes as usize, "node", "nodes");
    let message = format!("{cluster} has room for {room} on {on}; {needed}, on three nodes, are needed for {whom}");
    let breach = Breach::at(place, message)
        .saw("environments", environments)
        .saw("nodes", nodes)
        .measured("CPU of a node", machine.milli_cpu.value, "thousandths")
        .measured("memory of a node", machine.memory_bytes.value / MEGABYTE, "MB")
        .measured("CPU of a share", SHARE_MILLI_CPU, "thousandths")
        .measured("memory of a share", SHARE_BYTES / MEGABYTE, "MB")
        .remedy("give it more or larger nodes, or run environments elsewhere");
    Some(breach)
}
