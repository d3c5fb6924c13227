//! The standard seed set, run with one mutant at a time up to the first seed or scenario that notices it.

#![allow(clippy::disallowed_methods, reason = "whoever runs programs waits for them")]

use super::Mutant;
use crate::tree::Result;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a run may take of memory, in KiB: two orders of magnitude more than a seed needs.
const MEMORY: u64 = 4 * 1024 * 1024;
/// How often it is looked whether a run has ended.
const LOOK: Duration = Duration::from_millis(20);
/// What a run is given whatever the one without a mutant took.
const PATIENCE: Duration = Duration::from_secs(30);

/// The detector: what runs the seed set, and how long that takes where nothing is wrong.
pub struct Detector<'p> {
    program: &'p Path,
    takes: Duration,
}

/// What came of a run.
enum Ended {
    Itself(Output),
    TooLate,
}

impl<'p> Detector<'p> {
    /// Runs the seed set without a mutant: everything has to hold, and every seed has to be the golden one, to the hash.
    pub fn proved(program: &'p Path) -> Result<Self> {
        let began = Instant::now();
        match run(program, None, "--same", Duration::from_secs(3600))? {
            Ended::Itself(output) if output.status.success() => Ok(Detector { program, takes: began.elapsed() }),
            Ended::Itself(output) => Err(format!("without a mutant: {}", told(&output)).into()),
            Ended::TooLate => Err("without a mutant: it does not end".into()),
        }
    }

    /// How long the whole set takes.
    pub fn takes(&self) -> Duration {
        self.takes
    }

    /// What notices this mutant, if anything does. What noticed it last time is asked first.
    pub fn caught_by(&self, mutant: &Mutant, last: &str) -> Result<Option<String>> {
        let suspect = last.split(':').next().unwrap_or_default();
        Ok(match run(self.program, Some(mutant.number()?), suspect, self.takes * 5 + PATIENCE)? {
            Ended::Itself(output) if output.status.success() => None,
            Ended::Itself(output) => Some(told(&output)),
            Ended::TooLate => Some("it does not end".to_owned()),
        })
    }
}

/// Runs the seed set. Another process reads what it says, so that a mutant may neither fill the memory nor go on for ever.
fn run(program: &Path, mutant: Option<usize>, argument: &str, patience: Duration) -> Result<Ended> {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")]).arg(program).arg(argument);
    match mutant {
        None => shell.env_remove("MUTANT"),
        Some(number) => shell.env("MUTANT", number.to_string()),
    };
    let mut child = shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::TooLate);
        }
        std::thread::sleep(LOOK);
    }
    Ok(Ended::Itself(child.wait_with_output()?))
}

/// What went wrong: what the detector says, or how it stopped, and after what.
fn told(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    if let Some(wrong) = last.strip_prefix("wrong: ") {
        return wrong.to_owned();
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let words = complaint.lines().find(|line| !line.is_empty() && !line.starts_with("thread ")).unwrap_or("no word");
    let after = if last.is_empty() { "at once".to_owned() } else { format!("after {last}") };
    format!("stops {after}: {words}")
}

#[cfg(test)]
mod unit {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn output(stdout: &str, stderr: &str) -> Output {
        Output { status: std::process::ExitStatus::from_raw(1), stdout: stdout.into(), stderr: stderr.into() }
    }

    #[test]
    fn what_went_wrong_is_read_off_what_the_detector_says() {
        assert_eq!(
            told(&output("F01\nwrong: F02: promises broken: quiet, not none\n", "")),
            "F02: promises broken: quiet, not none"
        );
        let panicked = "\nthread 'main' (7) panicked at a.rs:1:2:\nattempt to subtract with overflow\n";
        assert_eq!(told(&output("F01\n", panicked)), "stops after F01: attempt to subtract with overflow");
        assert_eq!(told(&output("", "")), "stops at once: no word");
    }
}
