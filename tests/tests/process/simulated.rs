//! Signals to `vamp simulate`: it ends at once, however long the runs are that are under way, and what is done is kept.

#![allow(clippy::disallowed_methods, reason = "real processes run in real time")]

use crate::shell::wait;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// So long in virtual time that no run is over by the time at which the signal comes, or hardly any.
const YEAR: &str = "8760h";
/// A process that has nothing more to do ends within milliseconds; this leaves a loaded machine its time.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A simulation under way.
struct Simulation {
    child: Child,
    folder: TempDir,
}

/// How it ended.
struct Ended {
    status: ExitStatus,
    out: String,
    told: String,
    took: Duration,
}

impl Simulation {
    fn begin(spec: &str, words: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = tests::root().join("specs/simulate").join(spec);
        let mut command = Command::new(env!("CARGO_BIN_EXE_vamp-under-test"));
        command.arg("simulate").arg(spec).args(words.split_whitespace()).current_dir(folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Simulation { child, folder }
    }

    /// Wait until it no longer leaves SIGINT to the system, which is when it begins its runs (`SigCgt` in proc(5), one bit a signal).
    fn until_it_listens(self) -> Self {
        let status = format!("/proc/{}/status", self.child.id());
        let caught = |text: &str| {
            let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        };
        while caught(&std::fs::read_to_string(&status).unwrap()).unwrap() & 1 << (Signal::INT.as_raw() - 1) == 0 {
            wait(10);
        }
        self
    }

    fn stop(mut self, signal: Signal) -> (Ended, TempDir) {
        let since = Instant::now();
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let (mut out, mut told) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        (Ended { status: self.child.wait().unwrap(), out, told, took: since.elapsed() }, self.folder)
    }
}

impl Ended {
    fn is(&self, code: i32, words: &[&str]) {
        assert_eq!(self.status.code(), Some(code), "{}", self.told);
        assert!(self.took < AT_ONCE, "it took {:?}: {}", self.took, self.told);
        words.iter().for_each(|word| assert!(self.told.contains(word), "{word}: {}", self.told));
    }
}

#[test]
fn in_the_middle_of_runs_of_a_year_it_ends_at_once_and_says_what_is_kept() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let words = format!("--seeds 99 --duration {YEAR} --workers 2 --report page.html --replay-out failure.json");
        let simulation = Simulation::begin("reference.yaml", &words).until_it_listens();
        wait(300);
        let (ended, folder) = simulation.stop(signal);
        ended.is(code, &["stopped: ", "of 99 runs are done and kept", "failure.json is not written"]);
        assert!(ended.out.contains("simulated hours"), "{}", ended.out);
        assert!(Path::new(&folder.path().join("page.html")).exists());
    }
}

#[test]
fn a_comparison_and_a_search_end_at_once_too() {
    let other = tests::root().join("specs/simulate/fragile.yaml").display().to_string();
    for words in [format!("--duration {YEAR} --compare {other}"), "--exhaustive 3".to_owned()] {
        let simulation = Simulation::begin("reference.yaml", &words).until_it_listens();
        wait(300);
        simulation.stop(Signal::INT).0.is(130, &["stopped: ", "are done and kept"]);
    }
}

#[test]
fn runs_that_are_done_are_told() {
    let simulation =
        Simulation::begin("rehearse-safe-before.yaml", "--seeds 100000 --duration 10m --format json").until_it_listens();
    wait(3_000);
    let (ended, _) = simulation.stop(Signal::INT);
    ended.is(130, &["of 100000 runs are done and kept"]);
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let done = document["seeds"].as_array().unwrap().len();
    assert!(done > 0 && document["summary"]["runs"] == done, "{:#}", document["summary"]);
}

#[test]
fn a_failure_that_is_being_made_small_is_told_without_that() {
    let words = "--seeds 8 --duration 3h --replay-out failure.json";
    let mut simulation = Simulation::begin("fragile.yaml", words);
    let mut told = BufReader::with_capacity(1, simulation.child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("is made as small as it can be") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before");
    }
    let seed = line.split_whitespace().nth(1).unwrap();
    simulation.child.stderr = Some(told.into_inner());
    let (ended, folder) = simulation.stop(Signal::INT);
    let left = format!("Stopped before seed {seed} was made small; `--seeds {seed}..{seed}` runs it alone.");
    ended.is(130, &[&left, "failure.json is not written"]);
    assert!(ended.out.contains("two-agents"), "{}", ended.out);
    assert!(!folder.path().join("failure.json").exists());
}
