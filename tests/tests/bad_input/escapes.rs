//! Control characters meant for a terminal, wherever text comes in: nowhere do they come out. `Call::run` asserts that for every
//! stream of every call of these tests; here is what they are shown as.

use crate::program::Folder;
use serde_json::{Value, json};

/// Red, a bell, a carriage return, the C1 form of CSI, a window title, and a right-to-left override.
const EVIL: &str = "e\u{1b}[31m\u{7}\r\u{9b}2J\u{1b}]0;x\u{7}\u{202e}l";
const SHOWN: &str = "e\\u{1b}[31m\\u{7}\\r\\u{9b}2J\\u{1b}]0;x\\u{7}\\u{202e}l";

#[test]
fn arguments_are_shown_escaped() {
    let folder = Folder::applied();
    let evil = |parts: &[&str]| parts.iter().map(|part| part.replace("EVIL", EVIL)).collect::<Vec<_>>();
    for (arguments, code) in [
        (&["EVIL"][..], 64),
        (&["plan", "--EVIL"], 64),
        (&["plan", "vamp.yaml", "EVIL"], 64),
        (&["plan", "vamp.yaml", "--format", "EVIL"], 64),
        (&["plan", "vamp.yaml", "--color", "EVIL"], 64),
        (&["plan", "vamp.yaml", "--target", "EVIL"], 64),
        (&["history", "--limit", "EVIL"], 64),
        (&["init", "--model", "EVIL"], 64),
        (&["completions", "EVIL"], 64),
        (&["world", "advance", "EVIL"], 64),
        (&["world", "fail", "EVIL", "EVIL", "--embedded", "w.sqlite"], 64),
        (&["world", "edit", "vault/mount/acme", "--set", "EVIL", "--embedded", "w.sqlite"], 64),
        (&["explain", "EVIL"], 64),
        (&["plan", "EVIL"], 1),
        (&["show", "EVIL"], 1),
        (&["apply", "EVIL/EVIL.json"], 1),
        (&["explain", "vault/mount/EVIL", "vamp.yaml"], 1),
        (&["plan", "vamp.yaml", "--target", "vault/mount/EVIL"], 1),
        (&["plan", "vamp.yaml", "--embedded", "w.sqlite", "-o", "none/EVIL"], 1),
        (&["apply", "vamp.yaml", "--yes", "--embedded", "none/EVIL"], 1),
        (&["world", "show", "--embedded", "EVIL"], 1),
        (&["world", "fail", "node", "EVIL/EVIL", "--embedded", "w.sqlite"], 1),
        (&["world", "edit", "vault/mount/EVIL", "--delete", "--embedded", "w.sqlite"], 1),
    ] {
        let ended = folder.vamp_with(evil(arguments)).run();
        ended.failed(code, &[]);
        assert!(ended.err.contains("\\u{1b}[31m"), "{ended:?}");
        if code == 1 && arguments[0] != "world" {
            let json = folder.vamp_with(evil(arguments).into_iter().chain(["--format".into(), "json".into()])).run();
            json.refused_as_json(&[]);
        }
    }
}

#[test]
fn names_and_texts_of_a_spec_are_refused_and_shown_escaped() {
    let yaml = "e\\e[31m\\a\\r\\x9b2J\\u202el";
    for (from, to) in [
        ("platform: acme", format!("platform: \"{yaml}\"")),
        ("platform: acme", format!("\"{yaml}\": acme")),
        ("main:", format!("\"{yaml}\":")),
        ("shop:", format!("\"{yaml}\":")),
        ("production:", format!("\"{yaml}\":")),
        ("storefront:", format!("\"{yaml}\":")),
        ("web-v1: {", format!("\"{yaml}\": {{")),
        ("service: web-v1:8080", format!("service: \"{yaml}\"")),
        ("ops@shop.example", format!("\"{yaml}\"")),
        ("country: IE", format!("country: \"{yaml}\"")),
        ("platform: acme", format!("platform: {EVIL}")),
        ("# root", format!("# {EVIL} root")),
    ] {
        let folder = Folder::new();
        folder.edit_spec(from, &to);
        let ended = folder.vamp("plan vamp.yaml --embedded w.sqlite").run();
        ended.failed(1, &["vamp.yaml:"]);
        folder.vamp("plan vamp.yaml --embedded w.sqlite --format json").run().refused_as_json(&[]);
        folder.vamp("graph vamp.yaml --format svg").run().failed(1, &["vamp.yaml:"]);
    }
}

