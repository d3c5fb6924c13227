//! Whole processes of `vamp`, as a shell starts them: the help, the plan of the quickstart, and five thousand resources planned,
//! applied and planned again.

use crate::figure::{Aim, Figure};
use crate::measure::{Process, median, run};
use crate::table::Failure;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Runs of which the median counts.
const RUNS: usize = 11;

pub(super) fn workspace() -> Result<PathBuf, Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    here.map(Path::to_owned).ok_or_else(|| "the workspace cannot be found".to_owned())
}

/// The release binary; it is built where it is missing or older than its sources.
pub(super) fn vamp(workspace: &Path) -> Result<PathBuf, Failure> {
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--quiet", "-p", "vamp"]).current_dir(workspace);
    succeeded(run(&mut build).map_err(|error| format!("cargo cannot be started: {error}"))?, "cargo build --release -p vamp")?;
    let target = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    // This program lies in TARGET/PROFILE; `vamp` lies beside it, or in the release folder next door.
    let target = target.ancestors().nth(2).map(|target| target.join("release/vamp")).filter(|vamp| vamp.is_file());
    target.ok_or_else(|| "target/release/vamp is not there".to_owned())
}

pub(super) fn succeeded(process: Process, what: &str) -> Result<Process, Failure> {
    if process.code == Some(0) {
        Ok(process)
    } else {
        Err(format!("{what} ended with {:?}: {}", process.code, process.errors.trim()))
    }
}

/// A generated spec, from a process of its own: what this process uses counts as the memory of the next one that it starts.
fn generated(resources: usize) -> Result<String, Failure> {
    let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let process = run(Command::new(program).args(["--spec", &resources.to_string()]));
    let process = process.map_err(|error| format!("this program cannot be started: {error}"))?;
    succeeded(process, "generating a spec").map(|process| process.output)
}

pub(super) fn measure() -> Result<Vec<Figure>, Failure> {
    let workspace = workspace()?;
    let vamp = vamp(&workspace)?;
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let call = |arguments: &[&str], world: &str| -> Result<Process, Failure> {
        let mut command = Command::new(&vamp);
        command.args(arguments).current_dir(folder.path());
        if !world.is_empty() {
            command.args(["--embedded", world]);
        }
        let process = run(&mut command).map_err(|error| format!("vamp cannot be started: {error}"))?;
        succeeded(process, &format!("vamp {}", arguments.join(" ")))
    };
    let typical = |arguments: &[&str], world: &str| -> Result<Duration, Failure> {
        let runs: Result<Vec<Duration>, Failure> = (0..RUNS).map(|_| Ok(call(arguments, world)?.took)).collect();
        runs.map(median)
    };
    let quickstart = workspace.join("specs/valid/quickstart.yaml");
    let quickstart = quickstart.to_string_lossy();
    let help = typical(&["--help"], "")?;
    let plan = typical(&["plan", &quickstart], "quickstart.sqlite")?;
    let mut figures = vec![
        Figure::new("vamp --help, whole process", help.as_secs_f64() * 1e3, "ms", Aim::Below(10.0)),
        Figure::new("quickstart plan, whole process", plan.as_secs_f64() * 1e3, "ms", Aim::Below(50.0)),
    ];
    std::fs::write(folder.path().join("large.yaml"), generated(super::apply::RESOURCES)?)
        .map_err(|error| format!("no spec can be written: {error}"))?;
    let apply = call(&["apply", "large.yaml", "--yes"], "large.sqlite")?;
    let again = call(&["plan", "large.yaml"], "large.sqlite")?;
    let theirs = super::opentofu::measure(super::apply::RESOURCES)?;
    figures.extend(super::apply::against_opentofu("vamp, 5,000 resources", &apply, &again, &theirs));
    Ok(figures)
}
