//! `golden/haproxy/*.cfg`: the text of some cells, for people to read and for HAProxy to check. `UPDATE_GOLDEN=1` writes them again.

use crate::cells::{Say, configuration, external, http, named, service, tcp};
use crate::program::{check, say_missing};
use planner::spec::types::{Gateway, Named, Sticky};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn cells() -> Vec<(&'static str, Named<Gateway>)> {
    let web = |port| http(port).route("web-v1", 90, &[service("web-v1", 8080)]).route("web-v2", 10, &[service("web-v2", 8080)]);
    vec![
        ("no-gateways", Named::default()),
        ("one-route", named(vec![("storefront", http(8080).route("web", 100, &[service("web", 8080)]))])),
        ("weights", named(vec![("storefront", web(8080))])),
        ("condition-and-strength", named(vec![("storefront", web(8080).claiming("web-v2", "user-agent == Firefox", 50))])),
        (
            "conditions-in-order",
            named(vec![(
                "storefront",
                web(8080)
                    .route("beta", 0, &[service("beta", 8080)])
                    .claiming(
                        "web-v2",
                        "(has cookie early or header X-Group has \"early birds\") and not host == admin.shop.example",
                        30,
                    )
                    .claiming("beta", "has cookie beta or < path_beg /beta >", 100),
            )]),
        ),
        ("sticky-route", named(vec![("storefront", web(8080).sticky(Sticky::Route).claiming("web-v2", "has cookie beta", 20))])),
        (
            "sticky-instance",
            named(vec![(
                "storefront",
                http(8080).sticky(Sticky::Instance).route("web", 100, &[external("10.0.0.1", 80), external("10.0.0.2", 80)]),
            )]),
        ),
        (
            "virtual-hosts",
            named(vec![
                ("storefront", web(8080).hosts(&["shop.example", "www.shop.example"])),
                ("api", http(8081).route("api", 100, &[service("api", 9000)]).hosts(&["api.shop.example"])),
            ]),
        ),
        (
            "rewrites",
            named(vec![(
                "storefront",
                web(8080)
                    .rewrite("/v2%[path]", Some("< path_beg /api > and (has header X-New or has cookie new)"))
                    .rewrite("/%[path,regsub(^/old/,)]", Some("< path_beg /old/ >")),
            )]),
        ),
        (
            "tcp",
            named(vec![(
                "ledger",
                tcp(5432)
                    .route("primary", 100, &[external("db.acme.example", 5432), external("[2001:db8::1]", 5432)])
                    .route("canary", 0, &[service("ledger-canary", 5432)])
                    .claiming("canary", "< src 10.8.0.0/16 >", 100),
            )]),
        ),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/haproxy")
}

#[test]
fn the_text_of_each_cell_is_its_golden() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (name, gateways) in cells() {
        let (path, text) = (folder().join(format!("{name}.cfg")), configuration(&gateways));
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == text, "{} differs; UPDATE_GOLDEN=1 writes it again. It is now:\n{text}", path.display());
    }
}

#[test]
fn no_golden_is_left_without_a_cell() {
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let cells: BTreeSet<String> = cells().into_iter().map(|(name, _)| format!("{name}.cfg")).collect();
    assert_eq!(files, cells);
}

#[test]
fn haproxy_accepts_every_golden() {
    if say_missing() {
        return;
    }
    for (name, gateways) in cells() {
        check(&configuration(&gateways)).unwrap_or_else(|complaint| panic!("{name}: {complaint}"));
    }
}
