//! What came of a campaign, for a CI: one test case a run.

use super::document::Document;
use simulator::run::{Report, Verdict};
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
