//! The standard seed set: every scenario of `specs/scenarios`, then the seeds of `golden/hashes.txt`, up to the first that does not end
//! as it should: `cargo run --profile sim -p simulator --example standard`. What `docs/mutants.md` is made with.
//!
//! A scenario should meet all that it expects. A seed should end no worse than it does in the golden: kept where that says kept, and
//! without a broken promise in any case. With `--same`, its run should be the very same, to the hash. What is named comes first.

#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "it may take for granted what it is not about")]

use model::Duration;
use simulator::campaign::{Campaign, DRAWN};
use simulator::operator::Desired;
use simulator::run::{Report, Verdict, Warm};
use simulator::scenario::{self, NoSpec, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What the golden seeds are seeds of, and for how long faults come and go in each.
const SPEC: &str = "specs/simulate/reference.yaml";
const DURATION: Duration = Duration::minutes(60);

/// One run of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Case {
    /// By its name.
    Scenario(String),
    /// A line of `golden/hashes.txt`.
    Seed { seed: u64, hash: String, verdict: String },
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::Scenario(name) => f.write_str(name),
            Case::Seed { seed, .. } => write!(f, "seed {seed}"),
        }
    }
}

/// What is made once for many runs.
#[derive(Default)]
struct Shared {
    specs: BTreeMap<String, Arc<Desired>>,
    warm: BTreeMap<String, Warm>,
    campaign: Option<Campaign>,
    /// Whether a seed has to be the golden run to the hash.
    same: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut shared = Shared { same: arguments.iter().any(|argument| argument == "--same"), ..Shared::default() };
    let mut cases = cases();
    // What is named comes first: whoever knows which of them will show something need not wait for it.
    cases.sort_by_key(|case| !arguments.contains(&case.to_string()));
    for case in cases {
        if let Err(wrong) = shared.run(&case) {
            println!("wrong: {case}: {wrong}");
            return ExitCode::FAILURE;
        }
        println!("{case}");
    }
    ExitCode::SUCCESS
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder() -> PathBuf {
    root().join("specs/scenarios")
}

fn cases() -> Vec<Case> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".yaml")?.to_owned())).collect();
    names.sort();
    let golden = fs::read_to_string(root().join("golden/hashes.txt")).unwrap();
    let seed = |line: &str| {
        let [seed, hash, verdict] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("no seed: {line}") };
        Case::Seed { seed: seed.parse().unwrap(), hash: hash.to_owned(), verdict: verdict.to_owned() }
    };
    names.into_iter().map(Case::Scenario).chain(golden.lines().map(seed)).collect()
}

impl Shared {
    /// What is wrong with a run, if anything is.
    fn run(&mut self, case: &Case) -> Result<(), String> {
        match case {
            Case::Scenario(name) => self.scenario(name),
            Case::Seed { seed, hash, verdict } => {
                let report = self.campaign()?.run(*seed);
                if let Some(worse) = worse(&report, verdict) {
                    return Err(worse);
                }
                if self.same && report.hash != *hash { Err("its run is another than the golden one".to_owned()) } else { Ok(()) }
            }
        }
    }

    fn scenario(&mut self, name: &str) -> Result<(), String> {
        let text = read(&folder().join(name).with_extension("yaml"));
        let specs = &mut self.specs;
        let scenario = scenario::read(&text, &mut |path| spec(path, specs)).map_err(|found| found[0].message.clone())?;
        if !self.warm.contains_key(&scenario.spec) {
            let up = Warm::up(&scenario.first).map_err(|stuck| stuck.to_string())?;
            self.warm.insert(scenario.spec.clone(), up);
        }
        unmet(&scenario.run(&self.warm[&scenario.spec], &BTreeSet::new())).map_or(Ok(()), Err)
    }

    fn campaign(&mut self) -> Result<&Campaign, String> {
        if self.campaign.is_none() {
            let desired = Desired::read(SPEC, &read(&root().join(SPEC))).map_err(|found| found[0].message.clone())?;
            let campaign = Campaign::new(desired, DRAWN.iter().copied().collect(), DURATION).map_err(|why| why.to_string())?;
            self.campaign = Some(campaign);
        }
        Ok(self.campaign.as_ref().unwrap())
    }
}

fn spec(path: &str, specs: &mut BTreeMap<String, Arc<Desired>>) -> Result<Arc<Desired>, NoSpec> {
    if let Some(known) = specs.get(path) {
        return Ok(known.clone());
    }
    let desired = Desired::read(path, &read(&folder().join(path))).map_err(|found| NoSpec::Wrong(found[0].message.clone()))?;
    specs.insert(path.to_owned(), desired.clone());
    Ok(desired)
}

/// What a scenario expects and did not see: a promise before all else.
fn unmet(outcome: &Outcome) -> Option<String> {
    let failures: Vec<_> = outcome.failures().collect();
    let first = failures.iter().find(|failure| failure.what == "promises broken").or(failures.first())?;
    let subject = if first.subject.is_empty() { String::new() } else { format!("{} ", first.subject) };
    Some(format!("{subject}{}: {}, not {}", first.what, first.seen, first.expected))
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
