//! Spec text to a typed [`Spec`], with every complaint at once.
//!
//! The way of a value: bytes become a tree that knows where everything stood; the tree is read into records as written, by
//! one description per record (`written.rs`), which is also the JSON Schema; the records become the [`Spec`] as meant, with
//! defaults filled in and references followed. Every stage goes on after a mistake, except the first: what is not YAML
//! cannot be read any further.

mod builtin;
mod code;
mod form;
mod init;
mod lower;
mod node;
mod reader;
mod schema;
mod shape;
mod suggest;
#[cfg(test)]
mod tests;
pub mod types;
mod written;
mod yaml;

pub use code::{explain_error, is_confidential};
pub(crate) use form::release_of_image;
pub use init::{Model, init};
pub use schema::{json_schema, rules_json_schema};
pub(crate) use suggest::Suggestions;
pub use types::Spec;
pub use yaml::SIZE_LIMIT;

/// What other files of ours are read with, in the manner of the spec: a tree that knows where everything stood, one description a record,
/// and every complaint at once.
pub mod reading {
    pub use super::form::{Flag, Version};
    pub use super::node::{Key, Node, Tree};
    pub use super::reader::{Given, Reader, quote};
    pub use super::schema::schema_of;
    pub use super::shape::{
        Definitions, Field, Items, List, NameRule, Names, Record, Shape, TextShape, read_record, record_schema,
    };
    pub use super::yaml::read;
    pub use crate::record;
}

use crate::policy::own;
use model::{Diagnostic, Severity};
use reader::Reader;
use shape::Shape;
use std::sync::Arc;

/// A spec that was taken, and what is probably not meant so in it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The spec.
    pub spec: Spec,
    /// Warnings, in the order of the file.
    pub warnings: Vec<Diagnostic>,
}

/// Reads the spec in `text`. `file` is its name, as it is shown in diagnostics.
///
/// # Errors
/// Every complaint, in the order of the file: at least one of them an error.
pub fn parse(file: &str, text: &[u8]) -> Result<Parsed, Vec<Diagnostic>> {
    let tree = yaml::read(text).map_err(|complaint| vec![complaint])?;
    let mut reader = Reader::new("the spec");
    let document = written::Document::read(&tree, &mut reader).unwrap_or_default();
    let (spec, complaints) = lower::lower(&document, in_file(file, text), digest(text), reader);
    match spec {
        Some(spec) if complaints.iter().all(|complaint| complaint.severity == Severity::Warning) => {
            Ok(Parsed { spec, warnings: complaints })
        }
        _ => Err(complaints),
    }
}

/// Reads the rules of a platform's own in `text`, a file of its own that is called `file`.
///
/// # Errors
/// Every complaint, in the order of the file.
pub fn parse_rules(file: &str, text: &[u8]) -> Result<Vec<Arc<own::Rule>>, Vec<Diagnostic>> {
    let tree = yaml::read(text).map_err(|complaint| vec![complaint])?;
    let mut reader = Reader::new("the policy file");
    let written = written::PolicyFile::read(&tree, &mut reader).unwrap_or_default();
    let rules = written.rules.yes().and_then(|rules| lower::rules::rules(&rules.value, in_file(file, text), &mut reader));
    let complaints = reader.into_complaints();
    if complaints.is_empty() { Ok(rules.unwrap_or_default()) } else { Err(complaints) }
}

/// A file whose text is known to be UTF-8.
fn in_file<'f>(name: &'f str, text: &'f [u8]) -> lower::rules::File<'f> {
    lower::rules::File { name, text: std::str::from_utf8(text).unwrap_or_default() }
}

/// Digest of the text, as a plan keeps it to say which spec it was made from.
fn digest(text: &[u8]) -> String {
    blake3::hash(text).to_hex().chars().take(32).collect()
}
