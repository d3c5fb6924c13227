//! Rules of a platform's own, through the command: beside those of the catalogue, at the field that decides, waived and in every form; and
//! whatever somebody writes into one, no other result is lost.

use crate::program::{Ended, Folder};

const POLICY: &str = "rules:
  - id: ACME-1
    severity: must
    on: environment
    message: too few gateway agents
    assert: environment.gatewayAgents.replicas >= 4
";

/// The multi-region spec, and a file with rules.
fn folder(rules: &str) -> Folder {
    let folder = Folder::new();
    folder.write("vamp.yaml", std::fs::read(tests::root().join("specs/valid/multi-region.yaml")).unwrap());
    folder.write("acme.yaml", rules);
    folder
}

fn check(folder: &Folder, more: &str) -> Ended {
    folder.vamp(&format!("check vamp.yaml --policy acme.yaml --today 2027-01-15 {more}")).run()
}

#[test]
fn what_such_a_rule_finds_stands_at_the_field_and_in_every_form() {
    let folder = folder(POLICY);
    let line = folder.text("vamp.yaml").lines().position(|line| line.contains("gatewayAgents: { replicas: 3,")).unwrap() + 1;
    let ended = check(&folder, "--format json");
    let results = ended.json()["results"].as_array().unwrap().clone();
    assert!(!results.is_empty() && ended.code == Some(3), "{ended:?}");
    for result in &results {
        assert_eq!((&result["policy"], &result["severity"]), (&"ACME-1".into(), &"must".into()));
        assert_eq!(result["line"], line);
        assert_eq!(result["evidence"][0]["name"], "environment.gatewayAgents.replicas");
    }
    for (form, wanted) in [
        ("text", "must[ACME-1]: too few gateway agents"),
        ("sarif", "\"ruleId\": \"ACME-1\""),
        ("junit", "name=\"ACME-1 shop/germany\""),
        ("annotations", "title=ACME-1 (must)::too few gateway agents"),
    ] {
        let ended = check(&folder, &format!("--format {form}"));
        assert!(ended.out.contains(wanted), "{ended:?}");
    }
}

#[test]
fn it_can_be_waived_and_a_waiver_of_a_rule_that_is_not_there_says_so() {
    let folder = folder(POLICY);
    let spec = folder.text("vamp.yaml");
    let waiver =
        |id: &str| format!("{spec}\npolicies:\n  waive:\n    - {{ id: {id}, reason: r, owner: o, expires: 2027-03-31 }}\n");
    folder.write("vamp.yaml", waiver("ACME-1"));
    let ended = check(&folder, "");
    ended.done();
    assert!(ended.out.contains("waived[ACME-1]"), "{ended:?}");
    let without = folder.vamp("check vamp.yaml --today 2027-01-15").run();
    assert!(without.out.contains("[WAI-2]: no rule is called ACME-1") && without.out.contains("--policy"), "{without:?}");
    folder.write("vamp.yaml", waiver("ACME-11"));
    assert!(check(&folder, "").out.contains("[WAI-2]: no rule is called ACME-11"));
}

#[test]
fn plan_and_apply_are_stopped_by_a_rule_of_weight_must() {
    let folder = folder(POLICY);
    for call in ["plan vamp.yaml", "apply vamp.yaml --yes"] {
        let ended = folder.vamp(&format!("{call} --policy acme.yaml --embedded w.sqlite")).run();
        assert!(ended.code == Some(3) && ended.err.contains("must[ACME-1]"), "{ended:?}");
    }
    folder.vamp("plan vamp.yaml --embedded w.sqlite").run().done();
}

#[test]
fn a_rule_that_cannot_be_answered_is_told_at_its_place_and_loses_nothing() {
    let items = "[0,1,2,3,4,5,6,7,8,9]";
    let nested: String = (0..7).map(|level| format!("{items}.all(x{level}, ")).collect();
    let endless = format!("{nested}true{}", ")".repeat(7));
    let folder = folder(&format!(
        "{POLICY}  - id: ACME-2
    severity: should
    on: platform
    message: cannot be
    assert: 1 / (spec.tenants.size() - spec.tenants.size()) > 0
  - {{ id: ACME-3, severity: should, on: platform, message: cannot be, assert: '{endless}' }}
"
    ));
    let ended = check(&folder, "");
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.out.contains("should[ACME-2]: ACME-2 cannot be answered: it divides by zero"), "{ended:?}");
    assert!(ended.out.contains("seen: assert acme.yaml:11:13"), "{ended:?}");
    assert!(ended.out.contains("ACME-3 cannot be answered: it goes through more than 1000000 items"), "{ended:?}");
    assert!(ended.out.contains("must[ACME-1]"), "{ended:?}");
}

