//! What came of a campaign, for a CI: one test case a run.

use super::document::Document;
use simulator::run::{Report, Verdict};
use simulator::scenario::Outcome;
use std::fmt::Write;

/// The report as JUnit's XML.
pub(super) fn report(document: &Document) -> String {
    let (runs, broken) = (document.summary.runs, document.summary.broken);
    let spec = escape(&document.part.spec);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"vamp simulate\" tests=\"{runs}\" failures=\"{broken}\">");
    let _ = writeln!(text, "  <testsuite name=\"{spec}\" tests=\"{runs}\" failures=\"{broken}\">");
    document.part.seeds.iter().for_each(|report| case(&mut text, &spec, report));
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn case(text: &mut String, spec: &str, report: &Report) {
    let name = format!("seed {}", report.seed);
    if report.verdict != Verdict::Broken {
        let _ = writeln!(text, "    <testcase classname=\"{spec}\" name=\"{name}\"/>");
        return;
    }
    let _ = writeln!(text, "    <testcase classname=\"{spec}\" name=\"{name}\">");
    for breach in &report.breaches {
        let (kind, message) = (breach.promise.word(), escape(&format!("{}: {}", breach.subject, breach.message)));
        let _ = writeln!(
            text,
            "      <failure type=\"{kind}\" message=\"{message}\">{}</failure>",
            escape(breach.promise.sentence())
        );
    }
    text.push_str("    </testcase>\n");
}

/// Scenarios as JUnit's XML, one test case each.
pub(super) fn scenarios<'a>(all: impl Iterator<Item = (&'a str, &'a Outcome)>) -> String {
    let all: Vec<(&str, &Outcome)> = all.collect();
    let failures = all.iter().filter(|(_, outcome)| !outcome.is_as_expected()).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{}\" failures=\"{failures}\"", all.len());
    let _ = writeln!(text, "<testsuites name=\"vamp simulate\" {counts}>\n  <testsuite name=\"scenarios\" {counts}>");
    for (name, outcome) in all {
        let _ = write!(text, "    <testcase classname=\"scenarios\" name=\"{}\"", escape(name));
        if outcome.is_as_expected() {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        for checked in outcome.failures() {
            let what = escape(&format!("{} {}", checked.subject, checked.what));
            let message = escape(&format!("expected {}, seen {}", checked.expected, checked.seen));
            let _ = writeln!(text, "      <failure type=\"{}\" message=\"{message}\"/>", what.trim());
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text that may stand in XML; what XML has no form for is written as a question mark.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            control if control.is_control() => escaped.push('?'),
            other => escaped.push(other),
        }
    }
    escaped
}
