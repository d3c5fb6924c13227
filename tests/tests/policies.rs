//! Every rule of the catalogue: the specs of `specs/policies/ID` that are called `breaks…` break that rule and no other, those that are
//! called `keeps…` break none; what `vamp check` says of them is golden. Beside a spec, `…-before.yaml` is the one that it takes the
//! place of. `UPDATE_GOLDEN=1 cargo test -p tests --test policies` writes the goldens anew: read them then.
//!
//! Where a rule draws a line, there is a spec on either side of it, so that a rule that is changed by as much as a comparison fails here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "UPDATE_GOLDEN comes from the environment")]

use planner::compile::compile;
use planner::policy::rule::Check;
use planner::policy::{Case, Judgement, Older, Severity, catalogue, judge};
use planner::render::check::{CHECK_SCHEMA, Report, json, sarif, text};
use planner::render::{Style, diagnostics::diagnostics};
use planner::spec::{Model, init, parse};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The day on which everything here is judged.
const TODAY: &str = "2027-01-15";

/// Rules that the spec's own validation keeps: `breaks.yaml` is refused with these codes. What would break them is made by hand in
/// `planner::policy::tests`.
const REFUSED: &[(&str, &str)] = &[
    ("VGA-1", "SPEC-109"),
    ("VGA-2", "SPEC-501"),
    ("WFA-1", "SPEC-101"),
    ("VMP-1", "SPEC-305"),
    ("TOP-5", "SPEC-304"),
    ("TOP-6", "SPEC-202"),
    ("TEN-1", "SPEC-203"),
    ("TEN-2", "SPEC-105"),
    ("TEN-3", "SPEC-202"),
    ("TEN-4", "SPEC-105"),
];

/// Rules that no spec breaks, accepted or not: they are about a plan, or about what vamp makes of a spec. What would break them is made
/// by hand in `planner::policy::tests`.
const BY_HAND: &[&str] =
    &["VGA-3", "VGA-5", "VGA-6", "VGA-8", "VMP-2", "VMP-3", "DUR-7", "DUR-8", "ES-6", "ES-7", "AUD-3", "TEN-5", "TEN-6"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn updating() -> bool {
    std::env::vars().any(|(name, value)| name == "UPDATE_GOLDEN" && value == "1")
}

/// Names of what lies in a folder, in order; nothing if there is no such folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// What came of a spec, or the codes with which it is refused; and both in the words of `vamp check`.
struct Said {
    file: String,
    source: String,
    judged: Result<Judgement, Vec<&'static str>>,
    words: String,
}

impl Said {
    /// The same for programs.
    fn documents(&self) -> Vec<(&'static str, String)> {
        let reports = self.judged.iter().map(|judgement| report(judgement, &self.file, &self.source));
        reports.flat_map(|report| [("json", json(&report)), ("sarif", sarif(&report))]).collect()
    }
}

fn report<'a>(judgement: &'a Judgement, file: &'a str, source: &'a str) -> Report<'a> {
    Report { judgement, file, source, today: TODAY.parse().unwrap(), threshold: Severity::Should, failures: &[] }
}

/// `vamp check FILE`, against `before` if there is such a file.
fn check(file: &str, before: &str) -> Said {
    let text_of = |file: &str| fs::read(root().join(file)).unwrap();
    let source = String::from_utf8(text_of(file)).unwrap();
    let parsed = match parse(file, source.as_bytes()) {
        Ok(parsed) => parsed,
        Err(complaints) => {
            let words = diagnostics(&complaints, file, &source, Style::PLAIN);
            let codes = complaints.iter().map(|complaint| complaint.code).collect();
            return Said { file: file.to_owned(), source, judged: Err(codes), words };
        }
    };
    let compiled = compile(&parsed.spec).unwrap();
    let older = root().join(before).is_file().then(|| parse(before, &text_of(before)).unwrap().spec);
    let older_graph = older.as_ref().map(|spec| compile(spec).unwrap().graph);
    let older = older.as_ref().zip(older_graph.as_ref()).map(|(spec, graph)| Older { spec, graph });
    let judgement = judge(&Case { older, ..Case::of(&parsed.spec, &compiled.graph, TODAY.parse().unwrap()) });
    let words = text(&report(&judgement, file, &source), Style::PLAIN);
    Said { file: file.to_owned(), source, judged: Ok(judgement), words }
}

/// Every spec of `specs/policies` that is judged: rule, stem, and what is said of it.
fn all() -> Vec<(String, String, Said)> {
    let mut all = Vec::new();
    for id in names("specs/policies") {
        for name in names(&format!("specs/policies/{id}")) {
            let stem = name.strip_suffix(".yaml").unwrap_or_else(|| panic!("{id}/{name} is no spec"));
            if !stem.ends_with("-before") {
                let folder = format!("specs/policies/{id}");
                let said = check(&format!("{folder}/{name}"), &format!("{folder}/{stem}-before.yaml"));
                all.push((id.clone(), stem.to_owned(), said));
            }
        }
    }
    all
}

