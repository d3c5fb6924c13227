//! Our own form: every field of a finding, and nothing that has to be read out of a sentence.

use super::Report;
use crate::policy::finding::Waived;
use crate::policy::{Evidence, Finding, Severity};
use crate::render::diagnostics::Complaint;
use crate::render::style::escape_json;
use serde::Serialize;

/// Version of this form. Fields may be added to it; one that goes or changes makes a new version.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format_version: u32,
    file: &'a str,
    today: String,
    /// What weighs at least so much fails the check.
    threshold: Severity,
    fails: bool,
    rules: usize,
    results: Vec<Result<'a>>,
    /// What was asked for and could not be had.
    failures: &'a [Complaint<'a>],
}

#[derive(Serialize)]
struct Result<'a> {
    policy: &'a str,
    severity: Severity,
    message: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    subject: &'a str,
    evidence: &'a [Evidence],
    remedy: &'a str,
    waived: Option<&'a Waived>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Before<'a>>,
}

#[derive(Serialize)]
struct Before<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// The whole report as JSON.
pub fn json(report: &Report<'_>) -> String {
    let document = Document {
        format_version: FORMAT_VERSION,
        file: report.file,
        today: report.today.to_string(),
        threshold: report.threshold,
        fails: report.fails(),
        rules: report.judgement.rules.len(),
        results: report.judgement.findings.iter().map(|finding| result(finding, report.file)).collect(),
        failures: report.failures,
    };
    // Strings and numbers always become JSON.
    escape_json(serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

fn result<'a>(finding: &'a Finding, file: &'a str) -> Result<'a> {
    let before = finding.change.as_ref();
    Result {
        policy: &finding.policy,
        severity: finding.severity,
        message: &finding.message,
        file,
        line: finding.place.line,
        column: finding.place.column,
        subject: &finding.subject,
        evidence: &finding.evidence,
        remedy: &finding.remedy,
        waived: finding.waived.as_ref(),
        change: before.map(|change| Before { file: &change.file, line: change.place.line, column: change.place.column }),
    }
}
