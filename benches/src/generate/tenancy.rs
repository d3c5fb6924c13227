//! Tenants, their environments, and the gateways in them.

use super::{Layout, cluster_name, region_of};
use std::fmt::{self, Write};

const TENANTS: [&str; 20] = [
    "shop", "bank", "travel", "media", "health", "energy", "games", "post", "rail", "school", "museum", "market", "garage",
    "bakery", "library", "theatre", "harbour", "studio", "clinic", "orchard",
];

/// The environments that tenants have, by turns: name, and number of clusters.
const TURNS: [&[(&str, usize)]; 4] = [
    &[("production", 3), ("staging", 1), ("test", 1)],
    &[("production", 2), ("staging", 1)],
    &[("production", 1)],
    &[("production", 2), ("acceptance", 1), ("test", 1)],
];

/// One environment of the plan of cells.
struct Environment {
    tenant: usize,
    name: &'static str,
    /// Number of cells.
    cells: usize,
    /// Its number among all environments.
    ordinal: usize,
}

/// The environments that make `cells` cells: the last one may have fewer clusters than its kind.
fn environments(cells: usize) -> Vec<Environment> {
    let mut left = cells.max(1);
    let mut environments = Vec::new();
    for tenant in 0.. {
        for &(name, clusters) in TURNS[tenant % TURNS.len()] {
            let cells = clusters.min(left);
            left -= cells;
            environments.push(Environment { tenant, name, cells, ordinal: environments.len() });
            if left == 0 {
                return environments;
            }
        }
    }
    environments
}

/// `shop`, `bank`, … `orchard`, `shop2`, …
fn tenant_name(tenant: usize) -> String {
    let word = TENANTS[tenant % TENANTS.len()];
    match tenant / TENANTS.len() {
        0 => word.to_owned(),
        round => format!("{word}{}", round + 1),
    }
}

pub(super) fn write(text: &mut String, layout: Layout) -> fmt::Result {
    let mut previous = None;
    for environment in environments(layout.cells) {
        let tenant = tenant_name(environment.tenant);
        if previous != Some(environment.tenant) {
            writeln!(text, "  {tenant}:\n    administrators: [operations@{tenant}.example]\n    environments:")?;
            previous = Some(environment.tenant);
        }
        write_environment(text, layout, &environment, &tenant)?;
    }
    Ok(())
}

fn write_environment(text: &mut String, layout: Layout, environment: &Environment, tenant: &str) -> fmt::Result {
    let clusters: Vec<usize> = (0..environment.cells).map(|shift| (environment.ordinal + shift) % layout.clusters).collect();
    let names: Vec<String> = clusters.iter().map(|&cluster| cluster_name(cluster)).collect();
    let (region, country) = region_of(clusters[0]);
    writeln!(text, "      {}:\n        clusters: [{}]", environment.name, names.join(", "))?;
    if environment.name == "production" {
        let rate = 50 * (1 + environment.ordinal % 40);
        writeln!(text, "        traffic: {{ requestsPerSecond: {rate} }}\n        users: {{ countries: [{country}] }}")?;
        let sink = if region == "eu-west-1" { "central" } else { region };
        writeln!(text, "        elasticsearch: {{ traffic: {sink} }}")?;
    }
    let label = if environment.name == "production" { String::new() } else { format!("{}.", environment.name) };
    text.push_str("        gateways:\n");
    write_gateways(text, environment.tenant, &format!("{label}{tenant}.example"))
}

fn write_gateways(text: &mut String, tenant: usize, domain: &str) -> fmt::Result {
    writeln!(text, "          storefront:\n            port: 8080\n            virtualHosts: [{domain}, www.{domain}]")?;
    text.push_str("            sticky: route\n            routes:\n              web-v1: { service: web-v1:8080, weight: 90 }\n");
    text.push_str("              web-v2:\n                service: web-v2:8080\n                weight: 10\n");
    text.push_str(
        "                condition: user-agent == Firefox and not has cookie beta\n                conditionStrength: 50\n",
    );
    if tenant.is_multiple_of(2) {
        writeln!(text, "          api:\n            port: 8081\n            virtualHosts: [api.{domain}]")?;
        text.push_str("            routes:\n              api: { targets: [api-a:9000, api-b:9000] }\n");
        text.push_str("            rewrites: [\"/v2%[path] if < path_beg /v1 >\"]\n");
    }
    if tenant.is_multiple_of(5) {
        text.push_str("          queue:\n            port: 5672\n            protocol: tcp\n            routes:\n");
        text.push_str("              queue: { targets: [queue:5672, backup.queue.example:5672] }\n");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_add_up_at_every_size() {
        for cells in 1..200 {
            assert_eq!(environments(cells).iter().map(|environment| environment.cells).sum::<usize>(), cells);
        }
    }

    #[test]
    fn tenants_have_names_of_their_own() {
        let names: std::collections::BTreeSet<String> = (0..5000).map(tenant_name).collect();
        assert_eq!(names.len(), 5000);
        assert!(names.iter().all(|name| model::names::is_tenancy_name(name)));
    }
}
