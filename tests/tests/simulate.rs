//! `vamp simulate` as a process: the same seeds give the same report whoever runs them, parts make the whole, a failure is made small and
//! repeats, and wrong input is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const VAMP: &str = env!("CARGO_BIN_EXE_vamp-under-test");

fn spec(name: &str) -> String {
    tests::root().join("specs/simulate").join(name).display().to_string()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn vamp(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(VAMP);
        command.arg("simulate").args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.vamp(&[arguments, &["--format", "json"]].concat());
        let shown = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{shown}{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), value)
    }

    fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.vamp(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        words.iter().for_each(|word| assert!(told.contains(word), "{arguments:?}: {told}"));
    }
}

/// What of a document is no measurement.
fn without_speed(mut document: Value) -> Value {
    document.as_object_mut().unwrap().remove("simulatedHoursPerHour");
    document
}

#[test]
fn one_and_two_workers_and_three_parts_make_one_report() {
    let folder = Folder::new();
    let reference = spec("reference.yaml");
    let seeds = ["--seeds", "1..6", "--duration", "2h"];
    let arguments = |more: &[&'static str]| [&[reference.as_str()], &seeds[..], more].concat();
    let (code, alone) = folder.json(&arguments(&["--workers", "1"]));
    assert_eq!(code, 0, "{:#}", alone["summary"]["promises"]);
    assert!(alone["simulatedHoursPerHour"].as_f64().unwrap() > 0.0);
    for seed in alone["seeds"].as_array().unwrap() {
        assert!(seed["seed"].is_u64() && seed["hash"].as_str().unwrap().len() == 64 && seed["verdict"] != "broken", "{seed}");
    }
    let (_, together) = folder.json(&arguments(&["--workers", "2"]));
    assert_eq!(without_speed(together), without_speed(alone.clone()));

    let parts: Vec<String> = ["1/3", "2/3", "3/3"]
        .iter()
        .map(|part| {
            let output = folder.vamp(&[&arguments(&["--shard"])[..], &[part, "--format", "json"]].concat());
            let name = format!("part-{}.json", &part[..1]);
            std::fs::write(folder.path(&name), output.stdout).unwrap();
            name
        })
        .collect();
    let names: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
    let (code, merged) = folder.json(&[&["merge"], &names[..]].concat());
    assert_eq!((code, &merged), (0, &without_speed(alone)));
    let whole = folder.vamp(&arguments(&[]));
    let text = folder.vamp(&[&["merge"], &names[..]].concat());
    assert_eq!(text.stdout, whole.stdout, "the text is the same to the byte");
    let kept = |output: &std::process::Output, told: &str| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(told), "{text}");
    };
    kept(&whole, "Every promise was kept.");
    kept(&folder.vamp(&arguments(&["--shard", "1/3"])), "Every promise was kept with these 2 of 6 seeds.");
    folder.refused(&[&["merge"], &names[1..]].concat(), 1, &["seeds are missing", "name the files of all parts"]);
    folder.refused(&["merge", &parts[0], &parts[0]], 1, &["is in two parts"]);
}

#[test]
fn a_fragile_platform_fails_in_at_most_four_events_and_the_file_repeats_it() {
    let folder = Folder::new();
    let fragile = spec("fragile.yaml");
    let output =
        folder.vamp(&[&fragile, "--seeds", "8", "--duration", "3h", "--replay-out", "failure.json", "--report", "page.html"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("two-agents"), "{told}");
    let replay = std::fs::read_to_string(folder.path("failure.json")).unwrap();
    assert!(replay.len() <= 64 * 1024);
    let value: Value = serde_json::from_str(&replay).unwrap();
    assert!((1..=4).contains(&value["schedule"].as_array().unwrap().len()), "{:#}", value["schedule"]);
    let (code, again) = folder.json(&["--replay", "failure.json"]);
    assert_eq!((code, &again["same"], &again["hash"]), (1, &Value::Bool(true), &value["hash"]));
    let page = std::fs::read_to_string(folder.path("page.html")).unwrap();
    assert!(page.contains("A promise") || page.contains("broke a promise"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"), "it needs nothing but itself");

    std::fs::write(folder.path("edited.json"), replay.replace("\"seed\": ", "\"seed\": 9")).unwrap();
    folder.refused(&["--replay", "edited.json"], 1, &["cannot be replayed", "was changed since it was written"]);
    std::fs::write(folder.path("newer.json"), replay.replace("\"formatVersion\": 1", "\"formatVersion\": 9")).unwrap();
    folder.refused(&["--replay", "newer.json"], 1, &["format version 9"]);
}

#[test]
fn every_schedule_of_one_fault_is_run() {
    let folder = Folder::new();
    let safe = spec("rehearse-safe-before.yaml");
    let (code, found) = folder.json(&[&safe, "--exhaustive", "1", "--faults", "node-dead,vault-sealed,engine-killed"]);
    assert_eq!((code, &found["complete"]), (0, &Value::Bool(true)), "{:#}", found["broken"]);
    assert!(found["states"].as_u64().unwrap() > 1000 && found["statesPerSecond"].as_f64().unwrap() > 0.0);
    let (code, found) = folder.json(&[&spec("fragile.yaml"), "--exhaustive", "1", "--faults", "node-dead"]);
    assert_eq!(code, 1);
    assert!(!found["broken"].as_array().unwrap().is_empty());
}

#[test]
fn three_agents_lose_less_than_two() {
    let folder = Folder::new();
    let (two, three) = (spec("rehearse-unsafe-after.yaml"), spec("rehearse-unsafe-before.yaml"));
    let (_, compared) = folder.json(&[&two, "--compare", &three, "--seeds", "6", "--duration", "4h", "--faults", "node-dead"]);
    let below = &compared["comparison"][1]["comparison"];
    assert!(below["second"].as_u64() < below["first"].as_u64(), "{below}");
}

#[test]
fn wrong_input_is_told_before_anything_is_run() {
    let folder = Folder::new();
    let reference = spec("reference.yaml");
    folder.refused(&[], 64, &["SPEC"]);
    folder.refused(&[&reference, "--seeds", "0"], 64, &["--seeds", "nothing to run"]);
    folder.refused(&[&reference, "--faults", "moon"], 64, &["moon", "--list-faults"]);
    folder.refused(&[&reference, "--shard", "4/3"], 64, &["I/N"]);
    folder.refused(&[&reference, "--duration", "-1h"], 64, &["--duration"]);
    folder.refused(&[&reference, "--report", "no/such/folder/page.html"], 1, &["cannot write"]);
    folder.refused(&[&reference, "--replay-out", &reference], 1, &["is not written over"]);
    folder.refused(&["missing.yaml"], 1, &["cannot read the spec"]);
    folder.refused(&["--replay", "missing.json"], 1, &["cannot read the replay file"]);
    assert!(!Path::new(&folder.path("page.html")).exists());
}

#[test]
fn every_kind_of_fault_is_listed_with_what_it_does() {
    let folder = Folder::new();
    let (code, listed) = folder.json(&["--list-faults"]);
    let faults = listed["faults"].as_array().unwrap();
    assert!(code == 0 && faults.len() > 30);
    assert!(faults.iter().all(|fault| !fault["description"].as_str().unwrap().is_empty()));
}
