//! The part of the text that every cell has: limits, timeouts, logs, DNS, and the health page.

use super::text::remark;

/// Connections of one agent (as the original platform had it).
const MOST_CONNECTIONS: u32 = 4096;
/// Port of the health page: open whether or not there are gateways, so that load balancers can ask it.
pub(super) const HEALTH_PORT: u16 = 1988;
/// Port on which the agent's own log reader listens.
pub(super) const LOG_PORT: u16 = 514;
/// Port of the virtual hosts.
pub(super) const VIRTUAL_HOST_PORT: u16 = 80;
/// Name of the section that says how names are resolved.
pub(super) const RESOLVERS: &str = "kubernetes";

/// Fields that both protocols have. Client addresses are cut to their network: 24 bits of IPv4, 48 of IPv6 (PRI-2).
const LOG_FIELDS: &str = r#""client":"%[src,ipmask(24,48)]","gateway":"%f","route":"%b","target":"%s","queueMillis":%Tw,"connectMillis":%Tc,"totalMillis":%Tt,"bytesOut":%B,"termination":"%ts","connections":%ac,"retries":%rc"#;
/// What only HTTP has: no path, query, cookie or header (PRI-1, PRI-2).
const HTTP_LOG_FIELDS: &str =
    r#","method":"%HM","version":"%HV","status":%ST,"bytesIn":%U,"requestMillis":%TR,"responseMillis":%Tr"#;

/// What the text is, and for whom.
pub(super) fn header(title: &str) -> String {
    format!("# Gateways of {}. Written by vamp: changes made here do not last.\n", remark(title))
}

/// The sections before the first gateway.
pub(super) fn sections(asks_dns: bool) -> Vec<String> {
    let mut sections = vec![global(), defaults(), defaults_http(), defaults_tcp()];
    sections.extend(asks_dns.then(resolvers));
    sections.push(health());
    sections
}

fn global() -> String {
    format!(
        "global
    maxconn {MOST_CONNECTIONS}
    # one line a request, as JSON, to the agent's log reader
    log 127.0.0.1:{LOG_PORT} len 4096 format rfc5424 local0 info
"
    )
}

fn defaults() -> String {
    "defaults base
    retries 3
    option redispatch
    timeout http-request 5s
    timeout connect 5s
    timeout check 5s
    timeout client 50s
    timeout server 50s
"
    .to_owned()
}

fn defaults_http() -> String {
    format!(
        "defaults http from base
    mode http
    option forwardfor
    log global
    # metadata only: no path, query, cookie, header or body, and client addresses cut to their network
    log-format '{{{LOG_FIELDS}{HTTP_LOG_FIELDS}}}'
"
    )
}

fn defaults_tcp() -> String {
    format!(
        "defaults tcp from base
    mode tcp
    log global
    log-format '{{{LOG_FIELDS}}}'
"
    )
}

/// As the cluster's own `/etc/resolv.conf` says; answers of many addresses need more room than the 512 bytes of plain DNS.
fn resolvers() -> String {
    format!(
        "resolvers {RESOLVERS}
    parse-resolv-conf
    accepted_payload_size 8192
    hold valid 10s
"
    )
}

fn health() -> String {
    format!(
        "frontend health from base
    mode http
    bind :{HEALTH_PORT}
    monitor-uri /health
    stats enable
    stats uri /
    stats hide-version
"
    )
}
