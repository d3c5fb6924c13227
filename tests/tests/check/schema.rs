//! `vamp schema --check` prints what `vamp check --format json` keeps to, whatever was found; `--test` and `--policy` what tests of rules
//! and files of rules keep to. What could not be had stands in every form.

use crate::program::Folder;
use crate::repository::multi_region;
use serde_json::Value;

/// What a check said, held against the schema that the program prints.
fn checked(folder: &Folder, arguments: &str) -> Value {
    let said = folder.vamp(&format!("check vamp.yaml --format json {arguments}")).run().json();
    keeps_to(&folder.vamp("schema --check").run().json(), &said);
    said
}

fn keeps_to(schema: &Value, said: &Value) {
    let errors = complaints(schema, said);
    assert!(errors.is_empty(), "{errors:?}\n{said:#}");
}

fn complaints(schema: &Value, said: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(said).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn nothing_something_and_something_that_is_waived_keep_to_the_schema() {
    let folder = multi_region();
    assert_eq!(checked(&folder, "")["results"], Value::Array(Vec::new()));
    folder.edit_spec("retention: { audit: 10y }", "retention: { audit: 8y }");
    let changed = checked(&folder, "--against HEAD");
    assert_eq!((&changed["fails"], &changed["results"][0]["policy"]), (&true.into(), &"CHG-2".into()));
    assert!(changed["results"][0]["change"]["line"].is_u64());
    let waiver = "policies:\n  waive:\n    - { id: CHG-2, reason: the law changed, owner: ops, expires: 2099-12-31 }\n";
    folder.edit_spec("tenants:\n", &format!("{waiver}tenants:\n"));
    let waived = checked(&folder, "--against HEAD --severity high");
    assert_eq!(waived["fails"], false);
    let results = waived["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["policy"] == "CHG-2" && result["waived"]["owner"] == "ops"), "{waived:#}");
}

/// A spec that is held against three things that cannot be had.
fn without_what_was_asked_for() -> (Folder, &'static str) {
    let folder = multi_region();
    folder.write("broken.yaml", "version: 1\nplatfrom: acme\n");
    folder.write("rules.yaml", "rules: 7\n");
    (folder, "--today 2027-01-15 --against broken.yaml --plan none.json --policy rules.yaml")
}

#[test]
fn what_could_not_be_had_is_no_check_that_found_nothing() {
    let (folder, call) = without_what_was_asked_for();
    let said = checked(&folder, call);
    assert_eq!((&said["fails"], &said["results"]), (&true.into(), &Value::Array(Vec::new())));
    let failures = said["failures"].as_array().unwrap();
    let of = |file: &str| failures.iter().filter(|failure| failure["file"] == file).collect::<Vec<_>>();
    assert_eq!(of("rules.yaml")[0]["line"], 1, "{said:#}");
    let misspelt =
        of("broken.yaml").into_iter().find(|failure| failure["message"] == "`platfrom` is not a key of the spec").unwrap();
    assert_eq!((&misspelt["line"], &misspelt["column"]), (&2.into(), &1.into()), "{said:#}");
    let told =
        of("broken.yaml").iter().any(|failure| failure["help"].as_str().is_some_and(|help| help.contains("name an older one")));
    assert!(told, "{said:#}");
    let plan = failures.iter().find(|failure| failure["message"] == "cannot read the plan none.json").unwrap();
    assert!(plan["file"].is_null() && plan["causes"][0].as_str().unwrap().contains("No such file"), "{plan:#}");
    assert_eq!(checked(&multi_region(), "")["failures"], Value::Array(Vec::new()));
}

#[test]
fn every_form_for_programs_says_what_could_not_be_had() {
    let (folder, call) = without_what_was_asked_for();
    let form = |form: &str| {
        let ended = folder.vamp(&format!("check vamp.yaml {call} --format {form}")).run();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended
    };
    let sarif = form("sarif").json();
    let published = std::fs::read_to_string(tests::root().join("tests/schemas/sarif-2.1.0.json")).unwrap();
    keeps_to(&serde_json::from_str(&published).unwrap(), &sarif);
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    let places: Vec<&Value> =
        notifications.iter().map(|told| &told["locations"][0]["physicalLocation"]["region"]["startLine"]).collect();
    assert!(places.contains(&&2.into()) && places.contains(&&Value::Null), "{invocation:#}");
    let junit = form("junit").out;
    let errors = junit.matches("<error type=").count();
    assert!(errors >= 3 && junit.contains(&format!("errors=\"{errors}\"")), "{junit}");
    assert!(junit.contains("cannot read the plan none.json: "), "{junit}");
    let annotations = form("annotations").out;
    assert!(annotations.contains("::error file=broken.yaml,line=2,col=1,title=SPEC-"), "{annotations}");
    assert!(annotations.contains("::error title=vamp check::cannot read the plan none.json: "), "{annotations}");
    folder.vamp(&format!("check vamp.yaml {call} --report page.html")).run();
    assert!(folder.text("page.html").contains("Not judged: cannot read the plan none.json"));
}

#[test]
fn tests_of_rules_keep_to_their_schema_whether_they_pass_or_fail() {
    let folder = Folder::new();
    let acme = std::fs::read_to_string(tests::root().join("specs/rules/acme.yaml")).unwrap();
    folder.write("acme.yaml", acme.replacen("expect: pass", "expect: fail", 1));
    let said = folder.vamp("check --test --policy acme.yaml --format json").run();
    assert_eq!((said.code, &said.json()["failed"]), (Some(1), &1.into()), "{said:?}");
    keeps_to(&folder.vamp("schema --test").run().json(), &said.json());
}

#[test]
fn the_schema_of_rules_takes_the_example_and_finds_what_an_editor_can_find() {
    let file = tests::root().join("docs/schemas/policy.schema.json");
    let made = planner::spec::rules_json_schema();
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        std::fs::write(&file, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), made, "write it anew with UPDATE_GOLDEN=1");
    let schema = Folder::new().vamp("schema --policy").run().json();
    let acme = std::fs::read_to_string(tests::root().join("specs/rules/acme.yaml")).unwrap();
    let wrong = |from: &str, to: &str| {
        assert!(acme.contains(from), "{from}");
        complaints(&schema, &serde_yaml::from_str(&acme.replacen(from, to, 1)).unwrap())
    };
    assert_eq!(wrong("rules:", "rules:"), Vec::<String>::new());
    for (from, to) in
        [("severity: must", "severity: most"), ("on: tenant", "on: tenants"), ("remedy:", "remedies:"), ("message:", "#")]
    {
        assert!(!wrong(from, to).is_empty(), "{from} -> {to}");
    }
}
