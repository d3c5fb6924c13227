//! SARIF 2.1.0 (OASIS): what code scanning of hosted repositories takes in. A waived finding is one that is suppressed in the source.

use super::Report;
use crate::policy::{Finding, Severity, catalogue};
use crate::render::diagnostics::Complaint;
use crate::render::style::escape_json;
use model::Place;
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole report as SARIF.
pub fn sarif(report: &Report<'_>) -> String {
    let rules: Vec<Value> = report.judgement.rules.iter().map(|rule| descriptor(&rule.id, rule.severity, &rule.title)).collect();
    let index = |finding: &Finding| report.judgement.rules.iter().position(|rule| rule.id == finding.policy);
    let results: Vec<Value> =
        report.judgement.findings.iter().map(|finding| result(finding, index(finding), report.file)).collect();
    let notifications: Vec<Value> = report.failures.iter().map(notification).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "vamp check",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": notifications.is_empty(), "toolExecutionNotifications": notifications }],
            "results": results,
        }],
    });
    escape_json(serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

fn descriptor(id: &str, severity: Severity, title: &str) -> Value {
    let mut descriptor = json!({
        "id": id,
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": level(severity) },
        "properties": { "severity": severity },
    });
    if let Some(rule) = catalogue::find(id) {
        descriptor["help"] = json!({ "text": rule.page.trim_end(), "markdown": rule.page.trim_end() });
    }
    descriptor
}

fn result(finding: &Finding, index: Option<usize>, file: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.policy,
        "level": level(finding.severity),
        "message": { "text": format!("{}. To mend it: {}", finding.message, finding.remedy) },
        "locations": [location(file, finding.place)],
        // The same finding in the next run is known by its rule and its subject, wherever the line went.
        "partialFingerprints": { "policyAndSubject/v1": format!("{}:{}", finding.policy, finding.subject) },
        "properties": { "subject": finding.subject, "severity": finding.severity, "evidence": finding.evidence, "remedy": finding.remedy },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if let Some(waived) = &finding.waived {
        let justification = format!("{} (until {}, {})", waived.reason, waived.expires, waived.owner);
        result["suppressions"] = json!([{ "kind": "inSource", "status": "accepted", "justification": justification }]);
    }
    if let Some(change) = &finding.change {
        let mut before = location(&change.file, change.place);
        before["message"] = json!({ "text": "it stood here before" });
        result["relatedLocations"] = json!([before]);
    }
    result
}

/// What could not be had, so that a check without results is not taken for one that found nothing.
fn notification(failure: &Complaint<'_>) -> Value {
    let help = failure.help.as_ref().map(|help| format!(". To mend it: {help}")).unwrap_or_default();
    let mut notification = json!({ "level": "error", "message": { "text": format!("{}{help}", failure.sentence()) } });
    if let Some(code) = failure.code {
        notification["descriptor"] = json!({ "id": code });
    }
    if let Some(file) = failure.file {
        let place = Place { line: failure.line.unwrap_or(1), column: failure.column.unwrap_or(1), length: 1 };
        notification["locations"] = json!([location(file, place)]);
    }
    notification
}

fn location(file: &str, place: Place) -> Value {
    let (line, column) = (place.line.max(1), place.column.max(1));
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(file) },
        "region": { "startLine": line, "startColumn": column, "endColumn": column + place.length.max(1) },
    }})
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Must | Severity::High => "error",
        Severity::Should => "warning",
        Severity::May => "note",
    }
}

/// A path as a relative reference of a URI (RFC 3986): what may not stand in one is written as its bytes.
fn uri(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    file.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
