//! Lines of a source by number, cut to a window around a place, in time that does not depend on how long a line is.

use super::super::style::{escape, is_unsafe};
use model::Place;
use std::borrow::Cow;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// Lines longer than this many bytes get [`Lines::strides`].
const LONG: usize = 2048;
/// Characters between two remembered positions of a long line.
const STRIDE: usize = 512;
/// A tab is shown as so many blanks, so that the caret stands right in every terminal.
const TAB: &str = "    ";
/// However narrow the window is, this much of a line is shown.
const LEAST: usize = 40;

/// A source, by lines.
pub(in crate::render) struct Lines<'a> {
    lines: Vec<&'a str>,
    /// For long lines that were asked for: the byte at which every so many characters begin.
    strides: BTreeMap<u32, Vec<usize>>,
    /// What is never shown, by line: the first character and the one after the last.
    hidden: BTreeMap<u32, Vec<(usize, usize)>>,
}

/// A line as it is shown, or the part of it around the place, in three pieces.
pub(in crate::render) struct Excerpt {
    /// What stands before the place.
    pub(in crate::render) before: String,
    /// What stands at the place.
    pub(in crate::render) marked: String,
    /// What stands behind it.
    pub(in crate::render) after: String,
    /// Whether it is only a part of the line.
    pub(in crate::render) is_cut: bool,
}

impl Excerpt {
    /// The whole.
    pub(in crate::render) fn text(&self) -> String {
        format!("{}{}{}", self.before, self.marked, self.after).trim_end().to_owned()
    }

    /// Columns before the mark.
    pub(in crate::render) fn indent(&self) -> usize {
        self.before.width()
    }

    /// Columns of the mark; at least one.
    pub(in crate::render) fn length(&self) -> usize {
        self.marked.width().max(1)
    }
}

impl<'a> Lines<'a> {
    pub(in crate::render) fn of(source: &'a str) -> Self {
        let lines = source.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
        Lines { lines, strides: BTreeMap::new(), hidden: BTreeMap::new() }
    }

    /// Never show what stands at `place`, whatever points at its line.
    pub(in crate::render) fn hide(&mut self, place: Place) {
        let first = (place.column as usize).saturating_sub(1);
        self.hidden.entry(place.line).or_default().push((first, first + place.length.max(1) as usize));
    }

    /// The text of a line with what is hidden as dots, one a character, so that columns stay.
    fn text(&self, number: u32) -> Option<Cow<'a, str>> {
        let line = *self.lines.get((number as usize).checked_sub(1)?)?;
        let Some(hidden) = self.hidden.get(&number) else { return Some(Cow::Borrowed(line)) };
        let is_hidden = |index: usize| hidden.iter().any(|(first, end)| (*first..*end).contains(&index));
        let masked = line.chars().enumerate().map(|(index, character)| if is_hidden(index) { '•' } else { character });
        Some(Cow::Owned(masked.collect()))
    }

    /// The line of `place`, at most `width` columns of it. Nothing if there is no such line.
    pub(in crate::render) fn excerpt(&mut self, place: Place, width: usize) -> Option<Excerpt> {
        let line = &*self.text(place.line)?;
        let width = width.max(LEAST);
        let column = (place.column as usize).saturating_sub(1);
        let is_cut = line.len() > width && (line.len() > LONG || line.width() > width);
        let first = if is_cut { column.saturating_sub(width / 3) } else { 0 };
        let start = self.byte(place.line, line, first);
        let mark = self.byte(place.line, line, column);
        let end = if is_cut { self.byte(place.line, line, first + width - 2) } else { line.len() };
        let mark_end = self.byte(place.line, line, column + place.length.max(1) as usize).min(end);
        let before = shown(line.get(start..mark).unwrap_or_default());
        let marked = shown(line.get(mark..mark_end).unwrap_or_default());
        let after = shown(line.get(mark_end.max(mark)..end).unwrap_or_default());
        let (open, close) = (if start > 0 { "…" } else { "" }, if end < line.len() { "…" } else { "" });
        Some(Excerpt { before: format!("{open}{before}"), marked: marked.into_owned(), after: format!("{after}{close}"), is_cut })
    }

    /// The byte at which the character `column` of a line begins; its end if it has fewer.
    fn byte(&mut self, number: u32, line: &str, column: usize) -> usize {
        let (base, skip) = if line.len() <= LONG {
            (0, column)
        } else {
            let index = || line.char_indices().step_by(STRIDE).map(|(byte, _)| byte).collect();
            let strides = self.strides.entry(number).or_insert_with(index);
            let Some(&base) = strides.get(column / STRIDE) else { return line.len() };
            (base, column % STRIDE)
        };
        let rest = line.get(base..).unwrap_or_default();
        rest.char_indices().nth(skip).map_or(line.len(), |(byte, _)| base + byte)
    }
}

/// A piece of source as a terminal may have it.
fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(escape(&text.replace('\t', TAB)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(source: &str, line: u32, column: u32, length: u32) -> Excerpt {
        Lines::of(source).excerpt(Place { line, column, length }, 60).unwrap()
    }

    #[test]
    fn the_mark_stands_under_its_text_after_tabs_and_wide_characters() {
        let tabs = excerpt("\tkey: x", 1, 2, 3);
        assert_eq!((tabs.text().as_str(), tabs.indent(), tabs.length()), ("    key: x", 4, 3));
        let wide = excerpt("商店: x", 1, 1, 2);
        assert_eq!((wide.indent(), wide.length()), (0, 4));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = format!("{}needle{}", "é".repeat(5000), "y".repeat(5000));
        let cut = excerpt(&source, 1, 5001, 6);
        assert!(cut.is_cut && cut.text().width() <= 60 && cut.text().contains("needle"), "{}", cut.text());
        assert_eq!(cut.text().chars().skip(cut.indent()).take(cut.length()).collect::<String>(), "needle");
    }

    #[test]
    fn what_is_hidden_is_shown_by_nothing_that_points_at_its_line() {
        let mut lines = Lines::of("password: hunter2, user: é");
        lines.hide(Place { line: 1, column: 11, length: 7 });
        let other = lines.excerpt(Place { line: 1, column: 20, length: 4 }, 60).unwrap();
        assert_eq!((other.text().as_str(), other.indent()), ("password: •••••••, user: é", 19));
    }

    #[test]
    fn a_mark_past_the_end_is_one_column() {
        let past = excerpt("ab", 1, 3, 5);
        assert_eq!((past.indent(), past.length()), (2, 1));
    }
}
