//! What HAProxy cannot do or could misread, as diagnostics; and the gateways with their conditions read.
//!
//! The spec's own checks find most of this earlier, under the same codes. They are repeated here because a text with one bad gateway is
//! refused as a whole by every agent of the cell.

use super::base::{HEALTH_PORT, LOG_PORT, VIRTUAL_HOST_PORT};
use crate::gateway::condition::{self, Condition};
use crate::spec::types::{Gateway, Named, Protocol, Rewrite, Route, Sticky, Target};
use core::net::IpAddr;
use model::names::is_dns_name;
use model::source::{Located, Place};
use model::{Diagnostic, diagnostic};
use std::collections::BTreeMap;

/// A gateway that was checked.
pub(super) struct Checked<'a> {
    pub(super) name: &'a str,
    pub(super) gateway: &'a Gateway,
    pub(super) routes: Vec<CheckedRoute<'a>>,
    /// New path, and for which requests.
    pub(super) rewrites: Vec<(&'a str, Option<Condition>)>,
}

/// A route that was checked.
pub(super) struct CheckedRoute<'a> {
    pub(super) name: &'a str,
    pub(super) route: &'a Route,
    pub(super) condition: Option<Condition>,
}

impl Checked<'_> {
    pub(super) fn is_http(&self) -> bool {
        *self.gateway.protocol == Protocol::Http
    }
}

/// All gateways, or everything that is wrong with them.
pub(super) fn check(gateways: &Named<Gateway>) -> Result<Vec<Checked<'_>>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let checked: Vec<Checked<'_>> = gateways.iter().map(|(name, gateway)| check_gateway(name, gateway, &mut found)).collect();
    check_shared(gateways, &mut found);
    let refused = found.iter().any(|diagnostic| diagnostic.severity == diagnostic::Severity::Error);
    if refused { Err(found) } else { Ok(checked) }
}

fn check_gateway<'a>(name: &'a str, gateway: &'a Located<Gateway>, found: &mut Vec<Diagnostic>) -> Checked<'a> {
    if *gateway.protocol == Protocol::Tcp {
        check_tcp(name, gateway, found);
    }
    let sum: u32 = gateway.routes.values().map(|route| u32::from(*route.weight)).sum();
    if sum != 100 && !gateway.routes.is_empty() {
        let message = format!("the weights of gateway {name:?} sum to {sum}");
        found.push(Diagnostic::error("SPEC-401", gateway.place, message).help("make them sum to 100"));
    }
    let routes = gateway.routes.iter().map(|(name, route)| check_route(name, route, gateway, found)).collect();
    let rewrites = gateway.rewrites.iter().map(|rewrite| check_rewrite(rewrite, found)).collect();
    Checked { name, gateway, routes, rewrites }
}

fn check_tcp(name: &str, gateway: &Gateway, found: &mut Vec<Diagnostic>) {
    let mut refuse = |place: Place, what: &str| {
        let message = format!("gateway {name:?} speaks TCP and has {what}, which only HTTP can carry");
        found.push(Diagnostic::error("SPEC-405", place, message).help(format!("set protocol: http, or take out its {what}")));
    };
    if *gateway.sticky != Sticky::None {
        refuse(gateway.sticky.place, "sticky");
    }
    if let Some(host) = gateway.virtual_hosts.first() {
        refuse(host.place, "virtual hosts");
    }
    if let Some(rewrite) = gateway.rewrites.first() {
        refuse(rewrite.place, "rewrites");
    }
}

fn check_route<'a>(name: &'a str, route: &'a Located<Route>, gateway: &Gateway, found: &mut Vec<Diagnostic>) -> CheckedRoute<'a> {
    let condition = route.condition.as_ref().and_then(|text| read_condition(text, text.place, found));
    if let (Some(read), Some(text)) = (&condition, &route.condition)
        && *gateway.protocol == Protocol::Tcp
        && !read.is_raw_only()
    {
        let message = format!("route {name:?} looks at HTTP, and its gateway speaks TCP");
        let help = "for TCP, write what HAProxy can tell of a connection, for example < src 10.0.0.0/8 >";
        found.push(Diagnostic::error("SPEC-405", text.place, message).help(help));
    }
    if *route.condition_strength > 100 {
        let place = route.condition_strength.place;
        found.push(Diagnostic::error("SPEC-109", place, "a strength is at most 100").help("write a number from 0 to 100"));
    }
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for target in &route.targets {
        check_target(target, found);
        if let Some(first) = seen.insert(target_text(target), target.place) {
            let message = format!("route {name:?} has the target {} twice", target_text(target));
            found.push(Diagnostic::error("SPEC-108", target.place, message).related(first, "first here"));
        }
    }
    CheckedRoute { name, route, condition }
}

