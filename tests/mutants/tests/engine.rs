//! The mutants of engine and world fit the sources that there are, and the table of them says so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use mutants::engine::{self, table};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fewer would show little.
const FEWEST: usize = 50;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn each_text_is_once_in_its_source_and_what_it_becomes_is_rust() {
    let mutants = engine::read(&root()).unwrap();
    for (file, text) in engine::woven(&root(), &mutants).unwrap() {
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn there_are_enough_each_with_an_id_of_its_own_that_says_what_it_is_and_why_it_matters() {
    let mutants = engine::read(&root()).unwrap();
    assert!(mutants.len() >= FEWEST, "{}", mutants.len());
    let ids: BTreeSet<&str> = mutants.iter().map(|mutant| &*mutant.id).collect();
    assert_eq!(ids.len(), mutants.len());
    for mutant in &mutants {
        assert!(mutant.number().is_ok() && mutant.id.len() == 3, "{}", mutant.id);
        assert!(mutant.what.len() > 10 && mutant.why.len() > 10, "{}", mutant.id);
    }
}

#[test]
fn the_table_is_about_them_and_as_many_are_caught_as_have_to_be() {
    let mutants = engine::read(&root()).unwrap();
    let written = std::fs::read_to_string(root().join(table::FILE)).unwrap();
    let caught = table::read(&written);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(root().join(table::FILE), table::table(&mutants, &caught)).unwrap();
    }
    assert_eq!(written, table::table(&mutants, &caught), "UPDATE_GOLDEN=1 writes it anew from what was tried");
    let (all, found) = table::count(&mutants, &caught);
    assert!(all >= FEWEST, "{all} were tried");
    assert!(found * 100 >= all * table::SHARE, "{found} of {all}");
    for mutant in mutants.iter().filter(|mutant| caught.contains_key(&mutant.id)) {
        let survives = caught[&mutant.id].is_empty();
        assert_eq!(mutant.survives.is_some(), survives, "{}: what survives, and only that, says why", mutant.id);
    }
}
