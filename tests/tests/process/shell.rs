//! A folder with `vamp` in it, and a run of it that a test can hold.

#![allow(clippy::disallowed_methods, reason = "real processes run in real time")]

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder of its own, with nothing in the environment but what is said here.
pub(crate) struct Shell {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Shell {
    /// A folder with this text as `vamp.yaml`.
    pub(crate) fn with_spec(spec: &str) -> Shell {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vamp.yaml"), spec).unwrap();
        Shell { folder, environment: Vec::new() }
    }

    /// The same with one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Shell {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `vamp` with these words, not started yet.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vamp-under-test"));
        command.args(words.split_whitespace()).current_dir(self.folder.path()).env_clear();
        command.envs([("USER", "ada"), ("NO_COLOR", "1"), ("TZ", "UTC")]).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Run `vamp` with these words to its end.
    pub(crate) fn vamp(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    /// Run `vamp` with these words, which has to go well; what it writes to standard output.
    pub(crate) fn well(&self, words: &str) -> String {
        let output = self.vamp(words);
        assert!(output.status.success(), "vamp {words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The latest run in the history, as JSON.
    pub(crate) fn latest_run(&self) -> serde_json::Value {
        let history: serde_json::Value = serde_json::from_str(&self.well("history --format json")).unwrap();
        history["runs"][0].clone()
    }

    /// The journal of a run: how many steps it began, and how many of these it ended.
    pub(crate) fn begun_and_ended(&self, run: &serde_json::Value) -> (usize, usize) {
        let journal = self.well(&format!("history --run {}", run["run"]));
        let begun = journal.lines().filter(|line| line.contains("  begin   ")).count();
        let ended = ["  done    ", "  failed  ", "  left    ", "  stopped "];
        (begun, journal.lines().filter(|line| ended.iter().any(|word| line.contains(word))).count())
    }

    /// Apply once more, which has to converge, and leaves nothing to do.
    pub(crate) fn converges(&self) {
        self.well("apply vamp.yaml --yes");
        self.well("plan vamp.yaml --detailed-exitcode");
    }
}

/// An apply that is under way: what it tells goes into a pipe that the test reads, or does not. A pipe that nobody reads holds 64 KiB
/// (`pipe(7)`), far less than a long run tells, so a run whose reader pauses is held where it is, as by a terminal that hangs.
pub(crate) struct Held {
    child: Child,
    told: BufReader<ChildStderr>,
}

impl Held {
    /// Begin to apply, and read until so many steps have ended.
    pub(crate) fn apply(shell: &Shell, steps: usize) -> Held {
        let mut command = shell.command("apply vamp.yaml --yes");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::with_capacity(512, child.stderr.take().unwrap());
        let (mut ended, mut line) = (0, String::new());
        while ended < steps {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "the run ended after {ended} steps");
            ended += usize::from(line.contains(" of ") && line.trim_end().ends_with(')'));
        }
        Held { child, told }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Wait until the pipe is as good as full, so that the run stands still in the middle of its work.
    pub(crate) fn until_it_stands_still(&self) {
        const AS_GOOD_AS_FULL: u64 = 56 << 10;
        while rustix::io::ioctl_fionread(self.told.get_ref()).unwrap() < AS_GOOD_AS_FULL {
            wait(20);
        }
        wait(100);
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Read on to the end. How it ended, what it told, and how long that took.
    pub(crate) fn let_go(mut self) -> (ExitStatus, String, Duration) {
        let since = Instant::now();
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest, since.elapsed())
    }

    /// End as by `kill -9`.
    pub(crate) fn kill(mut self) -> ExitStatus {
        self.child.kill().unwrap();
        self.child.wait().unwrap()
    }
}

/// Wait so long in real time.
pub(crate) fn wait(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds));
}
