//! Any gateways that the renderer takes give a text that HAProxy takes, in which nothing of theirs became a directive.

use crate::cells::{Say, external, http, named, service, tcp};
use crate::program::{check, say_missing};
use model::inventory::inventory;
use planner::gateway::condition;
use planner::gateway::haproxy::{CellGateways, render};
use planner::spec::types::{Gateway, Sticky, Target};
use proptest::prelude::*;

/// The words that may begin a line of a configuration.
const DIRECTIVES: &[&str] = &[
    "global",
    "maxconn",
    "log",
    "defaults",
    "retries",
    "option",
    "timeout",
    "mode",
    "log-format",
    "resolvers",
    "parse-resolv-conf",
    "accepted_payload_size",
    "hold",
    "frontend",
    "bind",
    "monitor-uri",
    "stats",
    "use_backend",
    "backend",
    "server",
    "acl",
    "http-request",
    "tcp-request",
    "http-response",
    "default_backend",
    "balance",
    "cookie",
];

/// Names as nobody should write them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,12}",
        "[a-zA-Z0-9 ._~:/#\"'\\\\$%{}!\n|-]{1,12}",
        Just("or".to_owned()),
        Just("if".to_owned()),
        Just("TRUE".to_owned())
    ]
}

/// A value, quoted as the language of conditions has it.
fn value() -> impl Strategy<Value = String> {
    "[ -~äß]{1,12}".prop_map(|value| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn test() -> impl Strategy<Value = String> {
    let carrier = prop_oneof![Just("cookie"), Just("header")];
    prop_oneof![
        value().prop_map(|value| format!("user-agent == {value}")),
        value().prop_map(|value| format!("host != {value}")),
        (carrier.clone(), "[A-Za-z0-9_.-]{1,8}").prop_map(|(carrier, name)| format!("has {carrier} \"{name}\"")),
        (carrier, "[A-Za-z0-9_.-]{1,8}", value()).prop_map(|(carrier, name, value)| format!("{carrier} '{name}' misses {value}")),
        Just("< path_beg /api >".to_owned()),
        Just("< path_reg '^/[a-z]+$' >".to_owned()),
    ]
}

fn condition_text() -> impl Strategy<Value = String> {
    test().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) and ({right})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("({left}) or ({right})")),
        ]
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        ("[a-z]([-a-z0-9]{0,8}[a-z0-9])?", 1..=u16::MAX).prop_map(|(name, port)| service(&name, port)),
        (any::<[u8; 4]>(), 1..=u16::MAX)
            .prop_map(|(address, port)| external(&std::net::Ipv4Addr::from(address).to_string(), port)),
        (any::<[u8; 16]>(), 1..=u16::MAX)
            .prop_map(|(address, port)| external(&std::net::Ipv6Addr::from(address).to_string(), port)),
    ]
}

type RouteParts = (String, u8, Vec<Target>, Option<(String, u8)>);

fn route() -> impl Strategy<Value = RouteParts> {
    let claim = proptest::option::of((condition_text(), 0..=100_u8));
    (name(), 0..=100_u8, proptest::collection::vec(target(), 1..3), claim)
}

fn gateway() -> impl Strategy<Value = Gateway> {
    let sticky = prop_oneof![Just(Sticky::None), Just(Sticky::Route), Just(Sticky::Instance)];
    let rewrite = proptest::option::of(("/[!-~]{0,10}", proptest::option::of(condition_text())));
    (any::<bool>(), 1024..=u16::MAX, sticky, proptest::collection::vec(route(), 0..4), rewrite).prop_map(
        |(is_http, port, sticky, routes, rewrite)| {
            let mut gateway = if is_http { http(port).sticky(sticky) } else { tcp(port) };
            let count = routes.len();
            let mut left = 100;
            for (index, (name, weight, targets, claim)) in routes.into_iter().enumerate() {
                let weight = if index + 1 == count { left } else { weight.min(left) };
                left -= weight;
                gateway = gateway.route(&name, weight, &targets);
                if let (Some((condition, strength)), true) = (claim, is_http) {
                    gateway = gateway.claiming(&name, &condition, strength);
                }
            }
            match rewrite {
                Some((path, condition)) if is_http => gateway.rewrite(&path.replace('%', "%%"), condition.as_deref()),
                _ => gateway,
            }
        },
    )
}

fn rendered(gateways: &[(String, Gateway)]) -> Option<String> {
    let gateways = named(gateways.iter().map(|(name, gateway)| (name.as_str(), gateway.clone())).collect());
    render(&CellGateways { title: "any", namespace: "acme-any-any", gateways: &gateways }).ok()
}

fn cell() -> impl Strategy<Value = Vec<(String, Gateway)>> {
    proptest::collection::vec((name(), gateway()), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_global_rejects: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_a_gateway_becomes_a_directive(cell in cell()) {
        let rendered = rendered(&cell);
        // Counted: a generator that makes too little that is taken fails the test.
        prop_assume!(rendered.is_some());
        let text = rendered.unwrap_or_default();
        for line in text.lines() {
            let first = line.split_whitespace().next().unwrap_or("#");
            prop_assert!(first.starts_with('#') || DIRECTIVES.contains(&first), "{line}");
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        let names: std::collections::BTreeSet<&String> = cell.iter().map(|(name, _)| name).collect();
        prop_assert!(inventory(&text).gateways.keys().eq(names));
    }

    #[test]
    fn a_condition_reads_back_from_its_written_form(text in condition_text()) {
        if let Ok(condition) = condition::parse(&text) {
            prop_assert_eq!(condition::parse(&condition.to_string()), Ok(condition));
        }
    }

    #[test]
    fn no_text_makes_the_parser_of_conditions_panic(text in "(and|or|not|has|cookie|header|host|==|!=|[()<>\"'!=&|\\\\#a-z \né]){0,40}") {
        let _ = condition::parse(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn haproxy_takes_whatever_is_rendered(cell in cell()) {
        if say_missing() {
            return Ok(());
        }
        if let Some(text) = rendered(&cell) {
            prop_assert_eq!(check(&text), Ok(()));
        }
    }
}
