//! Which requests a route claims: a small language over user agent, host, cookies and headers, as the original platform had it.
//!
//! ```text
//! user-agent == Firefox            the user agent contains the text
//! host == shop.example             the Host header is this name, whatever its case and port
//! has cookie NAME                  misses cookie NAME
//! cookie NAME has VALUE            cookie NAME misses VALUE       (contains the text, or does not)
//! has header NAME                  misses header NAME
//! header NAME has VALUE            header NAME misses VALUE
//! not A     A and B     A or B     (A)
//! < path_beg /api >                a criterion in HAProxy's own words
//! ```
//!
//! `and` binds tighter than `or`. `==` may be written `=` or `is`, `has VALUE` may be written `contains VALUE`, and `! && ||` stand
//! for `not and or`. Words are case-insensitive. A value with spaces or a reserved word is written in quotes.

mod alternatives;
mod lexer;
mod parser;
mod raw;

pub use alternatives::{Alternative, Literal};
pub use parser::parse;

use std::fmt;

/// Longest text of a condition, in bytes.
pub const LONGEST: usize = 4096;
/// Deepest nesting of brackets and negations.
pub const DEEPEST: usize = 32;
/// Most alternatives that a condition may unfold into: HAProxy knows no brackets, so each becomes a line of its own.
pub const MOST_ALTERNATIVES: usize = 64;
/// Most tests in one alternative: a line of HAProxy has 64 words (`MAX_LINE_ARGS` in its `include/haproxy/defaults.h`).
pub const MOST_TESTS: usize = 48;

/// A condition. Lists have two members at least, and none of a list's members is a list of the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One test of the request.
    Test(Test),
    /// The opposite.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
}

/// One test of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// The user agent contains this text.
    UserAgent(String),
    /// The request is for this host.
    Host(String),
    /// A cookie or header of this name is there.
    Has(Carrier, String),
    /// A cookie or header of this name contains this text.
    Contains(Carrier, String, String),
    /// A criterion in HAProxy's own words.
    Raw(String),
}

/// What carries a name and a value in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// A cookie.
    Cookie,
    /// A header.
    Header,
}

/// A text that is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl ConditionError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        ConditionError { offset, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Condition {
    /// The condition as alternatives of plain and negated tests, which is what HAProxy can say.
    pub fn alternatives(&self) -> Vec<Alternative> {
        alternatives::unfold(self)
    }

    /// Whether it looks at nothing but what HAProxy's own words name, so that it may also make sense for TCP.
    pub fn is_raw_only(&self) -> bool {
        match self {
            Condition::Test(test) => matches!(test, Test::Raw(_)),
            Condition::Not(inner) => inner.is_raw_only(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().all(Condition::is_raw_only),
        }
    }

    /// How tightly it binds when it is written: a looser part of a tighter one needs brackets.
    fn tightness(&self) -> u8 {
        match self {
            Condition::Any(_) => 0,
            Condition::All(_) => 1,
            Condition::Not(_) | Condition::Test(_) => 2,
        }
    }

    fn write_inside(&self, tightness: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tightness() < tightness { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Condition], word: &str, tightness: u8, f: &mut fmt::Formatter<'_>| {
            parts.iter().enumerate().try_for_each(|(index, part)| {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                part.write_inside(tightness, f)
            })
        };
        match self {
            Condition::Test(test) => write!(f, "{test}"),
            Condition::Not(inner) => match &**inner {
                Condition::Test(test) => test.write_negated(f),
                other => {
                    f.write_str("not ")?;
                    other.write_inside(2, f)
                }
            },
            Condition::All(parts) => joined(parts, "and", 2, f),
            Condition::Any(parts) => joined(parts, "or", 1, f),
        }
    }
}

impl Test {
    fn write_negated(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::UserAgent(value) => write!(f, "user-agent != {}", Word(value)),
            Test::Host(value) => write!(f, "host != {}", Word(value)),
            Test::Has(carrier, name) => write!(f, "misses {carrier} {name}"),
            Test::Contains(carrier, name, value) => write!(f, "{carrier} {name} misses {}", Word(value)),
            Test::Raw(_) => write!(f, "not {self}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::UserAgent(value) => write!(f, "user-agent == {}", Word(value)),
            Test::Host(value) => write!(f, "host == {}", Word(value)),
            Test::Has(carrier, name) => write!(f, "has {carrier} {name}"),
            Test::Contains(carrier, name, value) => write!(f, "{carrier} {name} has {}", Word(value)),
            Test::Raw(text) => write!(f, "< {text} >"),
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Carrier::Cookie => "cookie",
            Carrier::Header => "header",
        })
    }
}

/// A value as it is written: bare where that reads back as the same, in double quotes otherwise.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if lexer::is_bare(self.0) {
            return f.write_str(self.0);
        }
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
