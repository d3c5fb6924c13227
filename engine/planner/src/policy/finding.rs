//! What a rule found: what, where, with which numbers, and how it is mended.

use super::rule::Severity;
use jiff::civil::Date;
use model::Place;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// What is wrong, as a check says it: the judge adds whose rule it is and whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The field that decides; the place of the subject stands in where nobody wrote it.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What was looked at, in the order in which it is read.
    pub evidence: Vec<Evidence>,
    /// How it is mended.
    pub remedy: String,
    /// Where the same stood before, for a rule about a change.
    pub change: Option<Change>,
}

/// Where something stood in the older spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How the older spec is named.
    pub file: String,
    /// Where in it.
    pub place: Place,
}

/// A value that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it is.
    pub name: Cow<'static, str>,
    /// How much or what.
    pub value: Quantity,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
}

/// A value of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Quantity {
    /// A number.
    Number(i64),
    /// Yes or no.
    Truth(bool),
    /// A name or a word.
    Text(String),
}

/// A breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub policy: Cow<'static, str>,
    /// How much the rule weighs.
    pub severity: Severity,
    /// Whom it is about: `shop/production on eu-1`, `cluster eu-1`, `vault`, `platform`.
    pub subject: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The field that decides.
    pub place: Place,
    /// What was looked at.
    pub evidence: Vec<Evidence>,
    /// How it is mended.
    pub remedy: String,
    /// The waiver that lets it pass, if there is one.
    pub waived: Option<Waived>,
    /// Where the same stood before, for a rule about a change.
    pub change: Option<Change>,
}

/// Why a finding is let pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
}

impl Breach {
    /// What is wrong, at the field that decides.
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Breach { place, message: message.into(), evidence: Vec::new(), remedy: String::new(), change: None }
    }

    /// The same with a value that was looked at.
    #[must_use]
    pub fn saw(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Quantity>) -> Self {
        self.evidence.push(Evidence { name: name.into(), value: value.into(), unit: None });
        self
    }

    /// The same with a value that was looked at, in a unit.
    #[must_use]
    pub fn measured(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Quantity>, unit: &'static str) -> Self {
        self.evidence.push(Evidence { name: name.into(), value: value.into(), unit: Some(unit) });
        self
    }

    /// The same with how it is mended.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// The same with where it stood before.
    #[must_use]
    pub fn instead_of(mut self, file: impl Into<String>, place: Place) -> Self {
        self.change = Some(Change { file: file.into(), place });
        self
    }
}

macro_rules! quantities {
    ($($from:ty => $make:expr;)*) => {$(
        impl From<$from> for Quantity {
            fn from(value: $from) -> Self {
                let make: fn($from) -> Quantity = $make;
                make(value)
            }
        }
    )*};
}
quantities! {
    u32 => |number| Quantity::Number(number.into());
    u64 => |number| Quantity::Number(number.try_into().unwrap_or(i64::MAX));
    usize => |number| Quantity::Number(number.try_into().unwrap_or(i64::MAX));
    i64 => Quantity::Number;
    bool => Quantity::Truth;
    String => Quantity::Text;
    &str => |text| Quantity::Text(text.to_owned());
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Number(number) => number.fmt(f),
            Quantity::Truth(truth) => truth.fmt(f),
            Quantity::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.value)?;
        self.unit.map_or(Ok(()), |unit| write!(f, " {unit}"))
    }
}
