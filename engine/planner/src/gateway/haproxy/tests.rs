//! What is refused, and that nothing from a spec leaves its place in the text. The real HAProxy reads and runs the text in the crate `tests`.

use super::{CellGateways, render};
use crate::spec::types::{Gateway, Named, Protocol, Rewrite, Route, Sticky, Target};
use model::inventory::inventory;
use model::source::{Located, Place};

fn at<T>(value: T) -> Located<T> {
    Located::at(value, Place { line: 7, column: 3, length: 1 })
}

fn gateway(port: u16) -> Gateway {
    Gateway {
        port: at(port),
        protocol: at(Protocol::Http),
        virtual_hosts: Vec::new(),
        sticky: at(Sticky::None),
        routes: Named::default(),
        rewrites: Vec::new(),
    }
}

fn route(weight: u8, condition: Option<&str>) -> Route {
    Route {
        targets: vec![at(Target::Service { name: "web".into(), port: 8080 })],
        weight: at(weight),
        condition: condition.map(|text| at(text.to_owned())),
        condition_strength: at(100),
    }
}

fn with_routes(mut gateway: Gateway, routes: Vec<(&str, Route)>) -> Gateway {
    gateway.routes = routes.into_iter().map(|(name, route)| (name.to_owned(), at(route))).collect();
    gateway
}

fn rendered(gateways: Vec<(&str, Gateway)>) -> Result<String, Vec<&'static str>> {
    let gateways = gateways.into_iter().map(|(name, gateway)| (name.to_owned(), at(gateway))).collect();
    let cell = CellGateways { title: "shop/production on eu-1", namespace: "acme-shop-production", gateways: &gateways };
    render(&cell).map_err(|found| found.iter().map(|diagnostic| diagnostic.code).collect())
}

#[test]
fn what_haproxy_cannot_do_is_refused_with_a_code() {
    let plain = || with_routes(gateway(8080), vec![("web", route(100, None))]);
    let tcp = |change: fn(&mut Gateway)| {
        let mut gateway = plain();
        gateway.protocol = at(Protocol::Tcp);
        change(&mut gateway);
        gateway
    };
    let changed = |change: fn(&mut Gateway)| {
        let mut gateway = plain();
        change(&mut gateway);
        gateway
    };
    let rewrite = |path: &str| vec![at(Rewrite { path: path.to_owned(), condition: None })];
    let with_rewrite = |path: &str| Gateway { rewrites: rewrite(path), ..plain() };
    let target = |target: Target| {
        with_routes(gateway(8080), vec![("web", Route { targets: vec![at(target.clone()), at(target)], ..route(100, None) })])
    };
    for (gateways, code) in [
        (vec![("a", with_routes(gateway(8080), vec![("web", route(99, None))]))], "SPEC-401"),
        (vec![("a", plain()), ("b", plain())], "SPEC-402"),
        (vec![("a", changed(|gateway| gateway.port = at(1988)))], "SPEC-403"),
        (vec![("a", changed(|gateway| gateway.port = at(0)))], "SPEC-403"),
        (vec![("a", tcp(|gateway| gateway.sticky = at(Sticky::Route)))], "SPEC-405"),
        (vec![("a", tcp(|gateway| gateway.virtual_hosts = vec![at("a.example".into())]))], "SPEC-405"),
        (vec![("a", with_routes(tcp(|_| ()), vec![("web", route(100, Some("host == x")))]))], "SPEC-405"),
        (vec![("a", changed(|gateway| gateway.virtual_hosts = vec![at("a b".into())]))], "SPEC-211"),
        (
            vec![("a", changed(|gateway| gateway.virtual_hosts = vec![at("A.example".into()), at("a.example".into())]))],
            "SPEC-404",
        ),
        (vec![("a", with_routes(gateway(8080), vec![("web", route(100, Some("hst == x")))]))], "SPEC-216"),
        (vec![("a", with_rewrite("old"))], "SPEC-215"),
        (vec![("a", with_rewrite("/a b"))], "SPEC-215"),
        (vec![("a", with_rewrite("/a\nbind"))], "SPEC-215"),
        (vec![("a", with_rewrite("/%20"))], "SPEC-215"),
        (vec![("a", with_rewrite("/%[path"))], "SPEC-215"),
        (vec![("a", target(Target::Service { name: "web".into(), port: 1 }))], "SPEC-108"),
        (vec![("a", target(Target::External { host: "a b".into(), port: 1 }))], "SPEC-212"),
    ] {
        let codes = rendered(gateways).expect_err(code);
        assert!(codes.contains(&code), "{codes:?} has no {code}");
    }
}

#[test]
fn every_complaint_comes_at_once() {
    let bad = with_routes(gateway(514), vec![("web", route(50, Some("("))), ("api", route(20, Some("bad")))]);
    assert_eq!(rendered(vec![("a", bad)]), Err(vec!["SPEC-401", "SPEC-216", "SPEC-216", "SPEC-403"]));
}

#[test]
fn what_is_rendered_is_found_again() {
    let routes = || vec![("web/v1", route(90, None)), ("web_v2", route(10, Some("has cookie beta")))];
    let text = rendered(vec![("store front", with_routes(gateway(80), routes())), ("empty", gateway(81))]).unwrap();
    let found = inventory(&text);
    assert_eq!(found.gateways.keys().collect::<Vec<_>>(), ["empty", "store front"]);
    assert_eq!(found.gateways["store front"].iter().collect::<Vec<_>>(), ["web/v1", "web_v2"]);
    assert!(inventory(&rendered(Vec::new()).unwrap()).is_empty());
}

#[test]
fn a_name_or_value_full_of_syntax_adds_no_line_and_no_word() {
    let hostile = "x\n    bind :1\nfrontend evil # \"' \\ $HOME";
    let plain =
        rendered(vec![("a", with_routes(gateway(80), vec![("b", route(99, None)), ("c", route(1, Some("cookie k has v")))]))]);
    let condition = r#"cookie k has "x  bind :1 # ' \" \\ $HOME""#;
    let routes = vec![(hostile, route(99, None)), ("c", route(1, Some(condition)))];
    let text = rendered(vec![(hostile, with_routes(gateway(80), routes))]).unwrap();
    assert_eq!(text.lines().count(), plain.unwrap().lines().count());
    assert!(text.contains(r#"-- 'x  bind :1 # '\'' " \ $HOME'"#), "{text}");
}
