//! Mutants of the engine and of the world: what a careful reviewer fears, each as a text of a source and what takes its place. The
//! standard seed set of the simulator has to notice them: `cargo run -p mutants --bin engine`.
//!
//! * [`copy`]: a copy of the crates in which all of them are woven, built once;
//! * [`detector`]: the seed set, run with one mutant at a time;
//! * [`table`]: what came of it, `docs/mutants.md`.

pub mod copy;
pub mod detector;
pub mod table;

use crate::find::{Mutation, Way};
use crate::tree::Result;
use crate::weave::weave;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Parts of the list, each a file of `tests/mutants/engine`, with its title and the first letter of its mutants.
pub const PARTS: &[(&str, &str, char)] =
    &[("planner", "Planner", 'P'), ("driver", "Driver", 'D'), ("agents", "Agents", 'A'), ("world", "World", 'W')];

/// One thing that is done wrongly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// `P07`: the letter of its part and a number.
    pub id: String,
    /// The source that it changes.
    pub file: String,
    /// The text in it that is changed: a whole expression, or with `first` the beginning of a statement. It is there once.
    pub text: String,
    /// A longer text that is there once, and has that one once in it, where it is there more often.
    pub within: Option<String>,
    /// The expression that takes its place.
    pub becomes: Option<String>,
    /// A statement that comes before it.
    pub first: Option<String>,
    /// What is done wrongly.
    pub what: String,
    /// What harm that could do.
    pub why: String,
    /// Why nothing notices it, if nothing does.
    pub survives: Option<String>,
}

#[derive(Deserialize)]
struct File {
    mutant: Vec<Mutant>,
}

/// All of them, part by part.
pub fn read(root: &Path) -> Result<Vec<Mutant>> {
    let mut all = Vec::new();
    for (part, ..) in PARTS {
        let path = root.join(format!("tests/mutants/engine/{part}.toml"));
        let text = fs::read_to_string(&path)?;
        all.extend(toml::from_str::<File>(&text).map_err(|error| format!("{}: {error}", path.display()))?.mutant);
    }
    Ok(all)
}

impl Mutant {
    /// Its switch: a number that stays the same whatever others are added, so that no source is woven anew for them.
    pub fn number(&self) -> Result<usize> {
        let part = PARTS.iter().position(|(.., letter)| self.id.starts_with(*letter));
        let number = self.id.get(1..).and_then(|digits| digits.parse::<usize>().ok()).filter(|number| (1..1000).contains(number));
        part.zip(number).map(|(part, number)| (part + 1) * 1000 + number).ok_or_else(|| format!("{} is no id", self.id).into())
    }

    /// Where in the text of its source it is, and how it is brought in.
    pub fn mutation(&self, source: &str) -> Result<Mutation> {
        let lost = || format!("{}: its text is not there once, in {}", self.id, self.file);
        let around = self.within.as_deref().unwrap_or(&self.text);
        let start = once(source, around).zip(once(around, &self.text)).map(|(outer, inner)| outer + inner).ok_or_else(lost)?;
        let way = match (&self.becomes, &self.first) {
            (Some(other), None) => Way::Instead(other.clone()),
            (None, Some(statement)) => Way::First(statement.clone()),
            _ => return Err(format!("{}: it needs `becomes` or `first`, and not both", self.id).into()),
        };
        let line = source[..start].lines().count();
        Ok(Mutation { at: start..start + self.text.len(), way, what: self.what.clone(), line })
    }
}

/// Where a text is in another, if it is there once.
fn once(source: &str, text: &str) -> Option<usize> {
    let mut places = source.match_indices(text);
    places.next().filter(|_| places.next().is_none()).map(|(at, _)| at)
}

/// Every source that a mutant changes, with all of them in it.
pub fn woven(root: &Path, mutants: &[Mutant]) -> Result<BTreeMap<String, String>> {
    let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    let mut woven = BTreeMap::new();
    for (file, mutants) in by_file {
        let source = fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let changes: Vec<(usize, Mutation)> =
            mutants.iter().map(|mutant| Ok((mutant.number()?, mutant.mutation(&source)?))).collect::<Result<_>>()?;
        woven.insert(file.to_owned(), weave(&source, &changes));
    }
    Ok(woven)
}
