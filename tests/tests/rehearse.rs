//! `vamp plan --rehearse` as a process, for programs: what is tried, what speaks against a plan, and how the call ends. What people read
//! of it is a transcript (`tests/scripts/rehearse.txt`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use serde_json::Value;
use std::process::{Command, Output, Stdio};

const VAMP: &str = env!("CARGO_BIN_EXE_vamp-under-test");

struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with a world in which a spec was applied.
    fn with(spec: &str) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        let applied = folder.vamp(&["apply", spec, "--yes"]);
        assert_eq!(applied.status.code(), Some(0), "{}", String::from_utf8_lossy(&applied.stderr));
        folder
    }

    fn vamp(&self, arguments: &[&str]) -> Output {
        let arguments = arguments.iter().map(|argument| match argument.strip_suffix(".yaml") {
            Some(_) => tests::root().join("specs/simulate").join(argument).display().to_string(),
            None => (*argument).to_owned(),
        });
        Command::new(VAMP).args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap()
    }

    fn rehearsal(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.vamp(&[arguments, &["--rehearse", "--format", "json"]].concat());
        let shown = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{shown}{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), value)
    }
}

#[test]
fn a_safe_plan_passes_and_says_what_was_tried() {
    let folder = Folder::with("rehearse-safe-before.yaml");
    let (code, document) = folder.rehearsal(&["plan", "rehearse-safe-after.yaml", "--detailed-exitcode", "--out", "safe.plan"]);
    assert_eq!(code, 2, "it would change something: {:#}", document["rehearsal"]);
    assert!(folder.0.path().join("safe.plan").exists());
    assert_eq!(document["steps"].as_array().unwrap().len(), 4);
    let rehearsal = &document["rehearsal"];
    assert_eq!(rehearsal.get("counterExample"), None);
    assert_eq!((rehearsal["faults"].as_u64(), rehearsal["instants"].as_array().unwrap().len()), (Some(2), 5));
    assert!(rehearsal["schedules"].as_u64().unwrap() > 300, "{rehearsal:#}");
    assert_eq!(rehearsal["complete"].as_bool().unwrap(), rehearsal["leftOut"] == 0);
}

#[test]
fn an_unsafe_plan_is_blocked_by_the_smallest_example_there_is() {
    let folder = Folder::with("rehearse-unsafe-before.yaml");
    let plain = folder.vamp(&["plan", "rehearse-unsafe-after.yaml"]);
    assert_eq!(plain.status.code(), Some(0), "no rule of the catalogue holds it up: {}", String::from_utf8_lossy(&plain.stderr));
    let (code, document) = folder.rehearsal(&["plan", "rehearse-unsafe-after.yaml", "--out", "unsafe.plan"]);
    assert_eq!(code, 4);
    assert!(!folder.0.path().join("unsafe.plan").exists(), "what is blocked is not saved");
    let example = &document["rehearsal"]["counterExample"];
    assert_eq!(example["promise"], "two-agents");
    let schedule = example["schedule"].as_array().unwrap();
    assert_eq!(schedule.len(), 1, "{schedule:#?}");
    assert_eq!(schedule[0]["fault"]["kind"], "node-dead");
    assert!(!example["explanation"]["chain"].as_array().unwrap().is_empty());
    let (_, again) = folder.rehearsal(&["plan", "rehearse-unsafe-after.yaml"]);
    assert_eq!(again["rehearsal"], document["rehearsal"], "the same is found again, on however many threads");
}

#[test]
fn what_would_break_anyway_is_no_reason_to_block() {
    let folder = Folder::with("rehearse-unsafe-after.yaml");
    let (code, document) = folder.rehearsal(&["plan", "rehearse-unsafe-before.yaml"]);
    assert_eq!(code, 0, "two agents become three: {:#}", document["rehearsal"]);
    assert!(document["rehearsal"]["brokenAnyway"].as_u64().unwrap() > 0);
}
