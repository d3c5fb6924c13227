//! Plan files that are no plans, were edited, or are meant for another time or place.

use crate::program::Folder;
use serde_json::{Value, json};

/// A world, and a plan for it that has something to do.
fn planned() -> Folder {
    let folder = Folder::applied();
    folder.edit_spec("weight: 90", "weight: 80");
    folder.edit_spec("weight: 10 }", "weight: 20 }");
    let ended = folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json --detailed-exitcode").run();
    assert_eq!(ended.code, Some(2), "{ended:?}");
    folder
}

/// The plan file is this now: it is neither shown nor carried out.
fn refused(folder: &Folder, words: &[&str]) {
    let before = folder.world();
    folder.refuses_both("show plan.json", words);
    folder.refuses_both("apply plan.json --yes --embedded w.sqlite", words);
    assert_eq!(folder.world(), before);
}

fn edited(folder: &Folder, edit: impl FnOnce(&mut Value), words: &[&str]) {
    let mut plan: Value = serde_json::from_slice(&folder.read("plan.json")).unwrap();
    edit(&mut plan);
    folder.write("plan.json", plan.to_string());
    refused(folder, words);
}

#[test]
fn an_edited_plan_is_refused() {
    let edits: [fn(&mut Value); 5] = [
        |plan| plan["steps"] = json!([]),
        |plan| plan["platform"] = "acne".into(),
        |plan| plan["steps"][0]["action"] = "delete".into(),
        |plan| plan["actsOn"] = json!(["Acts on nothing"]),
        |plan| plan["pinnedTo"] = json!({"world": "new"}),
    ];
    for edit in edits {
        edited(&planned(), edit, &["plan.json is refused", "changed after it was made"]);
    }
}

#[test]
fn a_plan_of_another_format_is_refused() {
    for format in [json!(0), json!(99), json!(u64::MAX)] {
        edited(&planned(), |plan| plan["formatVersion"] = format, &["the plan has format", "make the plan again"]);
    }
    for format in [json!(-1), json!("1"), json!(null), json!(1e300)] {
        edited(&planned(), |plan| plan["formatVersion"] = format, &["this is not a plan: line"]);
    }
}

#[test]
fn a_plan_of_another_shape_is_refused() {
    let edits: [fn(&mut Value); 4] = [
        |plan| plan["steps"][0]["address"] = "nonsense".into(),
        |plan| plan["steps"][0]["action"] = "explode".into(),
        |plan| plan["steps"] = json!({}),
        |plan| drop(plan.as_object_mut().unwrap().remove("digest")),
    ];
    for edit in edits {
        edited(&planned(), edit, &["this is not a plan: line"]);
    }
}

#[test]
fn what_is_no_plan_at_all_is_refused() {
    let folder = planned();
    let whole = folder.text("plan.json");
    for (content, words) in [
        (String::new(), "is not a plan"),
        ("[]".to_owned(), "is not a plan"),
        ("null".to_owned(), "is not a plan"),
        ("{}".to_owned(), "this is not a plan"),
        ("{\"formatVersion\": 1}".to_owned(), "this is not a plan"),
        (whole[..whole.len() / 2].to_owned(), "this is not a plan"),
        (whole.clone() + "{}", "this is not a plan"),
        ("{\"a\":".repeat(100_000), "this is not a plan"),
        (format!("{{\"formatVersion\": 1, \"steps\": {}", "[".repeat(100_000)), "this is not a plan"),
    ] {
        folder.write("plan.json", content);
        refused(&folder, &[words, "vamp plan SPEC -o FILE"]);
    }
    folder.write("plan.json", b"{\"formatVersion\": 1, \"platform\": \"\xff\"}");
    refused(&folder, &["is not UTF-8"]);
}

#[test]
fn a_plan_for_another_world_is_refused() {
    let (folder, other) = (planned(), Folder::applied());
    let before = other.world();
    other.write("plan.json", folder.read("plan.json"));
    other.refuses_both("apply plan.json --yes --embedded w.sqlite", &["made for another platform", "--embedded FILE"]);
    assert_eq!(other.world(), before);
    folder.refuses_both("apply plan.json --yes --embedded none.sqlite", &["there is no embedded platform in none.sqlite"]);
}

#[test]
fn a_plan_that_the_world_went_past_is_refused_by_name() {
    let folder = planned();
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
    folder.edit_spec("weight: 80", "weight: 70");
    folder.edit_spec("weight: 20 }", "weight: 30 }");
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
    let before = folder.world();
    folder.refuses_both("apply plan.json --yes --embedded w.sqlite", &["is stale", "vault/kv/", "plan again"]);
    assert_eq!(folder.world(), before);
}

#[test]
fn a_saved_plan_needs_no_spec_any_more() {
    let folder = planned();
    folder.write("vamp.yaml", "this is: [no spec");
    folder.vamp("apply plan.json --yes --embedded w.sqlite").run().done();
}

#[test]
fn a_saved_plan_takes_no_choice_and_no_silence_for_an_answer() {
    let folder = planned();
    let before = folder.world();
    folder.refuses_both("apply plan.json --yes --embedded w.sqlite --target vault/mount/acme", &["carried out as it is"]);
    let ended = folder.vamp("apply plan.json --embedded w.sqlite").run();
    ended.failed(1, &["nobody is there to be asked", "--yes"]);
    assert_eq!(folder.world(), before);
}
