//! The gateways of one cell to the text that HAProxy reads (2.6 or later; `haproxy -c` accepts every text that comes out of here).
//!
//! What the text says, and how (the original platform is Vamp 1.0):
//!
//! * One frontend a gateway, one backend a route. Each request is decided once, in the frontend, into `txn.route`, where the original
//!   passed it through two to four proxies over local sockets. It is therefore also logged once.
//! * Conditions are tried in the order of the routes; the first that matches claims the request (`txn.claim`). Of what it claims, the
//!   route gets its strength, by a draw of `rand(100)`. The loser of that draw is *not* offered to later conditions.
//! * The rest, and everything unclaimed, is split by weight over all routes, conditional ones too, by a second draw. A draw is exact for
//!   any number of targets behind a route; server weights (whole numbers up to 256) are not.
//! * Inside a route, HTTP requests go round its targets, TCP connections to the one with the fewest. All targets weigh the same, and are
//!   taken out while a TCP connect fails.
//! * `sticky: route` keeps each choice that was left to chance in a cookie of its own: one for the split by weight, one for each condition
//!   with a strength below 100. What a condition claims entirely is decided by it alone. `sticky: instance` also keeps the target. A cookie
//!   is ignored when what it names is gone or has no usable target. Its value is a digest, or `in` and `out`.
//! * Virtual hosts share one frontend on port 80, which passes a request on to its gateway through an abstract socket, with the client's
//!   address (PROXY protocol), so that conditions and logs see the same client on both ways.
//! * A target that is a Service is asked for by its DNS name. HAProxy starts without DNS too: such a target waits for its address.
//! * Logs hold metadata only (PRI-1); client addresses are cut to their network, and there is no path, query, cookie or header (PRI-2).
//!
//! Nothing from the spec can become a directive: names are encoded ([`text::identifier`]), values are quoted ([`text::quoted`]).
//! A stats socket for seamless reloads belongs to the agent, which knows its directories, and so is not in this text.

mod acl;
mod backend;
mod base;
mod checks;
mod frontend;
mod routing;
pub(crate) mod text;

#[cfg(test)]
mod tests;

use crate::spec::types::{Gateway, Named};
use model::Diagnostic;

/// What one environment serves on one cluster.
#[derive(Clone, Copy, Debug)]
pub struct CellGateways<'a> {
    /// What the cell is called, for the first line: `shop/production on eu-1`.
    pub title: &'a str,
    /// Kubernetes namespace that the Services of the targets live in.
    pub namespace: &'a str,
    /// The environment's gateways.
    pub gateways: &'a Named<Gateway>,
}

/// The configuration of a cell. Without gateways it is a valid one that serves nothing but its health.
///
/// # Errors
/// Everything in the gateways that HAProxy cannot do or could misread, each with its place.
pub fn render(cell: &CellGateways<'_>) -> Result<String, Vec<Diagnostic>> {
    sections(cell.namespace, cell.gateways).map(|sections| titled(cell.title, &sections))
}

/// What the configurations of all cells of an environment have in common: everything but the title.
pub(crate) fn sections(namespace: &str, gateways: &Named<Gateway>) -> Result<String, Vec<Diagnostic>> {
    let gateways = checks::check(gateways)?;
    let mut sections = base::sections(backend::asks_dns(&gateways));
    sections.extend(frontend::virtual_hosts(&gateways));
    for gateway in &gateways {
        sections.push(frontend::gateway(gateway));
        sections.extend(gateway.routes.iter().map(|route| backend::route(gateway, route, namespace)));
    }
    Ok(sections.join("\n"))
}

/// The configuration of the cell that is called `title`.
pub(crate) fn titled(title: &str, sections: &str) -> String {
    [&base::header(title), "\n", sections].concat()
}