#[test]
fn what_breaks_a_rule_breaks_no_other_and_what_keeps_it_breaks_none() {
    let mut failures = Vec::new();
    for (id, stem, said) in all() {
        let expected: Vec<&str> = if stem.starts_with("breaks") { vec![&id] } else { Vec::new() };
        let actual: Vec<&str> = match &said.judged {
            Ok(judgement) => judgement.open().map(|finding| &*finding.policy).collect::<BTreeSet<_>>().into_iter().collect(),
            Err(codes) if REFUSED.contains(&(&id, codes[0])) && stem == "breaks" => expected.clone(),
            Err(codes) => codes.clone(),
        };
        if actual != expected {
            failures.push(format!("{id}/{stem}: {actual:?}\n{}", said.words));
        }
        let golden = root().join(format!("golden/policies/{id}/{stem}.txt"));
        if updating() {
            fs::create_dir_all(golden.parent().unwrap()).unwrap();
            fs::write(&golden, &said.words).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != said.words {
            failures.push(format!("golden/policies/{id}/{stem}.txt is stale; now it would be\n{}", said.words));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_has_specs_and_every_golden_a_spec() {
    let ids: BTreeSet<String> = catalogue::CATALOGUE.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(names("specs/policies"), ids);
    assert_eq!(names("golden/policies"), ids);
    for id in &ids {
        let stems = |folder: &str, ending: &str| -> BTreeSet<String> {
            let names = names(&format!("{folder}/{id}"));
            let stems = names.iter().filter_map(|name| name.strip_suffix(ending)).map(str::to_owned);
            stems.filter(|stem| !stem.ends_with("-before")).collect()
        };
        let specs = stems("specs/policies", ".yaml");
        assert_eq!(specs, stems("golden/policies", ".txt"), "{id}");
        assert!(specs.contains("keeps"), "{id} has no spec that keeps it");
        assert_eq!(
            !specs.contains("breaks"),
            BY_HAND.contains(&id.as_str()),
            "{id} has no spec that breaks it, or is said to have none"
        );
    }
}

#[test]
fn every_rule_has_a_page_that_says_the_same() {
    let ids: BTreeSet<String> = catalogue::CATALOGUE.iter().map(|rule| format!("{}.md", rule.id)).collect();
    assert_eq!(names("docs/policies"), ids, "a rule without a page, or a page without a rule");
    for rule in catalogue::CATALOGUE {
        let start = format!("# {}: {}\n\nSeverity: {}.\n", rule.id, rule.title, rule.severity);
        assert!(rule.page.starts_with(&start), "docs/policies/{}.md must begin with\n{start}", rule.id);
        for part in ["\n## Why\n", "\n## How to mend it\n", "\n## How to let it pass\n"] {
            assert!(rule.page.contains(part), "docs/policies/{}.md lacks {part:?}", rule.id);
        }
        let by_plan = rule.checks.iter().any(|check| matches!(check, Check::Step(_)));
        let is_told = rule.page.contains("No spec breaks it");
        let unbreakable = BY_HAND.contains(&rule.id) || REFUSED.iter().any(|(id, _)| *id == rule.id);
        assert_eq!(is_told, unbreakable, "docs/policies/{}.md must say whether a spec can break it", rule.id);
        assert!(!by_plan || unbreakable, "{} is judged on a plan", rule.id);
    }
}

#[test]
fn json_and_sarif_are_what_their_schemas_say_and_point_at_the_field() {
    let validator = |schema: &str| jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let own = validator(CHECK_SCHEMA);
    let published = validator(&fs::read_to_string(root().join("tests/schemas/sarif-2.1.0.json")).unwrap());
    for (id, stem, said) in all() {
        for (form, document) in said.documents() {
            let value: Value = serde_json::from_str(&document).unwrap();
            let validator = if form == "json" { &own } else { &published };
            let errors: Vec<String> =
                validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{id}/{stem} as {form}: {errors:?}");
            let places = said.judged.iter().flat_map(|judgement| judgement.findings.iter().map(|finding| finding.place));
            for (result, place) in value["runs"][0]["results"].as_array().into_iter().flatten().zip(places) {
                let region = &result["locations"][0]["physicalLocation"]["region"];
                assert!(
                    place.is_written() && region["startLine"] == place.line && region["startColumn"] == place.column,
                    "{id}/{stem}: {result}"
                );
            }
        }
    }
}

#[test]
fn the_deployment_models_get_the_verdicts_of_the_domain() {
    let broken = |text: &str| -> BTreeSet<String> {
        let spec = parse("vamp.yaml", text.as_bytes()).unwrap().spec;
        let judgement = judge(&Case::of(&spec, &compile(&spec).unwrap().graph, TODAY.parse().unwrap()));
        judgement.findings.iter().map(|finding| format!("{} {}", finding.severity, finding.policy)).collect()
    };
    let verdict = |model: Model| broken(init(model)).into_iter().collect::<Vec<_>>();
    assert_eq!(verdict(Model::M0), ["should DUR-6"]);
    assert_eq!(verdict(Model::M1), ["high DUR-3", "high DUR-5"]);
    assert_eq!(verdict(Model::M2), ["should DUR-4", "should DUR-9"]);
    assert_eq!([verdict(Model::M3), verdict(Model::M4), verdict(Model::M5)], [[""; 0]; 3]);
    let production = broken(&init(Model::M0).replace("purpose: development", "purpose: production"));
    assert!(production.contains("must TOP-3"), "{production:?}");
}

#[test]
fn every_valid_spec_passes_or_says_why_not() {
    for name in names("specs/valid") {
        let said = check(&format!("specs/valid/{name}"), "");
        let judgement = said.judged.unwrap_or_else(|codes| panic!("{name}: {codes:?}"));
        assert_eq!(judgement.open().count(), 0, "{name}:\n{}", said.words);
    }
}

#[test]
fn every_rule_that_an_edge_or_a_plan_names_is_in_the_catalogue() {
    let spec = parse("vamp.yaml", &fs::read(root().join("specs/valid/multi-region.yaml")).unwrap()).unwrap().spec;
    let compiled = compile(&spec).unwrap();
    let named: BTreeSet<&str> = compiled.graph.edges().filter_map(|(_, _, edge)| edge.rule).collect();
    assert!(named.len() > 3 && named.iter().all(|id| catalogue::find(id).is_some()), "{named:?}");
}
