//! Where a stretch of an expression stands in the file that holds it: in quotes, over several lines, in a block.
//!
//! YAML folds, indents and escapes what it reads, so the two texts are walked side by side: they differ in white space, and in what an
//! escape adds, and in nothing else.

use model::Place;
use std::ops::Range;

/// The place of `range` of `text`, which stands at `at` in `source`; `at` itself where the two texts do not go together.
pub(crate) fn place(source: &str, at: Place, text: &str, range: Range<usize>) -> Place {
    let Some(start) = walk(source, at, text, range.start) else { return at };
    let marked = text.get(range).unwrap_or_default();
    let length = marked.lines().next().map_or(0, |line| line.trim_end().chars().count());
    Place { length: u32::try_from(length).unwrap_or(u32::MAX).max(1), ..start }
}

/// A position in a file.
struct Cursor<'s> {
    rest: std::iter::Peekable<std::str::Chars<'s>>,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn at(source: &str, place: Place) -> Option<Cursor<'_>> {
        let line = source.split_inclusive('\n').nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
        let start = line.as_ptr() as usize - source.as_ptr() as usize;
        let mut rest = source.get(start..)?.chars();
        // A byte order mark is no column.
        if place.line == 1 && source.starts_with('\u{feff}') {
            rest.next();
        }
        for _ in 1..place.column {
            rest.next()?;
        }
        Some(Cursor { rest: rest.peekable(), line: place.line, column: place.column })
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        (self.line, self.column) = if next == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        Some(next)
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        while self.rest.peek().is_some_and(|next| skipped(*next)) {
            self.next();
        }
    }
}

/// Where the byte `offset` of `text` stands.
fn walk(source: &str, at: Place, text: &str, offset: usize) -> Option<Place> {
    let mut cursor = Cursor::at(source, at)?;
    let opening = *cursor.rest.peek()?;
    if matches!(opening, '"' | '\'') {
        cursor.next();
    } else if matches!(opening, '|' | '>') && !text.starts_with(opening) {
        // The header of a block, to the end of its line.
        cursor.skip(|next| next != '\n');
    }
    for (index, letter) in text.char_indices() {
        if !letter.is_whitespace() {
            cursor.skip(char::is_whitespace);
            let next = *cursor.rest.peek()?;
            if (opening, next) == ('"', '\\') || (opening, next) == ('\'', '\'') {
                cursor.next();
            }
        }
        if index >= offset {
            return Some(Place { line: cursor.line, column: cursor.column, length: 1 });
        }
        if !letter.is_whitespace() && cursor.next()? != letter {
            return None;
        }
    }
    (offset >= text.len()).then_some(Place { line: cursor.line, column: cursor.column, length: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line and column of `marked` in `text`, which the file reads from `at` on.
    fn found(source: &str, at: (u32, u32), text: &str, marked: &str) -> (u32, u32, u32) {
        let start = text.find(marked).unwrap();
        let place = place(source, Place { line: at.0, column: at.1, length: 1 }, text, start..start + marked.len());
        (place.line, place.column, place.length)
    }

    #[test]
    fn a_stretch_is_found_in_every_way_of_writing() {
        assert_eq!(found("assert: a.b > 1\n", (1, 9), "a.b > 1", "b"), (1, 11, 1));
        assert_eq!(found("assert: 'é == ''x'' && zz'\n", (1, 9), "é == 'x' && zz", "zz"), (1, 24, 2));
        assert_eq!(found("assert: \"a == \\\"x\\\" && zz\"\n", (1, 9), "a == \"x\" && zz", "zz"), (1, 24, 2));
        assert_eq!(found("x:\n  assert: |  # why\n    a &&\n      bb\n", (2, 11), "a &&\n  bb\n", "bb"), (4, 7, 2));
        assert_eq!(found("x:\n  assert: >-\n    a &&\n    bb\n", (2, 11), "a && bb", "bb"), (4, 5, 2));
        assert_eq!(found("assert: a &&\n  bb\n", (1, 9), "a && bb", "bb"), (2, 3, 2));
    }

    #[test]
    fn what_does_not_go_together_stands_where_the_whole_stands() {
        assert_eq!(found("assert: &anchor a.b\n", (1, 9), "a.b", "b"), (1, 9, 1));
        let nowhere = place("a", Place { line: 9, column: 9, length: 1 }, "b", 0..1);
        assert_eq!((nowhere.line, nowhere.column), (9, 9));
    }
}
