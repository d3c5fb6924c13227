//! What came of scenarios, for people.

use model::Duration;
use planner::render::style::{Paint, Style, counted, escape};
use simulator::scenario::story::Of;
use simulator::scenario::{Checked, Outcome, Scenario};
use std::fmt::Write;

/// Columns of prose.
const WIDTH: usize = 110;

/// The story of one scenario, and what was expected beside what was seen.
pub(super) fn told(name: &str, scenario: &Scenario, outcome: &Outcome, style: Style) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", style.paint(Paint::Heading, &escape(&format!("{name}: {}", scenario.title))));
    for line in wrapped(&scenario.says) {
        let _ = writeln!(text, "  {}", escape(&line));
    }
    text.push_str("\nWhat happened\n");
    for line in &outcome.story {
        let what = escape(&line.what).into_owned();
        let what = match line.of {
            Of::Fault => style.paint(Paint::Heading, &what),
            Of::Breach => style.paint(Paint::Error, &what),
            Of::Platform | Of::Engine => what.as_str().into(),
        };
        let _ = writeln!(text, "  {:>12}  {what}", instant(line.at));
    }
    text.push_str("\nWhat was expected, and what was seen\n");
    let width = outcome.checked.iter().map(|checked| subject(checked).chars().count()).max().unwrap_or_default();
    for checked in &outcome.checked {
        let _ = writeln!(text, "  {}", row(checked, width, style));
    }
    text.push('\n');
    text
}

/// In how many scenarios all was as expected.
pub(super) fn verdict<'a>(all: impl Iterator<Item = (&'a str, &'a Outcome)>, style: Style) -> String {
    let (mut names, mut count) = (Vec::new(), 0);
    for (name, outcome) in all {
        count += 1;
        if !outcome.is_as_expected() {
            names.push(name);
        }
    }
    let scenarios = counted(count, "scenario", "scenarios");
    let line = match names.len() {
        0 => style.paint(Paint::Good, &format!("{scenarios}, as expected.")).into_owned(),
        wrong => style
            .paint(Paint::Error, &format!("{wrong} of {scenarios} did not end as expected: {}.", names.join(", ")))
            .into_owned(),
    };
    format!("{line}\n")
}

fn row(checked: &Checked, width: usize, style: Style) -> String {
    let at = checked.at.map_or_else(String::new, instant);
    let what = subject(checked);
    let row = if checked.expected == checked.seen {
        format!("{at:>12}  {what:<width$}  {}", checked.seen)
    } else {
        format!("{at:>12}  {what:<width$}  {}: {}", checked.expected, checked.seen)
    };
    let row = escape(&row).into_owned();
    if checked.holds { row } else { style.paint(Paint::Error, &format!("{row}   <- not as expected")).into_owned() }
}

fn subject(checked: &Checked) -> String {
    if checked.subject.is_empty() { checked.what.clone() } else { format!("{} {}", checked.subject, checked.what) }
}

/// Always with its seconds, so that lines stand in order before the eye.
fn instant(at: Duration) -> String {
    let seconds = at.0 / 1000;
    let (days, hours, minutes, seconds) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m{seconds:02}s"),
        (0, _) => format!("{hours}h{minutes:02}m{seconds:02}s"),
        _ => format!("{days}d{hours:02}h{minutes:02}m{seconds:02}s"),
    }
}

fn wrapped(prose: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in prose.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