fn check_target(target: &Located<Target>, found: &mut Vec<Diagnostic>) {
    let (host, port) = match &target.value {
        Target::Service { name, port } | Target::External { host: name, port } => (name, *port),
    };
    let is_address = matches!(target.value, Target::External { .. }) && bare(host).parse::<IpAddr>().is_ok();
    if port == 0 || !(is_address || is_dns_name(&host.to_lowercase())) {
        let message = format!("{:?} is no target", target_text(target));
        let help = "write SERVICE:PORT, or HOST:PORT for what is outside; the port is 1 to 65535";
        found.push(Diagnostic::error("SPEC-212", target.place, message).help(help));
    }
}

fn check_rewrite<'a>(rewrite: &'a Located<Rewrite>, found: &mut Vec<Diagnostic>) -> (&'a str, Option<Condition>) {
    if let Err(message) = check_path(&rewrite.path) {
        let help = "a new path begins with / or %[…], HAProxy's own words stand inside %[…], and a percent sign is written %%";
        found.push(Diagnostic::error("SPEC-215", rewrite.place, message).help(help));
    }
    let condition = rewrite.condition.as_ref().and_then(|text| read_condition(text, rewrite.place, found));
    (&rewrite.path, condition)
}

/// A path in HAProxy's format of log lines, of which only `%[…]` and `%%` are let through.
fn check_path(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') && !path.starts_with("%[") {
        return Err("the new path does not begin with /");
    }
    if path.chars().any(|character| character.is_control() || character == ' ') {
        return Err("the new path holds a space or a control character");
    }
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('%') {
        rest = match (after.strip_prefix('%'), after.strip_prefix('[')) {
            (Some(after), _) => after,
            (_, Some(inside)) => match inside.split_once(']') {
                Some((expression, after)) if !expression.is_empty() => after,
                _ => return Err("a %[ is not closed"),
            },
            _ => return Err("a percent sign stands alone"),
        };
    }
    Ok(())
}

fn read_condition(text: &str, place: Place, found: &mut Vec<Diagnostic>) -> Option<Condition> {
    match condition::parse(text) {
        Ok(condition) => Some(condition),
        Err(error) => {
            let diagnostic = Diagnostic::error("SPEC-216", place, error.message);
            found.push(Diagnostic { help: error.help, ..diagnostic });
            None
        }
    }
}

/// What gateways share: ports and host names.
fn check_shared(gateways: &Named<Gateway>, found: &mut Vec<Diagnostic>) {
    let mut ports: BTreeMap<u16, Place> = BTreeMap::new();
    let mut hosts: BTreeMap<String, Place> = BTreeMap::new();
    let some_host = gateways.values().any(|gateway| !gateway.virtual_hosts.is_empty());
    for (name, gateway) in gateways {
        let port = &gateway.port;
        let reserved = [0, HEALTH_PORT, LOG_PORT].contains(port) || (some_host && **port == VIRTUAL_HOST_PORT);
        if reserved {
            let message = format!("gateway {name:?} cannot have port {}", port.value);
            let help = "0 is no port, 80 serves the virtual hosts, 514 takes logs and 1988 tells the health";
            found.push(Diagnostic::error("SPEC-403", port.place, message).help(help));
        }
        if let Some(first) = ports.insert(**port, port.place) {
            let message = format!("port {} is taken by another gateway", port.value);
            found.push(Diagnostic::error("SPEC-402", port.place, message).related(first, "first here"));
        }
        for host in &gateway.virtual_hosts {
            check_host(host, &mut hosts, found);
        }
    }
}

fn check_host(host: &Located<String>, hosts: &mut BTreeMap<String, Place>, found: &mut Vec<Diagnostic>) {
    if !is_dns_name(&host.to_lowercase()) {
        found.push(Diagnostic::error("SPEC-211", host.place, format!("{:?} is no host name", host.value)));
    }
    if let Some(first) = hosts.insert(host.to_lowercase(), host.place) {
        let message = format!("the virtual host {:?} is given twice", host.value);
        found.push(Diagnostic::error("SPEC-404", host.place, message).related(first, "first here"));
    }
}

/// A host without the brackets in which an IPv6 address is written before a port.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

/// How a target is called.
pub(super) fn target_text(target: &Target) -> String {
    match target {
        Target::Service { name: host, port } | Target::External { host, port } => format!("{}:{port}", bare(host)),
    }
}
