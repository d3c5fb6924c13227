//! What a running HAProxy does with requests, measured. Shares are draws, so their margins are five standard deviations wide.

use crate::cells::{Say, http, named, tcp};
use crate::program::{Running, free_port, get, say_missing};
use crate::targets::{start, start_tcp};
use planner::spec::types::Sticky;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::TcpStream;

const REQUESTS: usize = 400;

/// Who answered, and how often.
fn tally(port: u16, headers: &[(&str, &str)]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for _ in 0..REQUESTS {
        let answer = get(port, "/", headers);
        let name = answer.body.split(' ').next().unwrap_or_default();
        *tally.entry(name.to_owned()).or_default() += 1;
    }
    tally
}

/// `count` of all requests is a draw with this chance in hundredths.
fn assert_share(tally: &BTreeMap<String, usize>, name: &str, hundredths: usize) {
    let count = tally.get(name).copied().unwrap_or_default() as f64;
    let (all, chance) = (REQUESTS as f64, hundredths as f64 / 100.0);
    let margin = 5.0 * (all * chance * (1.0 - chance)).sqrt();
    assert!((count - all * chance).abs() <= margin, "{name} should have {hundredths} % within {margin:.0}: {tally:?}");
}

#[test]
fn requests_are_split_by_weight_and_round_the_targets_of_a_route() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port).route("old", 70, &[start("old-a"), start("old-b")]).route("new", 30, &[start("new")]);
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    let tally = tally(port, &[]);
    assert_share(&tally, "new", 30);
    let (a, b) = (tally["old-a"], tally["old-b"]);
    assert!(a.abs_diff(b) <= 4, "round robin shares evenly: {tally:?}");
}

#[test]
fn the_first_matching_condition_claims_and_the_loser_of_its_draw_is_split_by_weight() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port)
        .route("main", 80, &[start("main")])
        .route("half", 20, &[start("half")])
        .route("all", 0, &[start("all")])
        .claiming("half", "user-agent == Firefox and (has cookie beta or header X-Group has beta)", 50)
        .claiming("all", "user-agent == Firefox or < path_beg /all >", 100);
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    let first = tally(port, &[("User-Agent", "Mozilla/5.0 (X11, like Gecko) Firefox/120.0"), ("Cookie", "beta=1")]);
    // Half by strength, and a fifth of the other half by weight; the second condition is never asked.
    assert_share(&first, "half", 60);
    assert_share(&first, "main", 40);
    let second = tally(port, &[("User-Agent", "Firefox")]);
    assert_eq!(second, BTreeMap::from([("all".to_owned(), REQUESTS)]));
    assert!(get(port, "/all/x", &[]).body.starts_with("all "));
    let unclaimed = tally(port, &[("User-Agent", "curl")]);
    assert_share(&unclaimed, "main", 80);
    assert_eq!(unclaimed.get("all"), None, "a weight of 0 takes nothing that is unclaimed");
}

#[test]
fn a_strength_of_zero_keeps_requests_from_later_conditions() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port)
        .route("main", 100, &[start("main")])
        .route("none", 0, &[start("none")])
        .route("late", 0, &[start("late")])
        .claiming("none", "has cookie a", 0)
        .claiming("late", "misses cookie b", 100);
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    for (cookie, name) in [("a=1", "main "), ("c=1", "late "), ("b=1", "main ")] {
        assert!(get(port, "/", &[("Cookie", cookie)]).body.starts_with(name), "{cookie}");
    }
}

#[test]
fn a_client_stays_with_the_route_that_it_met_and_with_the_draw_of_a_condition() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port).sticky(Sticky::Route).route("one", 50, &[start("one")]).route("two", 50, &[start("two")]).claiming(
        "two",
        "has header X-Try",
        50,
    );
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..40 {
        for headers in [vec![], vec![("X-Try", "1")]] {
            let first = get(port, "/", &headers);
            let cookies = first.cookies();
            assert!(!cookies.is_empty() && !cookies.contains("one") && !cookies.contains("=two"), "{cookies}");
            let again: Vec<_> = headers.iter().copied().chain([("Cookie", cookies.as_str())]).collect();
            for _ in 0..5 {
                let answer = get(port, "/", &again);
                assert_eq!(answer.body, first.body);
                assert_eq!(answer.cookies(), "", "a cookie is set once");
            }
            *met.entry(first.body).or_default() += 1;
        }
    }
    assert!(met.len() == 2 && met.values().all(|count| *count >= 10), "both routes are met: {met:?}");
    assert_eq!(get(port, "/", &[("Cookie", "vamp~storefront=gone")]).status, 200, "a cookie of a route that is gone is ignored");
}