#[test]
fn a_file_of_rules_that_is_wrong_is_refused_at_its_place_and_the_rest_is_told() {
    let folder = folder(&POLICY.replace("replicas", "replica"));
    folder.edit_spec("    layout: table-per-namespace\n", "    version: \"5.6\"\n");
    let refused = |words: &[&str]| {
        let ended = check(&folder, "");
        assert!(ended.code == Some(1) && ended.out.contains("must[VER-2]"), "{ended:?}");
        for word in words {
            assert!(ended.err.contains(word), "no {word:?} in {ended:?}");
        }
    };
    refused(&["error[SPEC-220]", "acme.yaml:6:39", "`replica` is no field of the agents", "did you mean `replicas`?"]);
    folder.write("acme.yaml", "rules:\n  - {}\n");
    refused(&["`assert` is missing in `rules.1`"]);
    folder.write("acme.yaml", "rule: []\n");
    refused(&["`rule` is not a key of the policy file"]);
    std::fs::remove_file(folder.path("acme.yaml")).unwrap();
    refused(&["cannot read the policy file acme.yaml"]);
    folder.write("acme.yaml", POLICY);
    folder.write("second.yaml", POLICY);
    let ended = check(&folder, "--policy second.yaml");
    assert!(ended.code == Some(1) && ended.err.contains("two rules are called ACME-1: at acme.yaml:6:13"), "{ended:?}");
}

#[test]
fn the_rules_of_the_company_pass_their_tests_and_say_what_they_should() {
    let folder = folder("");
    folder.write("acme.yaml", std::fs::read(tests::root().join("specs/rules/acme.yaml")).unwrap());
    let ended = folder.vamp("check --test --policy acme.yaml").run();
    ended.done();
    assert!(ended.out.ends_with("8 tests of 4 rules: all passed.\n"), "{ended:?}");
    let found = check(&folder, "--format json").json()["results"].as_array().unwrap().clone();
    let told: Vec<String> = found
        .iter()
        .map(|result| format!("{} {}", result["policy"].as_str().unwrap(), result["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["ACME-1 shop/america", "ACME-2 bank", "ACME-2 media", "ACME-2 press"]);
}

#[test]
fn a_test_that_fails_fails_the_call_and_says_why() {
    let folder = folder(&format!(
        "{POLICY}    tests:
      - {{ name: three are enough, expect: pass, environment: {{ gatewayAgents: {{ replicas: 3 }} }} }}
      - {{ name: four are too few, expect: fail, environment: {{ gatewayAgents: {{ replicas: 4 }} }} }}
      - {{ name: nothing is given, expect: fail }}
      - {{ name: three are too few, expect: fail, environment: {{ gatewayAgents: {{ replicas: 3 }} }} }}
  - {{ id: ACME-2, severity: may, on: platform, message: m, assert: spec.platform != 'x' }}
"
    ));
    let ended = folder.vamp("check --test --policy acme.yaml").run();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for words in [
        "failed ACME-1: three are enough",
        "acme.yaml:8:9: the rule should hold, and it is broken: environment.gatewayAgents.replicas 3",
        "acme.yaml:9:9: the rule should be broken, and it holds",
        "acme.yaml:10:9: the rule cannot be answered",
        "passed ACME-1: three are too few",
        "without a test: ACME-2",
        "4 tests of 2 rules: 3 failed.",
    ] {
        assert!(ended.out.contains(words), "no {words:?} in {ended:?}");
    }
    let json = folder.vamp("check --test --policy acme.yaml --format json").run().json();
    assert_eq!((&json["failed"], &json["tests"][3]["passed"]), (&3.into(), &true.into()));
    let junit = folder.vamp("check --test --policy acme.yaml --format junit").run();
    assert!(junit.out.contains("<testsuite name=\"acme.yaml\" tests=\"4\" failures=\"3\" errors=\"0\">"), "{junit:?}");
    // Rules of the spec have tests as well.
    let spec = folder.text("vamp.yaml");
    let own = POLICY.replace("\n", "\n  ");
    folder.write("own.yaml", format!("{spec}\npolicies:\n  {own}"));
    assert!(folder.vamp("check own.yaml --test").run().out.contains("0 tests of 1 rule"));
    folder.vamp("check vamp.yaml --test").run().failed(64, &["no rules of the platform's own"]);
    folder.vamp("check --test --policy acme.yaml --format sarif").run().failed(64, &["text, json or junit"]);
    folder.vamp("check").run().failed(64, &["SPEC"]);
}
