//! The table of all changes: `docs/mutations.md`.

use crate::equal::Equal;
use crate::tree::{Result, Source};
use std::collections::BTreeMap;

/// Where it lies.
pub const FILE: &str = "docs/mutations.md";

/// What came of a change.
pub struct Row {
    /// The change, in words.
    pub what: String,
    /// The tests that fail with it.
    pub caught_by: Option<String>,
}

const HEAD: &str = "# Every condition of every rule, changed

Each line is one change of a rule of `planner::policy`, and the tests that fail with it: the specs of `specs/policies/ID` of that very
rule, or else unit tests that are named after it. Of what several rules share, unit tests or the specs of any rule.
`cargo run -p mutants` writes this file: it weaves all changes into a copy of the planner, each behind a switch, builds that once, and
runs the tests with one change at a time. `cargo run -p mutants -- VGA-1 CAP-3` goes through those only, for whoever changes one, and
`-- --missed` through what stands here as caught by nothing, or not at all. A test fails where the changes that a rule offers are no longer
those of its table.

A change that nothing can tell from the rule as it is stands here with the reason (`tests/mutants/equal.toml`).
";

/// Mark of what nothing catches.
pub const NOTHING: &str = "**nothing**";
/// Mark of what nothing can catch.
const EQUAL: &str = "equal:";

/// The rows of a source as a section.
pub fn section(rows: &[Row], source: &Source, equal: &[Equal]) -> String {
    let mut text = String::from("| change | caught by |\n| --- | --- |\n");
    for row in rows {
        let because =
            equal.iter().find(|equal| equal.rule == source.name && equal.change == row.what).map(|equal| &equal.because);
        let caught_by = match (&row.caught_by, because) {
            (Some(tests), _) => tests.clone(),
            (None, Some(because)) => format!("{EQUAL} {because}"),
            (None, None) => NOTHING.to_owned(),
        };
        text += &format!("| {} | {} |\n", row.what.replace('|', "\\|"), caught_by.replace('|', "\\|"));
    }
    text
}

/// The change that a row is about.
pub fn what_of(row: &str) -> String {
    let what = row.trim_start_matches("| ").split(" | ").next().unwrap_or_default();
    what.replace("\\|", "|")
}

/// What catches each change, by the rows of a section; nothing if nothing does.
pub fn caught(rows: &str) -> Vec<(String, Option<String>)> {
    let caught_by = |row: &str| row.trim_end_matches(" |").rsplit(" | ").next().map(|cell| cell.replace("\\|", "|"));
    rows.lines().skip(2).map(|row| (what_of(row), caught_by(row).filter(|cell| cell.starts_with('`')))).collect()
}

/// Sections of a table that was written before, by their names.
pub fn sections(table: &str) -> BTreeMap<String, String> {
    let parts = table.split("\n## ").skip(1);
    parts
        .filter_map(|part| part.split_once("\n\n"))
        .map(|(name, rows)| (name.to_owned(), rows.trim_end().to_owned() + "\n"))
        .collect()
}

/// The whole table, in the order of the sources; sections of sources that are no more are left out.
pub fn table(sections: &BTreeMap<String, String>, sources: &[Source]) -> Result<String> {
    let shown: Vec<(&str, &String)> =
        sources.iter().filter_map(|source| Some((&*source.name, sections.get(&source.name)?))).collect();
    let rows: Vec<&str> = shown.iter().flat_map(|(_, rows)| rows.lines().skip(2)).collect();
    let equal = rows.iter().filter(|row| row.contains(&format!("| {EQUAL}"))).count();
    let missed = rows.iter().filter(|row| row.contains(NOTHING)).count();
    let caught = rows.len() - equal - missed;
    let mut text = format!("{HEAD}\n{} changes: {caught} are caught, {equal} are equal, {missed} are missed.\n", rows.len());
    let left: Vec<&str> =
        sources.iter().filter(|source| !sections.contains_key(&source.name)).map(|source| &*source.name).collect();
    if !left.is_empty() {
        text += &format!("\nNobody went through these yet: {}.\n", left.join(", "));
    }
    for (name, rows) in shown {
        text += &format!("\n## {name}\n\n{rows}");
    }
    Ok(text)
}
