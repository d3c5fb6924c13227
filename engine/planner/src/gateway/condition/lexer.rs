//! Text to tokens, each with its offset.

use super::ConditionError;

/// A piece of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word: a keyword, a name or a value.
    Word(String),
    /// A value in quotes, without them.
    Quoted(String),
    /// What stands between `<` and `>`, trimmed.
    Raw(String),
    Open,
    Close,
    Equals,
    Differs,
    And,
    Or,
    Not,
}

/// Words that mean something; a value that is one of them is written in quotes.
const RESERVED: &[&str] =
    &["and", "or", "not", "is", "has", "misses", "contains", "cookie", "header", "user-agent", "useragent", "host"];

/// What ends a bare word, apart from white space.
const SPECIAL: &[char] = &['(', ')', '<', '>', '"', '\'', '=', '!', '&', '|', '\\', '#'];

/// Whether `text` reads back as one word that is a value.
pub(super) fn is_bare(text: &str) -> bool {
    let plain = |character: char| !character.is_whitespace() && !character.is_control() && !SPECIAL.contains(&character);
    !text.is_empty() && text.chars().all(plain) && !is_reserved(text)
}

/// Whether `word` means something by itself.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// The tokens of `text` with their offsets.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ConditionError> {
    let mut lexer = Lexer { text, offset: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Option<(usize, Token)>, ConditionError> {
        self.offset += self.rest().len() - self.rest().trim_start().len();
        let start = self.offset;
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let token = match first {
            '"' => Token::Quoted(self.double_quoted()?),
            '\'' => Token::Quoted(self.enclosed('\'', "closing quote")?.to_owned()),
            '<' => Token::Raw(self.enclosed('>', "closing >")?.trim().to_owned()),
            _ => match self.symbol() {
                Some(token) => token,
                None => self.word(first)?,
            },
        };
        Ok(Some((start, token)))
    }

    /// Longest first, so that `==` is not read as `=` twice.
    fn symbol(&mut self) -> Option<Token> {
        const SYMBOLS: &[(&str, Token)] = &[
            ("==", Token::Equals),
            ("!=", Token::Differs),
            ("&&", Token::And),
            ("||", Token::Or),
            ("=", Token::Equals),
            ("!", Token::Not),
            ("&", Token::And),
            ("|", Token::Or),
            ("(", Token::Open),
            (")", Token::Close),
        ];
        let (symbol, token) = SYMBOLS.iter().find(|(symbol, _)| self.rest().starts_with(symbol))?;
        self.offset += symbol.len();
        Some(token.clone())
    }

    fn word(&mut self, first: char) -> Result<Token, ConditionError> {
        if first.is_control() || SPECIAL.contains(&first) {
            let error = ConditionError::new(self.offset, format!("{first:?} cannot stand here"));
            return Err(error.help("a value with such characters is written in quotes"));
        }
        let rest = self.rest();
        let ends = |character: char| character.is_whitespace() || character.is_control() || SPECIAL.contains(&character);
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.offset += word.len();
        Ok(Token::Word(word.to_owned()))
    }

    /// What stands between the character here and the next `end`, taken as it is.
    fn enclosed(&mut self, end: char, what: &str) -> Result<&'a str, ConditionError> {
        let start = self.offset;
        let inside = self.rest().get(1..).unwrap_or_default();
        let Some(length) = inside.find(end) else {
            return Err(ConditionError::new(start, format!("the {what} is missing")));
        };
        let inside = &inside[..length];
        refuse_control(inside, start + 1)?;
        self.offset += length + 2;
        Ok(inside)
    }

    /// What stands between double quotes; `\"` and `\\` stand for a quote and a backslash.
    fn double_quoted(&mut self) -> Result<String, ConditionError> {
        let start = self.offset;
        let mut value = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.offset += index + 1;
                    refuse_control(&value, start + 1)?;
                    return Ok(value);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => {
                        let error =
                            ConditionError::new(start + index, "a backslash in quotes stands before a quote or a backslash");
                        return Err(error.help("write \\\\ for a backslash"));
                    }
                },
                other => value.push(other),
            }
        }
        Err(ConditionError::new(start, "the closing quote is missing"))
    }
}

/// Line breaks and other control characters have no place in a value: they would end a line of the configuration.
fn refuse_control(text: &str, start: usize) -> Result<(), ConditionError> {
    match text.char_indices().find(|(_, character)| character.is_control()) {
        None => Ok(()),
        Some((index, character)) => {
            Err(ConditionError::new(start + index, format!("the control character {character:?} cannot stand in a value")))
        }
    }
}
