//! The examples of `docs/ci.md`: each is the YAML of its CI, and the very lines in it that call `vamp check` do, in a repository whose spec
//! changes, what the page says.

use crate::program::{Ended, Folder};
use crate::repository::{commit, git, multi_region};
use serde_json::Value;
use vamp::exit::Exit;

/// What a CI tells its jobs about the change, by the names that it uses.
const TOLD: [(&str, &str); 3] = [
    ("GITHUB_BASE_REF", "main"),
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "main"),
    ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
];

fn page() -> String {
    std::fs::read_to_string(tests::root().join("docs/ci.md")).unwrap()
}

/// The blocks of code in a language.
fn blocks(language: &str) -> Vec<String> {
    let page = page();
    let all = page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    all.filter(|(of, _)| *of == language).map(|(_, block)| block.to_owned()).collect()
}

/// Every line of a script of a job, in order.
fn lines(value: &Value, is_script: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_script => found.extend(text.lines().map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| lines(item, is_script, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| lines(value, ["run", "script"].contains(&name.as_str()), found));
        }
        _ => {}
    }
}

/// The lines of an example that call `vamp check`.
fn calls(yaml: &str) -> Vec<String> {
    let value: Value = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let mut found = Vec::new();
    lines(&value, false, &mut found);
    found.into_iter().filter(|line| line.contains("vamp check")).collect()
}

/// The repository as a CI checks it out: the commit of the change, `main` and `origin/main` before it.
fn checkout(from: &str, to: &str) -> Folder {
    let folder = multi_region();
    git(&folder, "branch -M main");
    git(&folder, "update-ref refs/remotes/origin/main main");
    git(&folder, "checkout -q -b change");
    folder.edit_spec(from, to);
    commit(&folder);
    folder
}

/// A line of the page, as the shell of a CI runs it.
fn run(folder: &Folder, line: &str) -> Ended {
    let call = folder.shell(&format!("vamp() {{ \"$VAMP\" \"$@\"; }}\n{line}"));
    TOLD.iter().fold(call, |call, (name, value)| call.env(name, value)).run()
}

/// What the files for a CI hold: rules that are broken.
fn broken(folder: &Folder) -> Vec<bool> {
    let mut broken = Vec::new();
    if folder.path("check.sarif").exists() {
        let sarif: Value = serde_json::from_slice(&folder.read("check.sarif")).unwrap();
        broken.push(!sarif["runs"][0]["results"].as_array().unwrap().is_empty());
    }
    if folder.path("check.xml").exists() {
        let junit = folder.text("check.xml");
        assert!(junit.contains("<testsuites") && junit.ends_with("</testsuites>\n"), "{junit}");
        broken.push(junit.contains("<failure"));
    }
    assert!(!broken.is_empty(), "the example writes nothing that its CI takes in");
    broken.push(folder.text("check.html").contains("verdict bad"));
    broken
}

#[test]
fn the_examples_pass_what_breaks_nothing_and_fail_what_does() {
    let examples = blocks("yaml");
    assert_eq!(examples.len(), 3);
    for yaml in &examples {
        let calls = calls(yaml);
        let (decides, files) = calls.split_last().unwrap();
        assert!(!files.is_empty() && calls.iter().all(|call| call.contains("--against") && call.contains("vamp.yaml")), "{yaml}");
        for (from, to, breaks) in
            [("replicas: 4", "replicas: 5", false), ("retention: { audit: 10y }", "retention: { audit: 8y }", true)]
        {
            let folder = checkout(from, to);
            files.iter().for_each(|line| run(&folder, line).done());
            assert_eq!(broken(&folder), vec![breaks; broken(&folder).len()], "{yaml}");
            let ended = run(&folder, decides);
            assert_eq!(ended.code, Some(if breaks { 3 } else { 0 }), "{ended:?}");
            assert_eq!(ended.out.contains("CHG-2"), breaks, "{ended:?}");
        }
    }
}

#[test]
fn a_line_that_writes_a_file_lets_broken_rules_pass_and_nothing_else() {
    for yaml in blocks("yaml") {
        let folder = checkout("version: 1", "version: one");
        for line in calls(&yaml) {
            assert_ne!(run(&folder, &line).code, Some(0), "a spec that is wrong must end the job: {line}");
        }
    }
}

#[test]
fn the_other_lines_of_the_page_run_too() {
    let folder = multi_region();
    folder.shell("\"$VAMP\" plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    let lines: Vec<String> = blocks("sh").iter().flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert_eq!(lines.len(), 2);
    lines.iter().for_each(|line| run(&folder, line).done());
}

#[test]
fn the_codes_of_the_page_are_those_of_the_program() {
    let page = page();
    for exit in [Exit::Done, Exit::Failed, Exit::Policy, Exit::Usage] {
        assert!(page.contains(&format!("\n| {} | ", exit.code())), "{exit:?}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit));
    assert_eq!(rows.count(), 4);
}
