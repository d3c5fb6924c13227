//! A plan for people: grouped by what the steps belong to, each change with its cause, and what is *not* done with its reason.

mod difference;
mod document;
mod notes;
mod steps;
mod values;

use super::style::{Paint, Style, counted, escape};
use model::Plan;
use model::plan::{Action, NoteKind, Step};
use model::resource::Scope;
use std::collections::BTreeMap;
use std::fmt::Write;

pub use document::document;

/// How much of a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line a step, the fields that change, long lists cut short.
    Short,
    /// Whole documents, whole lists, and what is kept.
    Full,
}

/// The whole plan: where it acts, its steps, its report, its summary.
pub fn plan(plan: &Plan, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    for line in &plan.acts_on {
        let _ = writeln!(text, "{}", escape(line));
    }
    for (scope, steps) in by_scope(plan, detail) {
        let _ = writeln!(text, "\n{}", style.paint(Paint::Heading, &escape(&scope.to_string())));
        steps::group(&mut text, &steps, detail, style);
    }
    notes::report(&mut text, &plan.report, detail, style);
    if plan.steps.iter().any(|step| step.deferred) {
        let _ =
            writeln!(text, "\nDeferred steps act on a system that does not exist yet: it is looked at when their turn comes.");
    }
    for waived in &plan.waived {
        let line = format!("Waived until {} by {}: {} for {}.", waived.expires, waived.owner, waived.rule, waived.subject);
        let _ = writeln!(text, "\n{}", style.paint(Paint::Warning, &escape(&line)));
    }
    let paint = if plan.is_empty() && plan.report.iter().all(|note| note.kind == NoteKind::Yielded) {
        Paint::Good
    } else {
        Paint::Heading
    };
    let _ = writeln!(text, "\n{}", style.paint(paint, &summary(plan)));
    text
}

/// One line: `12 to create, 1 to update; 3 waiting; 40 unchanged`.
pub fn summary(plan: &Plan) -> String {
    let actions = Action::ALL.iter().filter(|action| **action != Action::Keep);
    let counts = actions.map(|action| (plan.count(*action), format!("to {}", action.word())));
    let changes = listed(counts);
    let tells = |kind: &NoteKind| *kind != NoteKind::Yielded;
    let waits = listed(NOTE_WORDS.iter().filter(|(kind, _)| tells(kind)).map(|(kind, word)| {
        let count = plan.report.iter().filter(|note| note.kind == *kind).count();
        (count, (*word).to_owned())
    }));
    let unchanged = counted(plan.unchanged as usize, "resource", "resources");
    match (changes.is_empty(), waits.is_empty()) {
        (true, true) => format!("Nothing to do: {unchanged} as wanted."),
        (true, false) => format!("Nothing is done: {waits}; {unchanged} as wanted."),
        (false, true) => format!("Plan: {changes}; {unchanged} unchanged."),
        (false, false) => format!("Plan: {changes}; not done: {waits}; {unchanged} unchanged."),
    }
}

/// The kinds of notes in the order in which they matter, and how a summary names them.
pub(super) const NOTE_WORDS: [(NoteKind, &str); 11] = [
    (NoteKind::Refused, "refused"),
    (NoteKind::NeedsConsent, "without consent"),
    (NoteKind::Contested, "contested"),
    (NoteKind::Failing, "failing"),
    (NoteKind::Ineffective, "ineffective"),
    (NoteKind::Unknown, "unknown"),
    (NoteKind::Waits, "waiting"),
    (NoteKind::Foreign, "not ours"),
    (NoteKind::NotTargeted, "not targeted"),
    (NoteKind::Unconfirmed, "not confirmed"),
    (NoteKind::Yielded, "left to others"),
];

fn listed(counts: impl Iterator<Item = (usize, String)>) -> String {
    let words: Vec<String> = counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    words.join(", ")
}

/// From the platform as a whole to its smallest parts; inside a part in the plan's order.
fn by_scope(plan: &Plan, detail: Detail) -> BTreeMap<&Scope, Vec<&Step>> {
    let mut groups: BTreeMap<&Scope, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| detail == Detail::Full || step.action != Action::Keep) {
        groups.entry(&step.scope).or_default().push(step);
    }
    groups
}

#[cfg(test)]
mod tests;