#[test]
fn a_client_stays_with_the_target_that_it_met() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port).sticky(Sticky::Instance).route("web", 100, &[start("a"), start("b"), start("c")]);
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    let mut met = std::collections::BTreeSet::new();
    for _ in 0..6 {
        let first = get(port, "/", &[]);
        let cookies = first.cookies();
        for _ in 0..4 {
            assert_eq!(get(port, "/", &[("Cookie", &cookies)]).body, first.body, "{cookies}");
        }
        met.insert(first.body);
    }
    assert_eq!(met.len(), 3, "new clients go round the targets: {met:?}");
}

#[test]
fn virtual_hosts_lead_to_their_gateway_whatever_their_case_and_port_and_keep_the_client() {
    if say_missing() {
        return;
    }
    let (shop, api) = (free_port(), free_port());
    let gateways = named(vec![
        ("shop", http(shop).route("shop", 100, &[start("shop")]).hosts(&["shop.example", "www.shop.example"])),
        ("api", http(api).route("api", 100, &[start("api")]).hosts(&["api.shop.example"])),
    ]);
    let running = Running::start(&gateways);
    let port = running.virtual_hosts_port;
    for (host, body) in [
        ("shop.example", "shop / 127.0.0.1"),
        ("WWW.Shop.Example:80", "shop / 127.0.0.1"),
        ("api.shop.example", "api / 127.0.0.1"),
    ] {
        assert_eq!(get(port, "/", &[("Host", host)]).body, body);
        assert!(running.logged().contains(&format!("\"gateway\":\"gateway:{}\"", &body[..body.find(' ').unwrap()])));
    }
    assert_eq!(get(port, "/", &[("Host", "other.example")]).status, 503);
    assert!(running.logs_nothing_more(), "a request is logged once, by its gateway");
    assert_eq!(get(shop, "/", &[]).body, "shop / 127.0.0.1", "the gateway's own port needs no host");
}

#[test]
fn rewrites_change_the_path_for_the_requests_that_they_are_for_and_routing_sees_the_old_one() {
    if say_missing() {
        return;
    }
    let port = free_port();
    let gateway = http(port)
        .route("main", 100, &[start("main")])
        .route("api", 0, &[start("api")])
        .claiming("api", "< path_beg /api >", 100)
        .rewrite("/v2%[path]", Some("< path_beg /api > and (has header X-New or has cookie new)"))
        .rewrite("/moved", Some("< path /old >"));
    let _running = Running::start(&named(vec![("storefront", gateway)]));
    for (path, headers, seen) in [
        ("/api/a", vec![("X-New", "1")], "api /v2/api/a"),
        ("/api/a", vec![("X-New", "1"), ("Cookie", "new=1")], "api /v2/api/a"),
        ("/api/a", vec![], "api /api/a"),
        ("/old", vec![], "main /moved"),
        ("/", vec![], "main /"),
    ] {
        assert_eq!(get(port, path, &headers).body, format!("{seen} 127.0.0.1"));
    }
}

#[test]
fn tcp_connections_reach_a_target_by_address_and_by_weight() {
    if say_missing() {
        return;
    }
    let (claimed, split) = (free_port(), free_port());
    let gateways = named(vec![
        (
            "claimed",
            tcp(claimed).route("main", 100, &[start_tcp("main")]).route("local", 0, &[start_tcp("local")]).claiming(
                "local",
                "< src 127.0.0.0/8 >",
                100,
            ),
        ),
        ("split", tcp(split).route("one", 50, &[start_tcp("one")]).route("two", 50, &[start_tcp("two")])),
    ]);
    let _running = Running::start(&gateways);
    let said = |port: u16| {
        let mut text = String::new();
        TcpStream::connect(("127.0.0.1", port)).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    assert_eq!(said(claimed), "local");
    let mut tally = BTreeMap::new();
    (0..REQUESTS).for_each(|_| *tally.entry(said(split)).or_default() += 1);
    assert_share(&tally, "one", 50);
}

#[test]
fn health_answers_without_gateways_and_logs_hold_no_path_query_cookie_or_header() {
    if say_missing() {
        return;
    }
    let running = Running::start(&named(Vec::new()));
    assert_eq!(get(running.health_port, "/health", &[]).status, 200);
    let port = free_port();
    let running = Running::start(&named(vec![("storefront", http(port).route("web", 100, &[start("web")]))]));
    get(port, "/private/path?query=private", &[("Cookie", "private=1"), ("User-Agent", "private"), ("X-Private", "private")]);
    let line = running.logged();
    assert!(line.contains(r#""client":"127.0.0.0""#) && line.contains(r#""status":200"#), "{line}");
    assert!(line.contains(r#""route":"route:storefront:web""#) && !line.contains("private"), "{line}");
    assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
}
