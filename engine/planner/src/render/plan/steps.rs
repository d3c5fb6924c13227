//! The steps of one group: sign, address, cause; under it the fields that change.

use super::super::style::{Paint, Style, escape};
use super::{Detail, document, values};
use model::change::{Cause, CauseKind};
use model::plan::{Action, Step};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Causes line up behind addresses of up to so many columns; longer addresses push theirs out.
const ALIGNED: usize = 76;

pub(super) fn group(text: &mut String, steps: &[&Step], detail: Detail, style: Style) {
    let widths = steps.iter().map(|step| step.address.as_str().width()).filter(|width| *width <= ALIGNED);
    let column = widths.max().unwrap_or_default();
    for step in steps {
        head(text, step, column, style);
        if detail == Detail::Full && step.changes.is_empty() {
            step.document.iter().for_each(|value| text.push_str(&document(value, 6)));
        }
        for change in &step.changes {
            values::field(text, change, step.causes.first(), detail, style);
        }
    }
}

fn head(text: &mut String, step: &Step, column: usize, style: Style) {
    let sign = style.paint(paint(step.action), step.action.sign());
    let address = escape(step.address.as_str());
    let remarks = remarks(step);
    if remarks.is_empty() {
        let _ = writeln!(text, "  {sign} {address}");
    } else {
        let _ = writeln!(text, "  {sign} {address:column$}  {}", style.paint(Paint::Faint, &escape(&remarks)));
    }
}

/// What stands behind the address: where it was, why the step is there, and what to beware of.
fn remarks(step: &Step) -> String {
    let mut remarks = Vec::new();
    if let Some(from) = &step.moved_from {
        remarks.push(format!("was {from}"));
    }
    remarks.extend(step.causes.first().map(cause));
    if step.causes.len() > 1 {
        remarks.push(format!("and {} more", step.causes.len() - 1));
    }
    if step.action == Action::Await {
        remarks.push("as wanted, and not ready yet".to_owned());
    }
    if step.action == Action::Replace {
        remarks.push("cannot be changed in place: deleted and made anew".to_owned());
    }
    if step.destroys_data {
        remarks.push("ITS DATA IS LOST".to_owned());
    }
    if step.deferred {
        remarks.push("deferred".to_owned());
    }
    remarks.join(", ")
}

/// Why, in words that need no manual.
pub(super) fn cause(cause: &Cause) -> String {
    let source = &cause.source;
    match cause.kind {
        CauseKind::Spec => source.to_string(),
        CauseKind::Drift if source.contains(' ') => format!("drift: {source}"),
        CauseKind::Drift => format!("drift: changed by {source}"),
        CauseKind::Dependency => format!("follows from {source}"),
        CauseKind::Default => format!("default: {source}"),
        CauseKind::Removed => "no longer in the spec".to_owned(),
        CauseKind::Destroy => "destroy was asked for".to_owned(),
    }
}

fn paint(action: Action) -> Paint {
    match action {
        Action::Create => Paint::Create,
        Action::Update | Action::Adopt | Action::Move => Paint::Update,
        Action::Replace | Action::Delete => Paint::Delete,
        Action::Await | Action::Keep => Paint::Faint,
    }
}
