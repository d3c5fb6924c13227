//! Frontends: one for each gateway, and one for all virtual hosts.

use super::acl;
use super::base::VIRTUAL_HOST_PORT;
use super::checks::Checked;
use super::routing;
use super::text::{gateway_frontend, identifier, quoted, remark};

/// The frontend of a gateway.
pub(super) fn gateway(gateway: &Checked<'_>) -> String {
    let mut lines = vec![
        format!("# gateway {}", remark(gateway.name)),
        format!("frontend {} from {}", gateway_frontend(gateway.name), if gateway.is_http() { "http" } else { "tcp" }),
        format!("    bind :{}", gateway.gateway.port.value),
    ];
    if !gateway.gateway.virtual_hosts.is_empty() {
        lines.push(format!("    bind {} accept-proxy", local_socket(gateway)));
    }
    lines.extend(routing::lines(gateway).into_iter().map(indented));
    lines.extend(rewrites(gateway).into_iter().map(indented));
    lines.extend(routing::backends(gateway).into_iter().map(indented));
    lines.join("\n") + "\n"
}

fn indented(line: String) -> String {
    format!("    {line}")
}

/// After routing, so that conditions see the path that the client asked for.
fn rewrites(gateway: &Checked<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, (path, condition)) in gateway.rewrites.iter().enumerate() {
        let rule = format!("http-request set-path {}", quoted(path));
        let Some(condition) = condition else {
            lines.push(rule);
            continue;
        };
        let lists = acl::lists(&format!("rewrite:{}", index + 1), condition);
        lines.push(format!("# rewrite for: {}", remark(&condition.to_string())));
        lines.extend(lists.definitions);
        lines.extend(once(&rule, &format!("rewrite:{}", index + 1), &lists.alternatives));
    }
    lines
}

/// `rule` if one of `alternatives` holds. The decision is taken before the rule, which could change what a later alternative sees.
fn once(rule: &str, owner: &str, alternatives: &[String]) -> Vec<String> {
    if let [only] = alternatives {
        return vec![format!("{rule} if {only}")];
    }
    let variable = format!("txn.{}", owner.replace(':', "_"));
    let decide = alternatives.iter().map(|words| format!("http-request set-var({variable}) bool(true) if {words}"));
    decide.chain([format!("{rule} if {{ var({variable}) -m bool }}")]).collect()
}

/// The frontend of all virtual hosts and the way from it to each gateway; nothing if there are none.
pub(super) fn virtual_hosts(gateways: &[Checked<'_>]) -> Vec<String> {
    let with_hosts: Vec<&Checked<'_>> = gateways.iter().filter(|gateway| !gateway.gateway.virtual_hosts.is_empty()).collect();
    if with_hosts.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["frontend virtual-hosts from base".to_owned(), "    mode http".to_owned()];
    lines.push(format!("    bind :{VIRTUAL_HOST_PORT}"));
    for gateway in &with_hosts {
        for host in &gateway.gateway.virtual_hosts {
            lines.push(format!("    use_backend {} if {{ {} }}", virtual_backend(gateway), acl::host_is(&host.to_lowercase())));
        }
    }
    let mut sections = vec![lines.join("\n") + "\n"];
    sections.extend(with_hosts.iter().map(|gateway| {
        let (name, socket) = (virtual_backend(gateway), local_socket(gateway));
        format!("backend {name} from base\n    mode http\n    server gateway {socket} send-proxy-v2\n")
    }));
    sections
}

fn virtual_backend(gateway: &Checked<'_>) -> String {
    format!("virtual-hosts:{}", identifier(gateway.name))
}

/// An abstract socket: it needs no directory and vanishes with the process. Ports are unique, and short where names may be long.
fn local_socket(gateway: &Checked<'_>) -> String {
    format!("abns@gateway-{}", gateway.gateway.port.value)
}