#[test]
fn the_name_of_the_spec_is_shown_escaped_in_everything_that_is_told() {
    let folder = Folder::new();
    let name = format!("{EVIL}.yaml");
    folder.write(&name, folder.read("vamp.yaml"));
    let run = |arguments: &[&str]| {
        let ended = folder.vamp_with(arguments.iter().map(|part| part.replace("EVIL", &name))).run();
        ended.done();
        ended
    };
    let shown = format!("{SHOWN}.yaml");
    assert!(run(&["plan", "EVIL", "--embedded", "w.sqlite"]).out.contains(&shown));
    assert!(run(&["explain", "vault/mount/acme", "EVIL"]).out.contains(&shown));
    run(&["plan", "EVIL", "--embedded", "w.sqlite", "-o", "EVIL.plan"]);
    for picture in ["dot", "mermaid", "svg", "json"] {
        run(&["graph", "EVIL", "--format", picture]);
    }
    let json = run(&["plan", "EVIL", "--embedded", "w.sqlite", "--format", "json"]).json();
    assert!(json["steps"][0]["causes"][0]["source"].as_str().is_some_and(|source| source.starts_with(&name)));
    run(&["apply", "EVIL", "--yes", "--embedded", "w.sqlite"]);
    assert!(run(&["status", "EVIL", "--embedded", "w.sqlite"]).out.contains(&shown));
    run(&["status", "EVIL", "--embedded", "w.sqlite", "--format", "json"]).json();
    run(&["world", "fail", "node", "main/node-1", "--embedded", "w.sqlite"]);
    run(&["world", "show", "--embedded", "w.sqlite"]);
}

#[test]
fn what_somebody_wrote_into_the_world_is_shown_escaped() {
    let folder = Folder::applied();
    let world = |arguments: &[&str]| {
        let ended = folder.vamp_with(["world"].iter().chain(arguments).chain(&["--embedded", "w.sqlite"])).run();
        ended.done();
        ended
    };
    let set = format!("metadata.labels.team={EVIL}");
    world(&["edit", "cluster.main/namespace/acme", "--set", &set]);
    world(&["edit", "cluster.main/namespace/acme", "--set", &format!("metadata.labels[\"{EVIL}\"]={EVIL}")]);
    world(&["edit", "vault/policy/acme-shop-production-main-gateway-agent", "--set", &format!("policy={EVIL}")]);
    world(&["show"]);
    world(&["show", "--format", "json"]).json();
    for call in ["plan vamp.yaml", "status vamp.yaml", "plan vamp.yaml --verbose"] {
        let ended = folder.vamp(&format!("{call} --embedded w.sqlite")).run();
        ended.done();
        folder.vamp(&format!("{call} --embedded w.sqlite --format json")).run().json();
    }
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
}

#[test]
fn a_plan_file_is_shown_escaped() {
    let folder = Folder::new();
    folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    let mut plan: Value = serde_json::from_slice(&folder.read("plan.json")).unwrap();
    for field in ["platform", "madeAt", "specDigest", "digest"] {
        plan[field] = EVIL.into();
    }
    plan["pinnedTo"] = json!({ EVIL: EVIL });
    plan["actsOn"][0] = EVIL.into();
    plan["steps"][0]["causes"][0]["source"] = EVIL.into();
    let plan: model::Plan = serde_json::from_value(plan).unwrap();
    folder.write("plan.json", serde_json::to_string(&plan).unwrap());
    folder.refuses_both("show plan.json", &["changed after it was made"]);
    folder.refuses_both("apply plan.json --yes --embedded w.sqlite", &["changed after it was made"]);
    for wrong in [format!("{{\"{}\": 1}}", "\\u001b[31m"), "{\"formatVersion\": \"\\u001b[31m\"}".to_owned()] {
        folder.write("plan.json", wrong);
        folder.refuses_both("show plan.json", &["this is not a plan"]);
    }
}
