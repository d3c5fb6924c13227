//! One field that changes: `path: before -> after`; a text of several lines as the lines that differ. Never a secret.

use super::super::style::{Paint, Style, cut, escape};
use super::{Detail, difference, steps};
use model::Value;
use model::change::{Cause, FieldChange, SecretState, Shown};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// However narrow the window is, a value gets so many columns.
const LEAST: usize = 24;

/// `known` is the cause that stands behind the step's address already: it is not said twice.
pub(super) fn field(text: &mut String, change: &FieldChange, known: Option<&Cause>, detail: Detail, style: Style) {
    let path = escape(&change.path);
    let why = if Some(&change.cause) == known { String::new() } else { format!("  ({})", steps::cause(&change.cause)) };
    let why = escape(&why);
    let why = style.paint(Paint::Faint, &why);
    if let (Some(before), Some(after)) = (lines_of(change.before.as_ref()), lines_of(change.after.as_ref())) {
        let _ = writeln!(text, "      {path}:{why}");
        difference::lines(text, before, after, detail, style);
        return;
    }
    let room = style.width.saturating_sub(6 + path.width() + 2);
    let room = if detail == Detail::Full { usize::MAX } else { room };
    let half = (room.saturating_sub(4) / 2).max(LEAST);
    let line = match (&change.before, &change.after) {
        (Some(Shown::Secret(_)), Some(Shown::Secret(state))) => secret(*state).to_owned(),
        (Some(before), Some(after)) => format!("{} -> {}", shown(before, half), shown(after, half)),
        (None, Some(after)) => format!("{} (new)", shown(after, room.max(LEAST))),
        (Some(Shown::Secret(_)), None) => "(secret) -> (removed)".to_owned(),
        (Some(before), None) => format!("{} -> (removed)", shown(before, room.max(LEAST))),
        (None, None) => "written anew, without what is no longer asked for".to_owned(),
    };
    let _ = writeln!(text, "      {path}: {line}{why}");
}

/// The text, if either side of a change is one of several lines.
fn lines_of(shown: Option<&Shown>) -> Option<&str> {
    match shown {
        Some(Shown::Value(Value::String(text))) if text.contains('\n') => Some(text),
        _ => None,
    }
}

fn shown(value: &Shown, room: usize) -> String {
    match value {
        Shown::Secret(state) => secret(*state).to_owned(),
        Shown::Value(value) => cut(&escape(&value.to_string()), room).into_owned(),
    }
}

fn secret(state: SecretState) -> &'static str {
    match state {
        SecretState::Changed => "(secret) changed",
        SecretState::Unchanged => "(secret) unchanged",
        SecretState::Unknown => "(secret) cannot be compared before it is applied",
    }
}
