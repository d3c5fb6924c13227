//! The clock, the median of some runs, and what a whole process needs.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// A clock that was started.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Start it.
    #[allow(clippy::disallowed_methods, reason = "measuring time is what this crate is for")]
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// The time since then.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The time that `work` takes, and what it gives.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let clock = Stopwatch::start();
    let result = std::hint::black_box(work());
    (clock.elapsed(), result)
}

/// The median of some durations; zero of none.
pub fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

/// The shortest time of `runs` runs of `work`, each on a fresh input that `prepare` makes outside of the measurement: what the
/// work takes when nothing else wants the machine.
pub fn fastest_of<I, T>(runs: usize, mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> T) -> Duration {
    let one = |_| {
        let input = prepare();
        let (took, result) = timed(|| work(input));
        drop(result);
        took
    };
    (0..runs).map(one).min().unwrap_or_default()
}

/// What a process needed, from its start to its end.
#[derive(Clone, Debug)]
pub struct Process {
    /// Wall clock.
    pub took: Duration,
    /// Largest resident set, in bytes.
    pub peak_bytes: u64,
    /// Exit code, if it exited by itself.
    pub code: Option<i32>,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

/// Run a process to its end. The kernel counts the memory of the caller at the start as the child's, so the caller has to be small.
///
/// # Errors
/// What the operating system says when the process cannot be started or waited for.
pub fn run(command: &mut Command) -> std::io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let (output, errors) = (folder.path().join("output"), folder.path().join("errors"));
    command.stdin(Stdio::null()).stdout(std::fs::File::create(&output)?).stderr(std::fs::File::create(&errors)?);
    let (took, end) = timed(|| command.spawn()?.wait4());
    let end = end?;
    Ok(Process {
        took,
        peak_bytes: end.rusage.maxrss,
        code: end.status.code(),
        output: std::fs::read_to_string(output)?,
        errors: std::fs::read_to_string(errors)?,
    })
}

/// Largest resident set of this very process so far, in bytes; nothing where the system does not say (it is read from `/proc`).
pub fn own_peak_bytes() -> Option<u64> {
    own("VmHWM")
}

/// Resident pages of this process that are those of a file, in bytes: its own program, above all. The kernel shares them among all that
/// run it, and drops them when memory is scarce. Nothing where the system does not say.
pub fn own_file_bytes() -> Option<u64> {
    own("RssFile")
}

/// What the kernel says of this process under such a name, in bytes.
fn own(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let durations = [5, 1, 3].map(Duration::from_secs).to_vec();
        assert_eq!(median(durations), Duration::from_secs(3));
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }

    #[test]
    fn the_pages_of_files_are_a_part_of_what_a_process_holds() {
        let (peak, files) = (own_peak_bytes().unwrap(), own_file_bytes().unwrap());
        assert!(0 < files && files < peak, "{files} of {peak}");
    }

    #[test]
    fn a_process_is_measured_with_what_it_said() {
        let process = run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert_eq!((process.code, process.output.as_str(), process.errors.as_str()), (Some(3), "out\n", "err\n"));
        assert!(process.peak_bytes > 100_000 && process.peak_bytes < 1_000_000_000, "{}", process.peak_bytes);
    }
}
