//! Gateways as the spec's reader makes them, written shortly.

use model::source::Located;
use planner::gateway::haproxy::{CellGateways, render};
use planner::spec::types::{Gateway, Named, Protocol, Rewrite, Route, Sticky, Target};

pub(crate) fn said<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

/// An HTTP gateway without routes.
pub(crate) fn http(port: u16) -> Gateway {
    Gateway {
        port: said(port),
        protocol: said(Protocol::Http),
        virtual_hosts: Vec::new(),
        sticky: said(Sticky::None),
        routes: Named::default(),
        rewrites: Vec::new(),
    }
}

pub(crate) fn tcp(port: u16) -> Gateway {
    Gateway { protocol: said(Protocol::Tcp), ..http(port) }
}

/// What a test says about a gateway, one after the other.
pub(crate) trait Say: Sized {
    fn route(self, name: &str, weight: u8, targets: &[Target]) -> Self;
    fn claiming(self, name: &str, condition: &str, strength: u8) -> Self;
    fn sticky(self, sticky: Sticky) -> Self;
    fn hosts(self, hosts: &[&str]) -> Self;
    fn rewrite(self, path: &str, condition: Option<&str>) -> Self;
}

impl Say for Gateway {
    fn route(mut self, name: &str, weight: u8, targets: &[Target]) -> Self {
        let targets = targets.iter().cloned().map(said).collect();
        let route = Route { targets, weight: said(weight), condition: None, condition_strength: said(0) };
        self.routes.insert(name.to_owned(), said(route));
        self
    }

    fn claiming(mut self, name: &str, condition: &str, strength: u8) -> Self {
        let route = &mut self.routes.get_mut(name).expect("the route was added").value;
        route.condition = Some(said(condition.to_owned()));
        route.condition_strength = said(strength);
        self
    }

    fn sticky(mut self, sticky: Sticky) -> Self {
        self.sticky = said(sticky);
        self
    }

    fn hosts(mut self, hosts: &[&str]) -> Self {
        self.virtual_hosts = hosts.iter().map(|host| said((*host).to_owned())).collect();
        self
    }

    fn rewrite(mut self, path: &str, condition: Option<&str>) -> Self {
        self.rewrites.push(said(Rewrite { path: path.to_owned(), condition: condition.map(str::to_owned) }));
        self
    }
}

pub(crate) fn service(name: &str, port: u16) -> Target {
    Target::Service { name: name.to_owned(), port }
}

pub(crate) fn external(host: &str, port: u16) -> Target {
    Target::External { host: host.to_owned(), port }
}

pub(crate) fn named(gateways: Vec<(&str, Gateway)>) -> Named<Gateway> {
    gateways.into_iter().map(|(name, gateway)| (name.to_owned(), said(gateway))).collect()
}

/// The configuration of a cell of these gateways.
pub(crate) fn configuration(gateways: &Named<Gateway>) -> String {
    let cell = CellGateways { title: "shop/production on eu-1", namespace: "acme-shop-production", gateways };
    render(&cell).unwrap_or_else(|found| panic!("refused: {found:#?}"))
}
