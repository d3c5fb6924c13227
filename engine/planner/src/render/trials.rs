//! How the tests of rules of a platform's own ended: for people, for programs, and for a CI that counts tests.

use super::check::xml;
use super::style::{Paint, Style, counted, escape, escape_json};
use crate::policy::own::{Outcome, Rule};
use serde::Serialize;
use std::fmt::Write;

/// The published JSON Schema of what [`json`] writes.
pub const TRIALS_SCHEMA: &str = include_str!("../../../../docs/schemas/trials.schema.json");

/// Version of the form that [`json`] writes. Fields may be added to it; one that goes or changes makes a new version.
const FORMAT_VERSION: u32 = 1;

/// For people: a line a test, what is wrong with it, and which rules have none.
pub fn text(rules: &[&Rule], outcomes: &[Outcome<'_>], style: Style) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let (word, paint) = match outcome.failure {
            None => ("passed", Paint::Good),
            Some(_) => ("failed", Paint::Error),
        };
        let _ = writeln!(text, "{} {}: {}", style.paint(paint, word), escape(outcome.rule), escape(outcome.name));
        if let Some(failure) = &outcome.failure {
            let _ = writeln!(text, "       {}:{}: {}", escape(outcome.file), outcome.place, escape(failure));
        }
    }
    let untested: Vec<&str> = rules.iter().filter(|rule| rule.tests.is_empty()).map(|rule| rule.id.as_str()).collect();
    if !untested.is_empty() {
        let line = format!("without a test: {}", untested.join(", "));
        let _ = writeln!(text, "{}", style.paint(Paint::Warning, &escape(&line)));
    }
    let failed = failed(outcomes);
    let (tests, rules) = (counted(outcomes.len(), "test", "tests"), counted(rules.len(), "rule", "rules"));
    let line = if failed == 0 { "all passed".to_owned() } else { format!("{failed} failed") };
    let paint = if failed == 0 { Paint::Good } else { Paint::Error };
    let _ = writeln!(text, "{}", style.paint(paint, &format!("{tests} of {rules}: {line}.")));
    text
}

/// Number of tests that failed.
pub fn failed(outcomes: &[Outcome<'_>]) -> usize {
    outcomes.iter().filter(|outcome| outcome.failure.is_some()).count()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format_version: u32,
    rules: usize,
    failed: usize,
    tests: Vec<Test<'a>>,
}

#[derive(Serialize)]
struct Test<'a> {
    policy: &'a str,
    name: &'a str,
    passed: bool,
    /// What is wrong; nothing if it passed.
    message: Option<&'a str>,
    file: &'a str,
    line: u32,
    column: u32,
}

/// For programs.
pub fn json(rules: &[&Rule], outcomes: &[Outcome<'_>]) -> String {
    let tests = outcomes.iter().map(|outcome| Test {
        policy: outcome.rule,
        name: outcome.name,
        passed: outcome.failure.is_none(),
        message: outcome.failure.as_deref(),
        file: outcome.file,
        line: outcome.place.line,
        column: outcome.place.column,
    });
    let document =
        Document { format_version: FORMAT_VERSION, rules: rules.len(), failed: failed(outcomes), tests: tests.collect() };
    // Strings and numbers always become JSON.
    escape_json(serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

/// For a CI: a test suite a file.
pub fn junit(outcomes: &[Outcome<'_>]) -> String {
    let counts =
        |outcomes: &[Outcome<'_>]| format!("tests=\"{}\" failures=\"{}\" errors=\"0\"", outcomes.len(), failed(outcomes));
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vamp check --test\" {}>\n", counts(outcomes));
    for suite in outcomes.chunk_by(|one, other| one.file == other.file) {
        let file = suite.first().map(|outcome| xml(outcome.file)).unwrap_or_default();
        let _ = writeln!(text, "  <testsuite name=\"{file}\" {}>", counts(suite));
        for outcome in suite {
            let case = format!("    <testcase classname=\"{}\" name=\"{}\"", xml(outcome.rule), xml(outcome.name));
            let _ = match &outcome.failure {
                None => writeln!(text, "{case}/>"),
                Some(failure) => {
                    let failure = xml(failure);
                    writeln!(text, "{case}><failure message=\"{failure}\">{file}:{}</failure></testcase>", outcome.place)
                }
            };
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}
