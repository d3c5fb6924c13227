//! Arguments that have a form of their own.

use simulator::campaign::DRAWN;
use simulator::campaign::part::belongs;
use simulator::fault::Kind;
use std::collections::BTreeSet;
use std::str::FromStr;

/// Seeds from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is no number of seeds"));
        let range = match text.split_once("..") {
            None => Range { first: 1, last: number(text)? },
            Some((first, last)) => Range { first: number(first)?, last: number(last)? },
        };
        if range.last < range.first {
            return Err("there would be nothing to run; give a number from 1 on, or FIRST..LAST".to_owned());
        }
        Ok(range)
    }
}

impl Range {
    /// Its seeds, as far as they belong to the part.
    pub(crate) fn count(self, shard: Option<Shard>) -> u64 {
        match shard {
            None => (self.last - self.first).saturating_add(1),
            Some(shard) => (self.first..=self.last).filter(|seed| shard.has(*seed)).count() as u64,
        }
    }
}

/// One of so many parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard(u64, u64);

impl Shard {
    pub(crate) fn has(self, seed: u64) -> bool {
        belongs(seed, (self.0, self.1))
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(shard, of)| Some((shard.parse().ok()?, of.parse().ok()?)));
        match parsed {
            Some((shard, of)) if (1..=of).contains(&shard) => Ok(Shard(shard, of)),
            _ => Err("a part is written I/N, for example 3/16: the third of sixteen".to_owned()),
        }
    }
}

/// Kinds of fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(pub(crate) BTreeSet<Kind>);

impl Kinds {
    /// All that are drawn where nobody says which.
    pub(crate) fn all() -> Self {
        Kinds(DRAWN.iter().copied().collect())
    }
}

impl FromStr for Kinds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Kinds(BTreeSet::new()));
        }
        let kind = |word: &str| {
            let kind: Result<Kind, _> = word.trim().parse();
            kind.map_err(|error| format!("{error}; `vamp simulate --list-faults` lists them"))
        };
        text.split(',').map(kind).collect::<Result<_, _>>().map(Kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_number_or_a_range_and_never_none() {
        assert_eq!("20".parse(), Ok(Range { first: 1, last: 20 }));
        assert_eq!("7..9".parse::<Range>().unwrap().count(None), 3);
        for wrong in ["0", "", "a", "9..7", "1..", "-3"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_and_kinds_say_what_is_wrong_with_them() {
        let parts: u64 = (1..=3).map(|part| "1..10".parse::<Range>().unwrap().count(Some(Shard(part, 3)))).sum();
        assert_eq!(parts, 10);
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        assert_eq!("none".parse(), Ok(Kinds(BTreeSet::new())));
        assert_eq!("node-dead, vault-sealed".parse::<Kinds>().unwrap().0.len(), 2);
        assert!("moon".parse::<Kinds>().unwrap_err().contains("--list-faults"));
    }
}
