//! Where a text sends requests that no condition claims: gateways, their routes by weight, and the targets of each.

use super::words::words;
use model::inventory::{GATEWAY, ROUTE, name};
use model::value::Text;
use std::collections::BTreeMap;

/// What a text does with requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routing {
    /// Its gateways, in the order of the text.
    pub gateways: Vec<Gateway>,
}

/// One gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gateway {
    /// Its name.
    pub name: Text,
    /// Its port.
    pub port: u16,
    /// Its routes, in the order of their shares.
    pub routes: Vec<Route>,
}

/// One route of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Its name.
    pub name: Text,
    /// Of a hundred requests, so many go this way.
    pub weight: u32,
    /// Addresses that they go to, each `HOST:PORT`.
    pub targets: Vec<Text>,
}

/// Read a text as the planner writes it; lines of other origin say nothing here.
pub fn routing(text: &str) -> Routing {
    let mut found = Reader::default();
    for line in text.lines() {
        if let Ok(words) = words(line) {
            found.read(&words.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    found.finish()
}

/// Which section is being read.
#[derive(Default)]
enum Section {
    #[default]
    Other,
    Gateway,
    Route(String),
}

#[derive(Default)]
struct Reader {
    section: Section,
    gateways: Vec<Gateway>,
    /// Shares so far of the gateway that is being read, as they add up.
    below: u32,
    targets: BTreeMap<String, Vec<Text>>,
}

impl Reader {
    fn read(&mut self, words: &[&str]) {
        match (&self.section, words) {
            (_, ["frontend", section, ..]) => match section.strip_prefix(GATEWAY) {
                Some(gateway) => {
                    self.gateways.push(Gateway { name: name(gateway).into(), ..Gateway::default() });
                    (self.section, self.below) = (Section::Gateway, 0);
                }
                None => self.section = Section::Other,
            },
            (_, ["backend", section, ..]) if section.starts_with(ROUTE) => {
                self.targets.entry((*section).to_owned()).or_default();
                self.section = Section::Route((*section).to_owned());
            }
            (_, ["global" | "defaults" | "backend" | "listen" | "resolvers", ..]) => self.section = Section::Other,
            (Section::Gateway, _) => self.read_in_gateway(words),
            (Section::Route(section), ["server", _, address, ..]) => {
                self.targets.entry(section.clone()).or_default().push((*address).into());
            }
            _ => {}
        }
    }

    fn read_in_gateway(&mut self, words: &[&str]) {
        let Some(gateway) = self.gateways.last_mut() else { return };
        match words {
            ["bind", address] => gateway.port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(0),
            ["default_backend", section] if gateway.routes.is_empty() => {
                gateway.routes.extend(route_of(section).map(|name| Route { name, weight: 100, targets: Vec::new() }));
            }
            ["http-request" | "tcp-request", .., value, "if", "!routed", "{", "var(txn.draw)", "-m", "int", "lt", below, "}"] => {
                let route = value.strip_prefix("str(").and_then(|value| value.strip_suffix(')'));
                if let (Some(route), Ok(below)) = (route, below.parse::<u32>()) {
                    let weight = below.saturating_sub(self.below);
                    self.below = below;
                    gateway.routes.push(Route { name: name(route).into(), weight, targets: Vec::new() });
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Routing {
        for gateway in &mut self.gateways {
            for route in &mut gateway.routes {
                let section = model::inventory::route_backend(&gateway.name, &route.name);
                route.targets = self.targets.get(&section).cloned().unwrap_or_default();
            }
        }
        Routing { gateways: self.gateways }
    }
}

fn route_of(section: &str) -> Option<Text> {
    let (_, route) = section.strip_prefix(ROUTE)?.split_once(':')?;
    Some(name(route).into())
}
