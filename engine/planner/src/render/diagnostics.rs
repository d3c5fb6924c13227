//! Complaints about a spec as text, in the manner of rustc: what, where, the line with a caret, and a remedy; or as JSON.

mod card;
mod lines;

use super::style::{Paint, Style, counted, escape};
use crate::policy::Finding;
use crate::spec::is_confidential;
pub(super) use card::Card;
pub(super) use lines::Lines;
use model::{Diagnostic, Severity};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write;

/// All complaints about `file` whose text is `source`, sorted by place, and a last line that counts them. Linear in the
/// size of the source and in the number of complaints.
pub fn diagnostics(diagnostics: &[Diagnostic], file: &str, source: &str, style: Style) -> String {
    let mut text = String::new();
    if diagnostics.is_empty() {
        return text;
    }
    let mut lines = Lines::of(source);
    let in_the_open = diagnostics.iter().filter(|diagnostic| is_confidential(diagnostic.code));
    in_the_open.filter_map(|diagnostic| diagnostic.place).for_each(|place| lines.hide(place));
    let file = escape(file);
    for diagnostic in sorted(diagnostics) {
        one(&mut text, diagnostic, &file, &mut lines, style);
        text.push('\n');
    }
    let paint = if count(diagnostics, Severity::Error) > 0 { Paint::Error } else { Paint::Warning };
    let _ = writeln!(text, "{}", style.paint(paint, &summary(diagnostics)));
    text
}

/// How many there are: `3 errors, 1 warning`.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = count(diagnostics, Severity::Error);
    let warnings = count(diagnostics, Severity::Warning);
    match (errors, warnings) {
        (0, warnings) => counted(warnings, "warning", "warnings"),
        (errors, 0) => counted(errors, "error", "errors"),
        (errors, warnings) => format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "warning", "warnings")),
    }
}

/// The same for programs.
pub fn diagnostics_json<'a>(diagnostics: &'a [Diagnostic], file: &'a str) -> Complaints<'a> {
    Complaints { diagnostics: sorted(diagnostics).into_iter().map(|diagnostic| Complaint::of(diagnostic, file)).collect() }
}

/// Complaints as programs read them.
#[derive(Debug, Serialize)]
pub struct Complaints<'a> {
    /// All of them, sorted by place.
    pub diagnostics: Vec<Complaint<'a>>,
}

/// One complaint as programs read it.
#[derive(Debug, Serialize)]
pub struct Complaint<'a> {
    /// Stable code; nothing for a failure that is no complaint about a file's content.
    pub code: Option<&'a str>,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong.
    pub message: &'a str,
    /// The causes behind it, each with its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// The file.
    pub file: Option<&'a str>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in characters, from 1.
    pub column: Option<u32>,
    /// The remedy.
    pub help: Option<Cow<'a, str>>,
    /// Further places that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedPlace<'a>>,
}

/// A further place that belongs to a complaint.
#[derive(Debug, Serialize)]
pub struct RelatedPlace<'a> {
    /// A word about it.
    pub message: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl<'a> Complaint<'a> {
    fn of(diagnostic: &'a Diagnostic, file: &'a str) -> Self {
        let related = diagnostic.related.iter();
        let related = related.map(|(place, word)| RelatedPlace { message: word, line: place.line, column: place.column });
        Complaint {
            code: Some(diagnostic.code),
            severity: diagnostic.severity,
            message: &diagnostic.message,
            causes: Vec::new(),
            file: Some(file),
            line: diagnostic.place.map(|place| place.line),
            column: diagnostic.place.map(|place| place.column),
            help: diagnostic.help.as_deref().map(Cow::Borrowed),
            related: related.collect(),
        }
    }
}

impl<'a> Complaint<'a> {
    /// A failure that is no complaint about a file's content: what it is, and what lies behind it.
    pub fn of_failure(message: &'a str, causes: Vec<String>) -> Self {
        let (code, file, line, column, help) = (None, None, None, None, None);
        Complaint { code, severity: Severity::Error, message, causes, file, line, column, help, related: Vec::new() }
    }

