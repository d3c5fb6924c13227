//! What is broken: by weight, then by rule, each with the line that decides, the numbers that were looked at, and the remedy.

use super::super::{Report, Told};
use super::{anchor, prose};
use crate::policy::{Finding, Severity, catalogue};
use crate::render::diagnostics::Lines;
use crate::render::page::escaped;
use crate::render::style::counted;
use model::Place;
use model::index::IndexMap;
use std::fmt::Write;

/// So many results of a rule are shown with their lines; the rest is a line each.
const FULL: usize = 20;
/// So many of the rest are shown at all.
const BRIEF: usize = 500;
/// Columns of a line of the spec.
const WIDTH: usize = 200;

pub(super) fn section(report: &Report<'_>) -> String {
    let mut text = String::from("<section aria-labelledby=\"results\">\n<h2 id=\"results\">Results</h2>\n");
    let mut lines = Lines::of(report.source);
    if report.judgement.open().next().is_none() {
        text += "<p>Nothing is broken that is not waived.</p>\n";
    }
    for severity in Severity::ALL {
        let findings: Vec<&Finding> = report.judgement.open().filter(|finding| finding.severity == severity).collect();
        if findings.is_empty() {
            continue;
        }
        let fails = if severity <= report.threshold { "; it fails the check" } else { "" };
        let _ = writeln!(
            text,
            "<h3 id=\"{severity}\" class=\"weight {severity}\">{severity} <span>{} broken: {}{fails}</span></h3>",
            findings.len(),
            meaning(severity)
        );
        let mut rules: IndexMap<&str, Vec<&Finding>> = IndexMap::default();
        findings.iter().for_each(|finding| rules.entry(&finding.policy).or_default().push(finding));
        rules.iter().for_each(|(policy, findings)| rule(&mut text, report, policy, findings, &mut lines));
    }
    text += &kept(report);
    text + "</section>\n"
}

/// What a weight means.
const fn meaning(severity: Severity) -> &'static str {
    match severity {
        Severity::Must => "nothing is planned or applied that breaks it",
        Severity::High => "highly recommended",
        Severity::Should => "recommended",
        Severity::May => "worth a thought",
    }
}

fn rule(text: &mut String, report: &Report<'_>, policy: &str, findings: &[&Finding], lines: &mut Lines<'_>) {
    let asked = report.judgement.rules.iter().find(|asked| asked.id == policy);
    let severity = findings.first().map_or(Severity::May, |finding| finding.severity);
    let title = asked.map_or(String::new(), |asked| escaped(&asked.title));
    let times =
        if findings.len() > 1 { format!(" <span class=\"times\">{} times</span>", findings.len()) } else { String::new() };
    let _ = writeln!(
        text,
        "<article class=\"rule {severity}\" aria-labelledby=\"{anchor}\">\n<h4 id=\"{anchor}\"><b class=\"id {severity}\">{}</b> {title}{times}</h4>",
        escaped(policy),
        anchor = anchor(policy)
    );
    let told = Told::of(findings.iter().copied());
    told.iter().take(FULL).for_each(|told| finding(text, told, report.file, lines));
    brief(text, told.get(FULL..).unwrap_or_default(), report.file);
    if let Some(rule) = catalogue::find(policy) {
        let _ = writeln!(
            text,
            "<details>\n<summary>About {}: why, and how it is mended</summary>\n{}</details>",
            rule.id,
            prose::page(rule.page)
        );
    }
    text.push_str("</article>\n");
}

fn finding(text: &mut String, told: &Told<'_>, file: &str, lines: &mut Lines<'_>) {
    let (finding, others) = (told.finding, told.others().unwrap_or_default());
    let _ = writeln!(text, "<div class=\"finding\">\n<p class=\"message\">{}</p>", prose::inline(&finding.message));
    text.push_str(&excerpt(lines, finding.place, file));
    let seen = finding.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let before = finding.change.as_ref().map(|change| format!("{}:{}", change.file, change.place)).unwrap_or_default();
    text.push_str("<dl>\n");
    for (word, note) in
        [("about", &finding.subject), ("also", &others), ("seen", &seen), ("before", &before), ("help", &finding.remedy)]
    {
        if !note.is_empty() {
            let _ = writeln!(text, "<div><dt>{word}</dt><dd>{}</dd></div>", prose::inline(note));
        }
    }
    text.push_str("</dl>\n</div>\n");
}

/// Results beyond those that are shown in full.
fn brief(text: &mut String, findings: &[Told<'_>], file: &str) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "<details>\n<summary>{} more</summary>\n<ul>", findings.len());
    for told in findings.iter().take(BRIEF) {
        let finding = told.finding;
        let _ = writeln!(text, "<li>{}:{}: {}</li>", escaped(file), finding.place, prose::inline(&finding.message));
    }
    text.push_str("</ul>\n");
    if findings.len() > BRIEF {
        let _ = writeln!(text, "<p class=\"note\">And {} more, which --format json lists.</p>", findings.len() - BRIEF);
    }
    text.push_str("</details>\n");
}

/// A line of the spec with what it is about marked, under the name of its place; nothing if nobody wrote it.
pub(super) fn excerpt(lines: &mut Lines<'_>, place: Place, file: &str) -> String {
    let Some(shown) = lines.excerpt(place, WIDTH).filter(|_| place.is_written()) else { return String::new() };
    format!(
        "<figure>\n<figcaption>{}:{place}</figcaption>\n<pre tabindex=\"0\"><code><span class=\"line\">{}</span>{}<mark>{}</mark>{}</code></pre>\n</figure>\n",
        escaped(file),
        place.line,
        escaped(&shown.before),
        escaped(&shown.marked),
        escaped(shown.after.trim_end())
    )
}

/// The rules that were asked and that nothing breaks.
fn kept(report: &Report<'_>) -> String {
    let broken = |id: &str| report.judgement.open().any(|finding| finding.policy == id);
    let kept: Vec<_> = report.judgement.rules.iter().filter(|rule| !broken(&rule.id)).collect();
    if kept.is_empty() {
        return String::new();
    }
    let mut text =
        format!("<details class=\"kept\">\n<summary>{} kept</summary>\n<ul>\n", counted(kept.len(), "rule is", "rules are"));
    for rule in kept {
        let _ = writeln!(text, "<li><b>{}</b> ({}) {}</li>", escaped(&rule.id), rule.severity, escaped(&rule.title));
    }
    text + "</ul>\n</details>\n"
}
