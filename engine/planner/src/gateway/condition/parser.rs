//! Tokens to a condition, by recursive descent: a function for each level of the grammar.
//!
//! ```text
//! any   := all ( or all )*
//! all   := unary ( and unary )*
//! unary := not unary | ( any ) | test
//! ```

use super::lexer::{Token, is_reserved, tokens};
use super::{Carrier, Condition, ConditionError, DEEPEST, LONGEST, Test, alternatives, raw};

/// Read a condition.
///
/// # Errors
/// The first thing that is wrong, with its offset in bytes and a remedy where one is known.
pub fn parse(text: &str) -> Result<Condition, ConditionError> {
    if text.len() > LONGEST {
        return Err(ConditionError::new(0, format!("the condition is longer than {LONGEST} bytes"))
            .help("divide it among several routes"));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(ConditionError::new(0, "the condition is empty").help("leave the field out if there is no condition"));
    }
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len() };
    let condition = parser.any(0)?;
    if let Some((offset, token)) = parser.peek() {
        let error = ConditionError::new(offset, format!("{} does not belong here", describe(token)));
        return Err(error.help("tests are joined by and or or"));
    }
    alternatives::refuse_too_many(&condition)?;
    Ok(condition)
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    /// Length of the text: where something is missing at its end.
    end: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<(usize, &'a Token)> {
        self.tokens.get(self.at).map(|(offset, token)| (*offset, token))
    }

    fn next(&mut self) -> Option<(usize, &'a Token)> {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Step over the next token if it is `symbol` or the word `word`.
    fn accept(&mut self, symbol: Option<&Token>, words: &[&str]) -> bool {
        let fits = self.peek().is_some_and(|(_, token)| Some(token) == symbol || is_word(token, words));
        self.at += usize::from(fits);
        fits
    }

    fn any(&mut self, depth: usize) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.all(depth)?];
        while self.accept(Some(&Token::Or), &["or"]) {
            parts.push(self.all(depth)?);
        }
        let flat = |part| match part {
            Condition::Any(inner) => inner,
            other => vec![other],
        };
        Ok(join(parts.into_iter().flat_map(flat).collect(), Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.unary(depth)?];
        while self.accept(Some(&Token::And), &["and"]) {
            parts.push(self.unary(depth)?);
        }
        let flat = |part| match part {
            Condition::All(inner) => inner,
            other => vec![other],
        };
        Ok(join(parts.into_iter().flat_map(flat).collect(), Condition::All))
    }

    fn unary(&mut self, depth: usize) -> Result<Condition, ConditionError> {
        let offset = self.peek().map_or(self.end, |(offset, _)| offset);
        if depth > DEEPEST {
            return Err(ConditionError::new(offset, format!("the condition is nested more than {DEEPEST} deep"))
                .help("look for a parenthesis that is not closed, or divide the condition among several routes"));
        }
        if self.accept(Some(&Token::Not), &["not"]) {
            return Ok(Condition::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.accept(Some(&Token::Open), &[]) {
            let inner = self.any(depth + 1)?;
            return match self.accept(Some(&Token::Close), &[]) {
                true => Ok(inner),
                false => Err(ConditionError::new(offset, "this bracket is not closed")),
            };
        }
        self.test()
    }

    fn test(&mut self) -> Result<Condition, ConditionError> {
        let Some((offset, token)) = self.next() else {
            return Err(expected(self.end, "a test", None));
        };
        let word = match token {
            Token::Raw(text) => return raw::check(text, offset).map(|()| Condition::Test(Test::Raw(text.clone()))),
            Token::Word(word) => word.to_ascii_lowercase(),
            other => return Err(expected(offset, "a test", Some(other))),
        };
        match word.as_str() {
            "user-agent" | "useragent" => self.comparison(Test::UserAgent),
            "host" => self.comparison(|host| Test::Host(host.to_lowercase())),
            "has" => self.presence(false),
            "misses" => self.presence(true),
            "cookie" => self.content(Carrier::Cookie),
            "header" => self.content(Carrier::Header),
            _ => Err(unknown_test(offset, &word)),
        }
    }

    /// `== VALUE` or `!= VALUE`.
    fn comparison(&mut self, test: impl FnOnce(String) -> Test) -> Result<Condition, ConditionError> {
        let differs = match self.next() {
            Some((_, Token::Equals)) => false,
            Some((_, Token::Differs)) => true,
            // `is` and `is not`, `has` and `misses`, `contains`: the same said in words.
            Some((_, token)) if is_word(token, &["is"]) => self.accept(None, &["not"]),
            Some((_, token)) if is_word(token, &["has", "contains"]) => false,
            Some((_, token)) if is_word(token, &["misses"]) => true,
            other => return Err(self.expected_here(other, "== or !=")),
        };
        Ok(negate_if(differs, test(self.value()?)))
    }

    /// `cookie NAME` or `header NAME`, after `has` or `misses`.
    fn presence(&mut self, misses: bool) -> Result<Condition, ConditionError> {
        let carrier = match self.next() {
            Some((_, token)) if is_word(token, &["cookie"]) => Carrier::Cookie,
            Some((_, token)) if is_word(token, &["header"]) => Carrier::Header,
            other => return Err(self.expected_here(other, "cookie or header")),
        };
        Ok(negate_if(misses, Test::Has(carrier, self.name(carrier)?)))
    }

    /// `NAME has VALUE` or `NAME misses VALUE`, after `cookie` or `header`.
    fn content(&mut self, carrier: Carrier) -> Result<Condition, ConditionError> {
        let name = self.name(carrier)?;
        let misses = match self.next() {
            Some((_, Token::Equals)) => false,
            Some((_, Token::Differs)) => true,
            Some((_, token)) if is_word(token, &["has", "contains"]) => false,
            Some((_, token)) if is_word(token, &["misses"]) => true,
            other => return Err(self.expected_here(other, "has or misses")),
        };
        Ok(negate_if(misses, Test::Contains(carrier, name, self.value()?)))
    }

    /// A name of a cookie or header. Fewer characters than RFC 9110 allows: those that need no thought in HAProxy.
    fn name(&mut self, carrier: Carrier) -> Result<String, ConditionError> {
        let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        match self.next() {
            Some((_, Token::Word(name) | Token::Quoted(name))) if plain(name) && !name.is_empty() => Ok(name.clone()),
            Some((offset, Token::Word(_) | Token::Quoted(_))) => {
                let error =
                    ConditionError::new(offset, format!("this name of a {carrier} has characters that are not known here"));
                Err(error.help("letters, digits, - _ and . are; others can be said between < and >, in HAProxy's own words"))
            }
            other => Err(self.expected_here(other, &format!("the name of a {carrier}"))),
        }
    }

    fn value(&mut self) -> Result<String, ConditionError> {
        match self.next() {
            Some((offset, Token::Word(word))) if is_reserved(word) => {
                Err(expected(offset, "a value", Some(&Token::Word(word.clone())))
                    .help("write the value in quotes if it is meant"))
            }
            Some((offset, Token::Quoted(value))) if value.is_empty() => {
                let error = ConditionError::new(offset, "an empty value is contained in everything");
                Err(error.help("has cookie and has header ask whether something is there at all"))
            }
            Some((_, Token::Word(value) | Token::Quoted(value))) => Ok(value.clone()),
            other => Err(self.expected_here(other, "a value")),
        }
    }

    fn expected_here(&self, found: Option<(usize, &Token)>, what: &str) -> ConditionError {
        expected(found.map_or(self.end, |(offset, _)| offset), what, found.map(|(_, token)| token))
    }
}

fn join(mut parts: Vec<Condition>, list: impl FnOnce(Vec<Condition>) -> Condition) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => list(parts.into_iter().chain(last).collect()),
    }
}

