//! Bytes to a tree: what must hold before any key is looked at. One complaint at most, for nothing after it could be trusted.

use super::code;
use super::node::{Node, place};
use model::Diagnostic;
use model::source::Place;
use serde_yaml::budget::BudgetBreach;
use serde_yaml::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Budget, Error, MessageFormatter, Options, UserMessageFormatter};

/// Largest spec that is read, in bytes. A hundred thousand resources take less than a tenth of it.
pub const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// Deepest nesting. The deepest key of a spec lies ten levels down.
const DEPTH_LIMIT: usize = 48;

/// Most parser events that aliases may add, all together: enough to share settings among thousands of environments, and
/// little enough that an alias bomb goes off in milliseconds.
const ALIAS_EVENT_LIMIT: usize = 250_000;

const START: Place = Place { line: 1, column: 1, length: 1 };

/// The tree of a document.
///
/// # Errors
/// The complaint about what is no YAML.
pub fn read(text: &[u8]) -> Result<Node, Diagnostic> {
    if text.len() > SIZE_LIMIT {
        let message = format!("the file holds {} bytes; a spec may hold {SIZE_LIMIT} at most", text.len());
        return Err(Diagnostic::error(code::TOO_LARGE, START, message)
            .help("is this the file that you meant? Anchors and `defaults` keep a large spec short"));
    }
    let text = decode(text)?;
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Err(Diagnostic::error(code::EMPTY, START, "the file holds no spec")
            .help("`vamp init --model M0` writes one to start from"));
    }
    serde_yaml::from_str_with_options(text, options()).map_err(|error| complaint(&error))
}

/// UTF-8 without its byte order mark.
fn decode(text: &[u8]) -> Result<&str, Diagnostic> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let good = String::from_utf8_lossy(text.get(..error.valid_up_to()).unwrap_or_default());
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        let byte = text.get(error.valid_up_to()).copied().unwrap_or_default();
        let message = format!("the byte 0x{byte:02x} is not UTF-8");
        Diagnostic::error(code::NOT_UTF8, Place { line: line as u32, column: column as u32, length: 1 }, message)
            .help("save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn options() -> Options {
    let mut budget = Budget::default();
    budget.max_depth = DEPTH_LIMIT;
    budget.flow_nesting_limit = DEPTH_LIMIT + 1;
    budget.max_documents = 2;
    budget.max_nodes = SIZE_LIMIT;
    budget.max_events = 2 * SIZE_LIMIT;
    budget.max_recorded_anchor_events = ALIAS_EVENT_LIMIT;
    budget.enforce_alias_anchor_ratio = false;
    serde_yaml::options! {
        budget: Some(budget),
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: ALIAS_EVENT_LIMIT },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    }
}

/// The complaint about an error of the YAML parser, in our words where it is a common one.
fn complaint(error: &Error) -> Diagnostic {
    let at = error.location().map_or(START, place);
    match innermost(error) {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(at),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasReplayStackDepthExceeded { .. } => {
            Diagnostic::error(
                code::TOO_MANY_ALIASES,
                at,
                format!("aliases blow the document up beyond {ALIAS_EVENT_LIMIT} values"),
            )
            .help("write the repeated part once, in `defaults` of the platform or of a tenant")
        }
        Error::MultipleDocuments { .. } => Diagnostic::error(code::SEVERAL_DOCUMENTS, at, "a second document begins here")
            .help("a spec is one YAML document; remove the `---` line"),
        Error::UnknownAnchor { .. } => {
            Diagnostic::error(code::UNKNOWN_ANCHOR, at, "no anchor of this name stands before this alias")
                .help("define it with `&name` further up, or put the text in quotes if the `*` is meant as such")
        }
        other => {
            let message = UserMessageFormatter.format_message(other).into_owned();
            if message.contains("nest") || message.contains("depth") || message.contains("recursion") {
                return too_deep(at);
            }
            Diagnostic::error(code::SYNTAX, at, format!("this is not YAML: {message}"))
                .help("look here and at the line before for a bracket or a quote that is not closed, or for blanks that are one too many or too few")
        }
    }
}

/// The error without the snippets and aliases that it came through.
fn innermost(error: &Error) -> &Error {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => innermost(error),
        other => other,
    }
}

fn too_deep(at: Place) -> Diagnostic {
    Diagnostic::error(code::TOO_DEEP, at, format!("the document is nested more than {DEPTH_LIMIT} levels deep"))
        .help("no part of a spec needs that; look for brackets that are not closed")
}
