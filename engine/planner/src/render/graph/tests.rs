//! A platform built by hand in all four formats.

use super::{dot, json, mermaid, svg};
use model::graph::{Edge, EdgeReason};
use model::resource::{Role, Scope};
use model::{Address, Graph, Place, Resource, Value};
use std::io::Write;

struct Builder(Graph);

impl Builder {
    fn add(&mut self, address: &str, scope: [Option<&str>; 3], role: Role, after: &[(&str, EdgeReason)]) {
        let [tenant, environment, cluster] = scope.map(|name| name.map(Into::into));
        let address: Address = address.parse().unwrap();
        let resource = Resource {
            holds_data: address.kind().holds_data(),
            address: address.clone(),
            document: Value::Null.into(),
            scope: Scope { tenant, environment, cluster },
            role,
            place: Place { line: 7, column: 1, length: 1 },
            origins: Vec::new(),
        };
        self.0.add(resource).unwrap();
        for (dependency, reason) in after {
            let dependency = dependency.parse().unwrap();
            assert!(self.0.depend(&address, &dependency, Edge { reason: *reason, rule: Some("VGA-6") }), "{dependency}");
        }
    }
}

/// An environment and its clusters.
type Environment<'a> = (&'a str, &'a [&'a str]);

/// A platform of `tenants`, each with some environments on some of the clusters.
fn platform(tenants: &[(&str, &[Environment<'_>])]) -> Graph {
    use EdgeReason::{IsAllowedBy, LivesIn, NeedsReady, ReadsKeyOf, References, StartsAfter};
    let mut builder = Builder(Graph::default());
    let none = [None, None, None];
    builder.add("vault/mount/acme", none, Role::Plain, &[]);
    let mut needed = vec![("cluster.management/namespace/acme".to_owned(), LivesIn)];
    builder.add("cluster.management/namespace/acme", none, Role::Plain, &[]);
    for (tenant, environments) in tenants {
        let scope = [Some(*tenant), None, None];
        let schema = format!("mysql/schema/acme-{tenant}");
        builder.add(&schema, scope, Role::Plain, &[]);
        builder.add(&format!("mysql/user/acme-{tenant}"), scope, Role::Plain, &[]);
        let user = format!("mysql/user/acme-{tenant}");
        builder.add(
            &format!("mysql/grant/acme-{tenant}/acme-{tenant}"),
            scope,
            Role::Plain,
            &[(&schema, References), (&user, References)],
        );
        builder.add(
            &format!("vault/kv/acme/{tenant}/configuration"),
            scope,
            Role::Plain,
            &[("vault/mount/acme", LivesIn), (&schema, References)],
        );
        for (environment, clusters) in *environments {
            let scope = [Some(*tenant), Some(*environment), None];
            let name = format!("acme-{tenant}-{environment}");
            let table = format!("mysql/table/acme-{tenant}/{name}");
            builder.add(&table, scope, Role::Plain, &[(&schema, LivesIn)]);
            let kv = format!("vault/kv/acme/{tenant}/{environment}");
            builder.add(
                &format!("{kv}/configuration"),
                scope,
                Role::Plain,
                &[("vault/mount/acme", LivesIn), (&table, NeedsReady)],
            );
            needed.push((format!("{kv}/configuration"), StartsAfter));
            let store = if clusters.first().is_some_and(|cluster| cluster.starts_with("de")) { "germany" } else { "central" };
            for sink in ["audit", "traffic"] {
                let template = format!("elasticsearch.{store}/index-template/{name}-{sink}");
                let policy = format!("elasticsearch.{store}/lifecycle-policy/{name}-{sink}");
                builder.add(&policy, scope, Role::Plain, &[]);
                builder.add(&template, scope, Role::Plain, &[(&policy, References)]);
            }
            for cluster in *clusters {
                let scope = [Some(*tenant), Some(*environment), Some(*cluster)];
                let inside = |kind: &str, object: &str| format!("cluster.{cluster}/{kind}/{name}/{object}");
                let namespace = format!("cluster.{cluster}/namespace/{name}");
                builder.add(&namespace, scope, Role::Plain, &[]);
                let gateways = format!("{kv}/gateways/{cluster}");
                builder.add(&gateways, scope, Role::GatewayConfiguration, &[("vault/mount/acme", LivesIn)]);
                let policy = format!("vault/policy/{name}-{cluster}-gateway-agent");
                builder.add(&policy, scope, Role::Plain, &[(&gateways, References)]);
                for (kind, object) in [
                    ("service-account", "gateway-agent"),
                    ("service-account", "workflow-agent"),
                    ("config-map", "gateway-agent"),
                    ("service", "gateway-agent"),
                    ("service", "storefront"),
                    ("pod-disruption-budget", "gateway-agent"),
                    ("network-policy", "default-deny"),
                    ("network-policy", "gateway-agent"),
                ] {
                    builder.add(&inside(kind, object), scope, Role::Plain, &[(&namespace, LivesIn)]);
                }
                let template = format!("elasticsearch.{store}/index-template/{name}-traffic");
                let after = [
                    (inside("service-account", "gateway-agent"), References),
                    (gateways.clone(), ReadsKeyOf),
                    (policy, IsAllowedBy),
                    (template, NeedsReady),
                ];
                let after: Vec<_> = after.iter().map(|(address, reason)| (address.as_str(), *reason)).collect();
                builder.add(&inside("deployment", "gateway-agent"), scope, Role::GatewayAgent, &after);
                let agent = inside("deployment", "gateway-agent");
                builder.add(&inside("deployment", "workflow-agent"), scope, Role::WorkflowAgent, &[(&agent, StartsAfter)]);
            }
        }
    }
    let needed: Vec<_> = needed.iter().map(|(address, reason)| (address.as_str(), *reason)).collect();
    builder.add("cluster.management/deployment/acme/vamp", none, Role::Vamp, &needed);
    builder.add(
        "cluster.management/deployment/acme/lifter",
        none,
        Role::Plain,
        &[("cluster.management/namespace/acme", LivesIn)],
    );
    builder.0
}

fn small() -> Graph {
    platform(&[("shop", &[("production", &["eu-1"])])])
}

/// As large as the multi-region platform: 4 tenants, 10 environments, 6 clusters.
pub(super) fn large() -> Graph {
    platform(&[
        ("shop", &[("production", &["eu-1", "de-1", "us-1"]), ("acceptance", &["eu-1"]), ("test", &["eu-2"])]),
        ("bank", &[("production", &["de-1", "eu-2"]), ("acceptance", &["de-1"])]),
        ("travel", &[("production", &["us-1", "us-2", "eu-1"]), ("test", &["us-2"])]),
        ("media", &[("production", &["eu-1", "eu-2", "us-1"]), ("staging", &["eu-2"]), ("test", &["eu-2"])]),
    ])
}

/// A graph with a name that means something in each of the formats.
fn hostile() -> Graph {
    let mut builder = Builder(Graph::default());
    builder.add("vault/kv/a\"b\\<script>&'#;|[]\n`x`", [Some("<b>"), None, None], Role::GatewayConfiguration, &[]);
    builder.0
}

/// Whether all tags are closed in order, and no character stands where it means something else.
fn assert_well_formed(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').expect("every tag ends");
        assert!(!content.contains('&') || content.split('&').skip(1).all(|entity| entity.contains(';')), "{content}");
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, true) => {}
            (None, false) => open.push(tag.split_whitespace().next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn json_has_every_resource_and_edge() {
    let graph = small();
    let document: serde_json::Value = serde_json::from_str(&json(&graph)).unwrap();
    assert_eq!(document["nodes"].as_array().unwrap().len(), graph.len());
    assert_eq!(document["edges"].as_array().unwrap().len(), graph.edge_count());
    assert_eq!(document["nodes"][0]["address"], "vault/mount/acme");
    assert_eq!(document["nodes"][0]["place"]["line"], 7);
    let edges = document["edges"].as_array().unwrap();
    let reads = edges.iter().find(|edge| edge["reason"] == "reads the key of").unwrap();
    assert_eq!(reads["from"], "cluster.eu-1/deployment/acme-shop-production/gateway-agent");
    assert_eq!((&reads["to"], &reads["rule"]), (&"vault/kv/acme/shop/production/gateways/eu-1".into(), &"VGA-6".into()));
}

#[test]
fn every_format_names_every_resource_of_a_small_graph_and_is_the_same_each_time() {
    let graph = small();
    for format in [dot, mermaid, json, svg] {
        let text = format(&graph);
        assert_eq!(text, format(&small()));
        for resource in graph.resources() {
            assert!(text.contains(resource.address.key()), "{} is missing", resource.address);
        }
    }
}

#[test]
fn what_means_something_in_a_format_is_escaped() {
    assert!(dot(&hostile()).contains(r#""vault/kv/a\"b\\<script>&'#;|[]\n`x`""#));
    let mermaid = mermaid(&hostile());
    assert!(mermaid.contains("a#34;b#92;#60;script#62;#38;#39;#35;#59;#124;#91;#93;#96;x#96;"), "{mermaid}");
    let svg = svg(&hostile());
    assert!(svg.contains("&lt;script&gt;&amp;&#39;") && !svg.contains("<script") && !svg.contains("<b>"));
    assert_well_formed(&svg);
    serde_json::from_str::<serde_json::Value>(&json(&hostile())).unwrap();
}

#[test]
fn a_large_graph_is_drawn_as_cards_that_count_each_resource_once() {
    let graph = large();
    assert!(graph.len() > 200);
    let text = svg(&graph);
    assert_well_formed(&text);
    let lines = |class: &str| text.matches(&format!("<text class=\"{class}\"")).count();
    let counts = text.split("<tspan>").skip(1);
    let counted: usize = counts.filter_map(|text| text.split(' ').next()?.parse::<usize>().ok()).sum();
    assert_eq!(counted + lines("name"), graph.len());
    assert!(text.contains("gateways/eu-1") && text.contains("2 network policies"));
}

/// However many clusters there are, a window of 1,280 pixels shows the whole width, its scroll bar beside it.
#[test]
fn a_large_graph_is_no_wider_than_a_window() {
    let text = svg(&large());
    let width = text.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()).and_then(|width| width.parse::<u32>().ok());
    assert!(width.is_some_and(|width| width <= 1265), "{width:?}");
    assert!(text.contains(">6 clusters<") && text.contains(">us-2<"));
}

#[test]
fn an_empty_graph_is_drawn_too() {
    for format in [dot, mermaid, json, svg] {
        assert!(!format(&Graph::default()).is_empty());
    }
    assert_well_formed(&svg(&Graph::default()));
}

/// Graphviz itself reads what [`dot`] writes, where it is installed.
#[test]
fn graphviz_reads_the_text() {
    for graph in [small(), hostile(), Graph::default()] {
        let command = std::process::Command::new("dot")
            .arg("-Tdot")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn();
        let Ok(mut child) = command else {
            eprintln!("SKIPPED: dot of Graphviz is not installed, so nothing was checked with it");
            return;
        };
        child.stdin.take().unwrap().write_all(dot(&graph).as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}
