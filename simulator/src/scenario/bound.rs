//! What is expected of a measured value, as people write it: `0`, `at most 40s`, `at least 1`, `5s to 40s`, `unknown`.

use super::measure::Unit;
use model::Duration;
use std::fmt;

/// A measured value, or an end of what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// A plain number.
    Count(u64),
    /// A length of time.
    Length(Duration),
    /// A word.
    Word(String),
    /// There is nothing to measure.
    Nothing,
}

/// What is expected of a measured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// This and nothing else.
    Exactly(Quantity),
    /// This or more.
    AtLeast(Quantity),
    /// This or less.
    AtMost(Quantity),
    /// From the first to the second.
    Between(Quantity, Quantity),
}

impl Quantity {
    /// In what it is counted.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Quantity::Count(_) => Some(Unit::Count),
            Quantity::Length(_) => Some(Unit::Length),
            Quantity::Word(_) => Some(Unit::Word),
            Quantity::Nothing => None,
        }
    }

    fn read(text: &str) -> Option<Quantity> {
        if let Ok(count) = text.parse() {
            return Some(Quantity::Count(count));
        }
        if let Some(length) = length(text) {
            return Some(Quantity::Length(length));
        }
        let is_word = text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_word.then(|| Quantity::Word(text.to_owned()))
    }
}

impl Bound {
    /// Read what a person wrote.
    pub fn read(text: &str) -> Option<Bound> {
        if let Some(most) = text.strip_prefix("at most ") {
            return ordered(most).map(Bound::AtMost);
        }
        if let Some(least) = text.strip_prefix("at least ") {
            return ordered(least).map(Bound::AtLeast);
        }
        if let Some((least, most)) = text.split_once(" to ") {
            let (least, most) = (ordered(least)?, ordered(most)?);
            return (least.unit() == most.unit() && least <= most).then_some(Bound::Between(least, most));
        }
        Quantity::read(text).map(Bound::Exactly)
    }

    /// In what it is counted.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Bound::Exactly(value) | Bound::AtLeast(value) | Bound::AtMost(value) | Bound::Between(value, _) => value.unit(),
        }
    }

    /// Whether `value` is as expected. Where there is nothing to measure, it is not.
    pub fn holds(&self, value: &Quantity) -> bool {
        let same = value.unit().is_some() && value.unit() == self.unit();
        same && match self {
            Bound::Exactly(wanted) => value == wanted,
            Bound::AtLeast(least) => value >= least,
            Bound::AtMost(most) => value <= most,
            Bound::Between(least, most) => value >= least && value <= most,
        }
    }
}

/// What can be less or more.
fn ordered(text: &str) -> Option<Quantity> {
    Quantity::read(text).filter(|quantity| quantity.unit() != Some(Unit::Word))
}

/// `30s`, `10m`, `2h`, `1d`, or several of them: `1h30m`. A thousand years at most.
pub fn length(text: &str) -> Option<Duration> {
    let (mut total, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|character: char| !character.is_ascii_digit())?);
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
        let (unit, milliseconds) = units.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        total = number.parse::<u64>().ok()?.checked_mul(milliseconds).and_then(|length| total.checked_add(length))?;
        rest = after.strip_prefix(unit)?;
    }
    (!text.is_empty() && total <= 86_400_000 * 365_000).then_some(Duration(total))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Count(count) => write!(f, "{count}"),
            Quantity::Length(length) if length.0 == 0 => f.write_str("0s"),
            Quantity::Length(length) => write!(f, "{length}"),
            Quantity::Word(word) => f.write_str(word),
            Quantity::Nothing => f.write_str("nothing to measure"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Exactly(value) => write!(f, "{value}"),
            Bound::AtLeast(value) => write!(f, "at least {value}"),
            Bound::AtMost(value) => write!(f, "at most {value}"),
            Bound::Between(least, most) => write!(f, "{least} to {most}"),
        }
    }
}
