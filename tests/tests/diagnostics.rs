//! Every spec of `specs/valid` is taken without a word; every spec of `specs/invalid` breaks one thing and is refused with
//! exactly its golden; those of `specs/warned` are taken with a warning. `UPDATE_GOLDEN=1 cargo test -p tests --test diagnostics` writes the goldens anew: read them then.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::{Diagnostic, Severity};
use planner::render::{Style, diagnostics::diagnostics};
use planner::spec::{self, Model};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Stems and contents of the files with `extension` in `folder`, in order.
fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn updating() -> bool {
    std::env::vars().any(|(name, value)| name == "UPDATE_GOLDEN" && value == "1")
}

/// Compares with the golden at `path`, or writes it.
fn check_golden(path: &str, actual: &str, failures: &mut Vec<String>) {
    let file = root().join(path);
    if updating() {
        fs::write(file, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected != actual {
        failures.push(format!("{path}\n--- expected\n{expected}\n--- actual\n{actual}"));
    }
}

#[test]
fn a_valid_spec_is_taken_without_a_word() {
    let specs = files("specs/valid", "yaml");
    assert!(specs.len() >= 8);
    for (name, text) in specs {
        let file = format!("{name}.yaml");
        let (complaints, _) = parsed(&file, &text);
        let shown = diagnostics(&complaints, &file, &String::from_utf8_lossy(&text), Style::PLAIN);
        assert!(complaints.is_empty(), "{shown}");
    }
}

#[test]
fn an_invalid_spec_is_refused_with_its_golden() {
    let names = answers("specs/invalid", true);
    assert!(names.len() >= 60, "only {} invalid specs", names.len());
    let warned = answers("specs/warned", false);
    let goldens: BTreeSet<String> = files("golden/diagnostics", "txt").into_iter().map(|(name, _)| name).collect();
    assert_eq!(&names | &warned, goldens, "every such spec has a golden, and every golden a spec");
}

/// Names of the specs of a folder, after each was answered with its golden, and refused or not as it should be.
fn answers(folder: &str, refused: bool) -> BTreeSet<String> {
    let specs = files(folder, "yaml");
    let mut failures = Vec::new();
    for (name, text) in &specs {
        let file = format!("{folder}/{name}.yaml");
        let (complaints, is_refused) = parsed(&file, text);
        assert_eq!(
            (refused, refused),
            (is_refused, complaints.iter().any(|complaint| complaint.severity == Severity::Error)),
            "{file}"
        );
        assert!(!complaints.is_empty(), "{file} is taken without a word");
        let shown = diagnostics(&complaints, &file, &String::from_utf8_lossy(text), Style::PLAIN);
        check_golden(&format!("golden/diagnostics/{name}.txt"), &shown, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    specs.into_iter().map(|(name, _)| name).collect()
}

/// The complaints about a spec, and whether it is refused.
fn parsed(file: &str, text: &[u8]) -> (Vec<Diagnostic>, bool) {
    match spec::parse(file, text) {
        Ok(parsed) => (parsed.warnings, false),
        Err(complaints) => (complaints, true),
    }
}

/// Codes of the complaints about every invalid spec.
fn codes_shown() -> BTreeSet<&'static str> {
    let specs = ["specs/invalid", "specs/warned"].into_iter().flat_map(|folder| files(folder, "yaml"));
    specs.flat_map(|(name, text)| parsed(&name, &text).0).map(|complaint| complaint.code).collect()
}

#[test]
fn every_page_explains_a_code_and_every_code_is_shown_by_a_spec() {
    let pages: BTreeSet<String> =
        files("docs/errors", "md").into_iter().map(|(name, _)| name).filter(|name| name.starts_with("SPEC-")).collect();
    for page in &pages {
        let text = spec::explain_error(page).unwrap_or_else(|| panic!("{page}.md explains a code that does not exist"));
        assert!(text.starts_with(&format!("# {page}: ")), "{page}.md must begin with its code and a title");
        for part in ["```yaml", "## How to mend it"] {
            assert!(text.contains(part), "{page}.md lacks {part}");
        }
    }
    // A file that is too large to be kept in the repository is made by a test of its own.
    let shown: BTreeSet<String> = codes_shown().into_iter().chain(["SPEC-001"]).map(str::to_owned).collect();
    assert_eq!(pages, shown, "a code without an invalid spec that shows it, or the reverse");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
    let complaints = spec::parse("large.yaml", &vec![b' '; spec::SIZE_LIMIT + 1]).unwrap_err();
    assert_eq!(complaints.iter().map(|complaint| complaint.code).collect::<Vec<_>>(), ["SPEC-001"]);
}

#[test]
fn the_committed_json_schema_is_the_one_that_the_code_makes() {
    let mut failures = Vec::new();
    check_golden("specs/vamp.schema.json", &spec::json_schema(), &mut failures);
    assert!(failures.is_empty(), "specs/vamp.schema.json is stale; write it anew with UPDATE_GOLDEN=1");
}

#[test]
fn every_model_has_a_spec_to_start_from() {
    for model in Model::ALL {
        let text = spec::init(model);
        assert!(text.starts_with(&format!("# Model {model}")), "{model} says what it is");
        assert!(spec::parse("vamp.yaml", text.as_bytes()).is_ok_and(|parsed| parsed.warnings.is_empty()));
    }
}

#[test]
fn no_complaint_repeats_a_secret_that_stands_in_the_open() {
    let canary = "hunter2-canary";
    let forms = [
        canary.to_owned(),
        format!("|\n        {canary}\n        {canary}"),
        format!("{{ password: {canary} }}"),
        format!("{{ env: \"${canary}\" }}"),
        format!("[{canary}]"),
        format!("{{ env: NAME, value: {canary} }}"),
    ];
    for form in forms {
        let text = spec::init(Model::M5).replace("{ env: ACME_MYSQL }", &form);
        assert!(text.contains(canary));
        let complaints = spec::parse("vamp.yaml", text.as_bytes()).unwrap_err();
        assert!(!complaints.is_empty());
        let shown = diagnostics(&complaints, "vamp.yaml", &text, Style::PLAIN);
        assert!(!format!("{complaints:?}{shown}").contains(canary), "{form} is repeated");
    }
}

/// What the schema has against the spec `text`, as an editor would say it.
fn complaints_of_the_schema(text: &str) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(&spec::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let options = serde_yaml::options! { strict_booleans: true };
    let document: serde_json::Value = serde_yaml::from_str_with_options(text, options).unwrap();
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schema_takes_every_valid_spec_and_finds_what_an_editor_can_find() {
    for (name, text) in files("specs/valid", "yaml") {
        assert_eq!(complaints_of_the_schema(&String::from_utf8(text).unwrap()), Vec::<String>::new(), "{name}");
    }
    let found = [
        "unknown-key",
        "missing-nodes",
        "unknown-role",
        "port-beyond-65535",
        "tenant-name-with-dash",
        "no-administrator",
        "text-where-a-number-is-needed",
        "retention-in-weeks",
        "secret-in-the-open",
        "image-without-tag",
        "cluster-listed-twice",
    ];
    for name in found {
        let text = fs::read_to_string(root().join(format!("specs/invalid/{name}.yaml"))).unwrap();
        assert!(!complaints_of_the_schema(&text).is_empty(), "{name}");
    }
}
