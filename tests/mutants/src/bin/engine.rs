//! Runs the standard seed set with one mutant of engine or world at a time, and writes down what notices it: `docs/mutants.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use mutants::engine::detector::Detector;
use mutants::engine::{self, Mutant, copy, table};
use mutants::tree::Result;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many mutants are tried at a time.
const WORKERS: usize = 2;

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

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
    let before = table::read(&std::fs::read_to_string(root.join(table::FILE)).unwrap_or_default());
    let mut tried: Vec<&Mutant> = mutants.iter().filter(|mutant| wanted.is_empty() || wanted.contains(&mutant.id)).collect();
    // Those that were caught before are quick.
    tried.sort_by_key(|mutant| before.get(&mutant.id).is_none_or(String::is_empty));
    let (next, caught) = (Mutex::new(tried.into_iter()), Mutex::new(before.clone()));
    let work = || -> std::result::Result<(), String> {
        loop {
            let Some(mutant) = locked(&next).next() else { return Ok(()) };
            let last = before.get(&mutant.id).map(String::as_str).unwrap_or_default();
            let by = detector.caught_by(mutant, last).map_err(|error| error.to_string())?;
            println!("{} {}: {}", mutant.id, mutant.what, by.as_deref().unwrap_or(table::SURVIVED));
            let mut caught = locked(&caught);
            caught.insert(mutant.id.clone(), by.unwrap_or_default());
            std::fs::write(root.join(table::FILE), table::table(&mutants, &caught)).map_err(|error| error.to_string())?;
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a worker panicked".to_owned())))
    })?;
    let caught = locked(&caught);
    let (all, found) = table::count(&mutants, &caught);
    println!("{found} of {all} are caught: see {}", table::FILE);
    Ok(found * 100 >= all * table::SHARE)
}
