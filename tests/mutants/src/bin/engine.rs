//! Runs the standard seed set with one mutant of engine or world at a time, and writes down what notices it: `docs/mutants.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use mutants::engine::detector::Detector;
use mutants::engine::{self, copy, table};
use mutants::tree::Result;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Tries what is wanted, everything if nothing is named. Whether enough of all that were ever tried is caught.
fn run(wanted: &[String]) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mutants = engine::read(&root)?;
    if let Some(unknown) = wanted.iter().find(|id| mutants.iter().all(|mutant| mutant.id != **id)) {
        return Err(format!("{unknown} is no mutant; tests/mutants/engine has them all").into());
    }
    let program = copy::grow(&root, &mutants)?;
    let detector = Detector::proved(&program)?;
    println!("without a mutant everything holds, in {:.1?}", detector.takes());
    let mut caught = table::read(&std::fs::read_to_string(root.join(table::FILE)).unwrap_or_default());
    for mutant in mutants.iter().filter(|mutant| wanted.is_empty() || wanted.contains(&mutant.id)) {
        let by = detector.caught_by(mutant)?;
        println!("{} {}: {}", mutant.id, mutant.what, by.as_deref().unwrap_or(table::SURVIVED));
        caught.insert(mutant.id.clone(), by.unwrap_or_default());
        std::fs::write(root.join(table::FILE), table::table(&mutants, &caught))?;
    }
    let (all, found) = table::count(&mutants, &caught);
    println!("{found} of {all} are caught: see {}", table::FILE);
    Ok(found * 100 >= all * table::SHARE)
}
