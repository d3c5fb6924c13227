//! Commands on standard output that a hosted CI turns into remarks beside the line (GitHub Actions, "Workflow commands").

use super::Report;
use crate::policy::{Finding, Severity};

/// One command a finding that is not waived.
pub fn annotations(report: &Report<'_>) -> String {
    report.judgement.open().map(|finding| annotation(finding, report)).collect()
}

fn annotation(finding: &Finding, report: &Report<'_>) -> String {
    let command = match finding.severity {
        severity if severity <= report.threshold => "error",
        Severity::May => "notice",
        _ => "warning",
    };
    let place = finding.place;
    let end = place.column + place.length.max(1) - 1;
    let title = property(&format!("{} ({})", finding.policy, finding.severity));
    let message = message(&format!("{}\nTo mend it: {}", finding.message, finding.remedy));
    let file = property(report.file);
    format!("::{command} file={file},line={},col={},endColumn={end},title={title}::{message}\n", place.line, place.column)
}

/// The text of a command: line breaks and the percent sign are escaped, so that it stays one.
fn message(text: &str) -> String {
    let text: String = text.chars().filter(|character| matches!(character, '\n' | '\r') || !character.is_control()).collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which also ends at a comma or a colon.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
