//! Gateways and their routes.

use super::ports::Ports;
use super::{Lower, each, entries};
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::types::{Gateway, Named, Protocol, Route, Sticky, Target};
use crate::spec::written;
use model::Diagnostic;
use model::source::{Located, Place};
use std::collections::BTreeMap;

impl Lower<'_> {
    pub(super) fn gateways(&mut self, environment: &written::Environment) -> Option<Named<Gateway>> {
        let Some(gateways) = entries(&environment.gateways) else { return Some(Named::default()) };
        self.retired_are_gone(environment);
        self.hosts_are_unique(gateways);
        let mut ports = Ports::new(gateways, &mut self.reader);
        each(gateways, |name, gateway| {
            let routes = self.routes(gateway);
            self.http_only(gateway);
            if gateway.port.is_no() && gateway.virtual_hosts.is_no() {
                let message = format!("how is the gateway {} reached?", quote(name));
                self.error(code::MISSING_KEY, gateway.place, message, "add `port:`, or `virtualHosts:`, or both");
            }
            let rewrites = gateway.rewrites.yes().map(|rewrites| rewrites.value.clone());
            Some(Gateway {
                port: ports.of(name, gateway, &mut self.reader)?,
                protocol: gateway.protocol.or(Protocol::Http),
                virtual_hosts: gateway.virtual_hosts.yes().map(|hosts| hosts.value.clone()).unwrap_or_default(),
                sticky: gateway.sticky.or(Sticky::None),
                routes: routes?,
                rewrites: rewrites.unwrap_or_default(),
            })
        })
    }

    fn retired_are_gone(&mut self, environment: &written::Environment) {
        let gateways = entries(&environment.gateways);
        for retired in environment.retired_gateways.yes().into_iter().flat_map(|retired| &retired.value) {
            if let Some(gateway) = gateways.and_then(|gateways| gateways.get(retired.value.as_str())) {
                let message = format!("the gateway {} is retired and declared at once", quote(retired));
                let complaint = Diagnostic::error(code::RETIRED_GATEWAY, retired.place, message);
                let help = "remove it from `retiredGateways`, or from `gateways` if it has to go";
                self.reader.complain(complaint.help(help).related(gateway.place, "it is declared here"));
            }
        }
    }

    fn hosts_are_unique(&mut self, gateways: &super::Entries<written::Gateway>) {
        let mut hosts: BTreeMap<&str, (&str, Place)> = BTreeMap::new();
        for (name, gateway) in gateways {
            for host in gateway.virtual_hosts.yes().into_iter().flat_map(|hosts| &hosts.value) {
                if let Some((other, first)) = hosts.get(host.value.as_str()) {
                    let message = format!("the host {} leads to two gateways", quote(host));
                    self.reader.complain(
                        Diagnostic::error(code::HOST_TAKEN, host.place, message)
                            .help(format!("give each gateway hosts of its own; the first is {}", quote(other)))
                            .related(*first, "it stands here first"),
                    );
                    continue;
                }
                hosts.insert(&host.value, (name, host.place));
            }
        }
    }

    /// A TCP gateway does not look into requests.
    fn http_only(&mut self, gateway: &written::Gateway) {
        let Some(protocol) = gateway.protocol.yes().filter(|protocol| protocol.value == Protocol::Tcp) else { return };
        let sticky = gateway.sticky.yes().filter(|sticky| sticky.value != Sticky::None);
        let conditions =
            entries(&gateway.routes).into_iter().flat_map(|routes| routes.values()).filter_map(|route| route.condition.yes());
        let uses: Vec<(Place, &str)> = [
            gateway.virtual_hosts.yes().map(|hosts| (hosts.place, "virtual hosts")),
            sticky.map(|sticky| (sticky.place, "sticky clients")),
            gateway.rewrites.yes().map(|rewrites| (rewrites.place, "rewrites")),
        ]
        .into_iter()
        .flatten()
        .chain(conditions.map(|condition| (condition.place, "conditions")))
        .collect();
        for (place, what) in uses {
            self.reader.complain(
                Diagnostic::error(code::HTTP_ONLY, place, format!("a TCP gateway cannot have {what}"))
                    .help("write `protocol: http`, or remove this")
                    .related(protocol.place, "the protocol"),
            );
        }
    }

    fn routes(&mut self, gateway: &Located<written::Gateway>) -> Option<Named<Route>> {
        let routes = entries(&gateway.routes)?;
        let mut weights = self.weights(routes, gateway.routes.yes().map_or(gateway.place, |routes| routes.place)).into_iter();
        each(routes, |name, route| {
            let targets = self.targets(name, route);
            let condition = route.condition.yes().cloned();
            if let Some(strength) = route.condition_strength.yes().filter(|_| route.condition.is_no()) {
                let help = "add `condition:`, or remove the strength";
                self.error(
                    code::STRENGTH_WITHOUT_CONDITION,
                    strength.place,
                    "a strength without a condition has no effect",
                    help,
                );
            }
            let strength = route.condition_strength.or(if condition.is_some() { 100 } else { 0 });
            Some(Route {
                targets: targets?,
                weight: weights.next()?,
                condition,
                condition_strength: strength.map(|strength| u8::try_from(strength).unwrap_or(100)),
            })
        })
    }

    fn targets(&mut self, name: &str, route: &Located<written::Route>) -> Option<Vec<Located<Target>>> {
        match (&route.service, &route.targets) {
            (service, targets) if service.is_no() && targets.is_no() => {
                let message = format!("where does the route {} lead?", quote(name));
                self.error(code::MISSING_KEY, route.place, message, "add `service: NAME:PORT`, or `targets:` if it has several");
                None
            }
            (service, targets) if !service.is_no() && !targets.is_no() => {
                let message = format!("the route {} has both `service` and `targets`", quote(name));
                self.error(code::KEYS_CLASH, route.place, message, "put the service into the list `targets`");
                None
            }
            (service, targets) => {
                let one = service.yes().map(|service| vec![service.clone()]);
                one.or_else(|| targets.yes().map(|targets| targets.value.clone()))
            }
        }
    }
}
