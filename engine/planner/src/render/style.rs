//! What the reader's side can show, and how text that came from outside is made harmless before it is shown.

use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What the reader's side can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colour may be written.
    pub colour: bool,
    /// Columns of the reader's window; text is cut or wrapped there where that helps.
    pub width: usize,
}

impl Style {
    /// No colour and a width that suits files: what goldens and pipes get.
    pub const PLAIN: Style = Style { colour: false, width: 120 };

    /// `text` in `paint`, or as it is where there is no colour.
    pub fn paint<'a>(self, paint: Paint, text: &'a str) -> Cow<'a, str> {
        if self.colour && !text.is_empty() {
            Cow::Owned(format!("\u{1b}[{}m{text}\u{1b}[0m", paint.parameters()))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// What a piece of text means; colours follow from it, in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Something failed or is refused.
    Error,
    /// Something is taken, and probably not meant so.
    Warning,
    /// A remedy or a remark.
    Help,
    /// Something comes.
    Create,
    /// Something changes.
    Update,
    /// Something goes.
    Delete,
    /// All is well.
    Good,
    /// The head of a part.
    Heading,
    /// What can be skipped.
    Faint,
}

impl Paint {
    /// Parameters of the escape sequence "select graphic rendition" (ECMA-48, 8.3.117). Only the sixteen colours that every
    /// terminal maps to its own theme.
    const fn parameters(self) -> &'static str {
        match self {
            Paint::Error => "1;31",
            Paint::Warning => "1;33",
            Paint::Help => "36",
            Paint::Create | Paint::Good => "32",
            Paint::Update => "33",
            Paint::Delete => "31",
            Paint::Heading => "1",
            Paint::Faint => "2",
        }
    }
}

/// Whether `character` could steer a terminal or turn the text around it: C0 and C1 controls, and Unicode's bidirectional
/// overrides and isolates (CVE-2021-42574).
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` on one line, every character that could steer a terminal as its escape (`\n`, `\u{1b}`).
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, is_unsafe)
}

/// The same for text that may have several lines: line feeds stay.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escape_where(text, |character| character != '\n' && is_unsafe(character))
}

/// JSON in which every character that could steer a terminal is written as its escape. JSON itself asks that of some only; the
/// value stays the same.
pub fn escape_json(text: String) -> String {
    let refused = |character: char| character != '\n' && is_unsafe(character);
    if !text.contains(refused) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if refused(character) {
            // Writing into a string cannot fail. None of them lies beyond the four digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn escape_where(text: &str, refused: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&refused) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if refused(character) {
            // Writing into a string cannot fail.
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// At most `room` columns of `text`, with an ellipsis where it was cut.
pub fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if text.len() <= room || text.width() <= room {
        return Cow::Borrowed(text);
    }
    let mut columns = 1;
    let fits = |character: &char| {
        columns += character.width().unwrap_or_default();
        columns <= room
    };
    Cow::Owned(text.chars().take_while(fits).chain(['…']).collect())
}

/// `count` things in words: `1 error`, `3 errors`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_shown_as_its_escape() {
        assert_eq!(escape("a\u{1b}[31mb\n\u{9b}c\u{202e}d"), "a\\u{1b}[31mb\\n\\u{9b}c\\u{202e}d");
        assert_eq!(escape_lines("one\ntwo\r"), "one\ntwo\\r");
        assert!(matches!(escape("Zürich \"quoted\""), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_its_value_and_steers_no_terminal() {
        let value = "a\u{1b}b\u{9b}c\u{202e}d\u{7f}\n\u{e4}";
        let json = escape_json(serde_json::to_string_pretty(&[value]).unwrap());
        assert!(!json.contains(|character| character != '\n' && is_unsafe(character)) && json.contains('\u{e4}'), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [value]);
    }

    #[test]
    fn colour_is_written_only_where_it_can_be_shown() {
        assert_eq!(Style::PLAIN.paint(Paint::Error, "x"), "x");
        assert_eq!(Style { colour: true, width: 80 }.paint(Paint::Error, "x"), "\u{1b}[1;31mx\u{1b}[0m");
    }
}
