//! `vamp check SPEC --against FILE|REVISION`: what a change of one line breaks, at both places, and nothing else; and everything that
//! can be wrong with what the spec is held against.

use crate::program::{Ended, Folder};
use crate::repository::{commit, git, multi_region};
use std::collections::BTreeSet;

/// What a check found: rule, line now, line before; the same said of several subjects once.
fn found(ended: &Ended) -> BTreeSet<(String, u64, u64)> {
    let results = ended.json()["results"].as_array().unwrap().clone();
    let told = results.iter().map(|result| {
        assert_eq!(result["change"]["file"], "vamp.yaml@HEAD", "{result}");
        let line = |value: &serde_json::Value| value["line"].as_u64().unwrap();
        (result["policy"].as_str().unwrap().to_owned(), line(result), line(&result["change"]))
    });
    told.collect()
}

/// Line of the first line that has `text`, counted from one.
fn line(folder: &Folder, text: &str) -> u64 {
    folder.text("vamp.yaml").lines().position(|line| line.contains(text)).unwrap() as u64 + 1
}

/// `from` becomes `to` in the committed spec: exactly the rule `rule` says so, at that line now and before.
fn one_line(rule: &str, from: &str, to: &str) {
    let folder = multi_region();
    let before = line(&folder, from);
    let spec = folder.text("vamp.yaml");
    folder.write("vamp.yaml", spec.replacen(from, to, 1));
    let ended = folder.vamp("check vamp.yaml --against HEAD --severity may --format json").run();
    assert_eq!(found(&ended), [(rule.to_owned(), before, before)].into(), "{from} -> {to}: {ended:?}");
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let text = folder.vamp("check vamp.yaml --against HEAD").run();
    assert!(text.out.contains(&format!("  before: vamp.yaml@HEAD:{before}:")), "{text:?}");
}

#[test]
fn nothing_changed_is_nothing_to_say() {
    let folder = multi_region();
    folder.vamp("check vamp.yaml --against HEAD --severity may").run().done();
}

#[test]
fn a_retention_is_lowered() {
    one_line("CHG-2", "retention: { audit: 10y }", "retention: { audit: 8y }");
}

#[test]
fn a_region_is_in_another_country() {
    one_line("CHG-3", "us-east-1:    { country: US }", "us-east-1:    { country: CA }");
}

#[test]
fn there_are_fewer_replicas() {
    one_line("CHG-4", "gatewayAgents: { replicas: 4 }", "gatewayAgents: { replicas: 3 }");
}

#[test]
fn a_tenant_is_gone() {
    let folder = multi_region();
    let before = line(&folder, "  press:");
    let spec = folder.text("vamp.yaml");
    folder.write("vamp.yaml", spec.split("  press:\n").next().unwrap());
    let ended = folder.vamp("check vamp.yaml --against HEAD --format json").run();
    let results = ended.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 1, "{ended:?}");
    let told = &results[0];
    assert_eq!((&told["policy"], &told["subject"], &told["severity"]), (&"CHG-1".into(), &"press".into(), &"must".into()));
    assert_eq!(told["change"]["line"], before);
}

#[test]
fn the_older_spec_comes_from_a_file_from_any_revision_and_under_another_name() {
    let folder = multi_region();
    let old = folder.text("vamp.yaml");
    folder.write("old.yaml", &old);
    folder.edit_spec("replicas: 4", "replicas: 3");
    let says = |call: &str, before: &str| {
        let ended = folder.vamp(&format!("check {call}")).run();
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert!(ended.out.contains("should[CHG-4]") && ended.out.contains(before), "{ended:?}");
    };
    says("vamp.yaml --against old.yaml", "before: old.yaml:");
    commit(&folder);
    git(&folder, "tag v1 HEAD~1");
    says("vamp.yaml --against HEAD~1", "before: vamp.yaml@HEAD~1:");
    says("vamp.yaml --against v1", "before: vamp.yaml@v1:");
    git(&folder, "mv vamp.yaml other.yaml");
    commit(&folder);
    says("other.yaml --against v1:vamp.yaml", "before: vamp.yaml@v1:");
    folder.shell("mkdir -p sub && cd sub && ln -s ../other.yaml link.yaml").run().done();
    says("sub/link.yaml --against v1:vamp.yaml", "before: vamp.yaml@v1:");
    // Of a hook: what Git says there of itself leads nowhere.
    let hook = folder.vamp("check other.yaml --against v1:vamp.yaml").env("GIT_DIR", "nowhere").run();
    assert_eq!(hook.code, Some(3), "{hook:?}");
}

