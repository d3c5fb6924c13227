//! Machines that a cluster needs at least (requirements of Vamp 1.0).

use super::case::Case;
use super::finding::Breach;
use super::subject::Cluster;
use crate::render::style::counted;

/// Least CPU of a node, in thousandths.
pub(in crate::policy) const MILLI_CPU: u64 = 2_000;
/// Least memory of a node: 7.5 GB, counted in powers of ten, so that a node of 8 GiB of which the kernel keeps some will do.
pub(in crate::policy) const MEMORY_BYTES: u64 = 7_500_000_000;

/// Bytes of a megabyte.
pub(in crate::policy) const MEGABYTE: u64 = 1_000_000;

/// So many nodes, each so large.
pub(super) struct Need {
    pub(super) nodes: u32,
    pub(super) milli_cpu: u64,
    pub(super) memory_bytes: u64,
}

impl Need {
    pub(super) fn is_met(&self, case: &Case<'_>, cluster: &Cluster<'_>) -> bool {
        let large = cluster.nodes.milli_cpu.value >= self.milli_cpu && cluster.nodes.memory_bytes.value >= self.memory_bytes;
        large && case.node_count(cluster) >= self.nodes
    }

    /// What is missing, at the first field that falls short.
    pub(super) fn breach(&self, case: &Case<'_>, cluster: &Cluster<'_>, what: &str) -> Option<Breach> {
        if self.is_met(case, cluster) {
            return None;
        }
        let (nodes, machine) = (case.node_count(cluster), &cluster.nodes);
        let gigabytes = |bytes: u64| format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10);
        let cpus = |milli: u64| format!("{}.{} CPUs", milli / 1000, milli / 100 % 10);
        let (place, has) = if nodes < self.nodes {
            (machine.count.place, counted(nodes as usize, "node", "nodes"))
        } else if machine.milli_cpu.value < self.milli_cpu {
            (machine.milli_cpu.place, format!("nodes of {}", cpus(machine.milli_cpu.value)))
        } else {
            (machine.memory_bytes.place, format!("nodes of {}", gigabytes(machine.memory_bytes.value)))
        };
        let needs = format!("{} of {} and {}", self.nodes, cpus(self.milli_cpu), gigabytes(self.memory_bytes));
        let breach = Breach::at(place, format!("{cluster} has {has}; {what} need {needs} at least"))
            .saw("nodes", nodes)
            .measured("CPU of a node", machine.milli_cpu.value, "thousandths")
            .measured("memory of a node", machine.memory_bytes.value / MEGABYTE, "MB")
            .remedy(format!("give it {needs}"));
        Some(breach)
    }
}
