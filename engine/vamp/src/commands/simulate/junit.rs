//! What came of a campaign or of scenarios, for a CI: one test case a run.

use super::document::Document;
use planner::render::page::escaped_by;
use simulator::run::{Report, Verdict};
use simulator::scenario::Outcome;
use std::fmt::Write;

/// One run.
struct Case {
    name: String,
    /// What went wrong, as elements; nothing if the run is as it should be.
    failures: Option<Vec<String>>,
}

/// The report as JUnit's XML.
pub(super) fn report(document: &Document) -> String {
    let cases: Vec<Case> = document.part.seeds.iter().map(run).collect();
    suite(&document.part.spec, &cases)
}

fn run(report: &Report) -> Case {
    let failures = report.breaches.iter().map(|breach| {
        let (kind, message) = (breach.promise.word(), escape(&format!("{}: {}", breach.subject, breach.message)));
        format!("<failure type=\"{kind}\" message=\"{message}\">{}</failure>", escape(breach.promise.sentence()))
    });
    let is_broken = report.verdict == Verdict::Broken;
    Case { name: format!("seed {}", report.seed), failures: is_broken.then(|| failures.collect()) }
}

/// Scenarios as JUnit's XML, one test case each.
pub(super) fn scenarios<'a>(all: impl Iterator<Item = (&'a str, &'a Outcome)>) -> String {
    let cases: Vec<Case> = all.map(|(name, outcome)| scenario(name, outcome)).collect();
    suite("scenarios", &cases)
}

fn scenario(name: &str, outcome: &Outcome) -> Case {
    let failures = outcome.failures().map(|checked| {
        let what = escape(&format!("{} {}", checked.subject, checked.what));
        let message = escape(&format!("expected {}, seen {}", checked.expected, checked.seen));
        format!("<failure type=\"{}\" message=\"{message}\"/>", what.trim())
    });
    Case { name: name.to_owned(), failures: (!outcome.is_as_expected()).then(|| failures.collect()) }
}

/// All cases as the one suite that there is.
fn suite(name: &str, cases: &[Case]) -> String {
    let name = escape(name);
    let failures = cases.iter().filter(|case| case.failures.is_some()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\"", cases.len());
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"vamp simulate\" {counts}>\n  <testsuite name=\"{name}\" {counts}>");
    for case in cases {
        let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{}\"", escape(&case.name));
        let Some(failures) = &case.failures else {
            text.push_str("/>\n");
            continue;
        };
        text.push_str(">\n");
        for failure in failures {
            let _ = writeln!(text, "      {failure}");
        }
        text.push_str("    </testcase>\n");
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// Text that may stand in XML; what XML has no form for is written as a question mark.
fn escape(text: &str) -> String {
    escaped_by(text, |other| {
        Some(match other {
            '\n' | '\t' => ' ',
            control if control.is_control() => '?',
            other => other,
        })
    })
}
