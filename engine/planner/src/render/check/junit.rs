//! JUnit's XML, as CI servers read it: a rule is a test, and every finding of it a test of its own.
//!
//! Written by hand: the crate for it brings a clock and random identifiers along, and the form is three elements.

use super::Report;
use crate::policy::{Finding, Severity};
use crate::render::diagnostics::Complaint;
use crate::render::markup::escaped_by;
use std::fmt::Write;

/// The whole report as one test suite. What could not be had is a test that ended in an error.
pub fn junit(report: &Report<'_>) -> String {
    let judgement = report.judgement;
    let kept = judgement.rules.iter().filter(|rule| judgement.findings.iter().all(|finding| finding.policy != rule.id));
    let kept: Vec<String> = kept.map(|rule| case(rule.severity, &rule.id, "/>")).collect();
    let told: Vec<String> = judgement.findings.iter().map(|finding| broken(finding, report)).collect();
    let failures = judgement.open().filter(|finding| finding.severity <= report.threshold).count();
    let skipped = judgement.findings.len() - judgement.open().count();
    let unasked: Vec<String> = report.failures.iter().map(unasked).collect();
    let (tests, errors) = (kept.len() + told.len() + unasked.len(), unasked.len());
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vamp check\" {counts}>\n");
    let name = xml(report.file);
    let _ = writeln!(text, "  <testsuite name=\"{name}\" {counts} skipped=\"{skipped}\">");
    unasked.iter().chain(&told).chain(&kept).for_each(|case| text.push_str(case));
    text + "  </testsuite>\n</testsuites>\n"
}

fn case(severity: Severity, name: &str, rest: &str) -> String {
    format!("    <testcase classname=\"vamp.{severity}\" name=\"{}\"{rest}\n", xml(name))
}

fn unasked(failure: &Complaint<'_>) -> String {
    let place = [
        failure.file.map(str::to_owned),
        failure.line.map(|line| line.to_string()),
        failure.column.map(|column| column.to_string()),
    ];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let name = if place.is_empty() { "what was asked for".to_owned() } else { place.join(":") };
    let (type_of, message) = (xml(failure.code.unwrap_or("failure")), xml(&failure.sentence()));
    let help = failure.help.as_deref().map(xml).unwrap_or_default();
    let name = xml(&name);
    format!(
        "    <testcase classname=\"vamp\" name=\"{name}\"><error type=\"{type_of}\" message=\"{message}\">{help}</error></testcase>\n"
    )
}

fn broken(finding: &Finding, report: &Report<'_>) -> String {
    let (message, place) = (xml(&finding.message), format!("{}:{}", report.file, finding.place));
    let inside = match &finding.waived {
        Some(waived) => {
            format!("<skipped message=\"waived until {} by {}: {}\"/>", waived.expires, xml(&waived.owner), xml(&waived.reason))
        }
        None => {
            let seen = finding.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let words = xml(&format!("{place}\n{seen}\n{}", finding.remedy));
            if finding.severity <= report.threshold {
                format!("<failure type=\"{}\" message=\"{message}\">{words}</failure>", finding.severity)
            } else {
                format!("<system-out>{message}\n{words}</system-out>")
            }
        }
    };
    let name = format!("{} {}", finding.policy, finding.subject);
    case(finding.severity, &name, &format!(">{inside}</testcase>"))
}

/// Text as it may stand in XML 1.0: what cannot stand there at all is left out.
pub(in crate::render) fn xml(text: &str) -> String {
    let stands = |other: char| other == '\n' || !(other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}'));
    escaped_by(text, |other| stands(other).then_some(other))
}
