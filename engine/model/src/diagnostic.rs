//! A complaint about input: a stable code, a place, and a remedy.

use crate::source::Place;
use serde::Serialize;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The input is taken, and probably not meant so.
    Warning,
}

/// One complaint. The line with its caret is drawn by whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code; `docs/errors/CODE.md` explains it.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, if it can be said.
    pub place: Option<Place>,
    /// Further places that belong to the complaint, each with a word about it (the first of two duplicates, say).
    pub related: Vec<(Place, String)>,
    /// The remedy.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error with `code` at `place`.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: place.is_written().then_some(place),
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning with `code` at `place`.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, place, message) }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with a second place that belongs to it.
    #[must_use]
    pub fn related(mut self, place: Place, word: impl Into<String>) -> Self {
        self.related.push((place, word.into()));
        self
    }
}
