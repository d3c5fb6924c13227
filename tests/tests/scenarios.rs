//! The scenarios of `specs/scenarios`: each ends as it says, twice and whoever runs it in the same way, and reads as its golden in
//! `golden/sim`; without a guard that it is about, the promise breaks that it names. `UPDATE_GOLDEN=1 cargo test -p tests --test
//! scenarios` writes the goldens anew: read them then.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use planner::render::{Style, diagnostics::diagnostics};
use serde_json::Value;
use simulator::guard::Guard;
use simulator::operator::Desired;
use simulator::run::Warm;
use simulator::scenario::{self, NoSpec, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

const VAMP: &str = env!("CARGO_BIN_EXE_vamp-under-test");

fn folder() -> PathBuf {
    tests::root().join("specs/scenarios")
}

fn vamp(arguments: &[&str]) -> Output {
    Command::new(VAMP).arg("simulate").args(arguments).current_dir(tests::root()).stdin(Stdio::null()).output().unwrap()
}

/// Stems of the files of a folder with an extension, in order.
fn stems(folder: &Path, extension: &str) -> Vec<String> {
    let mut stems: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    stems.sort();
    stems
}

fn updating() -> bool {
    std::env::vars().any(|(name, value)| name == "UPDATE_GOLDEN" && value == "1")
}

/// Compares with the golden, or writes it.
fn check_golden(name: &str, actual: &str, failures: &mut Vec<String>) {
    let file = tests::root().join("golden/sim").join(name);
    if updating() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        return fs::write(file, actual).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected != actual {
        failures.push(format!("golden/sim/{name}\n--- expected\n{expected}\n--- actual\n{actual}"));
    }
}

/// A scenario, with its specs read once.
fn read(name: &str, specs: &mut BTreeMap<String, Arc<Desired>>) -> Scenario {
    let text = fs::read(folder().join(name).with_extension("yaml")).unwrap();
    scenario::read(&text, &mut |path| spec(path, specs)).unwrap_or_else(|complaints| panic!("{name}: {complaints:?}"))
}

fn spec(path: &str, specs: &mut BTreeMap<String, Arc<Desired>>) -> Result<Arc<Desired>, NoSpec> {
    if let Some(known) = specs.get(path) {
        return Ok(known.clone());
    }
    let text = fs::read(folder().join(path)).map_err(|error| NoSpec::Unreadable(error.to_string()))?;
    let desired = Desired::read(path, &text).map_err(|found| NoSpec::Wrong(found[0].message.clone()))?;
    specs.insert(path.to_owned(), desired.clone());
    Ok(desired)
}

/// Those of the domain, `F01` to `F40`.
const DOMAIN: usize = 40;
/// At least as many lie beside them (`G01` and on): what engine or world did wrongly and none of the forty noticed.
const MORE: usize = 31;

#[test]
fn there_are_the_forty_of_the_domain_and_some_more() {
    let names = stems(&folder(), "yaml");
    let domain: Vec<String> = (1..=DOMAIN).map(|number| format!("F{number:02}")).collect();
    assert_eq!(names[..DOMAIN], domain);
    assert!(names[DOMAIN..].iter().all(|name| name.starts_with('G') && name.len() == 3), "{names:?}");
    assert!(names.len() >= DOMAIN + MORE, "{names:?}");
}

#[test]
fn each_ends_as_it_says_and_reads_as_its_golden() {
    let output = vamp(&["--scenario", "specs/scenarios", "--workers", "2"]);
    let told = String::from_utf8(output.stdout).unwrap();
    let (stories, verdict) = told.trim_end().rsplit_once('\n').unwrap();
    let mut failures = Vec::new();
    let names = stems(&folder(), "yaml");
    let begins: Vec<usize> = names.iter().map(|name| stories.find(&format!("{name}: ")).unwrap()).collect();
    for (index, name) in names.iter().enumerate() {
        let end = begins.get(index + 1).copied().unwrap_or(stories.len());
        let story = stories[begins[index]..end].trim_end();
        check_golden(&format!("{name}.txt"), &format!("{story}\n"), &mut failures);
    }
    assert_eq!((verdict, output.status.code()), (format!("{} scenarios, as expected.", names.len()).as_str(), Some(0)), "{told}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(
        stems(&tests::root().join("golden/sim"), "txt"),
        names,
        "every scenario has a golden, and every golden a scenario"
    );
}

#[test]
fn the_same_happens_whoever_runs_them() {
    let run = |workers: &str| {
        let output = vamp(&["--scenario", "specs/scenarios", "--workers", workers, "--format", "json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let (alone, together) = (run("1"), run("2"));
    let scenarios = alone["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), stems(&folder(), "yaml").len());
    for (one, other) in scenarios.iter().zip(together["scenarios"].as_array().unwrap()) {
        assert_eq!(one["hash"].as_str().unwrap().len(), 64);
        assert_eq!(one, other);
    }
}

#[test]
fn without_its_guard_a_scenario_fails_and_names_the_promise() {
    let (mut specs, mut warm): (_, BTreeMap<String, Warm>) = (BTreeMap::new(), BTreeMap::new());
    let (mut proved, mut failures): (BTreeSet<Guard>, Vec<String>) = (BTreeSet::new(), Vec::new());
    for name in stems(&folder(), "yaml") {
        let scenario = read(&name, &mut specs);
        for (without, promise) in &scenario.guards {
            let warm = warm.entry(scenario.spec.clone()).or_insert_with(|| Warm::up(&scenario.first).unwrap());
            let outcome = scenario.run(warm, without);
            if outcome.is_as_expected() || !outcome.report.breaks(*promise) {
                failures.push(format!("{name} without {without:?}: {:?}", outcome.report.breaches));
            }
            // One rule of the planner that is not asked shows already: what it left out is not left out any more.
            for guard in without.iter().filter(|guard| guard.rule().is_some()) {
                if scenario.run(warm, &BTreeSet::from([*guard])).is_as_expected() {
                    failures.push(format!("{name} without {guard} alone ends as expected"));
                }
            }
            proved.extend(without);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let named = [Guard::Vga4, Guard::Vga5, Guard::Vga8, Guard::AgentVga8, Guard::Vmp1, Guard::Vmp2, Guard::Unknown];
    assert!(named.iter().all(|guard| proved.contains(guard)), "{proved:?}");
}

#[test]
fn a_wrong_scenario_is_refused_with_its_golden() {
    let invalid = folder().join("invalid");
    let (mut failures, mut codes) = (Vec::new(), BTreeSet::new());
    let names = stems(&invalid, "yaml");
    for name in &names {
        let text = fs::read(invalid.join(name).with_extension("yaml")).unwrap();
        let mut specs = |path: &str| spec(&format!("invalid/{path}"), &mut BTreeMap::new());
        let complaints = scenario::read(&text, &mut specs).expect_err(name);
        codes.extend(complaints.iter().map(|complaint| complaint.code));
        let file = format!("specs/scenarios/invalid/{name}.yaml");
        let shown = diagnostics(&complaints, &file, &String::from_utf8_lossy(&text), Style::PLAIN);
        check_golden(&format!("invalid/{name}.txt"), &shown, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(stems(&tests::root().join("golden/sim/invalid"), "txt"), names);
    for (code, page) in scenario::code::PAGES {
        assert!(codes.contains(code), "no scenario in specs/scenarios/invalid shows {code}");
        assert!(
            page.starts_with(&format!("# {code}: ")) && page.contains("```yaml") && page.contains("## How to mend it"),
            "{code}"
        );
    }
}

#[test]
fn the_page_of_measures_lists_every_measure() {
    let page = scenario::explain_error("scenario-301").unwrap();
    for measure in scenario::Measure::ALL {
        assert!(page.contains(&format!("| `{}` | {} |", measure.word(), measure.line())), "{measure:?}");
    }
}

#[test]
fn the_committed_schema_is_the_one_that_the_code_makes() {
    let (file, made) = (tests::root().join("docs/schemas/scenario.schema.json"), scenario::read::json_schema());
    if updating() {
        fs::write(&file, &made).unwrap();
    }
    assert_eq!(fs::read_to_string(file).unwrap_or_default(), made, "UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn wrong_calls_are_told() {
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let output = vamp(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(code) && told.contains(words), "{arguments:?}: {told}");
    };
    refused(&["--scenario", "missing.yaml"], 1, "cannot read the scenario missing.yaml");
    refused(&["--scenario", "golden/sim"], 1, "there is no scenario in golden/sim");
    refused(&["--scenario", "specs/scenarios/invalid/a-node-that-is-not-there.yaml"], 1, "SCENARIO-104");
    refused(&["--scenario"], 64, "--scenario");
    refused(&["--scenario", "specs/scenarios/F01.yaml", "--seeds", "3"], 64, "--seeds");
}
