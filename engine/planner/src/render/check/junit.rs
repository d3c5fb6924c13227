//! JUnit's XML, as CI servers read it: a rule is a test, and every finding of it a test of its own.
//!
//! Written by hand: the crate for it brings a clock and random identifiers along, and the form is three elements.

use super::Report;
use crate::policy::{Finding, Severity};
use crate::render::markup::escaped_by;
use std::fmt::Write;

/// The whole report as one test suite.
pub fn junit(report: &Report<'_>) -> String {
    let judgement = report.judgement;
    let kept = judgement.rules.iter().filter(|rule| judgement.findings.iter().all(|finding| finding.policy != rule.id));
    let kept: Vec<String> = kept.map(|rule| case(rule.severity, &rule.id, "/>")).collect();
    let told: Vec<String> = judgement.findings.iter().map(|finding| broken(finding, report)).collect();
    let failures = judgement.open().filter(|finding| finding.severity <= report.threshold).count();
    let skipped = judgement.findings.len() - judgement.open().count();
    let tests = kept.len() + told.len();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\"");
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vamp check\" {counts} errors=\"0\">\n");
    let name = xml(report.file);
    let _ = writeln!(text, "  <testsuite name=\"{name}\" {counts} errors=\"0\" skipped=\"{skipped}\">");
    told.iter().chain(&kept).for_each(|case| text.push_str(case));
    text + "  </testsuite>\n</testsuites>\n"
}

fn case(severity: Severity, name: &str, rest: &str) -> String {
    format!("    <testcase classname=\"vamp.{severity}\" name=\"{}\"{rest}\n", xml(name))
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
