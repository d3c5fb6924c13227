//! A spec of a wanted size: a believable platform over many regions, in which everything that the format offers occurs.
//!
//! It grows cell by cell (a cell is one environment on one cluster), so that sizes lie close together. The same size always gives
//! the same text.

mod tenancy;

use std::fmt::{self, Write};

/// What decides the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Number of service clusters, beside the management cluster.
    pub clusters: usize,
    /// Number of cells.
    pub cells: usize,
}

/// Cells that a service cluster is declared for.
const CELLS_A_CLUSTER: usize = 60;
/// Fewest service clusters: with three, an environment can stand on three.
const FEWEST_CLUSTERS: usize = 3;

impl Layout {
    /// The layout with `cells` cells and as many service clusters as they need.
    pub fn of_cells(cells: usize) -> Self {
        Layout { clusters: cells.div_ceil(CELLS_A_CLUSTER).max(FEWEST_CLUSTERS), cells }
    }
}

/// Regions: name, country.
const REGIONS: [(&str, &str); 8] = [
    ("eu-west-1", "IE"),
    ("eu-central-1", "DE"),
    ("us-east-1", "US"),
    ("eu-north-1", "SE"),
    ("us-west-2", "US"),
    ("ap-northeast-1", "JP"),
    ("ap-south-1", "IN"),
    ("sa-east-1", "BR"),
];

fn region_of(cluster: usize) -> (&'static str, &'static str) {
    REGIONS[cluster % REGIONS.len()]
}

/// `ie-1`, `de-1`, … `br-1`, `ie-2`, …
fn cluster_name(cluster: usize) -> String {
    let (region, country) = region_of(cluster);
    let ordinal = cluster / REGIONS.len() + 1;
    // Two regions lie in one country: the direction tells their clusters apart.
    let direction = if region == "us-west-2" { "-west" } else { "" };
    format!("{}{direction}-{ordinal}", country.to_ascii_lowercase())
}

/// The text of the spec.
pub fn spec(layout: Layout) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_spec(&mut text, layout);
    text
}

fn write_spec(text: &mut String, layout: Layout) -> fmt::Result {
    text.push_str("version: 1\nplatform: acme\npurpose: production\n\nregions:\n");
    let regions = layout.clusters.min(REGIONS.len());
    for (name, country) in &REGIONS[..regions] {
        writeln!(text, "  {name}: {{ country: {country} }}")?;
    }
    write_clusters(text, layout)?;
    write_dependencies(text, regions)?;
    text.push_str("\ntenants:\n");
    tenancy::write(text, layout)
}

fn write_clusters(text: &mut String, layout: Layout) -> fmt::Result {
    text.push_str("\nclusters:\n  management:\n    role: management\n    region: eu-west-1\n    kubernetes: embedded\n");
    text.push_str("    nodes: { count: 3, cpu: 4, memory: 16Gi, zones: 3 }\n");
    // Four pods a cell, on nodes that take some thirty; a few to spare, so that everything can roll.
    let nodes = 6 + layout.cells.div_ceil(layout.clusters) * 2 / 15;
    for cluster in 0..layout.clusters {
        let (name, (region, _)) = (cluster_name(cluster), region_of(cluster));
        writeln!(text, "  {name}:\n    role: service\n    region: {region}\n    kubernetes: embedded")?;
        writeln!(text, "    nodes: {{ count: {nodes}, cpu: 32, memory: 128Gi, zones: 3 }}")?;
    }
    Ok(())
}

fn write_dependencies(text: &mut String, regions: usize) -> fmt::Result {
    text.push_str(
        "\ndependencies:\n  mysql: { address: embedded, storage: durable, backup: nightly }\n  vault: { address: embedded, storage: raft, backup: nightly }\n",
    );
    text.push_str("  elasticsearch:\n    central: { address: embedded, region: eu-west-1, nodes: 3 }\n");
    for (region, _) in &REGIONS[1..regions] {
        writeln!(text, "    {region}: {{ address: embedded, region: {region}, nodes: 3 }}")?;
    }
    text.push_str(
        "\ndefaults:\n  gatewayAgents: { replicas: 3, cpu: 250m, memory: 256Mi }\n  elasticsearch: { audit: central, traffic: central }\n  \
         retention: { audit: 7y, traffic: 30d }\n",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use planner::policy::{Case, Severity, judge};

    #[test]
    fn every_generated_spec_keeps_the_rules_that_stop_an_apply() {
        for cells in [1, 13, 500] {
            let spec = planner::spec::parse("generated.yaml", spec(Layout::of_cells(cells)).as_bytes()).unwrap().spec;
            let graph = planner::compile::compile(&spec).unwrap().graph;
            let judgement = judge(&Case::of(&spec, &graph, jiff::civil::date(2027, 1, 15)));
            assert!(!judgement.fails(Severity::Must), "{cells}: {:?}", judgement.findings.first());
        }
    }

    #[test]
    fn every_generated_spec_is_taken_without_a_word() {
        for cells in [1, 2, 13, 60, 500] {
            let text = spec(Layout::of_cells(cells));
            match planner::spec::parse("generated.yaml", text.as_bytes()) {
                Ok(parsed) => assert_eq!(parsed.warnings, Vec::new(), "{cells}"),
                Err(complaints) => panic!("{cells}: {complaints:#?}\n{text}"),
            }
        }
    }
}
