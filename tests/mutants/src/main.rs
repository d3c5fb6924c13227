//! Changes every condition of every rule of the catalogue, one at a time, and writes down which test fails: `docs/mutations.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use mutants::table::Row;
use mutants::tree::{Result, Source};
use mutants::{equal, table, tree, trial};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (options, wanted): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    match run(&wanted, options.iter().any(|option| option == "--missed")) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            println!("{missed} changes are caught by no test: see {}", table::FILE);
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Goes through the changes of what is wanted, everything if nothing is named, and says how many of them no test catches. What the table
/// has as caught is gone through again, unless only what was `missed` is asked for; a rule with other changes than the table has is new.
fn run(wanted: &[String], missed_only: bool) -> Result<usize> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let sources = tree::sources(&root)?;
    if let Some(unknown) = wanted.iter().find(|name| sources.iter().all(|source| source.name != **name)) {
        return Err(format!("{unknown} is no rule; `vamp explain` lists them").into());
    }
    let tried = |source: &Source| wanted.is_empty() || wanted.contains(&source.name);
    let equal = equal::read(&root)?;
    let tree = tree::grow(&root, &sources)?;
    let unsound = trial::unsound(&tree)?;
    if !unsound.is_empty() {
        return Err(format!("these fail without any change: {}", Vec::from_iter(unsound).join(", ")).into());
    }
    let mut sections = table::sections(&std::fs::read_to_string(root.join(table::FILE)).unwrap_or_default());
    let mut missed = 0;
    for source in sources.iter().filter(|source| tried(source)) {
        let known = sections.get(&source.name).filter(|_| missed_only).map(|rows| table::caught(rows)).unwrap_or_default();
        let mut rows = Vec::new();
        for ((_, mutation), caught_by) in source.mutations.iter().zip(trial::caught_by(&tree, source, &known)?) {
            let row = Row { what: mutation.what.clone(), caught_by };
            let is_equal = equal.iter().any(|equal| equal.rule == source.name && equal.change == row.what);
            if row.caught_by.is_none() && !is_equal {
                missed += 1;
                println!("{} line {}: {}", source.name, mutation.line, row.what);
            }
            rows.push(row);
        }
        println!("{}: {} changes", source.name, rows.len());
        sections.insert(source.name.clone(), table::section(&rows, source, &equal));
        std::fs::write(root.join(table::FILE), table::table(&sections, &sources)?)?;
    }
    Ok(missed)
}
