//! One complaint as it is shown: what, where, the line with a caret, and what there is to say about it.

use super::super::style::{Paint, Style, escape};
use super::lines::Lines;
use model::Place;
use std::fmt::Write;

/// A complaint, ready to be shown.
pub(in crate::render) struct Card<'a> {
    /// Kind and code: `error[SPEC-104]`.
    pub(in crate::render) head: String,
    pub(in crate::render) paint: Paint,
    /// What is wrong.
    pub(in crate::render) message: &'a str,
    pub(in crate::render) place: Option<Place>,
    /// Further places, each with a word about it.
    pub(in crate::render) related: &'a [(Place, String)],
    /// What else there is to say: a word, and the text behind it.
    pub(in crate::render) notes: &'a [(&'a str, &'a str)],
}

impl Card<'_> {
    pub(in crate::render) fn write(&self, text: &mut String, file: &str, lines: &mut Lines<'_>, style: Style) {
        let message = escape(self.message);
        let _ = writeln!(text, "{}{}", style.paint(self.paint, &self.head), style.paint(Paint::Heading, &format!(": {message}")));
        let gutter = self.gutter_width();
        let arrow = style.paint(Paint::Faint, "-->");
        match self.place {
            Some(place) => {
                let _ = writeln!(text, "{:gutter$} {arrow} {file}:{place}", "");
                self.excerpts(text, place, lines, gutter, style);
            }
            None => {
                let _ = writeln!(text, "{:gutter$} {arrow} {file}", "");
            }
        }
        for (word, note) in self.notes {
            let word = format!("{word}:");
            for (index, line) in note.lines().enumerate() {
                let shown = if index == 0 { style.paint(Paint::Help, &word) } else { " ".repeat(word.len()).into() };
                let _ = writeln!(text, "{:gutter$} {shown} {}", "", escape(line));
            }
        }
    }

    /// Columns that the largest line number needs.
    fn gutter_width(&self) -> usize {
        let places = self.place.iter().chain(self.related.iter().map(|(place, _)| place));
        places.map(|place| place.line).max().unwrap_or_default().to_string().len()
    }

    /// The lines that the complaint is about, from top to bottom, each mark under its text.
    fn excerpts(&self, text: &mut String, place: Place, lines: &mut Lines<'_>, gutter: usize, style: Style) {
        let mut marks: Vec<(Place, &str, bool)> =
            self.related.iter().map(|(place, word)| (*place, word.as_str(), false)).collect();
        marks.push((place, "", true));
        marks.sort_by_key(|(place, ..)| *place);
        let bar = style.paint(Paint::Faint, "|");
        let _ = writeln!(text, "{:gutter$} {bar}", "");
        let mut previous: Option<u32> = None;
        for (place, word, is_primary) in marks {
            if previous.is_some_and(|line| place.line > line + 1) {
                let _ = writeln!(text, "{}", style.paint(Paint::Faint, "..."));
            }
            let Some(excerpt) = lines.excerpt(place, style.width.saturating_sub(gutter + 3)) else { continue };
            if previous != Some(place.line) || excerpt.is_cut {
                let number = format!("{:>gutter$}", place.line);
                let _ = writeln!(text, "{} {bar} {}", style.paint(Paint::Faint, &number), excerpt.text());
            }
            previous = Some(place.line);
            let mark = if is_primary { "^" } else { "-" }.repeat(excerpt.length());
            let word = if word.is_empty() { String::new() } else { format!(" {}", escape(word)) };
            let mark = format!("{mark}{word}");
            let mark = style.paint(if is_primary { self.paint } else { Paint::Help }, &mark);
            let _ = writeln!(text, "{:gutter$} {bar} {:indent$}{mark}", "", "", indent = excerpt.indent());
        }
    }
}