fn negate_if(negated: bool, test: Test) -> Condition {
    let test = Condition::Test(test);
    if negated { Condition::Not(Box::new(test)) } else { test }
}

fn is_word(token: &Token, words: &[&str]) -> bool {
    matches!(token, Token::Word(word) if words.iter().any(|expected| word.eq_ignore_ascii_case(expected)))
}

fn expected(offset: usize, what: &str, found: Option<&Token>) -> ConditionError {
    let found = found.map_or("the end".to_owned(), describe);
    ConditionError::new(offset, format!("expected {what}, found {found}"))
}

fn unknown_test(offset: usize, word: &str) -> ConditionError {
    const TESTS: &[&str] = &["user-agent", "host", "has", "misses", "cookie", "header", "not"];
    let nearest = TESTS.iter().map(|test| (strsim::damerau_levenshtein(test, word), test)).min();
    let error = ConditionError::new(offset, format!("{word:?} begins no test"));
    match nearest {
        Some((distance, test)) if distance <= 2 => error.help(format!("did you mean {test}?")),
        _ => error.help(
            "a test begins with user-agent, host, has, misses, cookie or header; HAProxy's own words stand between < and >",
        ),
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("{word:?}"),
        Token::Quoted(value) => format!("the value {value:?}"),
        Token::Raw(_) => "<".to_owned(),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::Equals => "==".to_owned(),
        Token::Differs => "!=".to_owned(),
        Token::And => "and".to_owned(),
        Token::Or => "or".to_owned(),
        Token::Not => "not".to_owned(),
    }
}

#[cfg(test)]
mod tests;