    /// What is wrong and why, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        std::iter::once(self.message).chain(self.causes.iter().map(String::as_str)).collect::<Vec<_>>().join(": ")
    }

    /// A finding of a rule in the spec `file`, as a complaint.
    pub fn of_finding(finding: &'a Finding, file: &'a str) -> Self {
        Complaint {
            code: Some(&finding.policy),
            severity: Severity::Error,
            message: &finding.message,
            causes: Vec::new(),
            file: Some(file),
            line: Some(finding.place.line),
            column: Some(finding.place.column),
            help: Some(finding.remedy.as_str().into()),
            related: Vec::new(),
        }
    }
}

fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}

/// By place, those without one first: they are about the file as a whole.
fn sorted(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code));
    sorted
}

fn one(text: &mut String, diagnostic: &Diagnostic, file: &str, lines: &mut Lines<'_>, style: Style) {
    let (word, paint) = match diagnostic.severity {
        Severity::Error => ("error", Paint::Error),
        Severity::Warning => ("warning", Paint::Warning),
    };
    let notes: Vec<(&str, &str)> = diagnostic.help.iter().map(|help| ("help", help.as_str())).collect();
    let card = Card {
        head: format!("{word}[{}]", diagnostic.code),
        paint,
        message: &diagnostic.message,
        place: diagnostic.place,
        related: &diagnostic.related,
        notes: &notes,
    };
    card.write(text, file, lines, style);
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Place;

    fn place(line: u32, column: u32, length: u32) -> Place {
        Place { line, column, length }
    }

    #[test]
    fn a_complaint_shows_its_line_a_caret_and_a_remedy() {
        let found =
            [Diagnostic::error("SPEC-104", place(2, 12, 4), "no cluster is called \"eu-3\"").help("did you mean \"eu-1\"?")];
        let expected = "\
error[SPEC-104]: no cluster is called \"eu-3\"
  --> vamp.yaml:2:12
  |
2 | clusters: [eu-3]
  |            ^^^^
  help: did you mean \"eu-1\"?

1 error
";
        assert_eq!(diagnostics(&found, "vamp.yaml", "version: 1\nclusters: [eu-3]\n", Style::PLAIN), expected);
    }

    #[test]
    fn all_are_shown_sorted_by_place_with_what_belongs_to_them() {
        let source = "a: 1\nb: 2\n\n\n\na: 3\n";
        let found = [
            Diagnostic::warning("SPEC-900", place(6, 4, 1), "odd"),
            Diagnostic::error("SPEC-002", place(6, 1, 1), "\"a\" is given twice").related(place(1, 1, 1), "first here"),
            Diagnostic { place: None, ..Diagnostic::error("SPEC-001", Place::NOWHERE, "whole file") },
        ];
        let expected = "\
error[SPEC-001]: whole file
  --> f

error[SPEC-002]: \"a\" is given twice
  --> f:6:1
  |
1 | a: 1
  | - first here
...
6 | a: 3
  | ^

warning[SPEC-900]: odd
  --> f:6:4
  |
6 | a: 3
  |    ^

2 errors, 1 warning
";
        assert_eq!(diagnostics(&found, "f", source, Style::PLAIN), expected);
    }

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        let found = [Diagnostic::error("SPEC-1", place(1, 1, 3), "bad \u{1b}[2J").help("\u{7}")];
        let text = diagnostics(&found, "f\u{1b}", "\u{1b}]0;x\u{7}\n", Style::PLAIN);
        assert!(!text.chars().any(|character| character != '\n' && character.is_control()), "{text:?}");
    }

    #[test]
    fn programs_get_every_field() {
        let found = [Diagnostic::error("SPEC-104", place(2, 12, 4), "m").help("h")];
        let expected = serde_json::json!({"diagnostics": [{"code": "SPEC-104", "severity": "error", "message": "m",
            "file": "f", "line": 2, "column": 12, "help": "h"}]});
        assert_eq!(serde_json::to_value(diagnostics_json(&found, "f")).unwrap(), expected);
    }

    #[test]
    fn a_place_outside_of_the_text_is_no_accident() {
        let found = [Diagnostic::error("SPEC-1", place(9, 9, 9), "m"), Diagnostic::error("SPEC-2", place(1, 90, 9), "m")];
        assert!(diagnostics(&found, "f", "short\n", Style::PLAIN).ends_with("2 errors\n"));
    }
}
