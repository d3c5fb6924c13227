//! The table of changes speaks of the rules that there are, and of tests that there are.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use mutants::{equal, table, tree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source in a folder, one after another.
fn sources_under(folder: &str) -> String {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    let texts = entries.map(|entry| {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { sources_under(&path) } else { std::fs::read_to_string(entry.path()).unwrap() }
    });
    texts.collect()
}

fn written() -> String {
    std::fs::read_to_string(root().join(table::FILE)).unwrap()
}

#[test]
fn the_table_is_about_the_rules_that_there_are_and_says_which_nobody_went_through() {
    let sources = tree::sources(&root()).unwrap();
    let sections = table::sections(&written());
    assert_eq!(written(), table::table(&sections, &sources).unwrap());
    for name in sections.keys() {
        assert!(sources.iter().any(|source| source.name == *name), "{name} is no rule any more");
    }
}

/// Whoever changes a rule goes through its changes again.
#[test]
fn the_table_lists_every_change_of_every_rule_and_every_one_is_caught_or_equal() {
    for source in tree::sources(&root()).unwrap() {
        let sections = table::sections(&written());
        let name = &source.name;
        let rows = sections.get(name).unwrap_or_else(|| panic!("run `cargo run -p mutants -- {name}`: nobody went through it"));
        let listed: Vec<String> = rows.lines().skip(2).map(table::what_of).collect();
        let found: Vec<&str> = source.mutations.iter().map(|(_, mutation)| &*mutation.what).collect();
        assert_eq!(listed, found, "run `cargo run -p mutants -- {name}`: the rule is another one");
        assert!(!rows.contains(table::NOTHING), "a change of {name} is caught by no test");
    }
}

#[test]
fn what_catches_a_change_is_a_spec_or_a_test_that_is_there() {
    let tests =
        std::fs::read_to_string(root().join("tests/tests/policies.rs")).unwrap() + &sources_under("engine/planner/src/policy");
    for (name, rows) in table::sections(&written()) {
        for caught_by in rows.lines().skip(2).filter_map(|row| row.rsplit("| ").next()).filter(|cell| cell.starts_with('`')) {
            let first = caught_by.split('`').nth(1).unwrap();
            let is_spec = [format!("specs/policies/{name}/{first}.yaml"), format!("specs/policies/{first}.yaml")];
            let is_there = is_spec.iter().any(|file| root().join(file).is_file()) || tests.contains(&format!("fn {first}("));
            assert!(is_there, "{name}: {first}");
        }
    }
}

#[test]
fn what_is_said_to_be_equal_is_still_a_change_that_can_be_made() {
    let sources = tree::sources(&root()).unwrap();
    let changes: BTreeSet<(&str, &str)> =
        sources.iter().flat_map(|source| source.mutations.iter().map(|(_, mutation)| (&*source.name, &*mutation.what))).collect();
    for equal in equal::read(&root()).unwrap() {
        assert!(changes.contains(&(&*equal.rule, &*equal.change)), "{}: {}", equal.rule, equal.change);
        assert!(equal.because.len() > 20, "{}: {}", equal.rule, equal.because);
    }
}
