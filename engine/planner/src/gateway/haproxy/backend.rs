//! Backends: one for each route, with its targets as servers.

use super::base::RESOLVERS;
use super::checks::{Checked, CheckedRoute, bare, target_text};
use super::routing::cookie;
use super::text::{fingerprint, remark, route_backend};
use crate::spec::types::{Sticky, Target};
use core::net::{IpAddr, Ipv6Addr};

/// Domain of the names of Services (Kubernetes' default, "DNS for Services and Pods").
const CLUSTER_DOMAIN: &str = "svc.cluster.local";

/// The backend of a route.
pub(super) fn route(gateway: &Checked<'_>, route: &CheckedRoute<'_>, namespace: &str) -> String {
    let (protocol, balance) = if gateway.is_http() { ("http", "roundrobin") } else { ("tcp", "leastconn") };
    let mut lines = vec![
        format!("# route {} of {}", remark(route.name), remark(gateway.name)),
        format!("backend {} from {protocol}", route_backend(gateway.name, route.name)),
        format!("    balance {balance}"),
    ];
    let keeps_target = *gateway.gateway.sticky == Sticky::Instance;
    if keeps_target {
        let name = cookie(&["vamp", gateway.name, route.name, "target"]);
        lines.push(format!("    cookie {name} insert indirect nocache httponly"));
    }
    lines.extend(route.route.targets.iter().map(|target| server(target, namespace, keeps_target)));
    lines.join("\n") + "\n"
}

fn server(target: &Target, namespace: &str, keeps_target: bool) -> String {
    let text = target_text(target);
    // Colons and dots may stand in the name of a server, and an address or a DNS name has nothing else that is special.
    let name = text.replace(|character: char| !character.is_ascii_alphanumeric() && !"-.:".contains(character), "_");
    let mut line = format!("    server {name} {} check weight 100", address(target, namespace));
    if keeps_target {
        line += &format!(" cookie {}", fingerprint(&[&text]));
    }
    if needs_dns(target) {
        line += &format!(" resolvers {RESOLVERS} resolve-prefer ipv4 init-addr last,libc,none");
    }
    line
}

fn address(target: &Target, namespace: &str) -> String {
    match target {
        Target::Service { name, port } => format!("{name}.{namespace}.{CLUSTER_DOMAIN}:{port}"),
        // Without the word, HAProxy takes the last part of an IPv6 address for the port.
        Target::External { host, port } if bare(host).parse::<Ipv6Addr>().is_ok() => format!("ipv6@[{}]:{port}", bare(host)),
        Target::External { host, port } => format!("{}:{port}", host.to_lowercase()),
    }
}

fn needs_dns(target: &Target) -> bool {
    match target {
        Target::Service { .. } => true,
        Target::External { host, .. } => bare(host).parse::<IpAddr>().is_err(),
    }
}

/// Whether any target is asked for by name.
pub(super) fn asks_dns(gateways: &[Checked<'_>]) -> bool {
    let mut routes = gateways.iter().flat_map(|gateway| &gateway.routes);
    routes.any(|route| route.route.targets.iter().any(|target| needs_dns(target)))
}
