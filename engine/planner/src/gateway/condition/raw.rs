//! Criteria in HAProxy's own words. They reach the configuration as they are written, so that whatever could end their line, hide the
//! rest of it or look into the agent's own environment is refused.

use super::ConditionError;

/// Most words: a line of HAProxy has 64 (`MAX_LINE_ARGS`), and `acl NAME` stands before them.
const MOST_WORDS: usize = 60;

/// How HAProxy quotes (its configuration manual, 2.2 "Quoting and escaping").
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    /// `'…'`: nothing inside means anything.
    Strong,
    /// `"…"`: backslashes and `$` do.
    Weak,
}

/// Whether `text` may stand behind `acl NAME`. It has no control characters and no `>`: the lexer sees to that.
pub(super) fn check(text: &str, offset: usize) -> Result<(), ConditionError> {
    let error = |message: &str| ConditionError::new(offset, format!("{message} between < and >"));
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(error("a HAProxy criterion is missing").help("for example < path_beg /api >"));
    }
    let words = text.split_whitespace();
    if words.clone().count() > MOST_WORDS {
        return Err(error("there are more words than HAProxy takes on a line"));
    }
    if words.clone().any(|word| matches!(word, "-f" | "-M")) {
        return Err(error("a file of the agent cannot be read").help("write the values themselves"));
    }
    check_quotes(text).map_err(error)
}

fn check_quotes(text: &str) -> Result<(), &'static str> {
    let mut quote = Quote::None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        quote = match (quote, character) {
            (Quote::None | Quote::Weak, '\\') => match characters.next() {
                Some(_) => quote,
                None => return Err("there is a backslash with nothing behind it"),
            },
            (Quote::None, '#') => return Err("there is a # that begins a comment; escape it as \\#"),
            (Quote::None | Quote::Weak, '$') => {
                return Err("there is a $ that asks for a variable of the agent; escape it as \\$");
            }
            (Quote::None, '\'') => Quote::Strong,
            (Quote::None, '"') => Quote::Weak,
            (Quote::Strong, '\'') | (Quote::Weak, '"') => Quote::None,
            _ => quote,
        };
    }
    if quote == Quote::None { Ok(()) } else { Err("there is a quote that is not closed") }
}
