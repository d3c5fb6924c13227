//! What rules found, as text for people and in the forms that programs read. Nothing here decides anything.
//!
//! * `text`: for people, each finding with its line;
//! * `json`: our own form (`docs/schemas/check.schema.json`);
//! * `sarif`: SARIF 2.1.0, for code scanning;
//! * `junit`: a rule is a test;
//! * `annotations`: commands that a hosted CI turns into remarks beside the line;
//! * `page`: one page for a browser.

mod annotations;
mod json;
mod junit;
mod page;
mod sarif;
mod text;

#[cfg(test)]
mod tests;

use super::diagnostics::Complaint;
use crate::policy::{Finding, Judgement, Severity};
use jiff::civil::Date;
use model::index::IndexMap;

pub use annotations::annotations;
pub use json::json;
pub use junit::junit;
pub(super) use junit::xml;
pub use page::page;
pub use sarif::sarif;
pub use text::{cards, text, verdict};

/// The published JSON Schema of what [`json`] writes.
pub const CHECK_SCHEMA: &str = include_str!("../../../../docs/schemas/check.schema.json");

/// Findings of one rule at one field that say the same: the first of them, and whom the others are about. What a hundred environments
/// have in common is told once.
pub(crate) struct Told<'f> {
    pub(crate) finding: &'f Finding,
    pub(crate) also: Vec<&'f str>,
}

impl<'f> Told<'f> {
    /// Findings as people are told of them, in order of the first of each. Those that differ in more than whom they are about stay apart.
    pub(crate) fn of(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Self> {
        let mut told: IndexMap<_, Told<'f>> = IndexMap::default();
        for finding in findings {
            let before = finding.change.as_ref().map(|change| change.place);
            let words = finding.message.replace(&finding.subject, "");
            let first = told.entry((&*finding.policy, finding.place, before, words, &*finding.remedy));
            first.and_modify(|first| first.also.push(&finding.subject)).or_insert(Told { finding, also: Vec::new() });
        }
        told.into_values().collect()
    }

    /// Whom the others are about, in words; nothing if there are none.
    pub(crate) fn others(&self) -> Option<String> {
        const NAMED: usize = 8;
        let names = self.also.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        match (self.also.len(), self.also.len().saturating_sub(NAMED)) {
            (0, _) => None,
            (_, 0) => Some(names),
            (_, more) => Some(format!("{names} and {more} more")),
        }
    }
}

/// A judgement, and what it takes to show it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What came of judging.
    pub judgement: &'a Judgement,
    /// The spec's file, as it is shown.
    pub file: &'a str,
    /// The spec's text.
    pub source: &'a str,
    /// The day on which it was judged.
    pub today: Date,
    /// What weighs at least so much fails the check.
    pub threshold: Severity,
    /// What was asked for and could not be had (an older spec, a plan, a file of rules), so that nothing of it was judged.
    pub failures: &'a [Complaint<'a>],
}

impl Report<'_> {
    /// Whether the check fails: something of that weight is broken and not waived, or could not be asked.
    pub fn fails(&self) -> bool {
        !self.failures.is_empty() || self.judgement.fails(self.threshold)
    }
}
