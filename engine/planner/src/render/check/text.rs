//! For people: by weight, each finding with the line that decides it, the numbers that were looked at, and the remedy.

use super::{Report, Told};
use crate::policy::{Finding, Severity};
use crate::render::diagnostics::{Card, Lines};
use crate::render::style::{Paint, Style, counted, escape};
use std::fmt::Write;

/// The whole report.
pub fn text(report: &Report<'_>, style: Style) -> String {
    let mut text = cards(report.judgement.open(), report.file, report.source, style);
    waived(&mut text, report, style);
    let fails = report.judgement.fails(report.threshold);
    let _ = writeln!(text, "{}", style.paint(if fails { Paint::Error } else { Paint::Good }, &verdict(report)));
    text
}

/// Findings in the spec `file` that reads `source`, each with its line.
pub fn cards<'f>(findings: impl IntoIterator<Item = &'f Finding>, file: &str, source: &str, style: Style) -> String {
    let mut text = String::new();
    let mut lines = Lines::of(source);
    let file = escape(file);
    for told in Told::of(findings) {
        let finding = told.finding;
        let others = told.others();
        let seen = finding.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let before = finding.change.as_ref().map(|change| format!("{}:{}", change.file, change.place));
        let mut notes = vec![("about", finding.subject.as_str())];
        notes.extend(others.iter().map(|others| ("also", others.as_str())));
        notes.extend((!seen.is_empty()).then_some(("seen", seen.as_str())));
        notes.extend(before.iter().map(|before| ("before", before.as_str())));
        notes.push(("help", finding.remedy.as_str()));
        let card = Card {
            head: format!("{}[{}]", finding.severity, escape(&finding.policy)),
            paint: paint(finding.severity),
            message: &finding.message,
            place: finding.place.is_written().then_some(finding.place),
            related: &[],
            notes: &notes,
        };
        card.write(&mut text, &file, &mut lines, style);
        text.push('\n');
    }
    text
}

/// What is let pass, a line each, so that it is not forgotten.
fn waived(text: &mut String, report: &Report<'_>, style: Style) {
    let waived: Vec<_> =
        report.judgement.findings.iter().filter_map(|finding| Some((finding, finding.waived.as_ref()?))).collect();
    for (finding, waived) in &waived {
        let line = format!("waived[{}]: {}", escape(&finding.policy), escape(&finding.message));
        let why = format!("for {} until {} by {}: {}", finding.subject, waived.expires, waived.owner, waived.reason);
        let _ = writeln!(text, "{line}\n  {}", style.paint(Paint::Faint, &escape(&why)));
    }
    if !waived.is_empty() {
        text.push('\n');
    }
}

/// The last line: how many of each weight, how many let pass, and what that means.
pub fn verdict(report: &Report<'_>) -> String {
    let judgement = report.judgement;
    let count = |severity| judgement.open().filter(|finding| finding.severity == severity).count();
    let broken: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let waived = judgement.findings.iter().filter(|finding| finding.waived.is_some()).count();
    let waived = if waived > 0 { format!(", {waived} waived") } else { String::new() };
    let asked = counted(judgement.rules.len(), "rule", "rules");
    match (broken.is_empty(), judgement.fails(report.threshold)) {
        (true, _) => format!("None of {asked} is broken{waived}."),
        (false, true) => format!(
            "Broken: {}{waived}, of {asked}. What weighs {} or more fails the check.",
            broken.join(", "),
            report.threshold
        ),
        (false, false) => format!(
            "Broken: {}{waived}, of {asked}. Nothing of it fails the check (--severity {}).",
            broken.join(", "),
            report.threshold
        ),
    }
}

fn paint(severity: Severity) -> Paint {
    match severity {
        Severity::Must | Severity::High => Paint::Error,
        Severity::Should => Paint::Warning,
        Severity::May => Paint::Help,
    }
}
