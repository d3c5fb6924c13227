//! What a command says when it fails: one type at the edge, with causes, hints and an exit code.

use crate::exit::Exit;
use model::Diagnostic;
use planner::policy::Finding;
use planner::render::check::cards;
use planner::render::diagnostics::{Complaint, Complaints, diagnostics, diagnostics_json, summary};
use planner::render::style::{Paint, Style, counted, escape, escape_json, escape_lines};
use std::error::Error;
use std::fmt::Write;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct CommandError {
    what: What,
    hints: Vec<String>,
    exit: Exit,
}

#[derive(Debug)]
enum What {
    /// One sentence, and what lies behind it.
    Sentence { message: String, source: Option<Box<dyn Error + Send + Sync>> },
    /// Complaints about an input file.
    Complaints { found: Vec<Diagnostic>, file: String, source: String },
    /// Rules that it breaks.
    Policy { broken: Vec<Finding>, file: String, source: String },
}

impl CommandError {
    /// A failure in one sentence without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        CommandError { what: What::Sentence { message: message.into(), source: None }, hints: Vec::new(), exit: Exit::Failed }
    }

    /// Complaints about the file `file` that reads `source`.
    pub(crate) fn complaints(found: Vec<Diagnostic>, file: String, source: String) -> Self {
        CommandError { what: What::Complaints { found, file, source }, hints: Vec::new(), exit: Exit::Failed }
    }

    /// Rules of weight must that the spec in the file `file`, which reads `source`, or the plan of it, breaks.
    pub(crate) fn policy(broken: Vec<Finding>, file: String, source: String) -> Self {
        CommandError { what: What::Policy { broken, file, source }, hints: Vec::new(), exit: Exit::Policy }
    }

    /// The same, caused by `source`.
    pub(crate) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        if let What::Sentence { source: slot, .. } = &mut self.what {
            *slot = Some(source.into());
        }
        self
    }

    /// The same with advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same as a mistake in the call, as if the arguments could not be read.
    pub(crate) fn usage(mut self) -> Self {
        self.exit = Exit::Usage;
        self
    }

    /// The same as a rule that is broken.
    pub(crate) fn by_policy(mut self) -> Self {
        self.exit = Exit::Policy;
        self
    }

    /// How the call ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// What failed and why, on one line.
    pub(crate) fn sentence(&self) -> String {
        match &self.what {
            What::Complaints { found, .. } => summary(found),
            What::Policy { broken, .. } => refusal(broken.len()),
            What::Sentence { message, source } => {
                std::iter::once(message.clone()).chain(causes(source.as_deref())).collect::<Vec<_>>().join(": ")
            }
        }
    }

    /// For people.
    pub(crate) fn text(&self, style: Style) -> String {
        match &self.what {
            What::Complaints { found, file, source } => diagnostics(found, file, source, style) + &self.hint_text(style),
            What::Policy { broken, file, source } => {
                let mut text = cards(broken, file, source, style);
                let _ = writeln!(text, "{}", style.paint(Paint::Error, &refusal(broken.len())));
                text + &self.hint_text(style)
            }
            What::Sentence { message, source } => {
                let mut text = format!("{} {}\n", style.paint(Paint::Error, "error:"), escape_lines(message));
                for cause in causes(source.as_deref()) {
                    let _ = writeln!(text, "  {} {}", style.paint(Paint::Faint, "because:"), escape(&cause));
                }
                text + &self.hint_text(style)
            }
        }
    }

    fn hint_text(&self, style: Style) -> String {
        let hints = self.hints.iter();
        hints.map(|hint| format!("  {} {}\n", style.paint(Paint::Help, "help:"), escape(hint))).collect()
    }

    /// For programs, in the form of diagnostics.
    pub(crate) fn json(&self) -> String {
        // Strings and numbers always become JSON.
        escape_json(serde_json::to_string_pretty(&self.diagnostics()).unwrap_or_default()) + "\n"
    }

    /// The same as values. Advice on the whole stands with the first of several.
    pub(crate) fn diagnostics(&self) -> Complaints<'_> {
        let mut complaints = match &self.what {
            What::Complaints { found, file, .. } => diagnostics_json(found, file),
            What::Policy { broken, file, .. } => {
                Complaints { diagnostics: broken.iter().map(|finding| Complaint::of_finding(finding, file)).collect() }
            }
            What::Sentence { message, source } => {
                Complaints { diagnostics: vec![Complaint::of_failure(message, causes(source.as_deref()).collect())] }
            }
        };
        if let Some(first) = complaints.diagnostics.first_mut().filter(|_| !self.hints.is_empty()) {
            let help = first.help.iter().map(AsRef::as_ref).chain(self.hints.iter().map(String::as_str));
            first.help = Some(help.collect::<Vec<_>>().join("\n").into());
        }
        complaints
    }
}

fn refusal(broken: usize) -> String {
    let rules = counted(broken, "rule", "rules");
    format!(
        "Nothing was done: {rules} of weight must would be broken. `vamp explain ID` says how to mend it, or how to waive it."
    )
}

/// The chain of sources, each with its own words only.
fn causes(source: Option<&(dyn Error + Send + Sync + 'static)>) -> impl Iterator<Item = String> {
    source.map(|source| chain(source)).unwrap_or_default().into_iter()
}

/// An error and what lies behind it, each with its own words only.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut words = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        words.push(error.to_string());
        next = error.source();
    }
    // A wrapper that is transparent says the same twice.
    words.dedup();
    words
}

impl From<port::PlatformError> for CommandError {
    fn from(error: port::PlatformError) -> Self {
        let mut failure = CommandError::new(error.message);
        if let Some(source) = error.source {
            failure = failure.because(source);
        }
        match error.help {
            Some(help) => failure.hint(help),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_causes_and_a_remedy() {
        let cause = std::io::Error::other("disk \u{1b}[1m full");
        let failure = CommandError::new("cannot write plan.json").because(cause).hint("make room");
        assert_eq!(
            failure.text(Style::PLAIN),
            "error: cannot write plan.json\n  because: disk \\u{1b}[1m full\n  help: make room\n"
        );
        let json: serde_json::Value = serde_json::from_str(&failure.json()).unwrap();
        assert_eq!(json["diagnostics"][0]["message"], "cannot write plan.json");
        assert_eq!(json["diagnostics"][0]["help"], "make room");
    }
}
