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

use crate::policy::{Judgement, Severity};
use jiff::civil::Date;

pub use annotations::annotations;
pub use json::json;
pub use junit::junit;
pub use page::page;
pub use sarif::sarif;
pub use text::{cards, text, verdict};

/// The published JSON Schema of what [`json`] writes.
pub const CHECK_SCHEMA: &str = include_str!("../../../../docs/schemas/check.schema.json");

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
}
