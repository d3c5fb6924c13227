//! The standard seed set: every scenario of `specs/scenarios`, then the seeds of `golden/hashes.txt`, up to the first that does not end
//! as it should: `cargo run --profile sim -p simulator --example standard`. What `docs/mutants.md` is made with.
//!
//! A scenario should meet all that it expects. A seed should end no worse than it does in the golden: kept where that says kept, and
//! without a broken promise in any case. With `--same`, its run should be the very same, to the hash.

#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "it may take for granted what it is not about")]

use model::Duration;
use simulator::campaign::{Campaign, DRAWN};
use simulator::operator::Desired;
use simulator::run::{Report, Verdict, Warm};
use simulator::scenario::{self, NoSpec, Outcome, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What the golden seeds are seeds of, and for how long faults come and go in each.
const SPEC: &str = "specs/simulate/reference.yaml";
const DURATION: Duration = Duration::minutes(60);

fn main() -> ExitCode {
    let same = std::env::args().skip(1).any(|argument| argument == "--same");
    match scenarios().and_then(|()| seeds(same)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            println!("wrong: {what}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn scenarios() -> Result<(), String> {
    let folder = root().join("specs/scenarios");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".yaml")?.to_owned())).collect();
    names.sort();
    let (mut specs, mut warm) = (BTreeMap::new(), BTreeMap::new());
    for name in names {
        let text = read(&folder.join(&name).with_extension("yaml"));
        let scenario = scenario::read(&text, &mut |path| spec(&folder, path, &mut specs))
            .map_err(|complaints| format!("{name}: {}", complaints[0].message))?;
        let warm = warmed(&scenario, &mut warm).map_err(|why| format!("{name}: {why}"))?;
        if let Some(unmet) = unmet(&scenario.run(warm, &BTreeSet::new())) {
            return Err(format!("{name}: {unmet}"));
        }
        println!("{name}");
    }
    Ok(())
}

fn spec(folder: &Path, path: &str, specs: &mut BTreeMap<String, Arc<Desired>>) -> Result<Arc<Desired>, NoSpec> {
    if let Some(known) = specs.get(path) {
        return Ok(known.clone());
    }
    let desired = Desired::read(path, &read(&folder.join(path))).map_err(|found| NoSpec::Wrong(found[0].message.clone()))?;
    specs.insert(path.to_owned(), desired.clone());
    Ok(desired)
}

/// The platform that a scenario begins with, brought up once for all of its spec.
fn warmed<'w>(scenario: &Scenario, warm: &'w mut BTreeMap<String, Warm>) -> Result<&'w Warm, String> {
    if !warm.contains_key(&scenario.spec) {
        let up = Warm::up(&scenario.first).map_err(|stuck| stuck.to_string())?;
        warm.insert(scenario.spec.clone(), up);
    }
    Ok(&warm[&scenario.spec])
}

/// What a scenario expects and did not see: a promise before all else.
fn unmet(outcome: &Outcome) -> Option<String> {
    let failures: Vec<_> = outcome.failures().collect();
    let first = failures.iter().find(|failure| failure.what == "promises broken").or(failures.first())?;
    let subject = if first.subject.is_empty() { String::new() } else { format!("{} ", first.subject) };
    Some(format!("{subject}{}: {}, not {}", first.what, first.seen, first.expected))
}

fn seeds(same: bool) -> Result<(), String> {
    let desired = Desired::read(SPEC, &read(&root().join(SPEC))).map_err(|found| format!("{SPEC}: {}", found[0].message))?;
    let campaign = Campaign::new(desired, DRAWN.iter().copied().collect(), DURATION).map_err(|why| format!("{SPEC}: {why}"))?;
    let golden = fs::read_to_string(root().join("golden/hashes.txt")).unwrap();
    for line in golden.lines() {
        let [seed, hash, verdict] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("no seed: {line}") };
        let report = campaign.run(seed.parse().unwrap());
        if let Some(worse) = worse(&report, verdict) {
            return Err(format!("seed {seed}: {worse}"));
        }
        if same && report.hash != hash {
            return Err(format!("seed {seed}: its run is another than the golden one"));
        }
        println!("seed {seed}");
    }
    Ok(())
}

/// What is worse about a run than its golden verdict.
fn worse(report: &Report, golden: &str) -> Option<String> {
    if let Some(breach) = report.breaches.first() {
        return Some(format!("promises broken: {}", breach.promise.word()));
    }
    let excuses: Vec<&str> = report.excuses.iter().map(|excuse| excuse.word()).collect();
    let excused = report.verdict == Verdict::Excused && golden == Verdict::Kept.word();
    excused.then(|| format!("excused by {}, not kept", excuses.join(", ")))
}
