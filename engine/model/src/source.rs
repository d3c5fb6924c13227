//! Where a value stood in the spec, so that every complaint and every change can point at it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in the spec file: line and column count from one, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1. Zero means that the value stands nowhere: it was defaulted.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length of the marked text in characters; at least 1 for a caret.
    pub length: u32,
}

impl Place {
    /// The place of what nobody wrote.
    pub const NOWHERE: Place = Place { line: 0, column: 0, length: 0 };

    /// Whether somebody wrote this value.
    pub fn is_written(&self) -> bool {
        self.line > 0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stood; [`Place::NOWHERE`] when it is a default.
    pub place: Place,
}

impl<T> Located<T> {
    /// A value that was written at `place`.
    pub fn at(value: T, place: Place) -> Self {
        Located { value, place }
    }

    /// A value that nobody wrote.
    pub fn default_value(value: T) -> Self {
        Located { value, place: Place::NOWHERE }
    }

    /// The same place, another value.
    pub fn map<U>(self, function: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: function(self.value), place: self.place }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