/// The older spec cannot be had: the words say why with a remedy, the code is 1, and what is wrong with the spec itself is told all the same.
fn refused(folder: &Folder, call: &str, words: &[&str]) {
    let ended = folder.vamp(&format!("check vamp.yaml --today 2027-01-15 {call}")).run();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for word in ["error", "help:"].iter().chain(words) {
        assert!(ended.err.contains(word), "no {word:?} in {ended:?}");
    }
    assert!(ended.out.contains("must[VER-2]"), "its own results are lost: {ended:?}");
    let json = folder.vamp(&format!("check vamp.yaml --format json {call}")).run();
    assert_eq!((json.code, &json.json()["results"][0]["policy"]), (Some(1), &"VER-2".into()), "{json:?}");
}

/// The spec breaks a rule by itself.
fn break_a_rule(folder: &Folder) {
    folder.edit_spec("    layout: table-per-namespace\n", "    version: \"5.6\"\n");
}

#[test]
fn what_the_spec_is_held_against_can_be_wrong_in_many_ways_and_no_result_is_lost() {
    let folder = multi_region();
    folder.write("broken.yaml", "version: 1\nplatfrom: acme\n");
    break_a_rule(&folder);
    refused(&folder, "--against nobody", &["neither a file nor a revision nobody", "git log"]);
    refused(&folder, "--against=-p", &["neither a file nor a revision -p"]);
    refused(&folder, "--against HEAD:none.yaml", &["there is no file none.yaml at HEAD"]);
    refused(&folder, "--against broken.yaml", &["broken.yaml:2:1", "platfrom", "name an older one that does"]);
    refused(&folder, "--against .", &["neither a file nor a revision ."]);
    git(&folder, "add broken.yaml");
    git(&folder, "commit -q -m broken");
    refused(&folder, "--against HEAD:broken.yaml", &["broken.yaml@HEAD:2:1"]);
}

#[test]
fn a_file_that_was_not_there_yet_is_named() {
    let folder = multi_region();
    git(&folder, "mv vamp.yaml first.yaml");
    commit(&folder);
    git(&folder, "mv first.yaml vamp.yaml");
    break_a_rule(&folder);
    refused(&folder, "--against HEAD", &["there is no file vamp.yaml at HEAD", "--against HEAD:OLD/PATH.yaml"]);
}

#[test]
fn a_repository_without_history_and_a_spec_without_a_repository_say_so() {
    let folder = Folder::new();
    let spec = std::fs::read(tests::root().join("specs/valid/multi-region.yaml")).unwrap();
    folder.write("vamp.yaml", spec);
    break_a_rule(&folder);
    refused(&folder, "--against HEAD", &["vamp.yaml is in no Git repository", "--against OLD.yaml"]);
    git(&folder, "init -q");
    refused(&folder, "--against HEAD", &["the repository has no commit yet"]);
    let missing = folder.vamp("check vamp.yaml --against HEAD").env("PATH", "/nonexistent").run();
    assert!(missing.code == Some(1) && missing.err.contains("cannot run git"), "{missing:?}");
}

#[test]
fn a_shallow_clone_says_how_to_get_more() {
    let folder = multi_region();
    break_a_rule(&folder);
    commit(&folder);
    folder.shell("git clone -q --depth 1 file://$PWD clone && cp vamp.yaml clone/").run().done();
    let ended = folder.shell("cd clone && $VAMP check vamp.yaml --against HEAD~1").run();
    assert!(ended.code == Some(1) && ended.err.contains("git fetch --depth=1 origin"), "{ended:?}");
}
