//! One change at a time: which test fails?

use crate::tree::{Result, Source, Tree};
use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Specs that break a rule or keep it, and what is said of them.
const PAIRS: &str = "what_breaks_a_rule_breaks_no_other_and_what_keeps_it_breaks_none";
/// Takes long and says nothing about a rule.
const FORMS: &str = "json_and_sarif_are_what_their_schemas_say_and_point_at_the_field";

/// Unit tests of the catalogue; those of rules of a platform's own are not about it, and take longest.
const UNITS: &[&str] = &["policy::tests", "policy::rules", "policy::waiver"];

/// The tests that fail with each change of a source, in words and in the order of the changes; nothing if none does. Of a rule, its own
/// specs are asked and then the unit tests that are named after it: what the specs of another rule would notice by chance is not enough.
/// Of what several rules share, the unit tests that have its name, then all, and then the specs of all rules. What is `known` of the very
/// same changes is taken as it is.
pub fn caught_by(tree: &Tree, source: &Source, known: &[(String, Option<String>)]) -> Result<Vec<Option<String>>> {
    tree.show(source.is_rule().then_some(&*source.name))?;
    let is_same = known.iter().map(|(what, _)| what).eq(source.mutations.iter().map(|(_, mutation)| &mutation.what));
    let known = if is_same { known } else { &[] };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((number, _)) = source.mutations.get(index) else { return done };
            let caught = match known.get(index) {
                Some((_, Some(tests))) => Ok(Some(tests.clone())),
                _ if source.is_rule() => of_rule(tree, &source.name, *number),
                _ => of_shared(tree, &source.name, *number),
            };
            done.push((*number, caught.map_err(|failure| failure.to_string())));
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mut done = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect::<Vec<_>>()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, caught)| Ok(caught?)).collect()
}

fn of_rule(tree: &Tree, rule: &str, number: usize) -> Result<Option<String>> {
    if let Some(output) = failed(&tree.policies, number, &["--exact", PAIRS])? {
        let prefix = format!("{rule}/");
        let stems = pairs(&output).into_iter().filter_map(|pair| pair.strip_prefix(&prefix).map(str::to_owned));
        return Ok(Some(some_of(stems.collect(), PAIRS)));
    }
    let name = rule.to_lowercase().replace('-', "_");
    let output = failed(&tree.units, number, &[&format!("::{name}_"), &format!("_and_{name}_"), &format!("::{name}::")])?;
    Ok(output.map(|output| some_of(tests(&output), "unit tests")))
}

fn of_shared(tree: &Tree, name: &str, number: usize) -> Result<Option<String>> {
    for units in [&[name], UNITS] {
        if let Some(output) = failed(&tree.units, number, units)? {
            return Ok(Some(some_of(tests(&output), "unit tests")));
        }
    }
    let output = failed(&tree.policies, number, &["--skip", FORMS])?;
    Ok(output.map(|output| {
        let pairs = pairs(&output);
        some_of(if pairs.is_empty() { tests(&output) } else { pairs }, PAIRS)
    }))
}

/// The tests that fail without any change: there should be none.
pub fn unsound(tree: &Tree) -> Result<BTreeSet<String>> {
    tree.show(None)?;
    let said = [failed(&tree.policies, 0, &["--skip", FORMS])?, failed(&tree.units, 0, UNITS)?];
    Ok(said.iter().flatten().flat_map(|output| tests(output).into_iter().chain(pairs(output))).collect())
}

/// What a program of tests says, if one of them fails.
fn failed(program: &Path, number: usize, arguments: &[&str]) -> Result<Option<String>> {
    // To say where in the program a test failed takes longer than all tests of a rule.
    let mut command = Command::new(program);
    let output = command.args(arguments).env("MUTANT", number.to_string()).env("RUST_BACKTRACE", "0").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok(Some(said).filter(|_| !output.status.success()))
}

/// Specs of which something else is said: `VGA-1/breaks`.
fn pairs(output: &str) -> BTreeSet<String> {
    let pair = |line: &str| Some(line.strip_prefix("golden/policies/")?.split_once(".txt is stale")?.0.to_owned());
    output.lines().filter_map(pair).collect()
}

/// Tests that fail, without the modules that they are in.
fn tests(output: &str) -> BTreeSet<String> {
    let test = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.rsplit("::").next()?.to_owned());
    output.lines().filter_map(test).collect()
}

/// At most two of them by name; `otherwise` if a test ended before it could say which.
fn some_of(names: BTreeSet<String>, otherwise: &str) -> String {
    let more = names.len().saturating_sub(2);
    let first: Vec<String> = names.iter().take(2).map(|name| format!("`{name}`")).collect();
    match (first.is_empty(), more) {
        (true, _) => format!("`{otherwise}`"),
        (false, 0) => first.join(", "),
        (false, _) => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn what_failed_is_read_off_what_a_program_of_tests_says() {
        let output = "test policy::tests::by_hand::vga_1 ... FAILED\ntest policy::ok ... ok\ngolden/policies/VGA-1/keeps.txt is stale; now\n";
        assert_eq!(tests(output).into_iter().collect::<Vec<_>>(), ["vga_1"]);
        assert_eq!(pairs(output).into_iter().collect::<Vec<_>>(), ["VGA-1/keeps"]);
        assert_eq!(some_of(["a", "b", "c"].map(str::to_owned).into(), "x"), "`a`, `b` and 1 more");
        assert_eq!(some_of(BTreeSet::new(), "x"), "`x`");
    }
}
