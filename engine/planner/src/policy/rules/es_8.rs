//! ES-8: a name that means something elsewhere.

use core::net::IpAddr;
use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Placement;

pub(crate) const RULE: Rule = Rule {
    id: "ES-8",
    severity: Severity::Must,
    title: "every cluster can reach the Elasticsearches that it uses",
    page: page!("ES-8"),
    checks: &[Check::Store(check)],
};

fn check(_: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Store::Elasticsearch(_, search) = store else { return None };
    let Placement::External { address: Some(address) } = &search.placement.value else { return None };
    let why = unreachable(host(address))?;
    let breach = Breach::at(search.placement.place, format!("{store} is at {address}: {why}"))
        .saw("address", address.as_str())
        .remedy("give the address under which every cluster reaches it");
    Some(breach)
}

/// The host of `https://host:port/path`.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or(inside),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Why a host cannot be reached from every cluster, if that can be told from its name.
fn unreachable(host: &str) -> Option<&'static str> {
    let own = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback() || address.is_unspecified());
    if own || host == "localhost" {
        return Some("that is whoever asks, not the Elasticsearch");
    }
    let inside = host.ends_with(".svc") || host.ends_with(".cluster.local");
    inside.then_some("only pods of its own cluster know that name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_elsewhere_are_found_wherever_the_host_ends() {
        for own in ["http://localhost:9200", "https://localhost/search", "https://localhost?pretty", "localhost", "https://127.0.0.1", "http://0.0.0.0:9200", "https://[::]/"] {
            assert_eq!(unreachable(host(own)), Some("that is whoever asks, not the Elasticsearch"), "{own}");
        }
        for inside in ["https://elasticsearch.default.svc:9200", "https://elasticsearch.default.svc.cluster.local/search"] {
            assert_eq!(unreachable(host(inside)), Some("only pods of its own cluster know that name"), "{inside}");
        }
        for reached in ["https://search.acme.example:9200/localhost", "https://10.1.2.3", "https://svc.acme.example", "https://[2001:db8::1]:9200"] {
            assert_eq!(unreachable(host(reached)), None, "{reached}");
        }
    }
}
