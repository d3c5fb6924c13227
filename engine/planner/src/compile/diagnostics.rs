//! What can only be known once the spec has become resources. Each code has a page in `docs/errors`.

use model::Diagnostic;
use model::address::Address;
use model::graph::{Cycle, Duplicate};
use model::kind::{Family, Kind};
use model::names::{MYSQL_IDENTIFIER_LENGTH, MYSQL_USER_LENGTH, NAMESPACE_LENGTH};
use model::resource::Resource;
use model::source::Place;

/// A name that the spec leads to is too long for the system that it is for.
pub(crate) const NAME_TOO_LONG: &str = "GRAPH-101";
/// Two parts of the spec lead to one and the same resource.
pub(crate) const DUPLICATE: &str = "GRAPH-102";
/// Resources wait for each other in a circle.
pub(crate) const CYCLE: &str = "GRAPH-103";
/// Something is needed that no part of the spec leads to.
pub(crate) const MISSING: &str = "GRAPH-104";

/// Every code with its page, in order.
const PAGES: [(&str, &str); 4] = [
    (NAME_TOO_LONG, include_str!("../../../../docs/errors/GRAPH-101.md")),
    (DUPLICATE, include_str!("../../../../docs/errors/GRAPH-102.md")),
    (CYCLE, include_str!("../../../../docs/errors/GRAPH-103.md")),
    (MISSING, include_str!("../../../../docs/errors/GRAPH-104.md")),
];

/// The page about a code: what it means, an example, how to mend it. The case of `code` does not matter.
pub fn explain_error(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, page)| *page)
}

/// Longest part of a path in Vault: what a file system takes, since Vault may store in one (POSIX, `NAME_MAX`).
const VAULT_NAME_LENGTH: usize = 255;
/// Longest name of an Elasticsearch index or template in bytes (Elasticsearch reference, "Create index": 255 bytes).
const ELASTICSEARCH_NAME_LENGTH: usize = 255;
/// Longest name of a Kubernetes Service, and by convention of all that a Service may be named after (RFC 1035).
const SERVICE_NAME_LENGTH: usize = 63;
/// Longest name of most Kubernetes objects (RFC 1123 subdomain).
const OBJECT_NAME_LENGTH: usize = 253;

/// Complaints about names of `resource` that its system would refuse.
pub(crate) fn check_names(resource: &Resource) -> Option<Diagnostic> {
    let address = &resource.address;
    let limit = match (address.kind(), address.kind().family()) {
        (Kind::Namespace, _) => NAMESPACE_LENGTH,
        (Kind::Service | Kind::StatefulSet, _) => SERVICE_NAME_LENGTH,
        (Kind::Schema | Kind::Table, _) => MYSQL_IDENTIFIER_LENGTH,
        (Kind::User, _) => MYSQL_USER_LENGTH,
        (_, Family::Vault) => VAULT_NAME_LENGTH,
        (_, Family::Elasticsearch) => ELASTICSEARCH_NAME_LENGTH,
        _ => OBJECT_NAME_LENGTH,
    };
    let name = address.name();
    (name.chars().count() > limit).then(|| {
        let message = format!("{} {name:?} would have {} characters; {limit} are allowed", address.kind(), name.chars().count());
        Diagnostic::error(NAME_TOO_LONG, resource.place, message)
            .help("shorten the name of the platform, the tenant, the environment or the cluster that it is made of")
    })
}

pub(crate) fn duplicate(duplicate: &Duplicate) -> Diagnostic {
    Diagnostic::error(DUPLICATE, duplicate.second, format!("this leads to {}, which is wanted already", duplicate.address))
        .related(duplicate.first, "it is wanted here first")
        .help("rename one of the two; names of the platform's own parts (vault, vamp) are taken")
}

pub(crate) fn cycle(cycle: &Cycle) -> Diagnostic {
    let path: Vec<String> = cycle.members.iter().map(|(address, _, reason)| format!("{address} {reason}")).collect();
    let first = cycle.members.first();
    let start = first.map(|(address, ..)| address.as_str()).unwrap_or_default();
    let place = first.map(|(_, place, _)| *place).unwrap_or_default();
    let message = format!("these wait for each other, so that none can be first: {} {start}", path.join(" "));
    cycle
        .members
        .iter()
        .skip(1)
        .fold(Diagnostic::error(CYCLE, place, message), |diagnostic, (address, place, _)| {
            diagnostic.related(*place, format!("asks for {address}"))
        })
        .help("place one of the dependencies outside of the circle, for example outside of the platform's clusters")
}

pub(crate) fn missing(dependent: &Address, dependency: &Address, place: Place) -> Diagnostic {
    Diagnostic::error(MISSING, place, format!("{dependent} needs {dependency}, which nothing in the spec leads to"))
        .help("declare what is missing, or take out what needs it")
}

/// A name in the spec that leads nowhere.
pub(crate) fn unknown(what: &str, name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(MISSING, place, format!("{what} {name:?} is not declared")).help("declare it, or name one that is declared")
}
