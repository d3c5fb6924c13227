//! HAProxy as the simulated world has it, against the planner's texts and against the real program.

use crate::program::{check, say_missing};
use simulator::agents::haproxy;
use std::path::Path;

fn texts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/haproxy");
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("goldens")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cfg"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a text")))
        .collect();
    texts.sort();
    assert!(texts.len() > 5);
    texts
}

#[test]
fn the_worlds_check_accepts_what_the_planner_writes_and_reads_every_share_of_it() {
    for (name, text) in texts() {
        assert_eq!(haproxy::check(&text), Ok(()), "{name}");
        let routing = haproxy::routing(&text);
        let found = model::inventory::inventory(&text);
        assert_eq!(routing.gateways.len(), found.gateways.len(), "{name}");
        for gateway in &routing.gateways {
            let shares: u32 = gateway.routes.iter().map(|route| route.weight).sum();
            assert_eq!(shares, 100, "{name}: {gateway:?}");
            assert!(gateway.port > 0 && gateway.routes.iter().all(|route| !route.targets.is_empty()), "{name}: {gateway:?}");
        }
    }
}

#[test]
fn what_the_worlds_check_refuses_the_real_program_refuses_too() {
    let weights = texts().into_iter().find(|(name, _)| name.ends_with("weights.cfg")).expect("a golden").1;
    let broken = [
        ("bind :8080", "bind :0x"),
        ("bind :8080", "bind :70000"),
        ("if !routed", "if !rooted"),
        ("lt 90 }", "lt 90"),
        ("default_backend route:storefront", "default_backend route:storefronts"),
        ("frontend gateway:storefront from http", "frontend gateway:storefront from https"),
        ("resolvers kubernetes\n    parse", "resolvers other\n    parse"),
        ("    balance roundrobin", "    balanced roundrobin"),
        ("mode http", "mode 'http"),
    ];
    let mut variants: Vec<String> = broken.iter().map(|(from, to)| weights.replacen(from, to, 1)).collect();
    variants.push(weights.trim_end().to_owned());
    for text in &variants {
        assert_ne!(text, &weights, "each changes something");
        assert!(haproxy::check(text).is_err(), "{text}");
    }
    if !say_missing() {
        for text in &variants {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
