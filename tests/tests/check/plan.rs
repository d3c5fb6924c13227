//! `vamp check SPEC --plan PLAN`: the steps of a saved plan are judged too, by the catalogue and by rules of a platform's own.

use crate::program::Folder;

const POLICY: &str = "rules:
  - { id: ACME-1, severity: must, on: change, message: a gateway agent is made, assert: 'change.kind != \"deployment\" || change.action != \"create\"' }
  - { id: ACME-2, severity: must, on: change, message: it was there before, assert: change.before == null }
";

fn planned() -> Folder {
    let folder = Folder::new();
    folder.write("acme.yaml", POLICY);
    folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    folder
}

#[test]
fn the_steps_of_a_plan_are_judged_at_the_line_that_made_them() {
    let folder = planned();
    folder.vamp("check vamp.yaml --plan plan.json --today 2027-01-15").run().done();
    let rules = |call: &str| folder.vamp(&format!("check vamp.yaml --format json {call}")).run().json()["rules"].as_u64();
    let (without, with) = (rules(""), rules("--plan plan.json"));
    assert!(with > without, "rules on steps are asked of a plan only: {without:?} {with:?}");
    let ended = folder.vamp("check vamp.yaml --plan plan.json --policy acme.yaml --format json").run();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let results = ended.json()["results"].as_array().unwrap().clone();
    let own: Vec<_> = results.iter().filter(|result| result["policy"].as_str().unwrap().starts_with("ACME")).collect();
    assert!(!own.is_empty(), "{ended:?}");
    for result in own {
        // ACME-2 looks at what was there before, and nobody looked.
        assert_eq!(result["policy"], "ACME-1");
        assert_eq!(result["evidence"][0]["name"], "step");
        assert!(result["line"].as_u64() > Some(1), "{result}");
    }
    let stopped = folder.vamp("plan vamp.yaml --embedded w.sqlite --policy acme.yaml").run();
    assert!(stopped.code == Some(3) && stopped.err.contains("must[ACME-1]") && !stopped.err.contains("ACME-2"), "{stopped:?}");
}

#[test]
fn a_plan_that_is_wrong_is_told_and_the_spec_is_judged_all_the_same() {
    let folder = planned();
    let refused = |call: &str, words: &str| {
        let ended = folder.vamp(&format!("check vamp.yaml --today 2027-01-15 {call}")).run();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains(words) && ended.err.contains("help:"), "no {words:?} in {ended:?}");
        assert!(ended.out.contains(" rules"), "{ended:?}");
    };
    refused("--plan none.json", "cannot read the plan none.json");
    refused("--plan acme.yaml", "acme.yaml is not a plan");
    let plan = folder.text("plan.json");
    folder.write("edited.json", plan.replacen("\"create\"", "\"delete\"", 1));
    refused("--plan edited.json", "edited.json is refused");
    folder.edit_spec("A whole platform", "The whole platform");
    refused("--plan plan.json", "was made from another text");
}

/// A platform whose MySQL is older than its rule asks for, which is waived for long.
fn waived() -> Folder {
    let folder = Folder::new();
    let waiver = "    - { id: VER-2, reason: r, owner: dba, expires: 2099-03-31 }\n";
    folder.edit_spec("    - id: DUR-6\n", &format!("{waiver}    - id: DUR-6\n"));
    folder.edit_spec("mysql: { ", "mysql: { version: \"5.6\", ");
    folder
}

#[test]
fn a_saved_plan_that_breaks_what_is_waived_says_so_and_is_refused_once_that_has_ended() {
    let folder = waived();
    let made = folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run();
    made.done();
    assert!(made.out.contains("Waived until 2099-03-31 by dba: VER-2 for mysql."), "{made:?}");
    let plan = planner::plan::saved::from_json(&folder.text("plan.json")).unwrap();
    let ended = plan.waived.iter().map(|waived| model::plan::Waived { expires: "2020-01-14".to_owned(), ..waived.clone() });
    let ended = planner::plan::with_waivers(plan.clone(), ended.collect());
    folder.write("ended.json", planner::plan::saved::to_json(&ended));
    let refused = folder.vamp("apply ended.json --embedded w.sqlite --yes").run();
    refused.failed(3, &["ended.json breaks VER-2 for mysql", "until 2020-01-14 only", "let dba decide on a later day"]);
    assert!(!folder.path("w.sqlite").exists());
    folder.vamp("apply plan.json --embedded w.sqlite --yes").run().done();
    let without = Folder::new();
    without.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    assert!(!without.text("plan.json").contains("\"waived\""));
}

#[test]
fn a_saved_plan_is_carried_out_without_rules_and_says_so() {
    let folder = planned();
    let ended = folder.vamp("apply plan.json --embedded w.sqlite --yes --policy acme.yaml").run();
    ended.failed(1, &["a saved plan has no spec beside it", "vamp check SPEC --plan FILE"]);
}
