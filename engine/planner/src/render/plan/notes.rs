//! What is not done: notes with the same reason stand together, so that a dark cluster is one paragraph and not forty.

use super::super::style::{Paint, Style, escape};
use super::{Detail, NOTE_WORDS};
use model::index::IndexMap;
use model::plan::{Note, NoteKind};
use std::fmt::Write;

/// Subjects of one reason that a short plan names.
const NAMED: usize = 5;
/// Notes about waiting that a short plan shows one by one: more of them follow from what stands above them.
const WAITING: usize = 5;

type Reason<'a> = (Option<&'a str>, &'a str, Option<&'a str>);

pub(super) fn report(text: &mut String, notes: &[Note], detail: Detail, style: Style) {
    let (yielded, left): (Vec<&Note>, Vec<&Note>) = notes.iter().partition(|note| note.kind == NoteKind::Yielded);
    for (heading, notes) in [("not done", left), ("left to others", yielded)] {
        if !notes.is_empty() {
            let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, heading));
            under(text, &notes, detail, style);
        }
    }
}

fn under(text: &mut String, notes: &[&Note], detail: Detail, style: Style) {
    for (kind, _) in NOTE_WORDS {
        let waiting = notes.iter().filter(|note| note.kind == NoteKind::Waits).count();
        if kind == NoteKind::Waits && detail == Detail::Short && waiting > WAITING {
            let word = style.paint(paint(kind), word(kind));
            let _ = writeln!(text, "  {word} {waiting} steps that come after these or after each other (--verbose says which)");
            continue;
        }
        let mut reasons: IndexMap<Reason<'_>, Vec<&str>> = IndexMap::default();
        for note in notes.iter().filter(|note| note.kind == kind) {
            reasons.entry((note.rule.as_deref(), &note.message, note.help.as_deref())).or_default().push(&note.subject);
        }
        for (reason, subjects) in &reasons {
            paragraph(text, kind, reason, subjects, detail, style);
        }
    }
}

fn paragraph(text: &mut String, kind: NoteKind, reason: &Reason<'_>, subjects: &[&str], detail: Detail, style: Style) {
    let (rule, message, help) = reason;
    let rule = rule.map(|rule| format!(" [{rule}]")).unwrap_or_default();
    let word = style.paint(paint(kind), word(kind));
    let rule = escape(&rule);
    let message = escape(message);
    if let [subject] = subjects {
        let _ = writeln!(text, "  {word}{rule} {}: {message}", escape(subject));
    } else {
        let _ = writeln!(text, "  {word}{rule} {message}:");
        // What needs a name has to be named.
        let all = detail == Detail::Full || kind == NoteKind::NeedsConsent || subjects.len() <= NAMED + 1;
        let named = if all { subjects.len() } else { NAMED };
        for subject in subjects.iter().take(named) {
            let _ = writeln!(text, "      {}", escape(subject));
        }
        if named < subjects.len() {
            let _ = writeln!(text, "      … and {} more (--verbose names them)", subjects.len() - named);
        }
    }
    if let Some(help) = help {
        let _ = writeln!(text, "      {} {}", style.paint(Paint::Help, "help:"), escape(help));
    }
}

/// The word in front, which says at once whether somebody has to act.
const fn word(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Refused => "refused",
        NoteKind::NeedsConsent => "needs consent",
        NoteKind::Unknown => "unknown",
        NoteKind::Waits => "waits",
        NoteKind::Failing => "failing",
        NoteKind::Ineffective => "ineffective",
        NoteKind::Foreign => "not ours",
        NoteKind::NotTargeted => "not targeted",
        NoteKind::Unconfirmed => "not confirmed",
        NoteKind::Contested => "contested",
        NoteKind::Yielded => "yielded",
    }
}

const fn paint(kind: NoteKind) -> Paint {
    match kind {
        NoteKind::Refused | NoteKind::NeedsConsent | NoteKind::Contested | NoteKind::Failing | NoteKind::Ineffective => {
            Paint::Error
        }
        NoteKind::Unknown | NoteKind::Waits | NoteKind::Unconfirmed => Paint::Warning,
        NoteKind::Foreign | NoteKind::NotTargeted | NoteKind::Yielded => Paint::Faint,
    }
}
