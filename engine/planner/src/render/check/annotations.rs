//! Commands on standard output that a hosted CI turns into remarks beside the line (GitHub Actions, "Workflow commands").

use super::Report;
use crate::policy::{Finding, Severity};
use crate::render::diagnostics::Complaint;

/// One command for everything that could not be had, and one a finding that is not waived.
pub fn annotations(report: &Report<'_>) -> String {
    let unasked = report.failures.iter().map(unasked);
    unasked.chain(report.judgement.open().map(|finding| annotation(finding, report))).collect()
}

fn unasked(failure: &Complaint<'_>) -> String {
    let file = failure.file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    let line = failure.line.map(|line| format!("line={line},")).unwrap_or_default();
    let column = failure.column.map(|column| format!("col={column},")).unwrap_or_default();
    let help = failure.help.as_ref().map(|help| format!("\nTo mend it: {help}")).unwrap_or_default();
    let message = message(&format!("{}{help}", failure.sentence()));
    format!("::error {file}{line}{column}title={}::{message}\n", property(failure.code.unwrap_or("vamp check")))
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
