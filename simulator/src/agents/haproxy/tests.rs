//! The check and the routing of texts, of which more stands in `tests/`: there the planner's own texts go through both.

use super::*;

const TEXT: &str = "global
    maxconn 10
defaults base
    timeout connect 5s
defaults http from base
    mode http
resolvers kubernetes
    parse-resolv-conf
frontend health from base
    mode http
    bind :1988
    monitor-uri /health
frontend gateway:shop from http
    bind :8080
    acl routed var(txn.route) -m found
    http-request set-var(txn.draw) rand(100) if !routed
    http-request set-var(txn.route) str(web-v1) if !routed { var(txn.draw) -m int lt 90 }
    http-request set-var(txn.route) str(web_2fv2) if !routed { var(txn.draw) -m int lt 100 }
    use_backend route:shop:web-v1 if { var(txn.route) -m str web-v1 }
    default_backend route:shop:web_2fv2
frontend gateway:one from http
    bind :8081
    default_backend route:one:only
backend route:shop:web-v1 from http
    server a web-v1.ns.svc.cluster.local:8080 check resolvers kubernetes
    server b 10.0.0.1:80 check
backend route:shop:web_2fv2 from http
    server a web-v2.ns.svc.cluster.local:8080 check
backend route:one:only from http
    server a one.ns.svc.cluster.local:80 check
";

#[test]
fn a_text_says_where_requests_go() {
    let routing = routing(TEXT);
    let [shop, one] = routing.gateways.as_slice() else { panic!("{routing:?}") };
    assert_eq!((shop.name.as_str(), shop.port, one.port), ("shop", 8080, 8081));
    let shares: Vec<(&str, u32, usize)> =
        shop.routes.iter().map(|route| (route.name.as_str(), route.weight, route.targets.len())).collect();
    assert_eq!(shares, [("web-v1", 90, 2), ("web/v2", 10, 1)]);
    assert_eq!((one.routes[0].weight, one.routes[0].targets[0].as_str()), (100, "one.ns.svc.cluster.local:80"));
}

#[test]
fn the_check_accepts_what_is_right_and_says_what_is_wrong() {
    assert_eq!(check(TEXT), Ok(()));
    for (from, to, complaint) in [
        ("bind :8080", "bind :0", "line 14: invalid port '0'"),
        ("if !routed { var(txn.draw) -m int lt 90 }", "if !rooted", "no such ACL : 'rooted'"),
        ("lt 90 }", "lt 90", "missing closing '}'"),
        (
            "default_backend route:shop:web_2fv2",
            "default_backend route:shop:gone",
            "unable to find required backend 'route:shop:gone'",
        ),
        ("frontend gateway:one from http", "frontend gateway:one from https", "unknown defaults section 'https'"),
        ("frontend gateway:one", "frontend gateway:shop", "has the same name as another"),
        ("resolvers kubernetes\n    parse", "resolvers other\n    parse", "unable to find required resolvers 'kubernetes'"),
        ("10.0.0.1:80 check", "10.0.0.1 check", "server 'b' has no port"),
        ("maxconn 10", "maxcon 10", "unknown keyword 'maxcon'"),
        ("mode http\n    bind :1988", "mode 'http\n    bind :1988", "unmatched quote"),
    ] {
        let said = check(&TEXT.replacen(from, to, 1)).unwrap_err();
        assert!(said.contains(complaint), "{said}");
    }
}

#[test]
fn a_text_that_was_cut_off_is_not_accepted() {
    let accepted = (1..TEXT.len()).filter(|length| check(&TEXT[..*length]).is_ok()).count();
    // Only a text that ends with a whole line, and refers to nothing that comes later, can pass.
    assert!(accepted < 20, "{accepted}");
    assert!(check("").is_err());
}
